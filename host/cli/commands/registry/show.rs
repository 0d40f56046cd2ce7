//! `show`, `info`, `deps`: one pack.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::super::super::args;
use super::super::super::documents::{Because, ChosenPack, Deps, Facts, Info, KnownRelease, Show, ShownVariable};
use super::super::super::fold::{self, table};
use super::super::super::library::{Named, near_here};
use super::super::super::markdown;
use super::super::super::progress;
use super::super::super::session::Session;
use super::{age, line};
use crate::check::{CheckConfig, Checker, Depth, Weights, figures};
use crate::clock::seconds_now;
use crate::compose::variables::Sources;
use crate::engine::Profile;
use crate::error::{Error, ErrorKind, Result};
use crate::library::{Figures, Installation, Library};
use crate::limits::UserLimits;
use crate::pack::{Pack, PackLimits, PackName, Variable};
use crate::registry::{IndexedRelease, Metadata};
use crate::resolve::{Candidates, Chosen, Preferences, Requirement, Resolution, order, resolve};
use crate::show::count;
use crate::text::{self, format_bytes};
use crate::values::VariableKind;
use semver::VersionReq;

/// The most of a README that is shown, in bytes.
const LARGEST_README: u64 = 64 << 10;

/// A pack that is at hand, or a release of which a registry tells.
enum Subject {
    Pack(Box<Pack>),
    Release(Box<IndexedRelease>),
}

fn find(session: &Session, library: &Library, text: &str) -> Result<Subject> {
    let wanted = match session.means(Path::new(text))? {
        Named::Path => return Ok(Subject::Pack(Box::new(Pack::load(Path::new(text), &PackLimits::default())?))),
        Named::Name(wanted) => wanted,
    };
    match session.pack(Path::new(text), &PackLimits::default()) {
        Ok(pack) => return Ok(Subject::Pack(Box::new(pack))),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        Err(_) => {}
    }
    let found = library.find(&wanted).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            match near_here(Path::new(text), &wanted, &library.installed().read().unwrap_or_default()) {
                Some(near) => error.hint(format!("did you mean `{near}`?")),
                None => error,
            }
        }
        _ => error,
    });
    Ok(Subject::Release(Box::new(found?)))
}

/// Whether a registry withdrew a release, as which the user named it.
fn is_withdrawn(session: &Session, subject: &Subject, text: &str) -> bool {
    match subject {
        Subject::Pack(_) => session.withdrawn(Path::new(text)).is_some(),
        Subject::Release(known) => known.release.yanked,
    }
}

/// Shows what a pack is for: README, variables, outputs, plugins.
///
/// # Errors
/// `NotFound` where there is none; those of loading it.
pub fn show(session: &Session, arguments: &args::OnePack) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let subject = find(session, &library, &arguments.pack)?;
    let is_withdrawn = is_withdrawn(session, &subject, &arguments.pack);
    // A release that is not here is looked at without installing it.
    let (subject, why_not) = match subject {
        Subject::Release(known) => match library.peek(&known, &progress::bytes) {
            Ok(pack) => (Subject::Pack(Box::new(pack)), None),
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => (Subject::Release(known), Some(error)),
        },
        pack @ Subject::Pack(_) => (pack, None),
    };
    let (about, name, version) = head(&subject)?;
    let pack = match &subject {
        Subject::Pack(pack) => Some(pack),
        Subject::Release(_) => None,
    };
    let readme = pack.and_then(|pack| readme(pack));
    if session.output.is_json() {
        let document = Show {
            name: &name,
            version: &version,
            withdrawn: is_withdrawn,
            about: &about,
            readme: readme.as_deref(),
            variables: pack.map(|pack| variables(pack)),
            outputs: pack.map(|pack| outputs(pack)).transpose()?,
        };
        return session.output.document("show", &document);
    }
    let mut out = format!("{name} {version}");
    if let Some(title) = &about.title {
        let _ = write!(out, " · {}", line(title, 100));
    }
    out += if is_withdrawn { "\nthis release was withdrawn from its registry\n" } else { "\n" };
    if let Some(description) = &about.description {
        let _ = writeln!(out, "{}", text::printable(description));
    }
    let facts = [("category", &about.category), ("license", &about.license)];
    for (label, value) in facts {
        if let Some(value) = value {
            let _ = writeln!(out, "{label}: {}", line(value, 200));
        }
    }
    for (label, list) in [("authors", &about.authors), ("keywords", &about.keywords)] {
        if !list.is_empty() {
            let _ = writeln!(out, "{label}: {}", line(&list.join(", "), 500));
        }
    }
    if let Some(pack) = pack {
        add_variables(&mut out, pack);
        out += "\noutputs\n";
        for output in outputs(pack)? {
            let _ = writeln!(out, "  {}", line(&output, 200));
        }
    }
    add_plugins(&mut out, &about);
    if let Some(readme) = readme {
        out.push('\n');
        session.output.page(&out)?;
        let columns = fold::columns(&std::io::stdout());
        let readme = markdown::render(&text::printable(&readme), session.output.colors_stdout(), columns);
        return session.output.result(&readme);
    }
    if let Some(why) = why_not {
        let _ = writeln!(out, "\nREADME, variables and outputs can't be shown: {}", line(&why.to_string(), 300));
    }
    session.output.page(&out)
}

