//! Looks for characters in everything of a pack that people read: files, texts of the manifest, names of files.

use crate::characters::{is_control, may_hide};
use crate::findings::quoted;
use crate::rule::{Findings, Subject};
use crate::subject::{MANIFEST, any_string, each_string};

/// Reports each run of characters of a kind, with a message for its first one.
pub fn report_characters(
    subject: &Subject<'_>,
    findings: &mut Findings<'_>,
    is_meant: fn(char) -> bool,
    message: impl Fn(char) -> String,
) {
    let help = "remove it, or write it as an escape";
    let controls: Vec<u8> = (0..128).filter(|byte| is_control(char::from(*byte))).collect();
    for (source, text) in subject.readable() {
        if !may_hide(source) && !source.has_any(&controls) {
            continue;
        }
        // A byte order mark is another rule's business.
        let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let mut run: Option<(char, usize, usize)> = None;
        for (at, character) in text.char_indices().skip_while(|(at, _)| *at < start) {
            let meant = is_meant(character) && !is_part_of_flag(text, at);
            match &mut run {
                Some((_, _, end)) if meant && *end == at => *end += character.len_utf8(),
                _ if meant => {
                    if let Some((first, start, end)) = run.replace((character, at, at + character.len_utf8())) {
                        findings.text(source, start..end, format_args!("{}", message(first)), help);
                    }
                }
                _ => {}
            }
        }
        if let Some((first, start, end)) = run {
            findings.text(source, start..end, format_args!("{}", message(first)), help);
        }
    }
    // What stands in the manifest as it is was found above; here it is about escapes.
    let written = subject.source(MANIFEST).and_then(|source| source.text).unwrap_or_default();
    let is_suspect = |text: &str| text.chars().any(is_meant);
    if any_string(&subject.manifest, &is_suspect) {
        each_string("", &subject.manifest, &mut |at, text| {
            if let Some(found) = text.chars().find(|character| is_meant(*character) && !written.contains(*character)) {
                findings.key(at, format_args!("{}", message(found)), help);
            }
        });
    }
    for file in &subject.facts.files {
        if let Some(found) = file.path.chars().find(|character| is_meant(*character)) {
            let message = format_args!("in the name of {}, {}", quoted(&file.path), message(found));
            findings.file(&file.path, message, "rename the file");
        }
    }
}

/// Says whether a tag character belongs to the flag of a region: a black flag, and tags behind it.
fn is_part_of_flag(text: &str, at: usize) -> bool {
    let is_tag = |character: &char| matches!(character, '\u{e0020}'..='\u{e007f}');
    let here = text.get(at..).and_then(|rest| rest.chars().next());
    // The longest flag has a handful of tags: what is longer hides a text.
    here.is_some_and(|character| is_tag(&character))
        && text.get(..at).is_some_and(|before| {
            let first = before.chars().rev().take(8).find(|character| !is_tag(character));
            first == Some('\u{1f3f4}')
        })
}
