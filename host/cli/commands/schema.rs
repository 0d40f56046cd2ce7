//! `schema`: the JSON Schema of a file that people write, for editors that cannot read addresses.

use serde_json::Value;

use super::super::documents::FileSchema;
use super::super::session::Session;
use crate::error::{Error, ErrorKind, Result};
use crate::schemas;

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