/// Shows what is to be known of a pack: where it is from, sizes, digests, releases.
///
/// # Errors
/// As [`show`].
pub fn info(session: &Session, arguments: &args::Info) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let subject = find(session, &library, &arguments.pack.pack)?;
    let figures = match &subject {
        Subject::Pack(pack) if arguments.measure => Some(measure(session, &library, pack)?),
        Subject::Release(known) if arguments.measure => {
            let release = &known.release;
            return Err(Error::new(
                ErrorKind::NotFound,
                format!("{} {} is not installed", release.name, release.version),
            )
            .hint(format!("install it, then measure it: `packbox install {}@{}`", release.name, release.version)));
        }
        Subject::Pack(pack) => library.measurements().get(&pack.digest()?),
        Subject::Release(known) => library.measurements().get(&known.release.digest),
    };
    let (about, name, version) = head(&subject)?;
    let releases = library.index()?.releases(&name, None)?;
    let inventory = library.installed().read()?;
    let installed: Vec<_> = inventory.versions(&name).collect();
    let withdrawn = is_withdrawn(session, &subject, &arguments.pack.pack).then(|| "yes".to_owned());
    let facts = facts(&subject, Facts { name: name.to_string(), version, withdrawn, ..Facts::default() })?;
    let as_installed = |found: &&Installation| {
        let mark = if library.is_withdrawn(found) { " (withdrawn)" } else { "" };
        format!("{} from {}{mark}", found.version, found.origin)
    };
    let here: Vec<String> = installed.iter().map(as_installed).collect();
    if session.output.is_json() {
        let releases = releases.iter().map(|known| KnownRelease {
            registry: &known.registry,
            version: &known.release.version,
            yanked: known.release.yanked,
            digest: known.release.digest,
        });
        let document = Info {
            facts,
            installed: &installed,
            measured: figures,
            plugins: &about.plugins,
            dependencies: &about.dependencies,
            releases: releases.collect(),
        };
        return session.output.document("info", &document);
    }
    let mut out = String::new();
    for (label, value) in facts.lines() {
        let _ = writeln!(out, "{label:10} {}", text::printable_line(value));
    }
    let _ = writeln!(
        out,
        "{:10} {}",
        "installed",
        if here.is_empty() { "no".to_owned() } else { line(&here.join(", "), 500) }
    );
    if let Some(why) = about.unusable() {
        let _ = writeln!(out, "{:10} no: {why}", "usable");
    }
    let _ = writeln!(out, "{:10} {}", "measured", figures.map_or_else(not_measured, in_words));
    if !releases.is_empty() {
        let shown = releases.iter().take(20).map(|known| {
            let mark = if known.release.yanked { " (withdrawn)" } else { "" };
            format!("{}{mark}", known.release.version)
        });
        let more = releases.len().saturating_sub(20);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(out, "{:10} {}{more}", "releases", shown.collect::<Vec<_>>().join(", "));
    }
    add_plugins(&mut out, &about);
    session.output.page(&out)
}

/// Adds what is only known of a pack that is at hand, or of one that is not.
fn facts(subject: &Subject, facts: Facts) -> Result<Facts> {
    Ok(match subject {
        Subject::Pack(pack) => {
            let bytes: u64 = pack.files.values().map(|info| info.bytes).sum();
            Facts {
                digest: pack.digest()?.to_string(),
                files: Some(pack.files.len().to_string()),
                size: Some(format_bytes(bytes)),
                templates: Some(pack.templates()?.len().to_string()),
                variables: Some(pack.manifest.variables.len().to_string()),
                ..facts
            }
        }
        Subject::Release(known) => {
            let release = &known.release;
            Facts {
                registry: Some(known.registry.to_string()),
                digest: release.digest.to_string(),
                archive: Some(format!("{}, {}", format_bytes(release.bytes), release.archive)),
                published: Some(age(release.published)),
                score: release.score.map(|score| format!("{score} of 100, as `publish` measured it")),
                ..facts
            }
        }
    })
}

