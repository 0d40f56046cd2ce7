//! Python: componentize-py puts an interpreter and the project's modules into a component. `--stub-wasi` replaces what it
//! could ask of a system by functions that trap, so that nothing but `log` is imported.

use std::ffi::OsString;
use std::path::Path;

use super::super::project::Project;
use super::super::tool::{Tool, find, missing};
use super::surroundings::{Surroundings, wants_file, written};
use crate::error::Result;
use crate::interrupt::Interrupt;
use crate::text::printable_line;

const IN_PROJECT: &str = ".venv/bin/componentize-py";

/// Builds the component into `scratch` and returns its bytes.
pub(super) fn build(
    project: &Project,
    surroundings: &Surroundings,
    scratch: &Path,
    interrupt: &Interrupt,
) -> Result<Vec<u8>> {
    let own = project.folder.join(IN_PROJECT);
    let own = if own.exists() { std::path::absolute(&own).ok() } else { None };
    let tool = own.or_else(|| find("componentize-py", surroundings.path.as_deref())).ok_or_else(|| {
        let folder = printable_line(&project.folder.display().to_string());
        let install = "python3 -m venv .venv && .venv/bin/pip install 'componentize-py==0.25.*'";
        missing("componentize-py", format!("run `{install}` in {folder}"))
    })?;
    wants_file(project, "packbox/component.py")?;
    wants_file(project, "wit")?;
    let mut arguments: Vec<OsString> = [
        "-d",
        "wit",
        "-w",
        project.kind.world(),
        "componentize",
        "--stub-wasi",
        "component",
        "-p",
        "src",
        "-p",
        "packbox",
        "-o",
    ]
    .map(OsString::from)
    .into();
    arguments.push(scratch.into());
    // The same sources give the same order of sets, and the same bytes.
    Tool::new(&tool, &project.folder).args(arguments).env("PYTHONHASHSEED", "0").run(interrupt)?;
    written(scratch, "componentize-py")
}
