//! The `packbox` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    packbox::cli::main(&packbox::cli::Hooks::default())
}
