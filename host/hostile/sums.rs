//! Packs of which each call is small, and the sum is not: one file for many outputs, options of many, errors of many.

use std::path::Path;

use super::case::{Case, MANIFEST, write};

/// A list of so many items, and an entry for each of them.
fn for_each(items: usize, entry: &str) -> String {
    let list: Vec<String> = (0..items).map(|item| format!("\"i{item}\"")).collect();
    format!(
        "{MANIFEST}[variables.l]\ntype = \"list\"\ndefault = [{}]\n[[templates]]\nfor_each = \"l\"\noutput = \"o/{{{{ item }}}}\"\n{entry}",
        list.join(",")
    )
}

pub(super) fn cases() -> Vec<Case> {
    let generate = ["generate", "pack", "--no-input", "--output", "out"];
    let copies = |folder: &Path| {
        write(folder, "pack/pack.toml", for_each(100, "source = \"a.bin\"\n"))?;
        write(folder, "pack/a.bin", vec![b'x'; 12 << 20])
    };
    let options = |folder: &Path| {
        let entry = format!("source = \"a.jinja\"\noptions = {{ a = \"{}\" }}\n", "x".repeat(4 << 20));
        write(folder, "pack/pack.toml", for_each(200, &entry))?;
        write(folder, "pack/a.jinja", "x")
    };
    let messages = |folder: &Path| {
        write(folder, "pack/pack.toml", for_each(60, "source = \"a.jinja\"\n"))?;
        write(folder, "pack/a.jinja", format!("{{{{ {} }}}}", "x".repeat(1 << 20)))
    };
    vec![
        Case::validate("sum/copies", "12 MiB that are copied a hundred times", copies).arguments(generate).ends(
            "bytes of all files",
            &[4],
            &["stopped"],
        ),
        Case::validate("sum/options", "4 MiB of options for each of 200 items", options)
            .arguments(["lint", "pack", "--no-config"])
            .ends("shared options", &[0, 1], &[]),
        Case::validate("sum/messages", "60 errors with a name of 1 MiB each", messages).arguments(generate).ends(
            "bytes of a message",
            &[1, 4],
            &[],
        ),
    ]
}
