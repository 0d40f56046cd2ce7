//! The page of a plan, made from packs that want to be more than text: what they say stays text, and the page asks for nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::guests;
use super::process::{Ended, Run};
use super::scene::Case;

/// All cases, by name.
pub const ALL: [(&str, Case); 4] = [
    ("page/hostile-text", hostile_text),
    ("page/secrets", secrets),
    ("page/same-bytes", same_bytes),
    ("page/many-files", many_files),
];

/// What packs may say to become a part of the page, each in a line of a file, a value and more.
const HOSTILE: [&str; 14] = [
    "</script><script>alert(1)</script>",
    "<!-- a comment that never ends",
    "--><img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><style>*{display:none}</style></svg>",
    "</style></pre></details></li></ul></main>",
    "<a href=\"javascript:alert(1)\">javascript:alert(1)</a>",
    "https://example.org/ and <base href=//example.org>",
    "\" onmouseover=\"alert(1)\" x='",
    "&lt;script&gt; &#60;script&#62; &amp;",
    "]]><?xml-stylesheet href=x?><![CDATA[",
    "<meta http-equiv=refresh content=0>",
    "</title></head><body onload=alert(1)>",
    "\u{202e}gnp.exe \u{2066}\u{200b}\u{61c}\u{e0041}\u{ad}\u{feff}",
    "\u{1b}[31mred\u{7f}\u{9b}2J",
];

/// The elements that a page has, and their attributes.
const KNOWN: [(&str, &[&str]); 38] = [
    ("html", &["lang"]),
    ("head", &[]),
    ("meta", &["charset", "http-equiv", "content", "name"]),
    ("title", &[]),
    ("style", &[]),
    ("script", &[]),
    ("body", &[]),
    ("header", &[]),
    ("main", &[]),
    ("footer", &[]),
    ("nav", &["aria-label"]),
    ("section", &["id", "aria-labelledby", "tabindex"]),
    ("article", &[]),
    ("a", &["class", "href"]),
    ("h1", &[]),
    ("h2", &["id"]),
    ("h3", &[]),
    ("h4", &[]),
    ("p", &["class", "id", "role"]),
    ("div", &["class", "id", "hidden"]),
    ("label", &["for"]),
    ("input", &["id", "type", "autocomplete", "spellcheck"]),
    ("button", &["id", "type"]),
    ("details", &["id"]),
    ("summary", &[]),
    ("dl", &["class"]),
    ("dt", &[]),
    ("dd", &[]),
    ("kbd", &[]),
    ("ul", &["class", "role"]),
    ("li", &["class"]),
    ("code", &["class"]),
    ("pre", &["class"]),
    ("span", &["class"]),
    ("strong", &[]),
    ("bdi", &[]),
    ("br", &[]),
    ("search", &[]),
];
const VOID: [&str; 2] = ["meta", "input"];

/// What a page is, as a reader of HTML sees it.
#[derive(Debug, Default)]
struct Seen {
    /// How often each element stands there.
    elements: BTreeMap<String, usize>,
    /// The text outside of style and script.
    text: String,
    /// What stands in style, script and title.
    raw: BTreeMap<String, String>,
    policy: String,
}

/// Reads a page strictly: every `<` begins an element that is known, with attributes that are, and all of them are closed.
fn read(page: &str) -> Result<Seen, String> {
    let mut seen = Seen::default();
    let mut open: Vec<String> = Vec::new();
    let mut rest = page.strip_prefix("<!doctype html>\n").ok_or("no document")?;
    while let Some((text, tag)) = rest.split_once('<') {
        seen.text += &unescaped(text)?;
        let (tag, after) = tag.split_once('>').ok_or("an element that never ends")?;
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop().as_deref() != Some(name) {
                return Err(format!("</{name}> closes what is not open"));
            }
            continue;
        }
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let known = KNOWN.iter().find(|(known, _)| *known == name);
        let (_, known) = known.ok_or_else(|| format!("the element <{tag}>"))?;
        *seen.elements.entry(name.to_owned()).or_default() += 1;
        while !attributes.is_empty() {
            let (attribute, value) = attributes.split_once("=\"").ok_or_else(|| format!("<{tag}>"))?;
            let (value, more) = value.split_once('"').ok_or_else(|| format!("<{tag}>"))?;
            if !known.contains(&attribute) || (attribute == "href" && !value.starts_with('#')) {
                return Err(format!("{attribute}=\"{value}\" in <{tag}>"));
            }
            if attribute == "content" && value.contains("default-src") {
                seen.policy = unescaped(value)?;
            }
            attributes = more.strip_prefix(' ').unwrap_or(more);
        }
        if ["style", "script"].contains(&name) {
            let end = format!("</{name}>");
            let (raw, after) = rest.split_once(&end).ok_or("it never ends")?;
            if seen.raw.insert(name.to_owned(), raw.to_owned()).is_some() {
                return Err(format!("a second <{name}>"));
            }
            rest = after;
        } else if !VOID.contains(&name) {
            open.push(name.to_owned());
        }
    }
    if open.is_empty() && rest == "\n" { Ok(seen) } else { Err(format!("{open:?} is open, {rest:?} follows")) }
}

