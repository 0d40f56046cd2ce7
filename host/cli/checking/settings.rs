//! `packbox.toml`, and the rules that it and the command line name.

use std::collections::BTreeSet;
use std::path::Path;

use crate::author::Project;
use crate::check::{CONFIG_NAME, CheckConfig, MAX_CONFIG_BYTES, Validator, user_limits};
use crate::cli::args::Checking;
use crate::cli::session::{Session, read_bytes, shown, unread};
use crate::digest::Digest;
use crate::engine::{Component, Engine, Header, Role};
use crate::error::{Error, ErrorKind, Result};
use crate::files;
use crate::grants::Grants;
use crate::pack::PackLimits;

/// What `packbox.toml` is called in errors.
const SETTINGS: &str = "settings file";

const OTHERS: &str = "name another with `--config FILE`, or check without one with `--no-config`";

/// The most that is read of a validator's component.
const MAX_COMPONENT_BYTES: u64 = 64 << 20;

/// Reads `packbox.toml`: the file that the user names, or that of the folder where the command runs. What stands there
/// under that name and is no file is an error, so that no policy silently does not hold.
pub fn settings(session: &Session, checking: &Checking) -> Result<CheckConfig> {
    let (path, read) = match &checking.config {
        Some(path) => (path.as_path(), read_bytes(path, MAX_CONFIG_BYTES, SETTINGS, &session.interrupt)),
        None if checking.no_config => return Ok(CheckConfig::default()),
        None => {
            let path = Path::new(CONFIG_NAME);
            match files::read_regular(path, MAX_CONFIG_BYTES) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(CheckConfig::default()),
                read => (path, read.map_err(|error| unread(path, MAX_CONFIG_BYTES, SETTINGS, error).hint(OTHERS))),
            }
        }
    };
    CheckConfig::parse(&shown(path), &read?)
}

/// Adds the rules of a component, or of all validators of a pack.
pub fn add_rules(
    session: &Session,
    engine: &Engine,
    path: &Path,
    pack_limits: &PackLimits,
    validators: &mut Vec<Validator>,
) -> Result<()> {
    let mut taken: BTreeSet<String> =
        validators.iter().flat_map(Validator::rules).map(|rule| rule.id.clone()).collect();
    if path.extension().is_none_or(|extension| extension != "wasm") {
        let pack = session.pack(path, pack_limits).map_err(|error| {
            // A plugin project is no pack; what it built has the rules.
            let built = path.is_dir().then(|| Project::read(path).ok()).flatten().map(|project| project.component());
            match built.filter(|component| component.exists()) {
                Some(component) => error.hint(format!("name what it built: `{}`", shown(&component))),
                None => error,
            }
        })?;
        let before = validators.len();
        for validator in Validator::of_pack(engine, &pack, &mut taken)? {
            validators.push(validator);
        }
        if validators.len() == before {
            let detail = format!("the pack `{}` has no rules", shown(path));
            return Err(Error::new(ErrorKind::Usage, detail)
                .hint("rules are components that export `packbox:plugin/validator`, named under `[plugins]`"));
        }
        return Ok(());
    }
    let bytes = read_bytes(path, MAX_COMPONENT_BYTES, "component", &session.interrupt)?;
    let name = path.file_stem().map_or_else(|| "rules".to_owned(), |stem| stem.to_string_lossy().into_owned());
    Header::read(&bytes)?.check(Role::Validator.interface())?;
    let component =
        Component { name: &name, bytes: &bytes, digest: Digest::of(&bytes), precompiled: None, trusted: false };
    validators.push(Validator::prepare(&engine.run(), &component, &user_limits(engine), &taken, Grants::NONE)?);
    Ok(())
}
