//! A small HTTP server that renders packs which nobody has to trust. `portal HOME [ADDRESS] PACK…`
//!
//! `GET /` lists the packs, `POST /NAME` with a JSON object of values answers with the files that come of it. Packs are named when
//! the server starts: a request names one of them, and no path and no address. Each request has a budget of its own; how many
//! there are at once, how large they are and how long they may take to arrive is bounded. There is no TLS and no log-in here, so
//! it listens on this machine only, unless an address says otherwise.
#![allow(clippy::disallowed_macros, reason = "an example prints")]

use std::collections::BTreeMap;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use packbox::{Canceller, ErrorKind, Inputs, Limits, Pack, Packbox, RenderedFile};
use serde_json::{Map, Value, json};

/// Connections that are open at once; those beyond are told to come back.
const CONNECTIONS: usize = 256;
/// Bytes of a request's line and headers.
const HEAD: usize = 16 << 10;
/// Bytes of a request's body.
const BODY: usize = 1 << 20;
/// The time that a request may take to arrive, and an answer to leave.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often it is looked whether a client hung up while its pack is rendered.
const LOOK: Duration = Duration::from_millis(50);

/// What all connections share.
struct Portal {
    packbox: Packbox,
    packs: BTreeMap<String, Pack>,
    /// Connections that may still be opened.
    connections: Room,
    /// Requests that may still be rendered.
    renders: Room,
}

/// A request that has arrived.
struct Request {
    method: String,
    path: String,
    body: Vec<u8>,
}

/// An answer: its status, and a document.
type Answer = (u16, Value);

/// Serves packs until the process is ended.
pub fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1).peekable();
    let home = arguments.next().context("usage: portal HOME [ADDRESS] PACK…")?;
    let address = arguments.next_if(|argument| argument.parse::<SocketAddr>().is_ok());
    // Much less than a person at a command line may want.
    let limits =
        [("memory", "32MiB"), ("time", "500ms"), ("run-time", "5s"), ("run-memory", "128MiB"), ("run-stops", "5")];
    let limits = limits.iter().try_fold(Limits::default(), |limits, (name, value)| limits.set(name, value))?;
    let packbox = Packbox::builder().home(home).limits(limits).build()?;
    let packs = arguments.map(|path| packbox.load(Path::new(&path)).map(|pack| (pack.name().to_owned(), pack)));
    let packs = packs.collect::<Result<_, _>>()?;
    let renders = Room::of(std::thread::available_parallelism()?.get());
    let portal = Portal { packbox, packs, connections: Room::of(CONNECTIONS), renders };

    let listener = TcpListener::bind(address.as_deref().unwrap_or("127.0.0.1:0"))?;
    println!("http://{}", listener.local_addr()?);
    std::thread::scope(|scope| {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let portal = &portal;
            match portal.connections.enter(Duration::ZERO) {
                Some(entered) => drop(scope.spawn(move || {
                    let _stays = entered;
                    portal.serve(&mut stream);
                })),
                None => answer(&mut stream, &(503, problem("too many connections; try again later"))),
            }
        }
    });
    Ok(())
}

impl Portal {
    /// Reads a request and answers it. Who is too slow or says what is no request gets no work done.
    fn serve(&self, stream: &mut TcpStream) {
        let said = match read(stream) {
            Ok(request) => self.reply(&request, stream),
            Err(refused) => refused,
        };
        answer(stream, &said);
    }

    fn reply(&self, request: &Request, stream: &TcpStream) -> Answer {
        let name = request.path.trim_start_matches('/');
        match (request.method.as_str(), name) {
            ("GET", "") => (200, json!({ "packs": self.packs.values().map(about).collect::<Vec<_>>() })),
            ("POST", name) => match self.packs.get(name) {
                Some(pack) => self.render(pack, &request.body, stream),
                None => (404, problem("there is no such pack; `GET /` lists them")),
            },
            _ => (405, problem("`GET /` lists packs, `POST /NAME` renders one")),
        }
    }

    fn render(&self, pack: &Pack, body: &[u8], stream: &TcpStream) -> Answer {
        let values: Map<String, Value> = match serde_json::from_slice(body) {
            Ok(values) => values,
            Err(error) => return (400, problem(&format!("the body is not a JSON object of values: {error}"))),
        };
        // A budget begins with the job, so nobody's runs out while others are served.
        let Some(_entered) = self.renders.enter(6 * PATIENCE) else {
            return (503, problem("too much to do; try again later"));
        };
        let canceller = Canceller::new();
        let inputs = values.into_iter().collect::<Inputs<'_>>().cancelled_by(&canceller);
        let rendered =
            while_there(stream, &canceller, || self.packbox.job(pack, &inputs).and_then(packbox::Job::render));
        match rendered {
            Ok(rendered) => (200, json!({ "files": rendered.files().map(|file| as_json(&file)).collect::<Vec<_>>() })),
            Err(error) => {
                let status = match error.kind() {
                    ErrorKind::Variables | ErrorKind::Usage => 422,
                    ErrorKind::Io => 500,
                    _ => 502,
                };
                // Without places: where packs lie on this machine is nobody's business. Advice for whoever runs it isn't, either.
                let is_theirs = error.kind() == ErrorKind::Variables;
                let findings = error.findings().into_iter().map(|finding| {
                    let help = finding.help.filter(|_| is_theirs);
                    json!({ "rule": finding.rule, "message": finding.message, "help": help })
                });
                let findings: Vec<Value> = findings.collect();
                let document = json!({ "error": error.to_string(), "kind": error.kind(), "findings": findings, "stop": error.stop() });
                (status, document)
            }
        }
    }
}

