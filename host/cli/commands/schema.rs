//! `schema`: the JSON Schema of a file that people write, for editors that cannot read addresses.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser};
use serde_json::Value;

use crate::cli::command;
use crate::cli::command::{Exit, ended};
use crate::cli::documents::FileSchema;
use crate::cli::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::schemas;

/// Print the JSON Schema of a file that you write, with which an editor completes and checks it.
#[derive(Debug, Args)]
pub struct Schema {
    /// The file; with or without `.toml`.
    #[arg(value_parser = schema_names())]
    pub name: String,
}

impl command::Command for Schema {
    const NAME: &'static str = "schema";
    const EXAMPLES: &'static [&'static str] = &["packbox schema pack > pack.schema.json"];
    command::documents!(FileSchema);

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        ended(schema(session, &self.name))
    }
}

/// The files that have a schema.
fn schema_names() -> PossibleValuesParser {
    let names = schemas::ALL.iter().map(|schema| PossibleValue::new(schema.name).alias(schema.describes));
    PossibleValuesParser::new(names)
}

/// Prints a schema.
///
/// # Errors
/// `Usage` where there is none of that name; `Io` where it can't be written.
pub fn schema(session: &Session, name: &str) -> Result<()> {
    let known = schemas::ALL.iter().find(|schema| [schema.name, schema.describes].contains(&name));
    let schema = known.ok_or_else(|| Error::new(ErrorKind::Usage, format!("there is no schema `{name}`")))?;
    if session.output.is_json() {
        let text: Value = serde_json::from_str(schema.text)
            .map_err(|error| Error::new(ErrorKind::Io, "cannot read the schema").caused_by(error))?;
        let (name, describes, address) = (schema.name, schema.describes, schema.address);
        return session.output.document("schema", &FileSchema { name, describes, address, schema: text });
    }
    session.output.result(schema.text)
}
