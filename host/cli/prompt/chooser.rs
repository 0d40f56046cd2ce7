//! A list from which one is chosen, by moving or by typing a part of it.
//!
//! Always true here: nothing is chosen that is not shown as chosen; nothing here knows a terminal.

use std::ops::Range;

use super::editor::{Edited, Editor, Kind};
use super::keys::Key;

/// How many choices a page has.
const PAGE: usize = 5;

/// A list, and which of it is chosen.
#[derive(Debug, Clone)]
pub struct Chooser {
    labels: Vec<String>,
    /// By position, what else begins a choice when it is typed.
    words: &'static [&'static [&'static str]],
    /// What says no to the first choice: then it is not shown, and nothing is chosen.
    refusals: &'static [&'static str],
    /// What was typed: only labels that have it in them are shown.
    pub filter: Editor,
    /// The one that is chosen, by its position among all.
    chosen: Option<usize>,
    /// The one that is chosen where nothing is typed.
    usual: Option<usize>,
}

impl Chooser {
    /// A list of which one may be chosen from the beginning.
    pub fn new(labels: Vec<String>, chosen: Option<usize>) -> Self {
        Self { labels, words: &[], refusals: &[], filter: Editor::new("", Kind::Line), chosen, usual: chosen }
    }

    /// The same list, in which choices are also found by other words.
    pub fn with_words(self, words: &'static [&'static [&'static str]]) -> Self {
        Self { words, ..self }
    }

    /// The same list, to whose first choice these words say no; typed letters find it only by its beginning.
    pub fn with_refusals(self, refusals: &'static [&'static str]) -> Self {
        Self { refusals, ..self }
    }

    /// Whether what was typed says no to the first choice.
    pub fn is_refused(&self) -> bool {
        let typed = self.filter.text().trim().to_lowercase();
        self.refusals.contains(&&*typed)
    }

    /// The one that is chosen, by its position.
    pub fn chosen(&self) -> Option<usize> {
        self.chosen
    }

    /// What a position stands for.
    pub fn label(&self, position: usize) -> &str {
        self.labels.get(position).map_or("", String::as_str)
    }

    /// Does what a key stands for.
    pub fn apply(&mut self, key: &Key) -> Edited {
        let matching = self.matching();
        let last = matching.len().saturating_sub(1);
        let at = self.chosen.and_then(|chosen| matching.iter().position(|position| *position == chosen));
        let moved = match (key, at) {
            (Key::Up | Key::PageUp, None) => last,
            (Key::Down | Key::PageDown, None) => 0,
            (Key::Up, Some(at)) => at.checked_sub(1).unwrap_or(last),
            (Key::Down, Some(at)) if at == last => 0,
            (Key::Down, Some(at)) => at + 1,
            (Key::PageUp, Some(at)) => at.saturating_sub(PAGE),
            (Key::PageDown, Some(at)) => (at + PAGE).min(last),
            _ => return self.filtered(key),
        };
        self.chosen = matching.get(moved).copied();
        Edited::Nothing
    }

    fn filtered(&mut self, key: &Key) -> Edited {
        let edited = self.filter.apply(key);
        if edited != Edited::Nothing {
            if self.is_refused() {
                self.chosen = None;
            } else if !self.filter.text().trim().is_empty() {
                self.chosen = self.matching().first().copied();
            } else if self.chosen.is_none() {
                self.chosen = self.usual;
            }
        }
        edited
    }

    /// The labels that have what was typed in them: first those that begin with it.
    fn matching(&self) -> Vec<usize> {
        if self.is_refused() {
            return (1..self.labels.len()).collect();
        }
        let is_plain = |position: usize| position > 0 || self.refusals.is_empty();
        let wanted = self.filter.text().trim().to_lowercase();
        let found = |begins: bool| {
            let fits = self.labels.iter().map(|label| label.to_lowercase()).enumerate();
            let wanted = wanted.as_str();
            let is_word = |position: usize| {
                self.words.get(position).is_some_and(|words| words.iter().any(|word| word.starts_with(wanted)))
            };
            fits.map(|(position, label)| (position, label.starts_with(wanted) || is_word(position), label))
                .filter(|(position, does_begin, label)| {
                    *does_begin == begins && (begins || (is_plain(*position) && label.contains(wanted)))
                })
                .map(|(position, ..)| position)
                .collect::<Vec<_>>()
        };
        [found(true), found(false)].concat()
    }

