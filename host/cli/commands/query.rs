//! `query`: what a pack's graphs answer.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::args::{EngineArgs, Format, Isolation, Rendering, Variables};
use crate::cli::command::{Exit, ended};
use crate::cli::documents::{QueryAnswered, Step};
use crate::cli::session::{Session, read_bytes, shown};
use crate::cli::{answered, command, completers, fold};
use crate::compose::packs::{Arrangement, PackSet, Presets};
use crate::compose::variables::Asked;
use crate::error::{Error, ErrorKind, Result};
use crate::facade::Inputs;
use crate::limits::UserLimits;
use crate::pack::{Pack, Query as Declared, QueryName};
use crate::query::{Answer, Prefixes, csv, turtle, xml};
use crate::show::count;
use crate::text::{nearest, printable_line};

/// The largest file with a query, in bytes.
const LARGEST: u64 = 1 << 20;
/// What a query of the user's is called while it is asked.
const OWN: &str = "asked";

/// Ask a query about a pack's graphs: one of the pack's, or one in a file.
#[derive(Debug, Args)]
pub struct Query {
    /// The pack: a folder, an archive, or the name of an installed one.
    #[arg(add = completers::packs_here())]
    pub pack: PathBuf,
    /// A query of the pack, by its name; or a file with one, for instance `ports.rq`; `-` reads standard input. Without it, the
    /// pack's queries are listed.
    #[arg(value_name = "NAME|FILE")]
    pub wanted: Option<PathBuf>,
    /// Show so many rows or statements at the most; `--limit N` does the same.
    #[arg(long, value_name = "N")]
    pub rows: Option<NonZeroUsize>,
    /// Show how the answer came about: the steps with the rows of each, and fuel.
    #[arg(long)]
    pub explain: bool,
    /// Values for the variables that the query's parameters read.
    #[command(flatten)]
    pub variables: Variables,
    /// The engine.
    #[command(flatten)]
    pub engine: EngineArgs,
}

impl command::Command for Query {
    const NAME: &'static str = "query";
    const FORMATS: &'static [Format] = Format::OF_ANSWERS;
    const EXAMPLES: &'static [&'static str] = &["echo 'SELECT ?s WHERE { ?s ?p ?o } LIMIT 5' | packbox query shop -"];
    command::documents!(QueryAnswered<'static>);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(query(session, self))
    }
}

/// Asks a query, and prints the answer.
///
/// # Errors
/// [`ErrorKind::Usage`] where there is no such query, or the format does not fit its answer; [`ErrorKind::Variables`] where a
/// variable that it needs has no value; those of loading the pack and of asking.
pub fn query(session: &Session, arguments: &Query) -> Result<()> {
    let mut engine = arguments.engine.clone();
    let limited = rows_of(&mut engine.limits);
    let most = arguments.rows.or(limited).map_or(usize::MAX, NonZeroUsize::get);
    let limits = UserLimits::parse(&engine.limits)?;
    let rendering = Rendering { isolation: Isolation::Batch, measure: arguments.explain, engine };
    let named = std::slice::from_ref(&arguments.pack);
    let set = session.pack_set(named, &Arrangement::default(), &limits.pack)?;
    session.tell_withdrawn(&arguments.pack);
    set.packs().iter().try_for_each(|pack| pack.check_host(&crate::version()))?;
    let (set, name, told) = chosen(session, set, arguments.wanted.as_deref())?;
    let sources = session.sources(&arguments.variables)?;
    let packbox = session.packbox(&rendering, limits, set.packs(), None)?;
    let prepared = packbox.prepare(&packbox.begin(&Inputs::new()), set)?;
    let presets = Presets::default();
    let ask = |inputs: &Inputs<'_>| prepared.ask(inputs, &presets, name.as_str(), arguments.explain);
    let asked = session.asking(sources, arguments.variables.no_input, ask)?;
    print(session, prepared.leading(), &told, asked, most)
}

/// Takes a count of rows out of what `--limit` was given: it has no name.
fn rows_of(limits: &mut Vec<String>) -> Option<NonZeroUsize> {
    let mut rows = None;
    limits.retain(|limit| match limit.parse() {
        Ok(count) => {
            rows = Some(count);
            false
        }
        Err(_) => true,
    });
    rows
}

/// The query that is meant, as one of the pack's, and what it is called.
fn chosen(session: &Session, set: PackSet, wanted: Option<&Path>) -> Result<(PackSet, QueryName, String)> {
    let pack = set.leading();
    let Some(wanted) = wanted else { return Err(which(pack)) };
    let text = wanted.to_str().unwrap_or_default();
    if let Some((name, _)) = pack.manifest.queries.get_key_value(text) {
        let name = name.clone();
        return Ok((set, name.clone(), name.to_string()));
    }
    let is_path = text == "-" || wanted.components().count() > 1 || wanted.extension().is_some() || wanted.is_file();
    if !is_path {
        return Err(no_such(pack, text));
    }
    // A file of the pack that is one of its queries has that one's parameters.
    if let Some(name) = of_file(pack, wanted) {
        return Ok((set, name.clone(), name.to_string()));
    }
    let bytes = read_bytes(wanted, LARGEST, "query", &session.interrupt)?;
    let told = if text == "-" { "standard input".to_owned() } else { shown(wanted) };
    let contents = String::from_utf8(bytes).map_err(|_| {
        Error::new(ErrorKind::Usage, format!("the query `{told}` is not UTF-8")).hint("save it as UTF-8")
    })?;
    let name = own_name(pack)?;
    let set = set.with_query(name.clone(), Declared::given(told.clone(), contents));
    Ok((set, name, told))
}

