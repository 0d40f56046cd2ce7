//! Who gave a variable its value and who lost, in words.
//!
//! Always true here: what is said of a source follows from what became of it.

use super::report::{Outcome, Source, SourceKind};
use crate::compose::packs::PackSet;
use crate::compose::variables::{Account, Accounted, Fate, Offer, Origin, Standing};
use crate::diagnostic::Span;
use crate::pack::{ListRule, Pack, Variable};

/// Who gives a variable a value, or would have, the strongest first.
pub(super) fn sources(
    set: &PackSet,
    pack: &Pack,
    variable: &Variable,
    (accounts, accounted): (&[Account], &Accounted),
) -> Vec<Source> {
    let teller = Teller { set, pack, variable, standing: &accounted.standing };
    let winner = accounted.offers.iter().find(|offer| offer.fate != Fate::PassedOver);
    let winner = winner.map(|offer| teller.what(offer));
    let mut sources: Vec<Source> =
        accounted.offers.iter().map(|offer| teller.source(offer, winner.as_deref())).collect();
    let has_import = accounted.offers.iter().any(|offer| offer.by == Origin::Import);
    if let Some(source) = teller.without_value(accounts).filter(|_| !has_import) {
        // After what the user gives.
        let is_given = |source: &Source| !matches!(source.kind, SourceKind::Compute | SourceKind::Default);
        let at = sources.iter().filter(|source| is_given(source)).count();
        sources.insert(at, source);
    }
    sources
}

struct Teller<'a> {
    set: &'a PackSet,
    pack: &'a Pack,
    variable: &'a Variable,
    standing: &'a Standing,
}

impl Teller<'_> {
    fn source(&self, offer: &Offer, winner: Option<&str>) -> Source {
        let outcome = match offer.fate {
            Fate::Taken => Outcome::Taken,
            Fate::Joined => Outcome::Merged,
            Fate::Refused => Outcome::Refused,
            Fate::PassedOver => Outcome::PassedOver,
        };
        Source {
            kind: self.kind(offer.by),
            what: self.what(offer),
            place: self.place(offer),
            value: offer.value.clone(),
            outcome,
            why: self.why(offer, winner),
        }
    }

    /// What is taken from a pack that has no value for it.
    fn without_value(&self, accounts: &[Account]) -> Option<Source> {
        let import = self.set.import(self.pack, self.variable)?;
        let account = accounts.get(self.set.position(&import.from.pack)?)?;
        let theirs = account.variables.iter().find(|theirs| theirs.name == import.from.name)?;
        let why = match &theirs.standing {
            Standing::Hidden => "it has no value, as its `when` is false",
            Standing::Settled => "it was not looked at, as other values are missing",
            Standing::Wrong(_) | Standing::Waits(_) => "it has no value",
        };
        let offer = Offer { by: Origin::Import, source: None, place: None, value: None, fate: Fate::PassedOver };
        Some(Source { why: Some(why.to_owned()), ..self.source(&offer, None) })
    }

    fn is_shared(&self) -> bool {
        self.variable.import.as_ref().is_none_or(|import| self.set.position(&import.value.from.pack).is_none())
    }

    fn kind(&self, origin: Origin) -> SourceKind {
        match origin {
            Origin::Flag => SourceKind::Flag,
            Origin::Answers => SourceKind::Answers,
            Origin::Environment => SourceKind::Environment,
            Origin::Prompt => SourceKind::Prompt,
            Origin::Import if self.is_shared() => SourceKind::Share,
            Origin::Import => SourceKind::Import,
            Origin::Compute => SourceKind::Compute,
            Origin::Default | Origin::Inactive => SourceKind::Default,
        }
    }

    fn what(&self, offer: &Offer) -> String {
        let said = || offer.source.as_deref().map(|source| source.strip_prefix("from ").unwrap_or(source).to_owned());
        match offer.by {
            Origin::Flag | Origin::Answers => said().unwrap_or_default(),
            Origin::Environment => format!("the environment's {}", said().unwrap_or_default()),
            Origin::Prompt => "the answer to its question".to_owned(),
            Origin::Import => {
                let Some(import) = self.set.import(self.pack, self.variable) else { return String::new() };
                let how = if self.is_shared() { " (`[share]`)" } else { "" };
                format!("`{}`{how}", import.from)
            }
            Origin::Compute => "its `compute`".to_owned(),
            Origin::Default | Origin::Inactive => "its default".to_owned(),
        }
    }

    fn place(&self, offer: &Offer) -> Option<Span> {
        let place = match offer.by {
            Origin::Import if self.is_shared() => {
                self.set.share(self.pack, self.variable).map(|(_, place)| place.clone())
            }
            Origin::Import => self.variable.import.as_ref().map(|import| self.pack.span(&import.range)),
            Origin::Compute => self.variable.compute.as_ref().map(|compute| self.pack.span(&compute.range)),
            Origin::Default | Origin::Inactive => Some(self.pack.span(&self.variable.range)),
            Origin::Flag | Origin::Answers | Origin::Environment | Origin::Prompt => offer.place.clone(),
        };
        place.map(without_line)
    }

    fn why(&self, offer: &Offer, winner: Option<&str>) -> Option<String> {
        let is_own = matches!(offer.by, Origin::Compute | Origin::Default);
        let rule = self.set.import(self.pack, self.variable).map(|import| import.rule);
        Some(match (offer.fate, winner) {
            (Fate::Taken, _) => return None,
            (Fate::Refused, _) => match self.standing {
                Standing::Wrong(Some(finding)) => finding.message.clone(),
                _ => "it can't be read".to_owned(),
            },
            (Fate::Joined, _) => {
                let rule = match rule {
                    Some(ListRule::Append) => "append".to_owned(),
                    Some(ListRule::Union) => "union".to_owned(),
                    Some(ListRule::MergeBy(key)) => format!("merge-by:{key}"),
                    Some(ListRule::Replace) | None => "replace".to_owned(),
                };
                format!("merged: `merge = \"{rule}\"`")
            }
            (Fate::PassedOver, _) if matches!(self.standing, Standing::Hidden) => {
                "not looked at, as the variable's `when` is false".to_owned()
            }
            (Fate::PassedOver, Some(winner)) if is_own => format!("not needed: {winner} gives one"),
            (Fate::PassedOver, Some(winner)) => format!("lost to {winner}"),
            (Fate::PassedOver, None) => "not worked out yet".to_owned(),
        })
    }
}

/// A place without its line, which may hold a secret.
pub(super) fn without_line(place: Span) -> Span {
    Span { excerpt: None, ..place }
}