    /// What is shown in so many rows: positions, and how many there are before and after them.
    pub fn view(&self, rows: usize) -> (Vec<usize>, Range<usize>, usize) {
        let matching = self.matching();
        let at = self.chosen.and_then(|chosen| matching.iter().position(|position| *position == chosen));
        let rows = rows.max(1);
        let first = at.unwrap_or(0).saturating_sub(rows / 2).min(matching.len().saturating_sub(rows));
        let last = matching.len().min(first + rows);
        (matching[first..last].to_vec(), first..last, matching.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chooser(chosen: Option<usize>, keys: &[Key]) -> Chooser {
        let labels = ["PostgreSQL (pg)", "SQLite", "MySQL", "none"].map(str::to_owned);
        let mut chooser = Chooser::new(labels.to_vec(), chosen);
        for key in keys {
            chooser.apply(key);
        }
        chooser
    }

    #[test]
    fn nothing_is_chosen_before_somebody_chooses() {
        assert_eq!(chooser(None, &[]).chosen(), None);
        assert_eq!(chooser(None, &[Key::Down]).chosen(), Some(0));
        assert_eq!(chooser(None, &[Key::Up]).chosen(), Some(3));
        assert_eq!(chooser(Some(3), &[Key::Down]).chosen(), Some(0));
        assert_eq!(chooser(Some(0), &[Key::Up, Key::Up]).chosen(), Some(2));
        assert_eq!(chooser(Some(0), &[Key::PageDown]).chosen(), Some(3));
        assert_eq!(chooser(Some(3), &[Key::PageUp]).chosen(), Some(0));
    }

    #[test]
    fn letters_choose_what_begins_with_them_before_what_has_them() {
        let sql = chooser(None, &[Key::Char('s'), Key::Char('Q')]);
        assert_eq!((sql.chosen(), sql.view(9).0), (Some(1), vec![1, 0, 2]));
        let sql = chooser(None, &[Key::Char('p'), Key::Char('g')]);
        assert_eq!((sql.chosen(), sql.view(9).0), (Some(0), vec![0]));
        assert_eq!(chooser(Some(0), &[Key::Char('x')]).chosen(), None);
        assert_eq!(chooser(Some(2), &[Key::Char('n'), Key::DeleteToStart]).chosen(), Some(3));
        assert_eq!(chooser(None, &[Key::Char('x'), Key::DeleteLeft]).chosen(), None);
        assert_eq!(chooser(Some(2), &[Key::Char('x'), Key::DeleteLeft]).chosen(), Some(2), "the usual one again");
        assert_eq!(chooser(Some(2), &[Key::Char(' ')]).chosen(), Some(2));
    }

    #[test]
    fn other_words_choose_by_their_beginnings() {
        let find = |text: &str| {
            let labels = ["yes".to_owned(), "no".to_owned()].to_vec();
            let mut chooser = Chooser::new(labels, Some(0)).with_words(&[&["true", "on", "1"], &["false", "off", "0"]]);
            chooser.apply(&Key::Paste(text.to_owned()));
            chooser.chosen()
        };
        for (texts, chosen) in [
            (["true", "t", "TRUE", "on", "1", "yes", "y"], Some(0)),
            (["false", "f", "off", "of", "0", "no", "n"], Some(1)),
            (["maybe", "zzz", "yess", "10", "truee", "onn", "?"], None),
        ] {
            for text in texts {
                assert_eq!(find(text), chosen, "{text}");
            }
        }
    }

    #[test]
    fn no_chooses_nothing_and_hides_what_it_is_said_to() {
        let find = |text: &str| {
            let labels = ["go on", "Name: demo", "Port: none"].map(str::to_owned).to_vec();
            let mut chooser = Chooser::new(labels, Some(0)).with_words(&[&["yes", "ok"]]).with_refusals(&["n", "no"]);
            chooser.apply(&Key::Paste(text.to_owned()));
            (chooser.chosen(), chooser.view(9).0)
        };
        for (text, chosen, shown) in [
            ("n", None, vec![1, 2]),
            ("No", None, vec![1, 2]),
            ("na", Some(1), vec![1]),
            ("non", Some(2), vec![2]),
            ("y", Some(0), vec![0]),
            ("go", Some(0), vec![0]),
            // A part of it is no way to go on.
            ("o on", None, vec![]),
        ] {
            assert_eq!(find(text), (chosen, shown), "{text}");
        }
    }

    #[test]
    fn the_chosen_one_is_always_shown() {
        let many: Vec<String> = (0..50).map(|number| number.to_string()).collect();
        for chosen in 0..50 {
            let chooser = Chooser::new(many.clone(), Some(chosen));
            let (shown, range, all) = chooser.view(7);
            assert!(shown.contains(&chosen) && shown.len() == 7 && range.len() == 7 && all == 50);
        }
    }
}
