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

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, LinkerInstance, ResourceType};

use super::interface::wasi_interface;
use super::state::CallState;
use crate::stop::{Stop, StopReason};
use crate::text;

/// Adds to a linker what a component imports of WASI. A function that is not there in spirit (there are no files, so
/// none can be read) is one that stops its caller.
///
/// # Errors
/// wasmtime's, where the component imports one name twice.
pub fn add(linker: &mut Linker<CallState>, component: &Component, engine: &wasmtime::Engine) -> wasmtime::Result<()> {
    for (import, item) in component.component_type().imports(engine) {
        let (Some(interface), ComponentItem::ComponentInstance(instance)) = (wasi_interface(import), item.ty) else {
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
