//! The functions of an empty WASI that do something, or say that there is nothing.
//!
//! Always true here: no function reaches the system, and none blocks; results have the types of WASI 0.2, which wasmtime
//! compares with those that the component imports.

use wasmtime::StoreContextMut;
use wasmtime::component::{ComponentType, LinkerInstance, Lower, Resource};

use crate::abi::{LogBytes, Metered, count_log, count_result};
use crate::engine::state::CallState;
use crate::engine::wasi_state::{Printed, WasiState};
use crate::stop::{Stop, StopReason};

/// `wasi:io/poll.pollable`
#[derive(Debug)]
pub struct Pollable;
/// `wasi:io/streams.input-stream`: always at its end.
#[derive(Debug)]
pub struct InputStream;
/// `wasi:io/streams.output-stream`: standard output or standard error.
#[derive(Debug)]
pub struct OutputStream;
/// `wasi:io/error.error`: there never is one.
#[derive(Debug)]
pub struct IoError;
/// `wasi:filesystem/types.descriptor`: there never is one.
#[derive(Debug)]
pub struct Descriptor;
/// `wasi:cli/terminal-input.terminal-input`: there never is one.
#[derive(Debug)]
pub struct TerminalInput;
/// `wasi:cli/terminal-output.terminal-output`: there never is one.
#[derive(Debug)]
pub struct TerminalOutput;

/// `wasi:io/streams.stream-error`
#[derive(Debug, ComponentType, Lower)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    #[expect(dead_code, reason = "nothing fails, but the type has it")]
    LastOperationFailed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

/// `wasi:clocks/wall-clock.datetime`
#[derive(Debug, ComponentType, Lower)]
#[component(record)]
struct DateTime {
    seconds: u64,
    nanoseconds: u32,
}

/// What the wall clock always says: the first second of 1980, the earliest that archives and build tools can hold.
const WALL_CLOCK: DateTime = DateTime { seconds: 315_532_800, nanoseconds: 0 };
/// The handle of standard output; standard error has another.
const STANDARD_OUTPUT: u32 = 1;
const STANDARD_ERROR: u32 = 2;
const STANDARD_INPUT: u32 = 3;
/// Bytes that a stream takes at once.
const ROOM: u64 = 64 << 10;

type Store<'a> = StoreContextMut<'a, CallState>;
type Streamed<T> = (Result<T, StreamError>,);

