//! A flamegraph as SVG: who called whom, and how much of the samples each had.
//!
//! Always true here: the picture depends on the samples only; names are a stranger's, so they are escaped and hold no
//! control characters; there is no script in it and nothing is loaded from elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::engine::Samples;
use crate::text::printable_line;

const WIDTH: f64 = 1200.0;
const ROW: usize = 18;
const TOP: usize = 56;
const MARGIN: f64 = 10.0;
/// A character of the 12 px monospaced font.
const CHARACTER: f64 = 7.3;
/// Narrower boxes are left out.
const NARROWEST: f64 = 0.4;

#[derive(Default)]
struct Node {
    total: u64,
    own: u64,
    children: BTreeMap<String, Node>,
}

/// What stands in each picture.
const ABOUT: &str = r#"<desc id="about">Flamegraph of "#;

/// Says whether bytes are a picture that [`flamegraph`] drew.
#[must_use]
pub fn is_flamegraph(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(16 << 10)];
    head.starts_with(b"<svg ") && head.windows(ABOUT.len()).any(|part| part == ABOUT.as_bytes())
}

/// Draws samples; `title` stands above.
#[must_use]
pub fn flamegraph(samples: &Samples, title: &str) -> String {
    let mut root = Node::default();
    for (stack, count) in &samples.stacks {
        root.total += count;
        let mut node = &mut root;
        for name in stack {
            node = node.children.entry(name.clone()).or_default();
            node.total += count;
        }
        node.own += count;
    }
    let depth = depth(&root);
    let height = TOP + (depth + 1) * ROW + 10;
    let mut svg = String::new();
    let all = root.total;
    let _ = write!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title about" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="12">
<title id="title">{title}</title>
{ABOUT}{all} samples. Each box is a function; its width is its share of the samples, and the boxes below it are what it called.</desc>
<style>g:hover > rect {{ stroke: #000; stroke-width: 1.5 }} text {{ pointer-events: none }}</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="{middle}" y="24" text-anchor="middle" font-size="16" font-weight="bold" fill="#111">{title}</text>
<text x="{middle}" y="42" text-anchor="middle" fill="#444">{all} samples, outermost function at the top; hover over a box for its name and share</text>
"##,
        title = escaped(title),
        middle = WIDTH / 2.0,
    );
    #[expect(clippy::cast_precision_loss, reason = "a picture has no more than pixels")]
    let scale = if all == 0 { 0.0 } else { (WIDTH - 2.0 * MARGIN) / all as f64 };
    let mut picture = Picture { svg, all: all.max(1), scale };
    picture.draw("all", &root, 0, 0);
    picture.svg.push_str("</svg>\n");
    picture.svg
}

fn depth(node: &Node) -> usize {
    node.children.values().map(|child| 1 + depth(child)).max().unwrap_or(0)
}

/// A picture that is being drawn.
struct Picture {
    svg: String,
    /// Samples in all, at least 1.
    all: u64,
    /// Pixels for a sample.
    scale: f64,
}

impl Picture {
    /// Draws a box and those below it.
    fn draw(&mut self, name: &str, node: &Node, before: u64, level: usize) {
        #[expect(clippy::cast_precision_loss, reason = "a picture has no more than pixels")]
        let (x, width, share) = (
            MARGIN + before as f64 * self.scale,
            node.total as f64 * self.scale,
            node.total as f64 * 100.0 / self.all as f64,
        );
        if width < NARROWEST {
            return;
        }
        let y = TOP + level * ROW;
        let own = if node.own > 0 { format!(", {} in itself", node.own) } else { String::new() };
        let _ = write!(
            self.svg,
            r##"<g><title>{name}: {total} samples, {share:.1} %{own}</title><rect x="{x:.1}" y="{y}" width="{width:.1}" height="{height}" rx="1" fill="{color}" stroke="#fff" stroke-width="0.5"/>"##,
            name = escaped(name),
            total = node.total,
            height = ROW - 1,
            color = color(name),
        );
        if let Some(label) = label(name, width) {
            let _ = write!(
                self.svg,
                r##"<text x="{:.1}" y="{}" fill="#111">{}</text>"##,
                x + 3.0,
                y + ROW - 6,
                escaped(&label)
            );
        }
        self.svg.push_str("</g>\n");
        let mut at = before;
        for (name, child) in &node.children {
            self.draw(name, child, at, level + 1);
            at += child.total;
        }
    }
}

/// As much of a name as fits: of a path of modules, its end says the most.
fn label(name: &str, width: f64) -> Option<String> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a picture is no wider than that")]
    let room = ((width - 6.0) / CHARACTER).max(0.0) as usize;
    let length = name.chars().count();
    if length <= room {
        return (room > 0).then(|| name.to_owned());
    }
    if room < 4 {
        return None;
    }
    let end: String = name.chars().skip(length - (room - 1)).collect();
    Some(format!("…{end}"))
}

/// Warm colors on which black text can be read; the same for the same name.
fn color(name: &str) -> String {
    // FNV-1a: spreads names over colors and is the same everywhere.
    let mut hash: u32 = 0x811c_9dc5;
    for byte in name.bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    let hue = 12 + hash % 40;
    let light = 62 + (hash >> 8) % 16;
    format!("hsl({hue}, 85%, {light}%)")
}

/// Text that is safe in XML: no markup, no control characters, nothing that XML does not allow.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in printable_line(text).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(stacks: &[(&[&str], u64)]) -> Samples {
        let stacks: BTreeMap<Vec<String>, u64> =
            stacks.iter().map(|(stack, count)| (stack.iter().map(|&name| name.to_owned()).collect(), *count)).collect();
        Samples { taken: stacks.values().sum(), stacks, lost: 0 }
    }

    #[test]
    fn widths_are_shares_and_the_picture_is_the_same_each_time() {
        let samples = samples(&[(&["a", "b"], 30), (&["a"], 10), (&["c"], 60)]);
        let svg = flamegraph(&samples, "t");
        assert_eq!(svg, flamegraph(&samples, "t"));
        for wanted in ["all: 100 samples, 100.0 %", "a: 40 samples, 40.0 %, 10 in itself", "b: 30 samples, 30.0 %"] {
            assert!(svg.contains(wanted), "{wanted}: {svg}");
        }
        assert!(svg.contains(r#"width="472.0""#), "{svg}");
    }

    #[test]
    fn hostile_names_stay_text() {
        let name = "</title><script>alert('1')</script>\u{1b}[31m\u{202e}&\u{0}\u{ffff}";
        let svg = flamegraph(&samples(&[(&[name], 1)]), name);
        assert!(!svg.contains("<script") && !svg.contains('\u{1b}') && !svg.contains('\u{202e}'), "{svg}");
        assert!(!svg.contains('\u{0}') && !svg.contains('\u{ffff}'));
        assert!(svg.contains("&lt;script&gt;"));
    }

    #[test]
    fn nothing_sampled_is_still_a_picture() {
        assert!(flamegraph(&Samples::default(), "t").ends_with("</svg>\n"));
    }
}