/// Renders every template of a pack once, in fresh instances, with values that are made up, and keeps what it cost.
fn measure(session: &Session, library: &Library, pack: &Pack) -> Result<Figures> {
    let limits = UserLimits::parse(&[])?;
    let checker = Checker {
        engine: &session.checking_engine(&args::Checking::default(), &limits, Profile::Measure, None)?,
        validators: &[],
        config: &CheckConfig::default(),
        weights: Weights { untrusted: true },
        values: &Sources::default(),
        depth: Depth::Validate,
        time: None,
    };
    let report = checker.run(pack.label.clone(), Ok(pack.clone()));
    if let Some(failure) = &report.error {
        return Err(Error::new(failure.kind, format!("the pack could not be measured: {}", failure.detail))
            .hint(format!("`packbox validate {}` says more", pack.label)));
    }
    let figures = figures(&report.measured, seconds_now());
    library.measurements().put(&pack.digest()?, &figures)?;
    Ok(figures)
}

fn not_measured() -> String {
    "no; `--measure` renders every template once".to_owned()
}

fn in_words(figures: Figures) -> String {
    format!(
        "{}, {} fuel, {:.2?} in all and {:.2?} at most, {} memory, {} out ({})",
        count(figures.calls, "call"),
        figures.fuel,
        Duration::from_nanos(figures.nanoseconds),
        Duration::from_nanos(figures.slowest_nanoseconds),
        format_bytes(figures.memory),
        format_bytes(figures.bytes_out),
        age(figures.when)
    )
}

/// Shows what a pack needs, as a tree, and why each version was chosen.
///
/// # Errors
/// As [`show`]; `Resolution` where nothing fits.
pub fn deps(session: &Session, arguments: &args::OnePack) -> Result<()> {
    let library = session.library(&PackLimits::default())?;
    let subject = find(session, &library, &arguments.pack)?;
    let (about, name, version) = head(&subject)?;
    let asked: Vec<Requirement> = match &subject {
        Subject::Release(known) => {
            let exact: VersionReq = format!("={}", known.release.version).parse().unwrap_or(VersionReq::STAR);
            vec![Requirement { name: name.clone(), requirement: exact, registry: Some(known.registry.clone()) }]
        }
        Subject::Pack(_) => about
            .dependencies
            .iter()
            .filter(|(_, needed)| !needed.optional)
            .map(|(name, needed)| Requirement {
                name: name.clone(),
                requirement: needed.version.clone(),
                registry: None,
            })
            .collect(),
    };
    let resolution = if asked.is_empty() {
        Resolution::default()
    } else {
        let candidates = Candidates::gather(&library.index()?, &asked, &Preferences::new())?;
        resolve(&candidates, &asked, &session.interrupt)?
    };
    let sorted = order(&resolution)?;
    if session.output.is_json() {
        let packs = sorted.iter().filter_map(|name| resolution.packs.get(name)).map(as_chosen).collect();
        return session.output.document("deps", &Deps { name: &name, version: &version, packs });
    }
    let mut out = format!("{name} {version}\n");
    let mut shown = BTreeSet::new();
    let needs = about.dependencies.iter().map(|(name, needed)| (name, &needed.version, needed.optional));
    branch(&mut out, &resolution, needs.collect(), 1, &mut shown);
    let passed = resolution.packs.values().filter(|chosen| !chosen.passed_over.is_empty());
    for chosen in passed {
        let newest = &chosen.passed_over[0];
        let _ = writeln!(
            out,
            "{} {} was chosen over {}: {}",
            chosen.release.name, chosen.release.version, newest.version, newest.why
        );
    }
    if about.dependencies.is_empty() {
        out += "needs no other pack\n";
    }
    session.output.page(&out)
}

fn as_chosen(chosen: &Chosen) -> ChosenPack<'_> {
    let release = &chosen.release;
    let because = chosen.because.iter();
    let because = because.map(|(by, requirement)| Because { by: by.as_ref(), requirement: requirement.to_string() });
    ChosenPack {
        name: &release.name,
        version: &release.version,
        registry: &chosen.registry,
        digest: release.digest,
        because: because.collect(),
        passed_over: &chosen.passed_over,
        needs: &release.about.dependencies,
    }
}

