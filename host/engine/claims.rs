//! What a merger says about its result, compared with what it was given.
//!
//! Always true here: what passes has parts in bounds and in order, each word of which stands in a side of one of its owners
//! or in the base, and conflicts that are somewhere. Takes time in proportion to what was given and what came back.

use std::cell::OnceCell;
use std::collections::HashSet;

use crate::abi::{GuestConflict, GuestMerged, GuestOutcome, GuestPart, MergeJobParam};
use crate::text;

/// Bytes of a word that are shown.
const SHOWN: usize = 60;

/// Checks an outcome of a job.
///
/// # Errors
/// The first thing that is not true.
pub(super) fn check(job: &MergeJobParam<'_>, outcome: &GuestOutcome) -> Result<(), String> {
    match outcome {
        GuestOutcome::Merged(merged) => parts(job, merged),
        GuestOutcome::Conflicts(conflicts) if conflicts.0.is_empty() => {
            Err("gave neither a file nor a conflict".to_owned())
        }
        GuestOutcome::Conflicts(found) => found.0.iter().try_for_each(|conflict| places(job, conflict)),
    }
}

fn parts(job: &MergeJobParam<'_>, merged: &GuestMerged) -> Result<(), String> {
    let contents = &merged.contents.0;
    let as_text = std::str::from_utf8(contents).ok();
    let known = Words::of(job);
    let mut behind = 0;
    for (number, part) in (1..).zip(&merged.parts.0) {
        let (start, end) = (part.start as usize, part.end as usize);
        let wrong = |what: &str| format!("gave a wrong part: part {number}, bytes {start} to {end}, {what}");
        if start > end || end > contents.len() {
            return Err(wrong(&format!("is no range of the {} bytes of the result", contents.len())));
        }
        if start < behind {
            return Err(wrong("overlaps a part before it, or stands behind it"));
        }
        behind = end;
        if as_text.is_some_and(|text| !text.is_char_boundary(start) || !text.is_char_boundary(end)) {
            return Err(wrong("begins or ends within a character"));
        }
        owners(job, part).map_err(|what| wrong(&what))?;
        if let Some(word) = words(&contents[start..end]).find(|word| !known.has(word, &part.owners.0)) {
            let word = text::shortened(text::printable_line(word), SHOWN);
            return Err(wrong(&format!("has `{word}`, which none of its owners wrote")));
        }
    }
    Ok(())
}

fn owners(job: &MergeJobParam<'_>, part: &GuestPart) -> Result<(), String> {
    let owners = &part.owners.0;
    if owners.is_empty() {
        return Err("has no owner".to_owned());
    }
    if let Some(owner) = owners.iter().find(|owner| **owner as usize >= job.sides.len()) {
        return Err(format!("belongs to side {owner} of {}", job.sides.len()));
    }
    if owners.windows(2).any(|two| two[0] >= two[1]) {
        return Err("names its owners out of order or twice".to_owned());
    }
    Ok(())
}

fn places(job: &MergeJobParam<'_>, conflict: &GuestConflict) -> Result<(), String> {
    match conflict.places.0.iter().find(|place| place.side as usize >= job.sides.len()) {
        Some(place) => Err(format!("gave a conflict in side {} of {}", place.side, job.sides.len())),
        None => Ok(()),
    }
}

/// The words of a job's sides and of its base, each text read when it is first asked for.
struct Words<'j> {
    texts: Vec<&'j [u8]>,
    base: &'j [u8],
    /// Those of the texts, and then those of the base.
    known: Vec<OnceCell<HashSet<&'j str>>>,
}

impl<'j> Words<'j> {
    fn of(job: &MergeJobParam<'j>) -> Self {
        let known = (0..=job.sides.len()).map(|_| OnceCell::new()).collect();
        Self { texts: job.sides.iter().map(|side| side.contents).collect(), base: job.base.unwrap_or_default(), known }
    }

    /// Whether one of these sides, which there are, or the base has a word.
    fn has(&self, word: &str, owners: &[u32]) -> bool {
        let owners = owners.iter().map(|owner| *owner as usize);
        owners.chain([self.texts.len()]).any(|place| {
            let text = self.texts.get(place).copied().unwrap_or(self.base);
            self.known[place].get_or_init(|| words(text).collect()).contains(word)
        })
    }
}

/// Lines of a merged file that have a word which none of these texts has: how many, and the number of the first; none where
/// there are none.
#[must_use]
pub fn unwritten<'t>(texts: impl Iterator<Item = &'t [u8]>, contents: &[u8]) -> Option<(usize, u32)> {
    let known: HashSet<&str> = texts.flat_map(words).collect();
    let lines = contents.split(|byte| *byte == b'\n').zip(1..);
    let mut added = lines.filter(|(line, _)| words(line).any(|word| !known.contains(word)));
    let (_, first) = added.next()?;
    Some((1 + added.count(), first))
}

