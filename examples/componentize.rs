//! Makes a component of a core module that carries its WIT world: `componentize CORE.wasm COMPONENT.wasm`.
//!
//! `plugins/build.sh` uses it; `wasm-tools component new` does the same.

use anyhow::{Context as _, Result};

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(core), Some(component), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: componentize CORE.wasm COMPONENT.wasm");
    };
    let module = std::fs::read(&core).with_context(|| format!("cannot read {}", core.display()))?;
    let encoded = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .and_then(|mut encoder| encoder.encode())
        .with_context(|| format!("{} can't be made a component", core.display()))?;
    let beside = std::path::Path::new(&component).with_extension("tmp");
    std::fs::write(&beside, encoded).and_then(|()| std::fs::rename(&beside, &component))?;
    Ok(())
}
