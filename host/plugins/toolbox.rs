//! The plugins that a pack needs, made ready before anything is rendered, and the evaluation of its expressions.
//!
//! Always true here: a pack's own plugin is used only if its bytes have the digest that the manifest names; expressions
//! are interpreted in the guest, never here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::asked::Expressions;
use super::diagnose::{self, JobFailure};
use crate::abi::{ExpressionSource, GuestValue, Mode};
use crate::advice;
use crate::digest::Digest;
use crate::engine::exports::expressions::{Evaluate, Names};
use crate::engine::{Book, CallError, Callee, Deferred, Engine, Header, Known, Outcome, Plugin, Recall, Role, Run};
use crate::error::{Error, ErrorKind, Result};
use crate::grants::{Grant, Grants};
use crate::limits::{Budget, LimitRequest, Limits, of_calls};
use crate::pack::{BuiltInEngine, Expression, ExpressionMode, Pack, PackPath, PluginEntry, PluginName, TemplateEngine};
use crate::plugins::built_in;
use crate::secrets::Secrets;
use crate::text;

/// A component from which on its compiled code is looked up while its digest is computed, in bytes.
const LARGE: usize = 2 << 20;

/// How often a value is held at once: as a variable, in the plan, and as text for who evaluates and who renders.
const COPIES: u64 = 4;
/// Failed expressions of which findings are kept.
pub(crate) const TOLD: usize = 100;

/// A plugin that came with the pack.
#[derive(Debug, Clone)]
pub struct PackPlugin {
    /// The plugin, with what a call of it may use.
    pub component: Deferred,
}

/// The value of an expression, and the variables that it looked up.
pub type Evaluated = (Value, Vec<String>);

/// The plugins that a pack needs.
#[derive(Debug)]
pub struct Toolbox<'a> {
    run: Run<'a>,
    /// In the order of [`BuiltInEngine::ALL`].
    built_in: [Deferred; BuiltInEngine::ALL.len()],
    plugins: BTreeMap<PluginName, PackPlugin>,
    book: Option<Arc<Book>>,
}

impl<'a> Toolbox<'a> {
    /// Makes those of a pack's plugins ready, for a run, that `used` names. A built-in engine is made ready when it is
    /// first needed.
    ///
    /// # Errors
    /// `Integrity` where a component is not what the manifest says; `Manifest` where the manifest does not say; and
    /// those of [`Engine::prepare`].
    pub fn prepare(run: &Run<'a>, pack: &Pack, used: &BTreeSet<PluginName>) -> Result<Arc<Self>> {
        Self::prepare_with(run, pack, used, None)
    }

    /// [`Toolbox::prepare`], with answers of earlier calls, and for those that are made. A plugin of which there are any is made
    /// ready when it is first called.
    ///
    /// # Errors
    /// As there.
    pub fn prepare_with(
        run: &Run<'a>,
        pack: &Pack,
        used: &BTreeSet<PluginName>,
        book: Option<Arc<Book>>,
    ) -> Result<Arc<Self>> {
        let options = run.engine().options();
        let built_in = BuiltInEngine::ALL.map(|engine| {
            let engine = built_in::of(engine);
            Deferred::ours(&engine.component(options.profile), Role::Renderer, engine.limits(&options.limits))
        });
        let mut plugins = BTreeMap::new();
        // Many plugins may be one file.
        let mut digests = BTreeMap::new();
        for (name, entry) in &pack.manifest.plugins {
            if used.contains(name) {
                plugins
                    .insert(name.clone(), prepare_plugin(run, pack, (name, entry), (&mut digests, book.as_deref()))?);
            }
        }
        Ok(Arc::new(Self { run: run.clone(), built_in, plugins, book }))
    }

