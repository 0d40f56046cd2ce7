//! OCI registries: a real one on loopback, plain, with a password, with TLS, and behind a proxy that fails on purpose.
//!
//! The registry is Debian's `docker-registry`; where it is not installed the cases say so and are left out, and CI, which
//! installs it, asks that none is (`PACKBOX_TEST_REGISTRY=required`).

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::answering::certificate;
use super::oci_hostile_cases::{
    another_pack, credentials, drips, many_layers, origins, token_realm, tokens_and_helpers,
};
use super::scene::{Case, Scene};

const PROGRAM: &str = "/usr/bin/docker-registry";
/// `user` and `secret`, as bcrypt.
const PASSWORDS: &str = "user:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

/// All cases, by name.
pub const ALL: &[(&str, Case)] = &[
    ("oci/publish-and-install", publish_and_install),
    ("oci/password", password),
    ("oci/tls", tls),
    ("oci/faults", faults),
    ("oci/credentials", credentials),
    ("oci/another-pack", another_pack),
    ("oci/drips", drips),
    ("oci/many-layers", many_layers),
    ("oci/origins", origins),
    ("oci/token-realm", token_realm),
    ("oci/tokens-and-helpers", tokens_and_helpers),
];

/// Cases that need no registry but their own.
pub const OWN: &[&str] = &[
    "oci/credentials",
    "oci/another-pack",
    "oci/drips",
    "oci/many-layers",
    "oci/origins",
    "oci/token-realm",
    "oci/tokens-and-helpers",
];

/// Whether the other cases can run here.
pub fn available() -> bool {
    Path::new(PROGRAM).exists() || std::env::var("PACKBOX_TEST_REGISTRY").is_ok_and(|value| value == "required")
}

struct Registry {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Password,
    Tls,
}

impl Registry {
    fn start(kind: Kind) -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let port = free_port()?;
        let at = |name: &str| folder.path().join(name).display().to_string();
        let mut config = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:{port}\n",
            at("blobs")
        );
        if kind == Kind::Tls {
            let certified = certificate()?;
            fs::write(at("certificate.pem"), certified.cert.pem()).map_err(|error| error.to_string())?;
            fs::write(at("key.pem"), certified.signing_key.serialize_pem()).map_err(|error| error.to_string())?;
            for (key, file) in [("tls:\n    certificate", "certificate.pem"), ("  key", "key.pem")] {
                config.extend(["  ", key, ": ", &at(file), "\n"]);
            }
        }
        if kind == Kind::Password {
            fs::write(at("passwords"), PASSWORDS).map_err(|error| error.to_string())?;
            config.extend(["auth:\n  htpasswd:\n    realm: test\n    path: ", &at("passwords"), "\n"]);
        }
        fs::write(at("config.yml"), config).map_err(|error| error.to_string())?;
        let process = Command::new(PROGRAM)
            .args(["serve", &at("config.yml")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("{PROGRAM}: {error}"))?;
        let registry = Self { process, port, folder };
        let begin = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if begin.elapsed() > Duration::from_secs(20) {
                return Err("the registry does not start".to_owned());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(registry)
    }
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
    listener.local_addr().map(|address| address.port()).map_err(|error| error.to_string())
}

/// Adds a registry at a port, and publishes `base` and `web` to it.
fn publish_all(scene: &Scene, port: u16, more: &[&str]) -> Result<(), String> {
    let location = format!("oci://127.0.0.1:{port}/team/packs");
    let arguments = [&["registry", "add", "main", &location][..], more].concat();
    scene.ok(&arguments)?;
    scene.publish("base", "1.0.0", "")?;
    scene.publish("base", "1.1.0", "")?;
    scene.publish("web", "1.0.0", "[dependencies]\nbase = \"^1\"\n")
}

