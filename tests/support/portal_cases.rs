//! `examples/portal.rs`: 200 packs rendered at once, hostile ones among them, each under a budget of its own; and clients that are
//! slow, large or no clients at all.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::process::shared_home;
use super::scene::Case;

#[allow(dead_code, reason = "it is run as a process of its own here")]
#[path = "../../examples/portal.rs"]
mod portal;

type Checked = Result<(), String>;

/// Set for a process that is the portal.
const PORTAL: &str = "PACKBOX_TEST_PORTAL";
/// The most memory that the portal may have had at once, for 200 requests.
const MEMORY: u64 = 400 << 20;

/// All cases, by name.
pub const ALL: [(&str, Case); 3] =
    [("portal/two-hundred-packs", two_hundred_packs), ("portal/clients", clients), ("portal/hung-up", hung_up)];

/// Is the portal, where this process was started to be.
pub fn child() -> Option<ExitCode> {
    std::env::var_os(PORTAL)?;
    Some(portal::main().map_or_else(|error| fail(&error), |()| ExitCode::SUCCESS))
}

#[allow(clippy::disallowed_macros, reason = "the parent reads it")]
fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("{error:#}");
    ExitCode::FAILURE
}

/// A portal that runs, and ends with this.
struct Running {
    process: Child,
    address: String,
    _scratch: tempfile::TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Packs that do harm, by their names, with the template of each and what stops it.
const HOSTILE: [(&str, &str, &str); 4] = [
    ("loops", "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}", "time"),
    (
        "hoards",
        "{% set ns = namespace(t='x' * 1000) %}{% for a in range(99999) %}{% set ns.t = ns.t ~ ns.t %}{% endfor %}",
        "memory",
    ),
    ("talks", "{% for a in range(90000) %}{{ 'x' * 9000 }}{% endfor %}", "memory"),
    ("digs", "{% macro dig(n) %}{{ dig(n + 1) }}{% endmacro %}{{ dig(0) }}", ""),
];

impl Running {
    fn start() -> Result<Self, String> {
        let scratch = tempfile::tempdir().map_err(|error| error.to_string())?;
        let mut packs = vec![PathBuf::from("examples/packs/rust-cli"), PathBuf::from("examples/packs/static-site")];
        for (name, template, _) in HOSTILE {
            let folder = scratch.path().join(name);
            std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
            let manifest = format!(
                "[pack]\nname = \"{name}\"\nversion = \"1.0.0\"\ndescription = \"does harm\"\nlicense = \"MIT\"\n\n\
                 [[templates]]\nsource = \"out.txt.jinja\"\noutput = \"out.txt\"\n"
            );
            std::fs::write(folder.join("pack.toml"), manifest).map_err(|error| error.to_string())?;
            std::fs::write(folder.join("out.txt.jinja"), template).map_err(|error| error.to_string())?;
            packs.push(folder);
        }
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command.arg(shared_home()).args(&packs).env(PORTAL, "1").current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
        let mut process = command.stdout(Stdio::piped()).spawn().map_err(|error| error.to_string())?;
        let mut line = String::new();
        let stdout = process.stdout.take().ok_or("no standard output")?;
        let mut running = Self { process, address: String::new(), _scratch: scratch };
        BufReader::new(stdout).read_line(&mut line).map_err(|error| error.to_string())?;
        let address = line.trim().strip_prefix("http://").ok_or_else(|| format!("it says {line:?}"))?;
        address.clone_into(&mut running.address);
        Ok(running)
    }

    /// Sends bytes, and takes an answer: its status and its document.
    fn send(&self, bytes: &[u8]) -> Result<(u16, Value), String> {
        let mut stream = TcpStream::connect(&self.address).map_err(|error| format!("cannot connect: {error}"))?;
        stream.set_read_timeout(Some(Duration::from_secs(100))).map_err(|error| error.to_string())?;
        // It may be answered, and closed, before all of it was sent.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        let text = String::from_utf8_lossy(&answer);
        let (head, body) = text.split_once("\r\n\r\n").ok_or_else(|| format!("no answer: {read:?} {text}"))?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| format!("no status: {head}"))?;
        Ok((status, serde_json::from_str(body).map_err(|error| format!("{error}: {body}"))?))
    }

    fn post(&self, path: &str, body: &Value) -> Result<(u16, Value), String> {
        let body = body.to_string();
        self.send(format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
    }

    /// The CPU time that the process took, in hundredths of a second.
    fn cpu_time(&self) -> Option<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).ok()?;
        let ticks = stat.rsplit(')').next()?.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
        Some(Duration::from_millis(ticks.sum::<Result<u64, _>>().ok()? * 10))
    }

    /// The most memory that the process had.
    fn peak(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
    }
}

/// Half of 200 requests that are sent at once are for honest packs, half for hostile ones. Each honest one gets its files, each
/// hostile one is told which limit it met, and the portal lives on in bounded memory.
fn two_hundred_packs() -> Checked {
    let portal = Running::start()?;
    let started = Instant::now();
    std::thread::scope(|scope| {
        let requests: Vec<_> = (0..200)
            .map(|number| {
                let portal = &portal;
                scope.spawn(move || if number % 2 == 0 { honest(portal, number) } else { hostile(portal, number / 2) })
            })
            .collect();
        let ended: Vec<Checked> = requests
            .into_iter()
            .map(|one| one.join().unwrap_or_else(|_| Err("a client panicked".to_owned())))
            .collect();
        let failed: Vec<String> = ended.into_iter().filter_map(Result::err).collect();
        if failed.is_empty() { Ok(()) } else { Err(format!("{} failed: {}", failed.len(), failed[0])) }
    })?;
    match portal.peak() {
        Some(peak) if peak > MEMORY => return Err(format!("the portal took {peak} bytes")),
        None if cfg!(target_os = "linux") => return Err("the portal is gone".to_owned()),
        _ => {}
    }
    // Once more, alone.
    honest(&portal, 0).map_err(|error| format!("after {:?}: {error}", started.elapsed()))
}