/// Does work for a client, and cancels it where the client hangs up: nobody would take the answer. Who says that nothing more will
/// be sent counts as gone.
fn while_there<T>(stream: &TcpStream, canceller: &Canceller, work: impl FnOnce() -> T) -> T {
    std::thread::scope(|scope| {
        let (done, ended) = mpsc::channel::<()>();
        scope.spawn(move || {
            while ended.recv_timeout(LOOK) == Err(mpsc::RecvTimeoutError::Timeout) && !canceller.is_cancelled() {
                if has_hung_up(stream) {
                    canceller.cancel();
                }
            }
        });
        let given = work();
        drop(done);
        given
    })
}

/// Whether there is nobody left at the other end.
fn has_hung_up(stream: &TcpStream) -> bool {
    let seen = stream.set_nonblocking(true).and_then(|()| stream.peek(&mut [0]));
    let is_silent = seen.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
    stream.set_nonblocking(false).is_err() || !is_silent && seen.unwrap_or(0) == 0
}

fn about(pack: &Pack) -> Value {
    let inputs =
        pack.inputs().map(|input| json!({ "name": input.name, "type": input.kind, "question": input.question }));
    json!({ "name": pack.name(), "version": pack.version(), "description": pack.description(), "inputs": inputs.collect::<Vec<_>>() })
}

fn as_json(file: &RenderedFile<'_>) -> Value {
    let contents = match std::str::from_utf8(file.contents) {
        Ok(text) => ("text", text.to_owned()),
        Err(_) => ("base64", BASE64_STANDARD.encode(file.contents)),
    };
    json!({ "path": file.path, "executable": file.executable, contents.0: contents.1 })
}

fn problem(what: &str) -> Value {
    json!({ "error": what })
}

/// Reads a request within its time and its size.
fn read(stream: &mut TcpStream) -> Result<Request, Answer> {
    let late = || (408, problem("the request did not arrive in time"));
    let deadline = Instant::now() + PATIENCE;
    let mut more = |bytes: &mut Vec<u8>| {
        let left = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()).ok_or_else(late)?;
        let mut part = [0; 8 << 10];
        let read = stream.set_read_timeout(Some(left)).and_then(|()| stream.read(&mut part)).map_err(|_| late())?;
        if read == 0 {
            return Err((400, problem("the request ended early")));
        }
        bytes.extend_from_slice(&part[..read]);
        Ok(())
    };
    let mut bytes = Vec::new();
    let (method, path, length, head) = loop {
        more(&mut bytes)?;
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(&bytes).map_err(|error| (400, problem(&format!("this is not HTTP: {error}"))))? {
            httparse::Status::Complete(head) => {
                let (method, path) = (request.method.unwrap_or_default(), request.path.unwrap_or_default());
                let said = |name: &str| request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
                if said("transfer-encoding").is_some() {
                    return Err((411, problem("say how long the body is: `Content-Length`")));
                }
                let length = said("content-length").map_or(Some(0), |header| {
                    std::str::from_utf8(header.value).ok().and_then(|length| length.parse::<usize>().ok())
                });
                let length = length.ok_or_else(|| (400, problem("`Content-Length` is not a number")))?;
                break (method.to_owned(), path.to_owned(), length, head);
            }
            httparse::Status::Partial if bytes.len() > HEAD => return Err((431, problem("the headers are too long"))),
            httparse::Status::Partial => {}
        }
    };
    if length > BODY {
        return Err((413, problem("the body is too long: 1 MiB is allowed")));
    }
    let mut body = bytes.split_off(head);
    while body.len() < length {
        more(&mut body)?;
    }
    body.truncate(length);
    Ok(Request { method, path, body })
}

/// Sends an answer; who does not take it in time does not get it.
fn answer(stream: &mut TcpStream, (status, document): &Answer) {
    let body = document.to_string();
    let head = format!(
        "HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nX-Content-Type-Options: nosniff\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    // There is nobody to tell that they are gone.
    let _ = stream
        .set_write_timeout(Some(PATIENCE))
        .and_then(|()| stream.write_all(head.as_bytes()))
        .and_then(|()| stream.write_all(body.as_bytes()));
}

/// Room for so many at once.
struct Room {
    left: Mutex<usize>,
    changed: Condvar,
}

/// Somebody in a room, who leaves it when this is dropped.
struct Entered<'r>(&'r Room);

impl Room {
    fn of(places: usize) -> Self {
        Self { left: Mutex::new(places), changed: Condvar::new() }
    }

    /// Takes a place, and waits for one no longer than `patience`.
    fn enter(&self, patience: Duration) -> Option<Entered<'_>> {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(left, patience, |left| *left == 0);
        let (mut left, _) = waited.unwrap_or_else(PoisonError::into_inner);
        *left = left.checked_sub(1)?;
        Some(Entered(self))
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        *self.0.left.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.changed.notify_one();
    }
}