/// Publish, find, install, yank; another user reads the same.
pub fn publish_and_install() -> Result<(), String> {
    let registry = Registry::start(Kind::Plain)?;
    let author = Scene::new()?;
    publish_all(&author, registry.port, &["--plain-http"])?;
    let again = author.ok(&["publish", &author.pack("web", "1.0.0", "[dependencies]\nbase = \"^1\"\n")?])?;
    if !again.contains("is already in") {
        return Err(again);
    }
    author.exits(3, &["publish", &author.pack("web", "1.0.0", "")?])?;
    let user = Scene::new()?;
    let location = format!("oci://127.0.0.1:{}/team/packs", registry.port);
    user.exits(7, &["registry", "add", "main", &location])?;
    user.ok(&["registry", "add", "main", &location, "--plain-http"])?;
    user.ok(&["install", "web"])?;
    user.ok(&["yank", "base@1.1.0"])?;
    author.ok(&["registry", "sync"])?;
    author.ok(&["install", "web"])?;
    let installed = author.installed()?;
    if !installed.contains("base 1.0.0") || user.installed()?.len() != 2 {
        return Err(format!("{installed:?}"));
    }
    // By reference, without a registry of that name.
    let reference = format!("oci://127.0.0.1:{}/team/packs/base:1.1.0", registry.port);
    user.ok(&["uninstall", "web"])?;
    user.ok(&["install", &reference])?;
    if !user.installed()?.contains("base 1.1.0") {
        return Err(format!("{:?}", user.installed()?));
    }
    user.exits(4, &["registry", "add", "far", "oci://registry.invalid/x", "--plain-http"])?;
    // Away: what is installed and what is known stays usable.
    drop(registry);
    let text = user.ok(&["update"])?;
    if !text.contains("cannot talk to") || !text.contains("up to date") {
        return Err(text);
    }
    user.exits(7, &["registry", "sync"])?;
    user.ok(&["check", "base", "--no-config"])?;
    user.store_is_sound().map(|_| ())
}

/// A registry with a password, which comes from Docker's configuration.
pub fn password() -> Result<(), String> {
    let registry = Registry::start(Kind::Password)?;
    let scene = Scene::new()?;
    let location = format!("oci://127.0.0.1:{}/team/packs", registry.port);
    let text = scene.exits(7, &["registry", "add", "main", &location, "--plain-http"])?;
    if !text.contains("docker login") {
        return Err(text);
    }
    let docker = scene.at("docker");
    fs::create_dir_all(&docker).map_err(|error| error.to_string())?;
    let config = |password: &str| serde_json::json!({ "auths": { format!("https://127.0.0.1:{}/v1/", registry.port): { "username": "user", "password": password } } });
    let folder = docker.display().to_string();
    let run = |arguments: &[&str], code: i32| {
        let ended = scene.run_with(arguments, &[("DOCKER_CONFIG", folder.as_str())]);
        if ended.exit == code && !ended.text().contains("secret") { Ok(()) } else { Err(ended.text()) }
    };
    fs::write(docker.join("config.json"), config("wrong").to_string()).map_err(|error| error.to_string())?;
    run(&["registry", "add", "main", &location, "--plain-http"], 7)?;
    fs::write(docker.join("config.json"), config("secret").to_string()).map_err(|error| error.to_string())?;
    run(&["registry", "add", "main", &location, "--plain-http"], 0)?;
    run(&["publish", &scene.pack("web", "1.0.0", "")?], 0)?;
    run(&["install", "web"], 0)
}

/// TLS is verified: with a certificate of one's own, and not without.
pub fn tls() -> Result<(), String> {
    let registry = Registry::start(Kind::Tls)?;
    let scene = Scene::new()?;
    let location = format!("oci://127.0.0.1:{}/team/packs", registry.port);
    scene.exits(7, &["registry", "add", "main", &location])?;
    let ca = registry.folder.path().join("certificate.pem").display().to_string();
    publish_all(&scene, registry.port, &["--ca", &ca])?;
    scene.ok(&["install", "web"])?;
    // The certificate is for this machine only.
    scene.store_is_sound().map(|_| ())
}

/// What the proxy does to an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Closes the connection amid a blob.
    Cut,
    /// Answers that there were too many requests.
    TooMany,
    /// Answers that something is wrong inside.
    Broken,
    /// Changes a byte of a blob.
    Changed,
    /// Sends a byte of a blob at a time.
    Slow,
}

/// Stands before a registry, and fails where it is told to.
struct Proxy {
    port: u16,
    fault: Arc<Mutex<Fault>>,
    /// How many answers are to be spoilt still.
    times: Arc<AtomicU32>,
    /// How many were.
    spoilt: Arc<AtomicU32>,
}

