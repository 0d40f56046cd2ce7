//! The components that came with a pack: what can be known of each without compiling it.
//!
//! Always true here: no guest runs, and what is wrong with a component is a fact about it, not an error.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use crate::digest::Digest;
use crate::engine::{Header, Role};
use crate::error::Result;
use crate::grants::{Grant, Grants};
use crate::pack::{Pack, PackPath, PluginEntry, PluginName};

/// A component that came with a pack, as far as it can be known without compiling it.
#[derive(Debug)]
pub struct InspectedPlugin {
    /// Its name in the manifest.
    pub name: PluginName,
    /// The digest of the file.
    pub digest: Digest,
    /// Whether it checks packs.
    pub validates: bool,
    /// Whether it merges files.
    pub merges: bool,
    /// What validators are told about it.
    pub fact: packbox_facts::Plugin,
}

/// Looks at the components that came with a pack; nothing is compiled.
///
/// # Errors
/// Those of reading the pack.
pub fn inspect_plugins(pack: &Pack) -> Result<Vec<InspectedPlugin>> {
    let used = crate::plan::plugins_in_use(pack);
    let mut plugins = Vec::new();
    // Many plugins may be one file.
    let mut components: BTreeMap<&PackPath, Component> = BTreeMap::new();
    for (name, entry) in &pack.manifest.plugins {
        let Component { bytes, digest, header } = match components.entry(&entry.component.value) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let component = Component::of(&pack.read(new.key())?);
                new.insert(component)
            }
        };
        let exports = |role: Role| header.as_ref().is_ok_and(|header| header.export(role.interface()).is_some());
        let (validates, merges) = (exports(Role::Validator), exports(Role::Merger));
        let problem = match header {
            Ok(header) => {
                header.check_with(header.role().interface(), asked(entry)).err().map(|error| error.to_string())
            }
            Err(error) => Some(error.to_string()),
        };
        let (abi, imports, exports) = match header {
            Ok(header) => (header.abi(), &header.imports[..], &header.exports[..]),
            Err(_) => (None, &[][..], &[][..]),
        };
        let fact = packbox_facts::Plugin {
            name: name.to_string(),
            component: entry.component.value.to_string(),
            bytes: *bytes,
            sha256: digest.to_string(),
            abi: abi.map(|version| version.to_string()),
            imports: imports.iter().map(|import| import.name.clone()).collect(),
            exports: exports.to_vec(),
            used: used.contains(name) || validates || merges,
            problem,
        };
        plugins.push(InspectedPlugin { name: name.clone(), digest: *digest, validates, merges, fact });
    }
    Ok(plugins)
}

/// What a file says that plugins are.
struct Component {
    bytes: u64,
    digest: Digest,
    header: Result<Header>,
}

impl Component {
    fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.len() as u64, digest: Digest::of(bytes), header: Header::read(bytes) }
    }
}

/// What a plugin asks for, as if nobody denied it.
fn asked(entry: &PluginEntry) -> Grants {
    let asked: Vec<Grant> = entry.grants.iter().map(|grant| grant.value).collect();
    Grants::effective(&asked, &[])
}
