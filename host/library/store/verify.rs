//! Whether everything in the store is what its name says.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Store;
use super::collect::list;
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::pack::PackLimits;
use crate::text;

/// What is in the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StoreReport {
    /// Packs that are as their digests say.
    pub packs: u64,
    /// Things that killed processes left, which `clean` removes.
    pub leftovers: u64,
    /// What is not as it should be.
    pub faults: Vec<Fault>,
}

/// Something in the store that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Fault {
    /// Its name in the store, or what refers to it.
    pub name: String,
    /// What is wrong.
    pub what: String,
}

impl Store {
    /// Reads everything that is in the store. `referred` says which digests are referred to, and by what.
    ///
    /// # Errors
    /// `Io` where the store can't be listed; what is wrong with a pack is in the report.
    pub fn verify(&self, referred: &BTreeMap<Digest, String>, limits: &PackLimits) -> Result<StoreReport> {
        let failed = |error| Error::io(format!("cannot list the store in `{}`", self.folder.display()), error);
        let mut report = StoreReport::default();
        for entry in list(&self.folder.join("packs")).map_err(failed)? {
            let name = text::printable_line(&entry.file_name().to_string_lossy());
            let outcome = match name.parse::<Digest>() {
                Ok(digest) => self.open(&digest, &name, limits).map(|_| ()).map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            match outcome {
                Ok(()) => report.packs += 1,
                Err(what) => report.faults.push(Fault { name, what }),
            }
        }
        for (digest, by) in referred {
            if !self.has(digest) {
                let what = format!("it refers to {digest}, which is not in the store");
                report.faults.push(Fault { name: by.clone(), what });
            }
        }
        report.leftovers = list(&self.folder.join("stage")).map_err(failed)?.len() as u64;
        Ok(report)
    }
}
