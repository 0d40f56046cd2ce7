//! The names that packbox uses inside `.packbox` and beside an output folder.
//!
//! Always true here: a name that is read from a disk or a journal is compared with the whole pattern; nothing that only
//! resembles one of ours is touched.

use std::ffi::{OsStr, OsString};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// Packbox's own folder in an output folder.
pub(super) const METADATA: &str = ".packbox";
/// What was generated, from what.
pub(super) const RECEIPT: &str = "receipt.json";
/// The receipt, from the output folder.
pub(super) const RECEIPT_PATH: &str = ".packbox/receipt.json";
/// Held by the run that writes.
pub(super) const LOCK: &str = "lock";
/// What an interrupted run has to undo.
pub(super) const JOURNAL: &str = "journal.json";
/// In a stage: the journal before it counts.
pub(super) const JOURNAL_DRAFT: &str = "journal.draft";
/// In a stage: the journal after the commit point; everything in the stage is garbage then.
pub(super) const COMMITTED: &str = "committed.json";

/// How many bytes of an output folder's name the name of its stage repeats, so that both fit into 255 bytes.
const REPEATED_BYTES: usize = 200;

/// The name of a stage folder in `.packbox`: `stage-` and 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct StageName(String);

impl StageName {
    /// Makes up a name.
    pub(super) fn random() -> Result<Self> {
        Ok(Self(format!("stage-{}", random_id()?)))
    }

    /// Recognizes a name.
    pub(super) fn recognize(name: &OsStr) -> Option<Self> {
        let name = name.to_str()?;
        name.strip_prefix("stage-").is_some_and(is_id).then(|| Self(name.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StageName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl TryFrom<String> for StageName {
    type Error = &'static str;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        Self::recognize(OsStr::new(&name)).ok_or("not the name of a stage")
    }
}

impl From<StageName> for String {
    fn from(name: StageName) -> Self {
        name.0
    }
}

/// The name of the new version of an entry in a stage.
pub(super) fn new_name(entry: usize) -> String {
    format!("new-{entry}")
}

/// The name of the old version of an entry in a stage.
pub(super) fn old_name(entry: usize) -> String {
    format!("old-{entry}")
}

/// Says whether a name in a stage is that of a new version.
pub(super) fn is_new_name(name: &str) -> bool {
    name.strip_prefix("new-").is_some_and(is_number)
}

/// Says whether a name in a stage is that of an old version.
pub(super) fn is_old_name(name: &str) -> bool {
    name.strip_prefix("old-").is_some_and(is_number)
}

/// Makes up the name of a stage beside an output folder that does not exist yet: `.NAME.packbox-` and 16 hexadecimal
/// digits.
pub(super) fn sibling_name(name: &OsStr) -> Result<OsString> {
    let mut sibling = sibling_prefix(name);
    sibling.push(random_id()?);
    Ok(sibling)
}

/// Says whether a name is that of a stage beside the output folder `name`.
pub(super) fn is_sibling_of(candidate: &OsStr, name: &OsStr) -> bool {
    let prefix = sibling_prefix(name);
    candidate
        .as_encoded_bytes()
        .strip_prefix(prefix.as_encoded_bytes())
        .and_then(|id| std::str::from_utf8(id).ok())
        .is_some_and(is_id)
}

fn sibling_prefix(name: &OsStr) -> OsString {
    let mut prefix = OsString::from(".");
    if name.len() <= REPEATED_BYTES {
        prefix.push(name);
    } else {
        let mut text: String = name.to_string_lossy().into_owned();
        while text.len() > REPEATED_BYTES {
            text.pop();
        }
        prefix.push(text);
    }
    prefix.push(".packbox-");
    prefix
}

fn random_id() -> Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::io("cannot get random numbers", std::io::Error::other(error.to_string())))?;
    Ok(format!("{:016x}", u64::from_le_bytes(bytes)))
}

fn is_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_number(text: &str) -> bool {
    (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_exact_names_are_recognized() {
        let stage = StageName::random().unwrap();
        assert_eq!(StageName::recognize(OsStr::new(stage.as_str())), Some(stage));
        for name in ["stage-", "stage-0123456789abcdeF", "stage-0123456789abcdef0", "stage-../../../../etc", "xstage-"]
        {
            assert_eq!(StageName::recognize(OsStr::new(name)), None, "{name}");
            assert!(serde_json::from_str::<StageName>(&format!("\"{name}\"")).is_err());
        }
        assert!(is_new_name("new-0") && is_old_name("old-17"));
        assert!(
            !is_new_name("new-") && !is_new_name("new-x") && !is_old_name("new-1") && !is_new_name("new-1234567890")
        );
    }

    #[test]
    fn siblings_belong_to_one_output_folder() {
        let long = "x".repeat(255);
        for name in ["proj", "a b", &long] {
            let sibling = sibling_name(OsStr::new(name)).unwrap();
            assert!(is_sibling_of(&sibling, OsStr::new(name)), "{name}");
            assert!(!is_sibling_of(&sibling, OsStr::new("other")), "{name}");
            assert!(sibling.len() <= 255);
        }
        for name in [".proj.packbox-", ".proj.packbox-0123456789abcde", ".proj.packbox-0123456789abcdefx", "proj"] {
            assert!(!is_sibling_of(OsStr::new(name), OsStr::new("proj")), "{name}");
        }
    }
}