/// Adds a function of an interface; says whether there is one.
///
/// # Errors
/// wasmtime's, where the name was added before.
pub fn add(linked: &mut LinkerInstance<'_, CallState>, interface: &str, name: &str) -> wasmtime::Result<bool> {
    match interface.split_once('/') {
        Some(("wasi:cli", interface)) => cli(linked, interface, name),
        Some(("wasi:clocks", _)) => clocks(linked, interface, name),
        Some(("wasi:random", _)) => random(linked, name),
        Some(("wasi:io", _)) => io(linked, name),
        Some(("wasi:filesystem", _)) if name == "get-directories" => {
            type Directories = (Vec<(Resource<Descriptor>, String)>,);
            linked.func_wrap(name, |_: Store<'_>, (): ()| Ok::<Directories, _>((Vec::new(),)))?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn cli(linked: &mut LinkerInstance<'_, CallState>, interface: &str, name: &str) -> wasmtime::Result<bool> {
    match (interface, name) {
        ("environment", "get-environment") => {
            linked.func_wrap(name, |_: Store<'_>, (): ()| Ok((Vec::<(String, String)>::new(),)))?;
        }
        ("environment", "get-arguments") => {
            linked.func_wrap(name, |_: Store<'_>, (): ()| Ok((Vec::<String>::new(),)))?;
        }
        ("environment", "initial-cwd") => {
            linked.func_wrap(name, |_: Store<'_>, (): ()| Ok((None::<String>,)))?;
        }
        ("exit", "exit") => {
            linked.func_wrap(name, |_: Store<'_>, (status,): (Result<(), ()>,)| exit(u8::from(status.is_err())))?;
        }
        ("exit", "exit-with-code") => {
            linked.func_wrap(name, |_: Store<'_>, (code,): (u8,)| exit(code))?;
        }
        ("stdin", "get-stdin") => {
            linked.func_wrap(name, |store: Store<'_>, (): ()| handle::<InputStream>(store, STANDARD_INPUT))?;
        }
        ("stdout", "get-stdout") => {
            linked.func_wrap(name, |store: Store<'_>, (): ()| handle::<OutputStream>(store, STANDARD_OUTPUT))?;
        }
        ("stderr", "get-stderr") => {
            linked.func_wrap(name, |store: Store<'_>, (): ()| handle::<OutputStream>(store, STANDARD_ERROR))?;
        }
        ("terminal-stdin", "get-terminal-stdin") => {
            linked.func_wrap(name, |_: Store<'_>, (): ()| Ok((None::<Resource<TerminalInput>>,)))?;
        }
        ("terminal-stdout", "get-terminal-stdout") | ("terminal-stderr", "get-terminal-stderr") => {
            linked.func_wrap(name, |_: Store<'_>, (): ()| Ok((None::<Resource<TerminalOutput>>,)))?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn clocks(linked: &mut LinkerInstance<'_, CallState>, interface: &str, name: &str) -> wasmtime::Result<bool> {
    match (interface == "wasi:clocks/wall-clock", name) {
        (true, "now") => linked.func_wrap(name, |_: Store<'_>, (): ()| Ok((WALL_CLOCK,)))?,
        (true, "resolution") => {
            linked.func_wrap(name, |_: Store<'_>, (): ()| Ok((DateTime { seconds: 1, nanoseconds: 0 },)))?;
        }
        (false, "now") => linked.func_wrap(name, |mut store: Store<'_>, (): ()| Ok((wasi(&mut store)?.now(),)))?,
        (false, "resolution") => linked.func_wrap(name, |_: Store<'_>, (): ()| Ok((1_u64,)))?,
        (false, "subscribe-instant") => {
            linked.func_wrap(name, |store: Store<'_>, (moment,): (u64,)| pollable(store, |_| moment))?;
        }
        (false, "subscribe-duration") => {
            linked
                .func_wrap(name, |store: Store<'_>, (time,): (u64,)| pollable(store, |now| now.saturating_add(time)))?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn random(linked: &mut LinkerInstance<'_, CallState>, name: &str) -> wasmtime::Result<bool> {
    match name {
        "get-random-u64" | "get-insecure-random-u64" => {
            linked.func_wrap(name, |mut store: Store<'_>, (): ()| Ok((wasi(&mut store)?.random(),)))?;
        }
        "get-random-bytes" | "get-insecure-random-bytes" => {
            linked.func_wrap(name, |mut store: Store<'_>, (length,): (u64,)| {
                // What crosses to the guest counts like what comes back from it.
                count_result(length)?;
                let wasi = wasi(&mut store)?;
                let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(usize::MAX));
                while (bytes.len() as u64) < length {
                    let left = usize::try_from(length - bytes.len() as u64).unwrap_or(usize::MAX).min(8);
                    bytes.extend_from_slice(&wasi.random().to_le_bytes()[..left]);
                }
                Ok((bytes,))
            })?;
        }
        "insecure-seed" => {
            linked.func_wrap(name, |mut store: Store<'_>, (): ()| {
                let wasi = wasi(&mut store)?;
                Ok(((wasi.random(), wasi.random()),))
            })?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn io(linked: &mut LinkerInstance<'_, CallState>, name: &str) -> wasmtime::Result<bool> {
    type In = Resource<InputStream>;
    type Out = Resource<OutputStream>;
    match name {
        "poll" => linked.func_wrap(name, |store: Store<'_>, (pollables,): (Metered<Vec<Resource<Pollable>>>,)| {
            poll(store, &pollables.0)
        })?,
        "[method]pollable.ready" => linked.func_wrap(name, |mut store: Store<'_>, (it,): (Resource<Pollable>,)| {
            let wasi = wasi(&mut store)?;
            Ok((wasi.moment(it.rep()) <= wasi.now(),))
        })?,
        "[method]pollable.block" => linked.func_wrap(name, |mut store: Store<'_>, (it,): (Resource<Pollable>,)| {
            let wasi = wasi(&mut store)?;
            wasi.wait_for(wasi.moment(it.rep()));
            Ok(())
        })?,
        "[method]input-stream.read" | "[method]input-stream.blocking-read" => {
            linked.func_wrap(name, |_: Store<'_>, (_, _): (In, u64)| {
                Ok::<Streamed<Vec<u8>>, _>((Err(StreamError::Closed),))
            })?;
        }
        "[method]input-stream.skip" | "[method]input-stream.blocking-skip" => {
            linked.func_wrap(name, |_: Store<'_>, (_, _): (In, u64)| {
                Ok::<Streamed<u64>, _>((Err(StreamError::Closed),))
            })?;
        }
        "[method]input-stream.subscribe" => {
            linked.func_wrap(name, |store: Store<'_>, (_,): (In,)| pollable(store, |_| 0))?;
        }
        "[method]output-stream.subscribe" => {
            linked.func_wrap(name, |store: Store<'_>, (_,): (Out,)| pollable(store, |_| 0))?;
        }
        "[method]output-stream.check-write" => {
            linked.func_wrap(name, |_: Store<'_>, (_,): (Out,)| Ok::<Streamed<u64>, _>((Ok(ROOM),)))?;
        }
        "[method]output-stream.write" | "[method]output-stream.blocking-write-and-flush" => {
            linked.func_wrap(name, |mut store: Store<'_>, (stream, bytes): (Out, LogBytes)| {
                wasi(&mut store)?.print(printed(&stream), &bytes.0);
                Ok::<Streamed<()>, _>((Ok(()),))
            })?;
        }
        "[method]output-stream.write-zeroes" | "[method]output-stream.blocking-write-zeroes-and-flush" => {
            linked.func_wrap(name, |_: Store<'_>, (_, length): (Out, u64)| {
                // Nobody wants to read them, but they count.
                count_log(length)?;
                Ok::<Streamed<()>, _>((Ok(()),))
            })?;
        }
        "[method]output-stream.flush" | "[method]output-stream.blocking-flush" => {
            linked.func_wrap(name, |_: Store<'_>, (_,): (Out,)| Ok::<Streamed<()>, _>((Ok(()),)))?;
        }
        "[method]output-stream.splice" | "[method]output-stream.blocking-splice" => {
            linked.func_wrap(name, |_: Store<'_>, (_, _, _): (Out, In, u64)| {
                Ok::<Streamed<u64>, _>((Err(StreamError::Closed),))
            })?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// Waits until one of the pollables is ready, and says which are. Waiting moves the clock to the earliest moment.
fn poll(mut store: Store<'_>, pollables: &[Resource<Pollable>]) -> wasmtime::Result<(Vec<u32>,)> {
    let wasi = wasi(&mut store)?;
    let Some(earliest) = pollables.iter().map(|it| wasi.moment(it.rep())).min() else {
        return Err(Stop::new(StopReason::Trap, "polled nothing, which WASI does not allow").into());
    };
    wasi.wait_for(earliest);
    let ready = pollables.iter().zip(0..).filter(|(it, _)| wasi.moment(it.rep()) <= wasi.now());
    Ok((ready.map(|(_, number)| number).collect(),))
}

fn exit(code: u8) -> wasmtime::Result<()> {
    Err(Stop::new(StopReason::Trap, format!("ended itself with exit code {code}")).into())
}

fn handle<T: 'static>(mut store: Store<'_>, rep: u32) -> wasmtime::Result<(Resource<T>,)> {
    wasi(&mut store)?.hand_out()?;
    Ok((Resource::new_own(rep),))
}

fn pollable(mut store: Store<'_>, moment: impl Fn(u64) -> u64) -> wasmtime::Result<(Resource<Pollable>,)> {
    let wasi = wasi(&mut store)?;
    let moment = moment(wasi.now());
    Ok((Resource::new_own(wasi.pollable(moment)?),))
}

fn printed(stream: &Resource<OutputStream>) -> Printed {
    if stream.rep() == STANDARD_ERROR { Printed::Errors } else { Printed::Output }
}

fn wasi<'a>(store: &'a mut Store<'_>) -> wasmtime::Result<&'a mut WasiState> {
    let missing = || Stop::new(StopReason::Trap, "called WASI, which was not granted");
    Ok(store.data_mut().wasi.as_deref_mut().ok_or_else(missing)?)
}
