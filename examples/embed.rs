//! The library in 40 lines: generates a pack into a folder. `embed PACK OUTPUT PACKBOX-BINARY`
//!
//! The binary compiles components that came with the pack, in a process with limits; the library never runs its own.

use std::path::Path;

use anyhow::{Result, bail};
use packbox::compose::variables::{Sources, ToolboxEvaluator, resolve};
use packbox::engine::{Compiler, Engine, EngineOptions};
use packbox::generate::commit::{CommitOptions, JournalKey, NoObserver, OnExisting, commit, recover, survey};
use packbox::generate::{Job, RenderOptions};
use packbox::pack::{Pack, PackLimits};
use packbox::plan::plugins_in_use;
use packbox::plugins::Toolbox;
use packbox::secrets::Secrets;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [pack, output, binary] = &arguments[..] else { bail!("usage: embed PACK OUTPUT PACKBOX-BINARY") };
    let pack = Pack::load(Path::new(pack), &PackLimits::default())?;
    let engine = Engine::new(EngineOptions::new(Compiler::Child(binary.into())))?;
    // What belongs to one request is one run, and draws from one budget.
    let toolbox = Toolbox::prepare(&engine.run(), &pack, &plugins_in_use(&pack))?;
    let evaluator = ToolboxEvaluator { toolbox: &toolbox, secrets: Secrets::default() };
    let values = resolve((&pack).into(), &Sources::default(), &evaluator, None)?;
    let job = Job::prepare(&pack, &toolbox, values)?;
    let report = job.render_in(toolbox.run(), RenderOptions::default())?;

    // Keep the key where no output folder is: it tells journals of ours from forged ones.
    let key = JournalKey::from_bytes([7; 32]);
    let output = Path::new(output);
    recover(output, &key, &NoObserver)?;
    let options = CommitOptions {
        on_existing: OnExisting::Overwrite,
        prune: false,
        receipt: None,
        key: &key,
        interrupted: &|| false,
        observer: &NoObserver,
    };
    let committed = commit(&survey(&report.tree, output)?, &options)?;
    anyhow::ensure!(committed.skipped.is_empty(), "nothing is skipped when overwriting");
    Ok(())
}
