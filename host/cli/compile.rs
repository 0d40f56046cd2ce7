//! The child process that compiles components: packbox runs itself with this word, confines itself, and compiles what it
//! reads from standard input; see `engine::compiler`.

use std::ffi::OsString;

use clap::{Args, FromArgMatches as _};

use crate::engine::{COMPILE_COMMAND, ChildOptions, Probe, Profile, run_child};
use crate::error::ErrorKind;

/// The compiler child's arguments.
#[derive(Debug, Args)]
struct CompileComponent {
    /// Which engine the code is for.
    #[arg(long)]
    profile: String,
    /// Bytes of address space.
    #[arg(long)]
    memory: u64,
    /// Seconds of the deadline.
    #[arg(long)]
    seconds: u64,
    /// What to try instead of compiling, once confined.
    #[arg(long)]
    probe: Option<String>,
}

/// Compiles, where this process was started for that, and returns the exit code.
///
/// # Errors
/// That of arguments which this packbox does not write.
pub fn answer(arguments: &[OsString]) -> Option<Result<u8, clap::Error>> {
    let (_, arguments) =
        arguments.split_first().filter(|(_, rest)| rest.first().is_some_and(|word| word == COMPILE_COMMAND))?;
    let command = CompileComponent::augment_args(clap::Command::new(COMPILE_COMMAND)).disable_help_flag(true);
    let parsed = command.try_get_matches_from(arguments);
    Some(parsed.and_then(|matches| CompileComponent::from_arg_matches(&matches)).map(|options| compile(&options)))
}

fn compile(options: &CompileComponent) -> u8 {
    let profile = if options.profile == Profile::Measure.name() { Profile::Measure } else { Profile::Run };
    let probe = match options.probe.as_deref().map(Probe::named) {
        Some(None) => return ErrorKind::Usage.exit_code(),
        Some(probe) => probe,
        None => None,
    };
    run_child(ChildOptions { profile, memory: options.memory, seconds: options.seconds, probe })
}