fn honest(portal: &Running, number: usize) -> Checked {
    let name = format!("tool-{number}");
    let (status, answer) = portal.post("/rust-cli", &json!({ "crate_name": name }))?;
    let files = answer["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    let manifest = files.iter().find(|file| file["path"] == "Cargo.toml").and_then(|file| file["text"].as_str());
    if status == 200 && manifest.is_some_and(|text| text.contains(&format!("name = \"{name}\""))) {
        return Ok(());
    }
    Err(format!("an honest pack: {status} {}", cut(&answer)))
}

fn hostile(portal: &Running, number: usize) -> Checked {
    let (name, _, reason) = HOSTILE[number % HOSTILE.len()];
    let (status, answer) = portal.post(&format!("/{name}"), &json!({}))?;
    let is_told = if reason.is_empty() {
        answer["findings"][0]["message"].is_string()
    } else {
        answer["stop"]["reason"] == reason
    };
    if status == 502 && is_told { Ok(()) } else { Err(format!("`{name}`: {status} {}", cut(&answer))) }
}

/// As much of an answer as a message needs.
fn cut(answer: &Value) -> String {
    answer.to_string().chars().take(400).collect()
}

/// Renders that are cancelled, as their clients hang up, cost next to nothing: each would loop for half a second.
fn hung_up() -> Checked {
    const CLIENTS: u32 = 40;
    let portal = Running::start()?;
    honest(&portal, 1)?;
    let Some(before) = portal.cpu_time() else { return Ok(()) };
    for _ in 0..CLIENTS {
        let mut stream = TcpStream::connect(&portal.address).map_err(|error| error.to_string())?;
        let request = b"POST /loops HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}";
        stream.write_all(request).map_err(|error| error.to_string())?;
    }
    let mut spent = before;
    loop {
        std::thread::sleep(Duration::from_millis(500));
        let now = portal.cpu_time().ok_or("the portal is gone")?;
        if now == spent {
            break;
        }
        spent = now;
    }
    let spent = spent.saturating_sub(before);
    let whole = Duration::from_millis(500) * CLIENTS;
    if spent < whole / 2 { honest(&portal, 2) } else { Err(format!("{spent:?} of {whole:?} were spent for nobody")) }
}

/// What is no request, or a wrong one, is answered with what is wrong.
fn clients() -> Checked {
    let portal = Running::start()?;
    let (status, list) = portal.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")?;
    if status != 200 || list["packs"].as_array().map(Vec::len) != Some(2 + HOSTILE.len()) {
        return Err(format!("the list: {status} {list}"));
    }
    let long = [&b"GET / HTTP/1.1\r\nX: "[..], &vec![b'x'; 20 << 10]].concat();
    let cases: [(&[u8], u16); 9] = [
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        (&long, 431),
        (b"POST /rust-cli HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n", 413),
        (b"POST /rust-cli HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /rust-cli HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST /../etc/passwd HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 404),
        (b"POST /rust-cli HTTP/1.1\r\nContent-Length: 2\r\n\r\n[]", 400),
        (b"POST /rust-cli HTTP/1.1\r\nContent-Length: 7\r\n\r\n{\"a\":1}", 422),
        (b"DELETE /rust-cli HTTP/1.1\r\n\r\n", 405),
    ];
    for (bytes, expected) in cases {
        let (status, answer) = portal.send(bytes)?;
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        if status != expected || !answer["error"].is_string() {
            return Err(format!("{shown:?}: {status} instead of {expected}: {}", cut(&answer)));
        }
    }
    let (_, answer) = portal.post("/rust-cli", &json!({ "crate_nam": "x", "crate_name": "y" }))?;
    if !answer["findings"][0]["help"].as_str().is_some_and(|help| help.contains("`crate_name`")) {
        return Err(format!("a mistyped name: {}", cut(&answer)));
    }
    // Where packs lie is nobody's business.
    let (_, answer) = portal.post("/loops", &json!({}))?;
    if answer.to_string().contains("/loops") {
        return Err(format!("a path: {}", cut(&answer)));
    }
    // Whoever says nothing is sent away, and keeps nobody from being served meanwhile.
    let silent: Vec<TcpStream> = (0..20)
        .map(|_| TcpStream::connect(&portal.address))
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    honest(&portal, 1)?;
    let mut stream = silent.into_iter().next().ok_or("no client")?;
    let mut answer = String::new();
    stream.set_read_timeout(Some(Duration::from_secs(60))).map_err(|error| error.to_string())?;
    stream.read_to_string(&mut answer).map_err(|error| format!("it is not sent away: {error}"))?;
    if answer.starts_with("HTTP/1.1 408") { Ok(()) } else { Err(format!("whoever says nothing: {answer}")) }
}