/// The query of the pack that a file of it holds.
fn of_file(pack: &Pack, path: &Path) -> Option<QueryName> {
    let (place, path) = (pack.place()?.canonicalize().ok()?, path.canonicalize().ok()?);
    let own = path.strip_prefix(place).ok()?.to_str()?;
    let of = |query: &Declared| query.file().is_some_and(|file| file.value.as_str() == own);
    pack.manifest.queries.iter().find(|(_, query)| of(query)).map(|(name, _)| name.clone())
}

/// A name that nothing in the pack has.
fn own_name(pack: &Pack) -> Result<QueryName> {
    let is_free = |name: &str| {
        !pack.manifest.queries.contains_key(name)
            && !pack.manifest.variables.iter().any(|variable| variable.name.as_str() == name)
    };
    let mut name = OWN.to_owned();
    while !is_free(&name) {
        name.push('_');
    }
    QueryName::new(&name).map_err(|error| Error::new(ErrorKind::Usage, format!("the query {error}")))
}

fn which(pack: &Pack) -> Error {
    Error::new(ErrorKind::Usage, "it is not said which query is asked").hint(listed(pack))
}

fn no_such(pack: &Pack, name: &str) -> Error {
    let names = pack.manifest.queries.keys().map(QueryName::as_str);
    let near = nearest(name, names).map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
    let own = &pack.manifest.pack.name.value;
    let detail = format!("`{own}` has no query `{}`, and there is no file of that name", printable_line(name));
    Error::new(ErrorKind::Usage, detail).hint(near + &listed(pack))
}

/// The queries that a pack has, in a sentence.
fn listed(pack: &Pack) -> String {
    let names: Vec<String> = pack.manifest.queries.keys().map(|name| format!("`{name}`")).collect();
    let own = &pack.manifest.pack.name.value;
    if names.is_empty() {
        format!("`{own}` has no queries; name a file with one, for instance `ports.rq`")
    } else {
        format!("`{own}` has {}; or name a file with a query", names.join(", "))
    }
}

fn print(session: &Session, pack: &Pack, name: &str, asked: Asked, most: usize) -> Result<()> {
    let (output, remarks) = (session.output, asked.answered.remarks);
    let steps: Option<Step> = asked.answered.steps.and_then(|steps| serde_json::from_value(steps).ok());
    let mut answer = asked.answered.answer;
    let left_out = cut(&mut answer, most);
    let ontology = pack.manifest.ontology.prefixes.iter();
    let prefixes = Prefixes::new(&ontology.map(|(name, iri)| (name.to_string(), iri.value.to_string())).collect());
    if output.is_json() {
        let own = pack.manifest.pack.name.value.as_str();
        let document = QueryAnswered::of((own, name), &answer, left_out, &remarks);
        let fuel = steps.as_ref().map(|_| asked.fuel);
        return output.document("query", &QueryAnswered { steps: steps.as_ref(), fuel, ..document });
    }
    let text = match (output.format(), &answer) {
        (Format::Csv, Answer::Table(table)) => csv(table),
        (Format::Tsv, Answer::Table(table)) => table.to_string(),
        (Format::Ttl, Answer::Graph(statements)) => turtle(statements, &prefixes),
        (Format::Xml, Answer::Boolean(_) | Answer::Table(_)) => as_xml(&answer)?,
        (Format::Human, _) => match &steps {
            Some(steps) => answered::steps(steps, asked.fuel),
            None => answered::page(&answer, &prefixes, fold::columns(&std::io::stdout())),
        },
        (format, answer) => return Err(unfit(format, answer)),
    };
    output.result(&text)?;
    output.findings(&remarks);
    if let (Some(steps), false) = (&steps, output.is_human()) {
        output.say_as_it_is(answered::steps(steps, asked.fuel).trim_end());
    }
    if left_out > 0 && !(steps.is_some() && output.is_human()) {
        let what = if matches!(answer, Answer::Graph(_)) { "more statement" } else { "more row" };
        output.say(&format!("{} not shown", count(left_out, what)));
    }
    Ok(())
}

/// Leaves so many rows or statements, and says how many are left out.
fn cut(answer: &mut Answer, most: usize) -> usize {
    let left_out = answer.count().unwrap_or(0).saturating_sub(most);
    match answer {
        Answer::Boolean(_) => {}
        Answer::Table(table) => table.rows.truncate(most),
        Answer::Graph(statements) => statements.truncate(most),
    }
    left_out
}

fn as_xml(answer: &Answer) -> Result<String> {
    match xml(answer) {
        Ok(Some(text)) => Ok(text),
        Ok(None) => Err(unfit(Format::Xml, answer)),
        Err(letter) => {
            let detail =
                format!("the answer has the character U+{:04X}, and XML has no way to write it", u32::from(letter));
            Err(Error::new(ErrorKind::Usage, detail).hint("take another format: `json`, `csv` or `tsv`"))
        }
    }
}

/// Why an answer can't be written in a format.
fn unfit(format: Format, answer: &Answer) -> Error {
    let (what, fits) = match answer {
        Answer::Boolean(_) => ("an `ASK` gives true or false", "`human`, `json` or `xml`"),
        Answer::Table(_) => ("a `SELECT` gives a table", "`human`, `json`, `csv`, `tsv` or `xml`"),
        Answer::Graph(_) => ("a `CONSTRUCT` or a `DESCRIBE` gives statements", "`human`, `json` or `ttl`"),
    };
    let detail = format!("{what}, which is not written as `{}`", format.name());
    Error::new(ErrorKind::Usage, detail).hint(format!("take {fits}"))
}
