//! `.packboxignore`: what lies in a pack's folder and does not belong to the pack.
//!
//! The syntax is that of `.gitignore`: one pattern a line, `#` comments, `!` takes back, a `/` at the end means folders
//! only, a `/` elsewhere anchors the pattern at the pack's folder, `*` and `?` stop at `/`, `**` does not, `[a-z]` and
//! `[!a-z]` are sets (without classes such as `[:alpha:]`), `\` escapes. The last pattern that matches decides, and
//! nothing below a left-out folder comes back.
//!
//! Always true here: matching never backtracks, and all of it together has a budget. This module never touches the
//! disk.

/// The name of the file, at the top of the pack's folder.
pub const FILE_NAME: &str = ".packboxignore";

/// The largest file, in bytes.
pub(crate) const MAX_BYTES: u64 = 64 << 10;

/// How many steps (a character of a path at a place in a pattern) one pack may take: about a second.
const MAX_STEPS: u64 = 300_000_000;

/// The patterns of a pack.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ignore {
    patterns: Vec<Pattern>,
    steps: u64,
    most_steps: u64,
}

/// The patterns take too long for this many paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BudgetExceeded;

#[derive(Debug, Clone)]
struct Pattern {
    matcher: Matcher,
    /// Whether it takes back what an earlier pattern left out.
    negated: bool,
    folders_only: bool,
    /// Whether it is about the whole path, not only about the last component.
    whole_path: bool,
}

