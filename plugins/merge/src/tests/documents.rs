//! Documents as random as their values: how these are written, with comments, in several layouts.

use super::properties::Tree;

/// How a document is written: a seed for choices, and whose comments it has.
pub(super) struct Writer {
    seed: u64,
    owner: &'static str,
    comments: usize,
    line_break: &'static str,
}

impl Writer {
    pub(super) fn new(seed: u64, owner: &'static str) -> Self {
        Self { seed, owner, comments: 0, line_break: if seed.is_multiple_of(5) { "\r\n" } else { "\n" } }
    }

    fn choose(&mut self, of: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) % of
    }

    fn comment(&mut self, mark: &str) -> String {
        self.comments += 1;
        format!("{mark} {}{}", self.owner, self.comments)
    }

    fn words(&mut self, words: &[u8], quote: &str) -> String {
        let words: Vec<String> = words.iter().map(|word| format!("{quote}w{word}{quote}")).collect();
        format!("[{}]", words.join(", "))
    }

    fn toml(&mut self, tree: &Tree) -> String {
        let mut text = String::new();
        if self.choose(2) == 0 {
            text.push_str(&self.comment("#"));
            text.push_str("\n\n");
        }
        let Tree::Table(entries) = tree else { return text };
        self.toml_body(entries, "", &mut text);
        text.replace('\n', self.line_break)
    }

    fn toml_body(&mut self, entries: &[(u8, Tree)], path: &str, text: &mut String) {
        let mut sections = Vec::new();
        for (key, tree) in entries {
            match tree {
                Tree::Table(below) if self.choose(3) > 0 => sections.push((*key, below)),
                tree => {
                    if self.choose(3) == 0 {
                        text.push_str(&format!("{}\n", self.comment("#")));
                    }
                    if let Tree::Table(below) = tree
                        && !below.is_empty()
                        && self.choose(2) == 0
                    {
                        for (name, tree) in below {
                            text.push_str(&format!("k{key}.k{name} = {}\n", self.inline(tree)));
                        }
                        continue;
                    }
                    let value = self.inline(tree);
                    let behind = if self.choose(4) == 0 { format!(" {}", self.comment("#")) } else { String::new() };
                    text.push_str(&format!("k{key} = {value}{behind}\n"));
                }
            }
        }
        for (key, below) in sections {
            let path = if path.is_empty() { format!("k{key}") } else { format!("{path}.k{key}") };
            text.push('\n');
            if self.choose(3) == 0 {
                text.push_str(&format!("{}\n", self.comment("#")));
            }
            text.push_str(&format!("[{path}]\n"));
            self.toml_body(below, &path, text);
        }
    }

    /// A value of TOML on one line.
    fn inline(&mut self, tree: &Tree) -> String {
        match tree {
            Tree::Word(word) => format!("\"v{word}\""),
            Tree::Words(words) => self.words(words, "\""),
            Tree::Table(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(key, tree)| format!("k{key} = {}", self.inline(tree))).collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }

    fn json(&mut self, tree: &Tree, indent: usize) -> String {
        let text = self.json_value(tree, indent);
        text.replace('\n', self.line_break)
    }

    fn json_value(&mut self, tree: &Tree, indent: usize) -> String {
        match tree {
            Tree::Word(word) => format!("\"v{word}\""),
            Tree::Words(words) => self.words(words, "\""),
            Tree::Table(entries) if entries.is_empty() => "{}".to_owned(),
            Tree::Table(entries) => {
                if indent > 0 && self.choose(3) == 0 {
                    let entries: Vec<String> =
                        entries.iter().map(|(key, tree)| format!("\"k{key}\": {}", self.json_flat(tree))).collect();
                    return format!("{{{}}}", entries.join(", "));
                }
                let blanks = "  ".repeat(indent + 1);
                let mut text = "{\n".to_owned();
                for (index, (key, tree)) in entries.iter().enumerate() {
                    if self.choose(4) == 0 {
                        text.push_str(&format!("{blanks}{}\n", self.comment("//")));
                    }
                    text.push_str(&format!("{blanks}\"k{key}\": {}", self.json_value(tree, indent + 1)));
                    if index + 1 < entries.len() || self.choose(4) == 0 {
                        text.push(',');
                    }
                    if self.choose(4) == 0 {
                        text.push_str(&format!(" {}", self.comment("//")));
                    }
                    text.push('\n');
                }
                format!("{text}{}}}", "  ".repeat(indent))
            }
        }
    }

    fn json_flat(&mut self, tree: &Tree) -> String {
        match tree {
            Tree::Table(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(key, tree)| format!("\"k{key}\": {}", self.json_flat(tree))).collect();
                format!("{{{}}}", entries.join(", "))
            }
            tree => self.json_value(tree, 0),
        }
    }

    fn yaml(&mut self, tree: &Tree) -> String {
        let Tree::Table(entries) = tree else { return String::new() };
        if entries.is_empty() {
            return "{}\n".replace('\n', self.line_break);
        }
        let mut text = String::new();
        self.yaml_table(entries, 0, &mut text);
        text.replace('\n', self.line_break)
    }

    fn yaml_table(&mut self, entries: &[(u8, Tree)], indent: usize, text: &mut String) {
        let blanks = " ".repeat(indent);
        for (key, tree) in entries {
            if self.choose(4) == 0 {
                text.push_str(&format!("{blanks}{}\n", self.comment("#")));
            }
            match tree {
                Tree::Table(below) if !below.is_empty() && self.choose(3) > 0 => {
                    text.push_str(&format!("{blanks}k{key}:\n"));
                    let deeper = if self.choose(3) == 0 { 4 } else { 2 };
                    self.yaml_table(below, indent + deeper, text);
                }
                Tree::Words(words) if !words.is_empty() && self.choose(2) == 0 => {
                    text.push_str(&format!("{blanks}k{key}:\n"));
                    let dash = if self.choose(2) == 0 { "  - " } else { "- " };
                    for word in words {
                        let behind =
                            if self.choose(4) == 0 { format!(" {}", self.comment("#")) } else { String::new() };
                        text.push_str(&format!("{blanks}{dash}w{word}{behind}\n"));
                    }
                }
                // A text of several lines, of the same value as the word.
                Tree::Word(word) if self.choose(3) == 0 => {
                    text.push_str(&format!("{blanks}k{key}: |-\n{blanks}  v{word}\n"));
                    if self.choose(2) == 0 {
                        text.push('\n');
                    }
                }
                tree => {
                    let behind = if self.choose(4) == 0 { format!(" {}", self.comment("#")) } else { String::new() };
                    text.push_str(&format!("{blanks}k{key}: {}{behind}\n", self.yaml_flow(tree)));
                }
            }
        }
    }

    fn yaml_flow(&mut self, tree: &Tree) -> String {
        match tree {
            Tree::Word(word) if self.choose(2) == 0 => format!("'v{word}'"),
            Tree::Word(word) => format!("v{word}"),
            Tree::Words(words) => self.words(words, ""),
            Tree::Table(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(key, tree)| format!("k{key}: {}", self.yaml_flow(tree))).collect();
                format!("{{{}}}", entries.join(", "))
            }
        }
    }

    pub(super) fn write(&mut self, policy: &str, tree: &Tree) -> String {
        match policy {
            "merge-toml" => self.toml(tree),
            "merge-json" => format!("{}{}", self.json(tree, 0), self.line_break),
            _ => self.yaml(tree),
        }
    }
}