impl Proxy {
    fn start(to: u16) -> Result<Self, String> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let proxy =
            Self { port, fault: Arc::new(Mutex::new(Fault::None)), times: Arc::default(), spoilt: Arc::default() };
        let (fault, times, spoilt) = (Arc::clone(&proxy.fault), Arc::clone(&proxy.times), Arc::clone(&proxy.spoilt));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (fault, times, spoilt) = (Arc::clone(&fault), Arc::clone(&times), Arc::clone(&spoilt));
                std::thread::spawn(move || drop(pass(client, to, &fault, &times, &spoilt)));
            }
        });
        Ok(proxy)
    }

    fn fail(&self, fault: Fault, times: u32) {
        *self.fault.lock().expect("a lock") = fault;
        self.spoilt.store(0, Ordering::SeqCst);
        self.times.store(times, Ordering::SeqCst);
    }
}

/// Passes one request on, with one answer; then the connection ends.
fn pass(
    mut client: TcpStream,
    to: u16,
    fault: &Mutex<Fault>,
    times: &AtomicU32,
    spoilt: &AtomicU32,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut head, mut length, mut first) = (String::new(), 0, String::new());
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if first.is_empty() {
            first.clone_from(&line);
        }
        if line == "\r\n" {
            break;
        }
        if !lower.starts_with("connection:") {
            head += &line;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut server = TcpStream::connect(("127.0.0.1", to))?;
    server.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())?;
    server.write_all(&body)?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer)?;
    let is_blob = first.starts_with("GET ") && first.contains("/blobs/");
    let fault = *fault.lock().expect("a lock");
    let hits = is_blob
        && fault != Fault::None
        && times.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
    if !hits {
        return client.write_all(&answer);
    }
    spoilt.fetch_add(1, Ordering::SeqCst);
    match fault {
        Fault::None => client.write_all(&answer),
        Fault::Cut => client.write_all(&answer[..answer.len() - 100]),
        Fault::TooMany => client.write_all(
            b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        ),
        Fault::Broken => client
            .write_all(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 5\r\nConnection: close\r\n\r\n\x1b[2Jx"),
        Fault::Changed => {
            let last = answer.len() - 1;
            answer[last] ^= 1;
            client.write_all(&answer)
        }
        Fault::Slow => {
            let begin = answer.len().saturating_sub(40);
            client.write_all(&answer[..begin])?;
            for byte in &answer[begin..] {
                std::thread::sleep(Duration::from_millis(20));
                client.write_all(&[*byte])?;
            }
            Ok(())
        }
    }
}

/// What fails for a while is tried again; what is wrong is refused; and nothing half-installed is ever visible.
pub fn faults() -> Result<(), String> {
    let registry = Registry::start(Kind::Plain)?;
    let proxy = Proxy::start(registry.port)?;
    let scene = Scene::new()?;
    publish_all(&scene, proxy.port, &["--plain-http"])?;
    // Each fault once: the command gets over it, but for a changed byte.
    for (fault, code) in
        [(Fault::Cut, 0), (Fault::TooMany, 0), (Fault::Broken, 0), (Fault::Slow, 0), (Fault::Changed, 6)]
    {
        let _ = scene.run(&["uninstall", "web"]);
        scene.ok(&["clean"])?;
        proxy.fail(fault, 1);
        let text = scene.exits(code, &["install", "web"]).map_err(|error| format!("{fault:?}: {error}"))?;
        if proxy.spoilt.load(Ordering::SeqCst) != 1 {
            return Err(format!("{fault:?} did not happen"));
        }
        if text.contains('\u{1b}') {
            return Err(format!("{fault:?}: {text:?}"));
        }
        let expected = if code == 0 { 2 } else { 0 };
        if scene.installed()?.len() != expected {
            return Err(format!("{fault:?}: {:?}", scene.installed()?));
        }
        scene.store_is_sound()?;
    }
    // For ever: given up, with nothing installed; then a retry succeeds.
    for fault in [Fault::Cut, Fault::Broken] {
        let _ = scene.run(&["uninstall", "web"]);
        scene.ok(&["clean"])?;
        proxy.fail(fault, u32::MAX);
        scene.exits(7, &["install", "web"]).map_err(|error| format!("{fault:?}: {error}"))?;
        if !scene.installed()?.is_empty() {
            return Err(format!("{fault:?}: {:?}", scene.installed()?));
        }
        proxy.fail(Fault::None, 0);
        scene.ok(&["install", "web"])?;
    }
    scene.store_is_sound().map(|_| ())
}