#[derive(Debug, Clone)]
enum Matcher {
    /// The path is exactly this.
    Exactly(String),
    /// A name that ends like this.
    NameEndsWith(String),
    Tokens(Vec<Token>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Character(char),
    /// `?`: any one character but `/`.
    AnyCharacter,
    /// `*`: any number of characters but `/`.
    AnyCharacters,
    /// Before `**/`: nothing at all, or the first character of a folder's name.
    FoldersBegin,
    /// Within `**/`; always behind [`Token::FoldersBegin`].
    FoldersGoOn,
    /// `**` at the end: one or more of any character.
    Anything,
    /// `[a-z]`.
    Set {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Ignore {
    /// Reads the text of a `.packboxignore`. Every text is valid; a pattern that can match nothing is left out. Lines end
    /// as any system ends them.
    pub(crate) fn parse(text: &str) -> Self {
        Self {
            patterns: text.split(['\n', '\r']).filter_map(Pattern::parse).collect(),
            steps: 0,
            most_steps: MAX_STEPS,
        }
    }

    /// Says whether an entry does not belong to the pack. The folders above it are taken to have been asked about.
    pub(crate) fn leaves_out(&mut self, path: &str, is_folder: bool) -> Result<bool, BudgetExceeded> {
        let name = path.rsplit('/').next().unwrap_or(path);
        // These are never part of a pack, because nobody means them to be.
        if name == ".git" || (path == "target" && is_folder) {
            return Ok(true);
        }
        for pattern in self.patterns.iter().rev().filter(|pattern| is_folder || !pattern.folders_only) {
            let subject = if pattern.whole_path { path } else { name };
            let matches = pattern.matcher.matches(subject, &mut self.steps);
            if self.steps > self.most_steps {
                return Err(BudgetExceeded);
            }
            if matches {
                return Ok(!pattern.negated);
            }
        }
        Ok(false)
    }
}

impl Pattern {
    fn parse(line: &str) -> Option<Self> {
        let line = trim_end(line);
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (negated, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let (folders_only, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
        let whole_path = line.contains('/');
        let line = line.strip_prefix('/').unwrap_or(line);
        let tokens = tokenize(line)?;
        if tokens.is_empty() {
            return None;
        }
        let literal = |tokens: &[Token]| {
            let characters = tokens.iter().map(|token| match token {
                Token::Character(character) => Some(*character),
                _ => None,
            });
            characters.collect::<Option<String>>()
        };
        let matcher = if let Some(text) = literal(&tokens) {
            Matcher::Exactly(text)
        } else if let (false, Token::AnyCharacters, Some(text)) = (whole_path, &tokens[0], literal(&tokens[1..])) {
            Matcher::NameEndsWith(text)
        } else {
            Matcher::Tokens(tokens)
        };
        Some(Self { matcher, negated, folders_only, whole_path })
    }
}

impl Matcher {
    fn matches(&self, path: &str, steps: &mut u64) -> bool {
        match self {
            Self::Exactly(text) => path == text,
            Self::NameEndsWith(text) => path.ends_with(text.as_str()),
            Self::Tokens(tokens) => matches(tokens, path, steps),
        }
    }
}

/// Follows all the ways through the pattern at once, one character after the other.
fn matches(tokens: &[Token], path: &str, steps: &mut u64) -> bool {
    let mut reached = vec![false; tokens.len() + 1];
    let mut next = reached.clone();
    reached[0] = true;
    reach_without_a_character(tokens, &mut reached);
    for character in path.chars() {
        *steps += tokens.len() as u64;
        next.fill(false);
        for (index, token) in tokens.iter().enumerate() {
            if !reached[index] {
                continue;
            }
            let (goes_on, stays) = match token {
                Token::Character(wanted) => (*wanted == character, false),
                Token::AnyCharacter | Token::FoldersBegin => (character != '/', false),
                Token::AnyCharacters => (false, character != '/'),
                Token::FoldersGoOn => (character == '/', true),
                Token::Anything => (true, true),
                Token::Set { negated, ranges } => {
                    let within = ranges.iter().any(|(low, high)| (*low..=*high).contains(&character));
                    (character != '/' && within != *negated, false)
                }
            };
            next[index + 1] |= goes_on;
            next[index] |= stays;
        }
        std::mem::swap(&mut reached, &mut next);
        reach_without_a_character(tokens, &mut reached);
    }
    reached[tokens.len()]
}

fn reach_without_a_character(tokens: &[Token], reached: &mut [bool]) {
    for (index, token) in tokens.iter().enumerate() {
        if reached[index] {
            match token {
                Token::AnyCharacters => reached[index + 1] = true,
                Token::FoldersBegin => reached[index + 2] = true,
                _ => {}
            }
        }
    }
}

/// Splits a pattern; none where it can match nothing: a set without an end, or a `\` at the end.
fn tokenize(pattern: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = pattern;
    let mut at_component = true;
    while let Some(character) = rest.chars().next() {
        let begins_component = std::mem::replace(&mut at_component, character == '/');
        if begins_component && rest.starts_with("**/") {
            tokens.extend([Token::FoldersBegin, Token::FoldersGoOn]);
            (rest, at_component) = (&rest[3..], true);
            continue;
        }
        if begins_component && rest == "**" {
            tokens.push(Token::Anything);
            break;
        }
        rest = &rest[character.len_utf8()..];
        match character {
            '*' if tokens.last() == Some(&Token::AnyCharacters) => {}
            '*' => tokens.push(Token::AnyCharacters),
            '?' => tokens.push(Token::AnyCharacter),
            '[' => {
                let (set, behind) = tokenize_set(rest)?;
                tokens.push(set);
                rest = behind;
            }
            '\\' => {
                let escaped = rest.chars().next()?;
                tokens.push(Token::Character(escaped));
                rest = &rest[escaped.len_utf8()..];
            }
            _ => tokens.push(Token::Character(character)),
        }
    }
    Some(tokens)
}

/// Reads a set from behind its `[`; returns what is behind its `]`.
fn tokenize_set(text: &str) -> Option<(Token, &str)> {
    let mut characters = text.chars();
    let negated = text.starts_with(['!', '^']);
    if negated {
        characters.next();
    }
    let mut ranges = Vec::new();
    let mut character = characters.next()?;
    loop {
        // A `]` that comes first stands for itself.
        if character == ']' && !ranges.is_empty() {
            return Some((Token::Set { negated, ranges }, characters.as_str()));
        }
        let low = if character == '\\' { characters.next()? } else { character };
        let mut ahead = characters.clone();
        let high = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(high)) if high != ']' => {
                characters = ahead;
                if high == '\\' { characters.next()? } else { high }
            }
            _ => low,
        };
        ranges.push((low, high));
        character = characters.next()?;
    }
}

/// Strips spaces at the end of a line, except one that is escaped.
fn trim_end(line: &str) -> &str {
    let trimmed = line.trim_end_matches(' ');
    let escaped = trimmed.len() - trimmed.trim_end_matches('\\').len();
    if escaped % 2 == 1 && trimmed.len() < line.len() { &line[..=trimmed.len()] } else { trimmed }
}

#[cfg(test)]
#[path = "ignore_property_tests.rs"]
mod property_tests;

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves_out(patterns: &str, path: &str) -> bool {
        let (path, is_folder) = path.strip_suffix('/').map_or((path, false), |path| (path, true));
        Ignore::parse(patterns).leaves_out(path, is_folder).unwrap()
    }

    #[test]
    fn patterns_mean_what_they_mean_to_git() {
        for (patterns, path, expected) in [
            ("a", "a", true),
            ("a", "x/a", true),
            ("a", "ab", false),
            ("/a", "a", true),
            ("/a", "x/a", false),
            ("x/a", "x/a", true),
            ("x/a", "y/x/a", false),
            ("a/", "a", false),
            ("a/", "x/a/", true),
            ("*.log", "x/b.log", true),
            ("*.log", "b.logs", false),
            ("/*.log", "x/b.log", false),
            ("x/*", "x/a", true),
            ("x/*", "x/a/b", false),
            ("?", "a", true),
            ("?", "ab", false),
            ("**/a", "a", true),
            ("**/a", "x/y/a", true),
            ("**/a", "x/ya", false),
            ("x/**/a", "x/a", true),
            ("x/**/a", "x/y/z/a", true),
            ("x/**/a", "xy/a", false),
            ("x/**", "x/y/z", true),
            ("x/**", "x/", false),
            ("a**b", "axxb", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]x]", "]", true),
            ("[a-]", "-", true),
            ("[a", "[a", false),
            ("\\#a", "#a", true),
            ("\\!a", "!a", true),
            ("\\*", "b", false),
            ("#a", "#a", false),
            ("a  ", "a", true),
            ("a\\ ", "a ", true),
            ("*\n!keep", "keep", false),
            ("*\n!keep", "drop", true),
            ("!keep\n*", "keep", true),
            ("", "a", false),
            ("/", "a/", false),
        ] {
            assert_eq!(leaves_out(patterns, path), expected, "{patterns:?} and {path:?}");
        }
    }

    #[test]
    fn git_folders_and_the_build_folder_are_always_left_out() {
        assert!(leaves_out("!.git\n!target", ".git/"));
        assert!(leaves_out("", "x/.git"));
        assert!(leaves_out("", "target/"));
        assert!(!leaves_out("", "target"));
        assert!(!leaves_out("", "x/target/"));
        assert!(!leaves_out("", ".gitignore"));
    }

    #[test]
    fn hostile_patterns_run_out_of_budget_instead_of_time() {
        // Backtracking would take for ever here.
        let mut ignore = Ignore { most_steps: 100_000, ..Ignore::parse(&"*a".repeat(100)) };
        let path = "a".repeat(255);
        assert_eq!(ignore.leaves_out(&path, false), Ok(true));
        let outcome = (0..1000).find_map(|_| ignore.leaves_out(&path, false).err());
        assert_eq!(outcome, Some(BudgetExceeded));
    }
}
