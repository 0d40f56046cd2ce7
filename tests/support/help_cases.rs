//! The examples of `--help`, each run as it stands there, one after the other in one folder.

use std::process::Command;

use packbox::cli::examples as all;

use super::process::binary;

/// Commands whose examples come first, as those of others need what they make.
const FIRST: [&str; 4] = ["new", "registry", "registry add", "publish"];

/// Runs all examples.
pub fn examples() -> Result<(), String> {
    let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
    let folder = scratch.path();
    std::fs::create_dir(folder.join("packs")).map_err(|error| error.to_string())?;
    let tools = binary().parent().ok_or("a folder")?.display().to_string();
    let path = format!("{tools}:{}", std::env::var("PATH").unwrap_or_default());
    let has_clang = Command::new("clang").arg("--version").output().is_ok();
    let (mut ordered, rest): (Vec<_>, Vec<_>) = all().into_iter().partition(|(command, _)| FIRST.contains(command));
    ordered.sort_by_key(|(command, _)| FIRST.iter().position(|first| first == command));
    for (command, examples) in ordered.into_iter().chain(rest) {
        // What needs a plugin that was built needs what it is built with.
        let is_built = ["build", "test", "run", "bench", "profile", "inspect"].map(|what| format!("plugin {what}"));
        if !has_clang && is_built.iter().any(|built| built == command) {
            continue;
        }
        for example in examples {
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", example]).current_dir(folder).env("PATH", &path);
            shell.env("PACKBOX_HOME", folder.join("home")).stdin(std::process::Stdio::null());
            let ended = shell.output().map_err(|error| error.to_string())?;
            // Two packs that both write a README can't be used together, which `compat` says.
            let is_answer = command == "compat" && ended.status.code() == Some(1);
            if !ended.status.success() && !is_answer {
                let told = [ended.stdout, ended.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
                return Err(format!("`{example}` ends with {}:\n{}", ended.status, told.join("\n")));
            }
        }
    }
    Ok(())
}