fn unescaped(text: &str) -> Result<String, String> {
    if text.contains(['>', '"']) {
        return Err(format!("this is not escaped: {text}"));
    }
    let known = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    let (mut plain, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('&') {
        plain += &rest[..at];
        let form = known.iter().find(|(form, _)| rest[at..].starts_with(form));
        let (form, character) = form.ok_or_else(|| format!("an `&` of somebody's in {text}"))?;
        plain += character;
        rest = &rest[at + form.len()..];
    }
    Ok(plain + rest)
}

/// The page may use its own style and script, by digests that are theirs, and nothing else.
fn asks_for_nothing(seen: &Seen) -> Result<(), String> {
    let source = |name: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(seen.raw[name].as_bytes())));
    let (style, script) = (source("style"), source("script"));
    let wanted =
        format!("default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; form-action 'none'");
    if seen.policy != wanted {
        return Err(format!("the policy is {}, and should be {wanted}", seen.policy));
    }
    let asks = ["url(", "@import", "fetch", "XMLHttp", "import(", "WebSocket", "innerHTML", "eval", "http:", "https:"];
    match asks.iter().find(|asks| seen.raw.values().any(|raw| raw.contains(**asks))) {
        Some(asks) => Err(format!("style or script has `{asks}`")),
        None => Ok(()),
    }
}

fn write(folder: &Path, path: &str, contents: impl AsRef<[u8]>) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, contents).expect("a file");
}

fn run(folder: &Path, arguments: &[&str]) -> Ended {
    let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Run { arguments, folder: folder.to_owned(), ..Run::default() }.run()
}

fn page(folder: &Path, arguments: &[&str]) -> Result<(String, Seen), String> {
    let ended = run(folder, &[&["plan"], arguments, &["--no-input", "--format", "html"]].concat());
    if ended.exit != 0 {
        return Err(ended.text());
    }
    let text = String::from_utf8(ended.stdout).map_err(|error| error.to_string())?;
    // Nothing in it hides or reorders anything.
    if let Some(hidden) = text.chars().find(|one| packbox::text::is_hidden(*one) || *one == '\u{61c}') {
        return Err(format!("U+{:04X} stands in the page", u32::from(hidden)));
    }
    let seen = read(&text)?;
    asks_for_nothing(&seen)?;
    Ok((text, seen))
}

/// A text as a page shows it.
fn shown(text: &str) -> String {
    let number = |one: char| {
        let is_seen = !packbox::text::is_hidden(one) && !"\u{61c}\u{e0041}\u{ad}".contains(one);
        if is_seen { one.to_string() } else { format!("U+{:04X}", u32::from(one)) }
    };
    text.chars().map(number).collect()
}

/// Writes a pack that says all of it wherever a pack says anything.
fn hostile_pack(folder: &Path) {
    let all = HOSTILE.join("\n");
    let quoted = |text: &str| {
        let escape = |one: char| match one {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            _ if one.is_control() => format!("\\u{:04X}", u32::from(one)),
            _ => one.to_string(),
        };
        format!("\"{}\"", text.chars().map(escape).collect::<String>())
    };
    let list: Vec<String> = HOSTILE.iter().map(|text| quoted(text)).collect();
    let (manifest, script) = (
        format!(
            "[pack]\nname = \"hostile\"\nversion = \"1.0.0-x.alert\"\ntitle = {0}\ndescription = {0}\n\n\
             [variables.words]\ntype = \"list\"\ndefault = [{1}]\n\n[variables.text]\ntype = \"string\"\ndefault = {0}\n\n\
             [plugins.stub]\ncomponent = \"<b>.wasm\"\nsha256 = \"{2}\"\ngrants = [\"wasi-stub\"]\n\n\
             [[templates]]\nsource = \"<script>alert(1)<.txt.jinja\"\noutput = \"words.txt\"\n\n\
             [[templates]]\nsource = \"long.txt\"\noutput = \"a/b/long.txt\"\n\n\
             [[templates]]\nsource = \"binary\"\noutput = \"binary\"\n\n\
             [[templates]]\nsource = \"edited.svg\"\noutput = \"edited.svg\"\n",
            quoted(&all),
            list.join(", "),
            packbox::digest::Digest::of(&guests::component("echo"))
        ),
        "<script>alert(1)<.txt.jinja",
    );
    write(folder, "pack/pack.toml", manifest);
    write(folder, &format!("pack/{script}"), "{% for word in words %}{{ word }}\n{% endfor %}");
    write(folder, "pack/<b>.wasm", guests::component("echo"));
    write(folder, "pack/long.txt", "<b>".repeat(100_000));
    write(folder, "pack/binary", b"\0\xff<script>");
    write(folder, "pack/edited.svg", format!("{all}\n"));
}

