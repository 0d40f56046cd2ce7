//! Markdown for a terminal: structure becomes layout, and styles where there are colors.

use std::collections::BTreeSet;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::fold;

const HEADING: &str = "\x1b[1;4m";
const STRONG: &str = "\x1b[1m";
const EMPHASIS: &str = "\x1b[3m";
const CODE: &str = "\x1b[36m";
const RESET: &str = "\x1b[0m";
/// What the lines of a quotation begin with.
const QUOTE: &str = "│ ";

/// Renders a document. `markdown` is printable already; nothing is added here that a terminal would act upon but for styles,
/// and those only with `colors`. Text folds to so many columns; what stands as it is does not.
pub fn render(markdown: &str, colors: bool, columns: Option<usize>) -> String {
    let mut page = Page { colors, ..Page::default() };
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        page.event(event);
    }
    let text = page.out.trim_end();
    let Some(columns) = columns else { return format!("{text}\n") };
    let (mut lines, mut at) = (Vec::new(), 0);
    for line in text.split('\n') {
        if page.verbatim_lines.contains(&at) {
            lines.push(line.to_owned());
        } else if page.table_lines.contains(&at) {
            lines.push(fold::page(line, Some(columns)));
        } else {
            let quote: usize = line.chars().take_while(|char| QUOTE.contains(*char)).map(char::len_utf8).sum();
            let (quote, rest) = line.split_at(quote);
            let further = quote.to_owned() + if rest.starts_with("• ") { "  " } else { "" };
            fold::wrap(rest, columns, [quote, &further], &mut lines);
        }
        at += line.len() + 1;
    }
    lines.join("\n") + "\n"
}

/// What was written so far, and what has to come before more of it.
#[derive(Default)]
struct Page<'a> {
    out: String,
    colors: bool,
    /// Line feeds before the next text: 1 begins a line, 2 begins a block.
    feeds: usize,
    /// Whether nothing follows the mark of a list's item yet.
    fresh_item: bool,
    /// What lines of this block begin with.
    indents: Vec<&'static str>,
    /// The next number of each list around; none where it has bullets.
    lists: Vec<Option<u64>>,
    /// Links that are open: where they lead, and where their text begins.
    links: Vec<(CowStr<'a>, usize)>,
    /// Whether lines are kept as they stand.
    verbatim: bool,
    /// Where the lines begin that are kept as they stand.
    verbatim_lines: BTreeSet<usize>,
    /// Where the rows of tables begin.
    table_lines: BTreeSet<usize>,
    /// The rows of the table that is being read.
    rows: Option<Vec<Vec<String>>>,
}

