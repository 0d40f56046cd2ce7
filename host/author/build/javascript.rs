//! JavaScript: componentize-js puts an engine and the project's modules into a component. All that it could ask of a
//! system is switched off, so that nothing but `log` is imported.

use std::ffi::OsString;
use std::path::Path;

use super::super::project::Project;
use super::super::tool::{Tool, find, missing};
use super::surroundings::{Surroundings, wants_file, written};
use crate::error::Result;
use crate::interrupt::Interrupt;
use crate::text::printable_line;

const COMPONENTIZE: &str = "node_modules/@bytecodealliance/componentize-js/src/cli.js";
const ENTRY: &str = "packbox/component.js";

/// Builds the component into `scratch` and returns its bytes.
pub(super) fn build(
    project: &Project,
    surroundings: &Surroundings,
    scratch: &Path,
    interrupt: &Interrupt,
) -> Result<Vec<u8>> {
    let node = find("node", surroundings.path.as_deref()).ok_or_else(|| {
        missing(
            "Node.js (`node`)",
            "install version 20 or newer from https://nodejs.org, or run `apt-get install nodejs npm`",
        )
    })?;
    if !project.folder.join(COMPONENTIZE).exists() {
        let folder = printable_line(&project.folder.display().to_string());
        return Err(missing("componentize-js", format!("run `npm install` in {folder}")));
    }
    wants_file(project, ENTRY)?;
    wants_file(project, "wit")?;
    let mut arguments: Vec<OsString> = [
        COMPONENTIZE,
        ENTRY,
        "--wit",
        "wit",
        "--world-name",
        project.kind.world(),
        "--disable",
        "stdio",
        "random",
        "clocks",
        "http",
        "fetch-event",
        "--out",
    ]
    .map(OsString::from)
    .into();
    arguments.push(scratch.into());
    Tool::new(&node, &project.folder).args(arguments).run(interrupt)?;
    written(scratch, "componentize-js")
}