/// Whatever a pack says, the page has the elements that it would have anyway, and shows the text.
fn hostile_text() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path();
    hostile_pack(folder);
    // What stands there is nobody's friend either.
    write(folder, "out/edited.svg", "</pre><iframe src=//example.org></iframe>\n\u{202e}\n");
    let (_, new) = page(folder, &["pack"])?;
    let (_, seen) = page(folder, &["pack", "--output", "out", "--on-existing", "overwrite", "--measure"])?;
    for text in HOSTILE {
        if !new.text.contains(&shown(text)) || !seen.text.contains(&shown(text)) {
            return Err(format!("this is not shown: {}", shown(text)));
        }
    }
    for said in [
        "</pre><iframe src=//example.org></iframe>",
        "changed",
        "Binary files /dev/null and b/binary differ",
        "and 299001 more characters",
        "units of fuel",
        "<script>alert(1)<.txt.jinja",
        "<b>.wasm",
        "wasi-stub: a WASI with nothing behind it",
    ] {
        if !seen.text.contains(said) {
            return Err(format!("nothing says {said}: {}", seen.text));
        }
    }
    // The same pack with harmless texts has the same elements, but for the numbers that stand for what can't be seen.
    let harmless = tempfile::tempdir().map_err(|error| error.to_string())?;
    hostile_pack(harmless.path());
    let tame = |text: String| -> String {
        let is_word = |one: char| one.is_ascii_alphanumeric() || "\n\"\\[]{}%=., _-#".contains(one);
        text.chars().map(|one| if is_word(one) { one } else { 'x' }).collect()
    };
    let svg = tame(fs::read_to_string(harmless.path().join("pack/edited.svg")).expect("a file"));
    write(harmless.path(), "pack/edited.svg", svg);
    let (_, tamed) = page(harmless.path(), &["pack"])?;
    let mut counts = [new.elements, tamed.elements];
    for elements in &mut counts {
        elements.remove("span");
    }
    if counts[0] == counts[1] { Ok(()) } else { Err(format!("{counts:?}")) }
}

/// Secrets are hidden in values and diffs, in what is new and in what stood there.
fn secrets() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path();
    write(
        folder,
        "pack/pack.toml",
        "[pack]\nname = \"one\"\nversion = \"1.0.0\"\n\n[variables.token]\ntype = \"secret\"\n\n\
         [[templates]]\nsource = \"env.jinja\"\noutput = \"env\"\n\n[[templates]]\nsource = \"other\"\noutput = \"other\"\n",
    );
    write(folder, "pack/env.jinja", "token = {{ token }}\nescaped = {{ token | e }}\n");
    write(folder, "pack/other", "nothing\n");
    write(folder, "out/other", "<hush-hush> & more\n");
    let token = "--var=token=<hush-hush> & more";
    for more in [&[][..], &["--output", "out", "--on-existing", "overwrite"]] {
        let (text, seen) = page(folder, &[&["pack", token], more].concat())?;
        if text.contains("hush") || !seen.text.contains("token = [secret]") || !seen.text.contains("a secret") {
            return Err(format!("{more:?}: {}", seen.text));
        }
    }
    Ok(())
}

/// Threads, batches and the day make no difference.
fn same_bytes() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    hostile_pack(scratch.path());
    let ways: [&[&str]; 3] = [&["--jobs", "1"], &["--jobs", "2"], &["--isolation", "fresh"]];
    let pages = ways.iter().map(|way| page(scratch.path(), &[&["pack"], *way].concat()).map(|(text, _)| text));
    let pages = pages.collect::<Result<Vec<_>, _>>()?;
    if pages.iter().any(|page| *page != pages[0]) {
        return Err("pages of one plan differ".to_owned());
    }
    let measured = || page(scratch.path(), &["pack", "--measure"]).map(|(text, _)| text);
    if measured()? == measured()? { Ok(()) } else { Err("measured pages of one plan differ".to_owned()) }
}

/// 10,000 files are one page of a few megabytes, which has a line for each.
fn many_files() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path();
    let items: Vec<String> = (0..10_000).map(|number| format!("\"file-{number:05}\"")).collect();
    let manifest = format!(
        "[pack]\nname = \"many\"\nversion = \"1.0.0\"\n\n[variables.names]\ntype = \"list\"\ndefault = [{}]\n\n\
         [[templates]]\nsource = \"t.jinja\"\nfor_each = \"names\"\noutput = \"src/{{{{ item }}}}.txt\"\n",
        items.join(", ")
    );
    write(folder, "pack/pack.toml", manifest);
    write(folder, "pack/t.jinja", "{{ item }}\n");
    let (text, seen) = page(folder, &["pack"])?;
    let lines = seen.elements.get("summary").copied().unwrap_or(0);
    // One is that of the keys.
    if lines != 10_001 || text.len() > 8_000_000 || !seen.text.contains("file-09999.txt") {
        return Err(format!("{lines} lines, {} bytes", text.len()));
    }
    Ok(())
}