impl<'a> Page<'a> {
    fn event(&mut self, event: Event<'a>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) if self.verbatim => {
                for line in text.lines() {
                    self.write(line);
                    self.verbatim_lines.insert(self.line_begin());
                    self.feeds = 1;
                }
            }
            Event::Text(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.write(&text),
            // A style has no width, which a table would have to know.
            Event::Code(code) if self.colors && self.rows.is_none() => self.write(&format!("{CODE}{code}{RESET}")),
            Event::Code(code) => self.write(&format!("`{code}`")),
            Event::Html(html) | Event::InlineHtml(html) => self.write(html.trim_end()),
            Event::SoftBreak => self.write(" "),
            Event::HardBreak => self.feeds = self.feeds.max(1),
            Event::Rule => {
                self.block();
                self.write("────────");
            }
            Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock | Tag::Table(_) => self.block(),
            Tag::Heading { level, .. } => {
                self.block();
                self.style(heading(level));
            }
            Tag::BlockQuote(_) => {
                self.block();
                self.indents.push(QUOTE);
            }
            Tag::CodeBlock(_) => {
                self.block();
                self.indents.push("    ");
                self.verbatim = true;
            }
            Tag::List(first) => {
                if self.lists.is_empty() {
                    self.block();
                }
                self.lists.push(first);
            }
            Tag::Item => self.item(),
            Tag::TableHead | Tag::TableRow => self.rows.get_or_insert_default().push(Vec::new()),
            Tag::TableCell => {
                if let Some(row) = self.rows.as_mut().and_then(|rows| rows.last_mut()) {
                    row.push(String::new());
                }
            }
            Tag::Emphasis => self.style(EMPHASIS),
            Tag::Strong => self.style(STRONG),
            Tag::Link { dest_url, .. } => {
                self.write("");
                self.links.push((dest_url, self.out.len()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::BlockQuote(_) | TagEnd::Item => {
                self.indents.pop();
            }
            TagEnd::CodeBlock => {
                self.indents.pop();
                self.verbatim = false;
            }
            TagEnd::List(_) => {
                self.lists.pop();
            }
            TagEnd::Table => {
                for line in fold::table(&self.rows.take().unwrap_or_default()).lines() {
                    self.write(line);
                    self.table_lines.insert(self.line_begin());
                    self.feeds = 1;
                }
            }
            TagEnd::Heading(_) | TagEnd::Emphasis | TagEnd::Strong => self.style(RESET),
            TagEnd::Link => {
                // Where a link really leads is always shown.
                let Some((url, begin)) = self.links.pop() else { return };
                if self.out.get(begin..) != Some(&*url) {
                    self.write(&format!(" ({url})"));
                }
            }
            _ => {}
        }
    }

    fn item(&mut self) {
        self.feeds = self.feeds.max(1);
        let mark = match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => "• ".to_owned(),
        };
        self.write(&mark);
        self.fresh_item = true;
        self.indents.push("  ");
    }

    /// Begins a block; the first one of an item stands behind its mark.
    fn block(&mut self) {
        if !self.fresh_item {
            self.feeds = 2;
        }
    }

    fn write(&mut self, text: &str) {
        if let Some(cell) = self.rows.as_mut().and_then(|rows| rows.last_mut()).and_then(|row| row.last_mut()) {
            *cell += text;
            return;
        }
        if self.feeds > 0 {
            let end = self.out.trim_end_matches(' ').len();
            self.out.truncate(end);
            if !self.out.is_empty() {
                self.out.extend(std::iter::repeat_n('\n', self.feeds));
            }
            self.out.extend(self.indents.iter().copied());
            self.feeds = 0;
        }
        self.fresh_item = false;
        self.out += text;
    }

    /// Where the last line begins.
    fn line_begin(&self) -> usize {
        self.out.rfind('\n').map_or(0, |at| at + 1)
    }

    fn style(&mut self, style: &str) {
        if self.colors && self.rows.is_none() {
            self.write(style);
        }
    }
}

const fn heading(level: HeadingLevel) -> &'static str {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HEADING,
        _ => STRONG,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "# Web\n\nA *small* pack with `code`,\nsee [docs](https://example.com/x).\n\n- one\n- two\n  more\n\n\
         1. first\n2. second\n\n```sh\nrun it\n  twice\n```\n\n> quoted\n\n| first | b |\n|---|---|\n| 1 | [x](y) |\n";

    #[test]
    fn structure_becomes_layout() {
        let plain = render(README, false, None);
        let expected = "Web\n\nA small pack with `code`, see docs (https://example.com/x).\n\n• one\n• two more\n\n1. first\n\
             2. second\n\n    run it\n      twice\n\n│ quoted\n\nfirst  b\n1      x (y)\n";
        assert_eq!(plain, expected, "{plain}");
        assert!(!plain.contains('\u{1b}'));
        let narrow = render(README, false, Some(20));
        assert!(
            narrow.starts_with("Web\n\nA small pack with\n`code`, see docs\n(https://example.com/x).\n\n• one\n"),
            "{narrow}"
        );
        let quoted = render("> one two three four five\n\n```\na line of code that is long\n```", false, Some(20));
        assert_eq!(quoted, "│ one two three four\n│ five\n\n    a line of code that is long\n");
        assert!(render(README, true, None).contains("\u{1b}[36mcode\u{1b}[0m"));
    }
}
