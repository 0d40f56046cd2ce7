//! Answers that somebody typed for a run that then failed: kept, so that nobody has to type them again.
//!
//! Always true here: no secret is among them; the file is its owner's alone; where it can't be written, the run's own error
//! is what counts.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::session::{Session, shown};
use crate::compose::variables::{Origin, Values};
use crate::files;
use crate::pack::PackName;

/// Answers by the names of their variables; of several packs, by their names first.
pub struct KeptAnswers(Map<String, Value>);

impl KeptAnswers {
    /// Takes what was answered, and is no secret.
    #[must_use]
    pub fn of<'v>(packs: impl ExactSizeIterator<Item = (&'v PackName, &'v Values)>) -> Self {
        let is_one = packs.len() == 1;
        let mut kept = Map::new();
        for (pack, values) in packs {
            let answers = Self::answered(values);
            if is_one {
                kept = answers;
            } else if !answers.is_empty() {
                kept.insert(pack.to_string(), Value::Object(answers));
            }
        }
        Self(kept)
    }

    fn answered(values: &Values) -> Map<String, Value> {
        let answered = values.origins.iter().filter(|(_, origin)| **origin == Origin::Prompt).map(|(name, _)| name);
        let open = answered.filter(|name| !values.secrets.contains(*name));
        let value = |name: &str| values.values.get(name).map(|value| (name.to_owned(), value.clone()));
        open.filter_map(|name| value(name.as_str())).filter(|(_, value)| !value.is_null()).collect()
    }

    /// Keeps them for the pack, and says how they are used; nothing where nobody was asked.
    pub fn keep(&self, session: &Session, pack: &str) {
        if self.0.is_empty() {
            return;
        }
        if let Some(path) = self.write(session, pack) {
            let path = shown(&path);
            session.output.say(&format!("packbox: your answers are kept; to use them again, add `--answers {path}`\n"));
        }
    }

    fn write(&self, session: &Session, pack: &str) -> Option<PathBuf> {
        let folder = session.environment.folders().ok()?.state.join("answers");
        let text = toml::to_string(&self.0).ok()?;
        std::fs::create_dir_all(&folder).ok()?;
        let path = folder.join(format!("{pack}.toml"));
        files::replace_private(&path, text.as_bytes()).ok()?;
        Some(path)
    }
}