    /// The engine that calls them.
    #[must_use]
    pub fn engine(&self) -> &'a Engine {
        self.run.engine()
    }

    /// The same plugins in another run: what prepares them once and serves many asks takes a run for each.
    #[must_use]
    pub fn in_run(&self, run: &Run<'a>) -> Arc<Self> {
        let (built_in, plugins) = (self.built_in.clone(), self.plugins.clone());
        Arc::new(Self { run: run.clone(), built_in, plugins, book: self.book.clone() })
    }

    /// The run that they are called in.
    #[must_use]
    pub fn run(&self) -> &Run<'a> {
        &self.run
    }

    /// What that run may use.
    #[must_use]
    pub fn budget(&self) -> &Arc<Budget> {
        self.run.budget()
    }

    /// A built-in template engine.
    ///
    /// # Errors
    /// Those of [`Engine::prepare`].
    pub fn built_in(&self, engine: BuiltInEngine) -> Result<&Arc<Plugin>> {
        self.deferred(engine).ready(&self.run)
    }

    fn deferred(&self, engine: BuiltInEngine) -> &Deferred {
        // In the order of their declaration, which is that of `ALL`.
        &self.built_in[engine as usize]
    }

    /// Answers of earlier calls, where they are kept.
    #[must_use]
    pub fn book(&self) -> Option<&Arc<Book>> {
        self.book.as_ref()
    }

    /// The built-in engine that evaluates expressions.
    ///
    /// # Errors
    /// Those of [`Engine::prepare`].
    pub fn jinja(&self) -> Result<&Arc<Plugin>> {
        self.built_in(BuiltInEngine::Jinja)
    }

    /// What a call of a built-in engine may use.
    #[must_use]
    pub fn built_in_limits(&self, engine: BuiltInEngine) -> Limits {
        built_in::of(engine).limits(&self.engine().options().limits)
    }

    /// Who renders for an engine, and what a call may use; it is made ready when it is first called.
    ///
    /// # Errors
    /// `Manifest` where the pack has no such plugin, and for `copy`.
    pub fn renderer(&self, engine: &TemplateEngine) -> Result<&Deferred> {
        match engine {
            TemplateEngine::BuiltIn(name) => Ok(self.deferred(*name)),
            TemplateEngine::Plugin(name) => match self.plugin(name) {
                Some(plugin) => Ok(&plugin.component),
                None => Err(Error::new(ErrorKind::Manifest, format!("the pack has no plugin `{name}`"))),
            },
            TemplateEngine::Copy => Err(Error::new(ErrorKind::Manifest, "`copy` renders nothing")),
        }
    }

    /// The digest of an engine's component; none where it has none. Nothing is made ready for it.
    #[must_use]
    pub fn digest(&self, engine: &TemplateEngine) -> Option<Digest> {
        match engine {
            TemplateEngine::BuiltIn(name) => Some(built_in::of(*name).digest()),
            TemplateEngine::Plugin(name) => self.plugin(name).map(|plugin| plugin.component.digest()),
            TemplateEngine::Copy => None,
        }
    }

    /// A plugin that came with the pack.
    #[must_use]
    pub fn plugin(&self, name: &PluginName) -> Option<&PackPlugin> {
        self.plugins.get(name)
    }

    /// Says which top-level names each expression may read.
    ///
    /// # Errors
    /// Those of preparing the engine. What is wrong with an expression is in its own result.
    pub fn names(&self, expressions: &[Expression<'_>], secrets: &Secrets) -> Result<Vec<Result<Vec<String>>>> {
        let sources: Vec<_> = expressions
            .iter()
            .map(|expression| ExpressionSource { text: expression.text, mode: mode(expression), locals: b"{}" })
            .collect();
        let call = Names { sources: sources.into() };
        let jinja = self.deferred(BuiltInEngine::Jinja);
        let recall = self.recall("names", &call.sources, None);
        let outcomes = self.run.ask(Callee::Deferred(jinja), jinja.limits(), &call, recall.as_ref())?;
        let told = outcomes.into_iter().zip(expressions).map(|(outcome, expression)| {
            outcome.held.keep();
            outcome.result.map_err(|error| diagnose::expression(&error, expression, secrets).into_one("expression"))
        });
        Ok(told.collect())
    }

    /// Evaluates expressions, and says which variables each looked up. Text without a brace is its own value as a
    /// template: nothing is called for it.
    ///
    /// # Errors
    /// Those of preparing the engine; `Stopped` where the run has no memory left. What is wrong with an expression is in
    /// its own result; where very many fail, only the first have findings.
    pub fn evaluate_all(
        &self,
        (context, known): (&[u8], Option<&Known<'_>>),
        expressions: &[(Expression<'_>, &[u8])],
        secrets: &Secrets,
    ) -> Result<Vec<std::result::Result<Evaluated, JobFailure>>> {
        let literal =
            |expression: &Expression<'_>| expression.mode == ExpressionMode::Template && !expression.text.contains('{');
        let sources: Vec<ExpressionSource<'_>> = expressions
            .iter()
            .filter(|(expression, _)| !literal(expression))
            .map(|(expression, locals)| ExpressionSource { text: expression.text, mode: mode(expression), locals })
            .collect();
        let mut outcomes = if sources.is_empty() {
            Vec::new()
        } else {
            let call = Evaluate { context, sources: sources.into() };
            let jinja = self.deferred(BuiltInEngine::Jinja);
            let recall = known.and_then(|known| self.recall("evaluate", &call.sources, Some(known)));
            self.run.ask(Callee::Deferred(jinja), jinja.limits(), &call, recall.as_ref())?
        }
        .into_iter();
        let mut told = 0;
        let mut results = Vec::with_capacity(expressions.len());
        for (expression, _) in expressions {
            if literal(expression) {
                self.budget().draw(expression.text.len() as u64)?;
                results.push(Ok((Value::from(expression.text), Vec::new())));
                continue;
            }
            let outcome = outcomes.next();
            let outcome = outcome.ok_or_else(|| Error::new(ErrorKind::Plugin, "the engine gave too few results"))?;
            results.push(self.value(outcome, expression, secrets).map_err(|mut failure| {
                told += usize::from(!failure.untried);
                if told > TOLD {
                    failure.findings = Vec::new();
                }
                failure
            }));
        }
        Ok(results)
    }

    /// What is known of expressions.
    fn recall<'r>(
        &'r self,
        function: &'static str,
        sources: &'r [ExpressionSource<'r>],
        known: Option<&'r Known<'r>>,
    ) -> Option<Recall<'r>> {
        let book = self.book.as_deref()?;
        let tags = self.deferred(BuiltInEngine::Jinja).tags(&self.run, book);
        let asked = Box::new(Expressions { book, tags, function, all: sources });
        Some(Recall { book, known, reads_all: false, asked })
    }

    /// Reads a value, for which there has to be room.
    fn value(
        &self,
        outcome: Outcome<GuestValue>,
        expression: &Expression<'_>,
        secrets: &Secrets,
    ) -> std::result::Result<Evaluated, JobFailure> {
        let value = outcome.result.map_err(|error| diagnose::expression(&error, expression, secrets))?;
        let names = value.reads.variables.0.iter().map(|name| name.0.len() + size_of::<String>()).sum::<usize>();
        let weight = text::json_weight(&value.json.0).saturating_mul(COPIES).saturating_add(names as u64);
        self.budget().draw(weight).map_err(|stop| JobFailure::untried(Some(stop)))?;
        let json = serde_json::from_slice(&value.json.0).map_err(|error| {
            let what = format!("a value that is not JSON: {error}");
            diagnose::expression(&CallError::Internal(what), expression, secrets)
        })?;
        Ok((json, value.reads.variables.0.into_iter().map(|name| name.0).collect()))
    }
}

fn mode(expression: &Expression<'_>) -> Mode {
    match expression.mode {
        ExpressionMode::Expression => Mode::Expression,
        ExpressionMode::Template => Mode::Template,
    }
}

fn prepare_plugin<'p>(
    run: &Run<'_>,
    pack: &'p Pack,
    (name, entry): (&PluginName, &'p PluginEntry),
    (digests, book): (&mut BTreeMap<&'p PackPath, Digest>, Option<&Book>),
) -> Result<PackPlugin> {
    let engine = run.engine();
    let bytes = pack.read(&entry.component.value)?;
    let digest = *digests.entry(&entry.component.value).or_insert_with(|| match &entry.sha256 {
        // For a large component, digest and compiled code take some ten milliseconds each.
        Some(expected) if bytes.len() >= LARGE && !book.is_some_and(Book::is_there) => std::thread::scope(|scope| {
            scope.spawn(|| engine.preload(expected.value));
            Digest::of(&bytes)
        }),
        _ => Digest::of(&bytes),
    });
    let limits = checked_limits(engine, pack, (name, entry), &bytes, digest)?;
    let (granted, place) = (granted(engine, entry), pack.span(&entry.component.range));
    let component = Deferred::of_pack((name.as_str(), bytes, digest), Role::Renderer, (limits, granted), place);
    // What is wrong with one that was never called here is told before anything else is looked at.
    if book.is_none_or(|book| !book.knows(&component.tags(run, book))) {
        component.ready(run)?;
    }
    Ok(PackPlugin { component })
}

/// Checks that a component's file is the one that the manifest names, where it names one.
///
/// # Errors
/// `Integrity` where it is another.
pub(crate) fn check_digest(pack: &Pack, name: &PluginName, entry: &PluginEntry, digest: Digest) -> Result<()> {
    match &entry.sha256 {
        Some(expected) if expected.value != digest => {
            Err(Error::new(ErrorKind::Integrity, format!("the plugin `{name}` is not what the manifest says"))
                .at(pack.span(&expected.range))
                .hint(format!("`{}` has the SHA-256 digest {digest}", entry.component.value)))
        }
        _ => Ok(()),
    }
}

/// Checks what the manifest says about a component whose file has the digest `digest`: that it is this one, and
/// that it asks for no more than can be given. Returns the limits of its calls.
///
/// # Errors
/// `Manifest` where there is no digest; `Integrity` where it is another; `Refused` for stacks, for a file without bytes,
/// and where there is no digest for one that is no component.
pub(crate) fn checked_limits(
    engine: &Engine,
    pack: &Pack,
    (name, entry): (&PluginName, &PluginEntry),
    bytes: &[u8],
    digest: Digest,
) -> Result<Limits> {
    checked_limits_of(Role::Renderer, engine, pack, (name, entry), (bytes, digest))
}

/// [`checked_limits`], with what a component of a role has where nobody says anything.
///
/// # Errors
/// As there.
pub(crate) fn checked_limits_of(
    role: Role,
    engine: &Engine,
    pack: &Pack,
    (name, entry): (&PluginName, &PluginEntry),
    (bytes, digest): (&[u8], Digest),
) -> Result<Limits> {
    let file = &entry.component;
    if bytes.is_empty() {
        return Err(Error::new(ErrorKind::Refused, format!("`{}` is empty", file.value))
            .at(pack.span(&file.range))
            .hint("build the component or fetch it again"));
    }
    check_digest(pack, name, entry, digest)?;
    if entry.sha256.is_none() {
        // Nobody needs the digest of what can't run.
        Header::read(bytes).map_err(|error| {
            let body = error.body();
            let named = Error::new(body.kind, format!("`{}`: {error}", file.value)).at(pack.span(&file.range));
            let named = body.hint.iter().fold(named, |named, hint| named.hint(hint.clone()));
            body.stop.iter().fold(named, |named, stop| named.with_stop(stop.clone()))
        })?;
        return Err(Error::new(ErrorKind::Manifest, format!("the plugin `{name}` has no digest"))
            .ruled("manifest/missing-key")
            .at(pack.span(&entry.range))
            .hint(format!("add `sha256 = \"{digest}\"`")));
    }
    let asked = &entry.limits.asked;
    let limits = LimitRequest::effective_of(&role.limits(), asked, &engine.options().limits);
    if let Some(stack) = asked.stack.filter(|stack| *stack > limits.stack) {
        let wanted = crate::text::format_bytes(stack);
        let place = entry.limits.place(&of_calls::stack).unwrap_or(&entry.range);
        return Err(Error::new(ErrorKind::Refused, format!("the plugin `{name}` wants {wanted} of stack"))
            .at(pack.span(place))
            .hint(format!(
                "the stack size is the same for all plugins of a run; allow it with {}",
                advice::limit(&format!("stack={stack}"))
            )));
    }
    Ok(limits)
}

/// What a plugin is granted: what the manifest asks for and the user does not deny.
pub(crate) fn granted(engine: &Engine, entry: &PluginEntry) -> Grants {
    let asked: Vec<Grant> = entry.grants.iter().map(|grant| grant.value).collect();
    Grants::effective(&asked, &engine.options().denied)
}
