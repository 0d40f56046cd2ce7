//! Why files were rendered again: `--why`.
//!
//! Always true here: each file for which a call was made is told, with what is known of the reasons; names are a stranger's, and are
//! shown as such.

use crate::cli::session::Session;
use crate::generate::{FileReport, Joined, Making, RenderReport};
use crate::show::count;
use crate::text::printable_line;

/// Why a merger is called for what stands in an output folder.
const OF_STANDING: &str = "what stands there is a part of it, of which nothing is kept";

/// Why calls were made for a file; nothing where none was, or nobody asks.
pub(super) fn reasons(file: &FileReport, joined: &Joined<'_>, asked: bool) -> Vec<String> {
    let of_standing = (asked && joined.called_for().contains(&file.path)).then(|| OF_STANDING.to_owned());
    let mut reasons = rendering(file, asked);
    reasons.extend(of_standing);
    reasons
}

/// Says of each file for which a merger was called, as something stands there, that it is so in each run.
pub(super) fn tell_joined(session: &Session, joined: &Joined<'_>) {
    for path in joined.called_for() {
        session.output.say(&format!("merged {path}: {OF_STANDING}"));
    }
}

fn rendering(file: &FileReport, asked: bool) -> Vec<String> {
    match &file.making {
        Making::Rendered(whys) if asked => whys.iter().map(|why| printable_line(&why.told())).collect(),
        Making::Rendered(_) | Making::Recalled | Making::Copied => Vec::new(),
    }
}

/// Says of each file that was rendered why, and how many were not.
pub(super) fn tell(session: &Session, report: &RenderReport) {
    let mut rendered = 0_usize;
    for file in &report.files {
        let reasons = rendering(file, true);
        if !reasons.is_empty() {
            rendered += 1;
            session.output.say(&format!("rendered {}: {}", file.path, reasons.join("; ")));
        }
    }
    let recalled = report.files.iter().filter(|file| file.making == Making::Recalled).count();
    let copied = report.files.iter().filter(|file| file.making == Making::Copied).count();
    let rest = match copied {
        0 => String::new(),
        _ => format!(", {copied} copied"),
    };
    session
        .output
        .say(&format!("{} rendered, {recalled} unchanged since an earlier run{rest}", count(rendered, "file")));
}
