//! The grant `wasi-stub`: an empty WASI 0.2, for components of a plain `wasm32-wasip2` build.
//!
//! Such a component finds no arguments, no environment, no files and an empty standard input. What it prints is kept as
//! log. The wall clock stands still; the monotonic clock moves only when somebody waits, to the moment that is waited
//! for, so that waiting ends at once. Random numbers are the same in every instance. Nothing of this reaches the system.
//!
//! Always true here: what a guest sees depends on what it did before in the same instance and on nothing else; each call
//! has an instance of its own, so a call stays a function of its arguments. Everything that a guest can make here is
//! counted: handles, log, random bytes.

mod functions;
mod state;

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, LinkerInstance, ResourceType};

use super::header::InterfaceName;
use super::state::CallState;
use crate::stop::{Stop, StopReason};
use crate::text;

pub(super) use state::WasiState;

/// The interfaces that are there, of version 0.2 each.
const INTERFACES: &[&str] = &[
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// Whether an import is one that the grant gives: an interface of the list, in any version `0.2.x`.
#[must_use]
pub fn offers(import: &str) -> bool {
    interface(import).is_some()
}

/// The interface of the list that an import names.
fn interface(import: &str) -> Option<&'static str> {
    let name = InterfaceName::parse(import)?;
    let version = name.version?;
    let known = version.major == 0 && version.minor == 2 && version.pre.is_empty();
    let wanted = |known: &&str| known.split_once('/') == Some((name.package, name.interface));
    INTERFACES.iter().copied().find(wanted).filter(|_| known)
}

/// Adds to a linker what a component imports of WASI. A function that is not there in spirit (there are no files, so
/// none can be read) is one that stops its caller.
///
/// # Errors
/// wasmtime's, where the component imports one name twice.
pub fn add(linker: &mut Linker<CallState>, component: &Component, engine: &wasmtime::Engine) -> wasmtime::Result<()> {
    for (import, item) in component.component_type().imports(engine) {
        let (Some(interface), ComponentItem::ComponentInstance(instance)) = (interface(import), item.ty) else {
            continue;
        };
        let mut linked = linker.instance(import)?;
        for (name, item) in instance.exports(engine) {
            match item.ty {
                ComponentItem::Resource(_) => add_resource(&mut linked, name)?,
                ComponentItem::ComponentFunc(_) if functions::add(&mut linked, interface, name)? => {}
                ComponentItem::ComponentFunc(_) => {
                    let detail =
                        text::printable_line(&format!("called `{name}` of `{import}`, which an empty WASI lacks"));
                    linked.func_new(name, move |_, _, _, _| Err(Stop::new(StopReason::Trap, detail.clone()).into()))?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Adds a resource. Those that nothing here makes have no values.
fn add_resource(linked: &mut LinkerInstance<'_, CallState>, name: &str) -> wasmtime::Result<()> {
    use functions::{InputStream, IoError, OutputStream, Pollable, TerminalInput, TerminalOutput};
    let ty = match name {
        "pollable" => ResourceType::host::<Pollable>(),
        "input-stream" => ResourceType::host::<InputStream>(),
        "output-stream" => ResourceType::host::<OutputStream>(),
        "error" => ResourceType::host::<IoError>(),
        "terminal-input" => ResourceType::host::<TerminalInput>(),
        "terminal-output" => ResourceType::host::<TerminalOutput>(),
        "descriptor" => ResourceType::host::<functions::Descriptor>(),
        _ => ResourceType::host::<()>(),
    };
    let pollable = name == "pollable";
    linked.resource(name, ty, move |mut store, rep| {
        if let Some(wasi) = &mut store.data_mut().wasi {
            wasi.dropped(pollable.then_some(rep));
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered() {
        assert!(offers("wasi:cli/environment@0.2.0") && offers("wasi:io/streams@0.2.99"));
        for refused in [
            "wasi:sockets/tcp@0.2.0",
            "wasi:http/types@0.2.0",
            "wasi:cli/environment@0.3.0",
            "wasi:cli/environment@0.2.0-rc",
            "wasi:cli/environment",
            "wasi:cli/made-up@0.2.0",
            "other:cli/environment@0.2.0",
            "environment",
        ] {
            assert!(!offers(refused), "{refused}");
        }
    }
}
