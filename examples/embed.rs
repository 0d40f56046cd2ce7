//! The library in a few lines: generates a pack into a folder. `embed PACK OUTPUT [NAME=VALUE]…`
#![allow(clippy::disallowed_macros, reason = "an example prints")]

use packbox::{Error, ErrorKind, Inputs, Packbox, Result};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [pack, output, values @ ..] = &arguments[..] else {
        return Err(Error::new(ErrorKind::Usage, "usage: embed PACK OUTPUT [NAME=VALUE]…"));
    };
    let mut inputs = Inputs::new();
    for value in values {
        let (name, text) = value.split_once('=').ok_or_else(|| Error::new(ErrorKind::Usage, "write NAME=VALUE"))?;
        inputs = inputs.with_text(name, text);
    }

    // Keeps compiled code and keys; without a home everything is in memory.
    let packbox = Packbox::builder().home("target/embed-home").build()?;
    let pack = packbox.load(pack)?;
    let rendered = packbox.job(&pack, &inputs)?.render()?;
    let written = rendered.write(output)?;
    println!("{} {}: {} files written", pack.name(), pack.version(), written.written.len());
    Ok(())
}