fn branch(
    out: &mut String,
    resolution: &Resolution,
    needs: Vec<(&PackName, &VersionReq, bool)>,
    depth: usize,
    shown: &mut BTreeSet<PackName>,
) {
    for (name, requirement, optional) in needs {
        let indent = "  ".repeat(depth);
        let Some(chosen) = resolution.packs.get(name) else {
            let why = if optional { "optional" } else { "not found" };
            let _ = writeln!(out, "{indent}{name} {requirement} ({why})");
            continue;
        };
        let release = &chosen.release;
        let again = !shown.insert(name.clone());
        let mark = if again && !release.about.dependencies.is_empty() { " (as above)" } else { "" };
        let _ = writeln!(out, "{indent}{name} {} ({requirement}, from {}){mark}", release.version, chosen.registry);
        if !again {
            let needs =
                release.about.dependencies.iter().map(|(name, needed)| (name, &needed.version, needed.optional));
            branch(out, resolution, needs.collect(), depth + 1, shown);
        }
    }
}

fn head(subject: &Subject) -> Result<(Metadata, PackName, String)> {
    Ok(match subject {
        Subject::Pack(pack) => {
            let meta = &pack.manifest.pack;
            (Metadata::of(pack)?, meta.name.value.clone(), meta.version.value.to_string())
        }
        Subject::Release(known) => {
            let release = &known.release;
            (release.about.clone(), release.name.clone(), release.version.to_string())
        }
    })
}

fn readme(pack: &Pack) -> Option<String> {
    let path = "README.md".parse().ok()?;
    let info = pack.files.get(&path)?;
    if info.bytes > LARGEST_README {
        // Who wants to read it needs its path, and not what messages call it.
        let place =
            pack.place().map_or_else(|| pack.path_of(&path), |place| place.join(path.as_str()).display().to_string());
        return Some(format!("README.md takes {}; it is in {place}\n", format_bytes(info.bytes)));
    }
    Some(String::from_utf8_lossy(&pack.read(&path).ok()?).into_owned())
}

fn outputs(pack: &Pack) -> Result<Vec<String>> {
    Ok(pack.templates()?.into_iter().map(|template| template.output.value).collect())
}

fn variables(pack: &Pack) -> Vec<ShownVariable<'_>> {
    let variables = pack.manifest.variables.iter().map(|variable| {
        let choices = match &variable.kind {
            VariableKind::Choice { choices } => Some(choices.iter().map(|choice| choice.value.as_str()).collect()),
            _ => None,
        };
        ShownVariable {
            name: &variable.name,
            kind: variable.kind.name(),
            prompt: variable.prompt.as_deref(),
            help: variable.help.as_deref(),
            example: variable.example.as_ref(),
            default: variable.default.as_ref(),
            choices,
        }
    });
    variables.collect()
}

fn add_variables(out: &mut String, pack: &Pack) {
    if pack.manifest.variables.is_empty() {
        return;
    }
    *out += "\nvariables\n";
    let rows: Vec<Vec<String>> = pack.manifest.variables.iter().map(variable_row).collect();
    *out += &table(&rows);
}

/// A variable's name, type, how it gets its value, and what it is for.
fn variable_row(variable: &Variable) -> Vec<String> {
    let kind = match &variable.kind {
        VariableKind::Choice { choices } => {
            let values: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
            values.join(" | ")
        }
        kind => kind.name().to_owned(),
    };
    let from = match (&variable.default, &variable.compute) {
        (Some(default), _) => format!("= {default}"),
        (None, Some(_)) => "computed".to_owned(),
        (None, None) => "required".to_owned(),
    };
    let purpose = variable.prompt.as_ref().or(variable.help.as_ref()).map(String::as_str).unwrap_or_default();
    vec![format!("  {}", variable.name), line(&kind, 40), line(&from, 40), line(purpose, 80)]
}

fn add_plugins(out: &mut String, about: &Metadata) {
    if about.plugins.is_empty() {
        return;
    }
    *out += "\nplugins\n";
    for (name, plugin) in &about.plugins {
        let abi = plugin.abi.as_ref().map_or("no ABI".to_owned(), |abi| format!("ABI {abi}"));
        let _ = writeln!(out, "  {name}: {abi}");
        let lists = [
            ("imports", plugin.imports.iter().cloned().collect::<Vec<_>>()),
            ("grants", plugin.grants.iter().cloned().collect()),
        ];
        for (label, list) in lists {
            let list = if list.is_empty() { "none".to_owned() } else { line(&list.join(", "), 300) };
            let _ = writeln!(out, "    {label}: {list}");
        }
        let limits: Vec<String> = plugin.limits.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !limits.is_empty() {
            let _ = writeln!(out, "    limits: {}", limits.join(", "));
        }
    }
}
