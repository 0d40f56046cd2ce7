//! Why a call was made again, as far as what was kept can tell.

use crate::show::quoted;

/// Where an outcome came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// From a call of a guest, made for these reasons.
    Called(Vec<Why>),
    /// From what was kept of an earlier one.
    Recalled,
}

impl Default for Came {
    fn default() -> Self {
        Self::Called(Vec::new())
    }
}

/// Why a call was made, though another one like it may have been made before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Nothing is kept of earlier ones in this run.
    Unkept,
    /// Nothing is known of an earlier one.
    First,
    /// A secret is or may be in what it is given or what it looks up.
    Secret,
    /// Another component, or another version of packbox.
    Component,
    /// What a call may use, or is granted.
    Settings,
    /// The template; between two stages of a chain, what the stage before made of it.
    Template,
    /// Partials that are new, others or gone.
    Partials(Vec<String>),
    /// The options.
    Options,
    /// The item of its list.
    Item,
    /// There are other variables.
    Names,
    /// Variables whose values are others; of a plugin that came with the pack, all count.
    Variables(Vec<String>),
    /// The text of a query.
    Query,
    /// Files of statements that are new, others or gone.
    Graphs(Vec<String>),
    /// What holds for all queries: base, prefixes, seed and time, and how graphs are written.
    Setting,
    /// What a query is asked with.
    Parameters,
    /// What the owners of a merged file want it to be.
    Sides,
    /// The context grew so much that the call may not end as it did.
    Larger,
}

impl Why {
    /// How many things changed.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Partials(names) | Self::Variables(names) | Self::Graphs(names) => names.len(),
            _ => 1,
        }
    }

    /// The reason in words.
    #[must_use]
    pub fn told(&self) -> String {
        match self {
            Self::Unkept => "answers are neither kept nor looked up in this run".to_owned(),
            Self::First => "there is no earlier answer".to_owned(),
            Self::Secret => "it depends on a secret, of which nothing is kept".to_owned(),
            Self::Component => "its engine or packbox has another version".to_owned(),
            Self::Settings => "limits or grants are others".to_owned(),
            Self::Template => "the template changed".to_owned(),
            Self::Partials(paths) => changed("partial", paths),
            Self::Options => "its options changed".to_owned(),
            Self::Item => "the item of its list changed".to_owned(),
            Self::Names => "the pack has other variables".to_owned(),
            Self::Variables(names) => changed("variable", names),
            Self::Query => "the query changed".to_owned(),
            Self::Graphs(paths) => changed("graph", paths),
            Self::Setting => "base, prefixes or notations changed".to_owned(),
            Self::Parameters => "its parameters changed".to_owned(),
            Self::Sides => "what is merged changed".to_owned(),
            Self::Larger => "the values of all variables together became much larger".to_owned(),
        }
    }
}

/// Names of what changed that are told.
const TOLD: usize = 5;

fn changed(what: &str, names: &[String]) -> String {
    let mut named: Vec<String> = names.iter().take(TOLD).map(|name| quoted(name)).collect();
    if names.len() > TOLD {
        named.push(format!("{} others", names.len() - TOLD));
    }
    match &named[..] {
        [] => format!("a {what} changed"),
        [one] => format!("the {what} {one} changed"),
        [most @ .., last] => format!("the {what}s {} and {last} changed", most.join(", ")),
    }
}