/// The maximal runs of letters, digits and `_`; what is no UTF-8 is in none.
fn words(bytes: &[u8]) -> impl Iterator<Item = &str> {
    let apart = |letter: char| !letter.is_alphanumeric() && letter != '_';
    bytes.utf8_chunks().flat_map(move |chunk| chunk.valid().split(apart)).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::abi::{GuestPlace, GuestPosition, Metered, SideParam};

    /// A part, as start, end and owners.
    type Claim = (u32, u32, &'static [u32]);

    const SIDES: [SideParam<'static>; 2] = [
        SideParam { owner: "one", contents: "serde = \"ö1\"\n".as_bytes() },
        SideParam { owner: "other", contents: b"tokio = 2\n\xff" },
    ];

    fn job(base: Option<&'static [u8]>) -> MergeJobParam<'static> {
        MergeJobParam { path: "a.toml", policy: "p", options: b"{}", base, sides: SIDES.to_vec() }
    }

    fn merged(contents: &str, parts: &[Claim]) -> GuestOutcome {
        let part =
            |(start, end, owners): &Claim| GuestPart { start: *start, end: *end, owners: Metered(owners.to_vec()) };
        GuestOutcome::Merged(GuestMerged {
            contents: Metered(contents.as_bytes().to_vec()),
            parts: Metered(parts.iter().map(part).collect()),
            notes: Metered(Vec::new()),
        })
    }

    fn why(contents: &str, parts: &[Claim]) -> String {
        check(&job(None), &merged(contents, parts)).expect_err("a lie")
    }

    #[test]
    fn what_is_true_passes() {
        let both = "serde = \"ö1\"\n# ---\ntokio = 2\n";
        let fine: &[&[Claim]] = &[
            &[],
            &[(0, 14, &[0]), (20, 30, &[1])],
            &[(0, 14, &[0, 1]), (14, 14, &[1]), (20, 30, &[0, 1])],
            // Whatever is no word is nobody's.
            &[(14, 20, &[1])],
        ];
        for parts in fine {
            assert_eq!(check(&job(None), &merged(both, parts)), Ok(()), "{parts:?}");
        }
        assert_eq!(check(&job(Some(b"edition")), &merged("edition", &[(0, 7, &[1])])), Ok(()));
    }

    #[test]
    fn lies_are_named() {
        let wrong: &[(&str, &[Claim], &str)] = &[
            ("serde", &[(0, 6, &[0])], "part 1, bytes 0 to 6, is no range of the 5 bytes"),
            ("serde", &[(3, 2, &[0])], "is no range"),
            ("serde", &[(0, u32::MAX, &[0])], "is no range"),
            ("serde serde", &[(0, 5, &[0]), (4, 5, &[0])], "part 2, bytes 4 to 5, overlaps"),
            ("serde serde", &[(6, 11, &[0]), (0, 5, &[0])], "overlaps a part before it, or stands behind it"),
            ("ö1", &[(1, 3, &[0])], "within a character"),
            ("serde", &[(0, 5, &[])], "has no owner"),
            ("serde", &[(0, 5, &[0, 2])], "belongs to side 2 of 2"),
            ("serde", &[(0, 5, &[1, 0])], "out of order or twice"),
            ("serde", &[(0, 5, &[0, 0])], "out of order or twice"),
            ("serde", &[(0, 5, &[1])], "has `serde`, which none of its owners wrote"),
            ("serde2", &[(0, 6, &[0, 1])], "has `serde2`"),
            ("serd", &[(0, 4, &[0, 1])], "has `serd`"),
            ("edition", &[(0, 7, &[0, 1])], "has `edition`"),
        ];
        for (contents, parts, wanted) in wrong {
            let told = why(contents, parts);
            assert!(told.contains(wanted), "{contents} {parts:?}: {told}");
        }
    }

    #[test]
    fn what_nobody_wrote_is_found() {
        let found = |contents: &[u8]| unwritten([&b"port 80\n"[..], b"host = a\xff\n"].into_iter(), contents);
        assert_eq!(found(b""), None);
        assert_eq!(found(b"host: 80,\n\n# ---\na \xff port\n"), None);
        assert_eq!(found(b"port\n# by house\nhost"), Some((1, 2)));
        assert_eq!(found(b"porthost\nport\nport8\r\n80\n\xffb"), Some((3, 1)));
    }

    #[test]
    fn conflicts_are_somewhere() {
        let conflict = |sides: &[u32]| {
            let start = GuestPosition { line: 1, column: 1 };
            GuestConflict {
                subject: Metered(String::new()),
                message: Metered("differ".to_owned()),
                help: None,
                places: Metered(sides.iter().map(|side| GuestPlace { side: *side, start, end: None }).collect()),
            }
        };
        let conflicts = |all: Vec<GuestConflict>| check(&job(None), &GuestOutcome::Conflicts(Metered(all)));
        assert_eq!(conflicts(vec![conflict(&[0, 1]), conflict(&[])]), Ok(()));
        assert_eq!(conflicts(vec![]), Err("gave neither a file nor a conflict".to_owned()));
        assert_eq!(conflicts(vec![conflict(&[0]), conflict(&[2])]), Err("gave a conflict in side 2 of 2".to_owned()));
    }
}
