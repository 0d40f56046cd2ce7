//! OCI registries: a real one on loopback, plain, with a password, with TLS, and behind a proxy that fails on purpose.
//!
//! The registry is Debian's `docker-registry`; where it is not installed the cases say so and are left out, and CI, which
//! installs it, asks that none is (`PACKBOX_TEST_REGISTRY=required`).

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::registry_cases::{Case, Scene};

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
];

/// Cases that need no registry but their own.
pub const OWN: &[&str] = &["oci/credentials", "oci/another-pack"];

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

/// A certificate for this machine, made just now.
fn certificate() -> Result<rcgen::CertifiedKey<rcgen::KeyPair>, String> {
    let names = ["127.0.0.1", "localhost"].map(str::to_owned);
    rcgen::generate_simple_self_signed(names).map_err(|error| error.to_string())
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
    if !again.contains("is there already") {
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
    let config = |password: &str| serde_json::json!({ "auths": { format!("127.0.0.1:{}", registry.port): { "username": "user", "password": password } } });
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

/// A server that answers each request as it is told, and remembers what it was asked.
struct Answering {
    port: u16,
    /// The heads of requests, lower case.
    asked: Arc<Mutex<Vec<String>>>,
}

type Answer = Box<dyn Fn(&str) -> String + Send + Sync>;

impl Answering {
    /// Starts one, with TLS where there is a certificate.
    fn start(certified: Option<&rcgen::CertifiedKey<rcgen::KeyPair>>, answer: Answer) -> Result<Self, String> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let tls = certified.map(server_config).transpose()?;
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let heads = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let _ = match &tls {
                    None => reply(&mut client, &answer, &heads),
                    Some(config) => rustls::ServerConnection::new(Arc::clone(config)).map_or(Ok(()), |connection| {
                        reply(&mut rustls::StreamOwned::new(connection, client), &answer, &heads)
                    }),
                };
            }
        });
        Ok(Self { port, asked })
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().expect("a lock"))
    }
}

fn server_config(certified: &rcgen::CertifiedKey<rcgen::KeyPair>) -> Result<Arc<rustls::ServerConfig>, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![certified.cert.der().clone()], key));
    config.map(Arc::new).map_err(|error| error.to_string())
}

fn reply(
    stream: &mut (impl std::io::Read + std::io::Write),
    answer: &Answer,
    heads: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let text = answer(&head);
    heads.lock().expect("a lock").push(head);
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

fn http(status: &str, header: &str) -> String {
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    format!("HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\nConnection: close\r\n\r\n")
}

/// Credentials go to the registry's own host, and nowhere else; what a registry answers runs no program.
pub fn credentials() -> Result<(), String> {
    let scene = Scene::new()?;
    let certified = certificate()?;
    let ca = scene.at("ca.pem").display().to_string();
    fs::write(&ca, certified.cert.pem()).map_err(|error| error.to_string())?;
    let docker = scene.at("docker");
    fs::create_dir_all(&docker).map_err(|error| error.to_string())?;
    let folder = docker.display().to_string();
    let path = format!("{folder}:/usr/bin:/bin");
    let configure = |text: serde_json::Value| fs::write(docker.join("config.json"), text.to_string()).expect("a file");
    let add = |own: &Answering| {
        let location = format!("oci://127.0.0.1:{}/packs", own.port);
        let arguments = ["registry", "add", "main", &location, "--plain-http", "--ca", &ca];
        let ended = scene.run_with(&arguments, &[("DOCKER_CONFIG", folder.as_str()), ("PATH", path.as_str())]);
        let _ = scene.run(&["registry", "remove", "main"]);
        ended
    };
    let known = |port: u16| serde_json::json!({ "auths": { format!("127.0.0.1:{port}"): { "username": "user", "password": "secret" } } });
    let foreign = Answering::start(Some(&certified), Box::new(|_| http("404 Not Found", "")))?;
    let elsewhere = format!("https://localhost:{}", foreign.port);

    // A token realm on another host.
    let challenge = format!("WWW-Authenticate: Bearer realm=\"{elsewhere}/token\",service=\"x\"");
    let own = Answering::start(None, Box::new(move |_| http("401 Unauthorized", &challenge)))?;
    configure(known(own.port));
    let ended = add(&own);
    if ended.exit != 4 || !ended.text().contains("wants its credentials sent to") || !foreign.asked().is_empty() {
        return Err(format!("foreign realm: {}", ended.text()));
    }

    // A redirect to another host, once the registry has the credentials.
    let to = format!("Location: {elsewhere}/elsewhere");
    let own = Answering::start(
        None,
        Box::new(move |head| {
            if head.contains("authorization: basic ") {
                http("307 Temporary Redirect", &to)
            } else {
                http("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"")
            }
        }),
    )?;
    configure(known(own.port));
    let ended = add(&own);
    let (there, here) = (foreign.asked(), own.asked());
    if ended.exit != 0 || there.is_empty() || there.iter().any(|head| head.contains("authorization")) {
        return Err(format!("redirect: {} {there:?}", ended.text()));
    }
    // `user:secret`, lower case as the rest.
    if !here.iter().any(|head| head.contains(&"authorization: basic dXNlcjpzZWNyZXQ=".to_lowercase())) {
        return Err(format!("redirect: {here:?}"));
    }

    // A redirect out of TLS, or to a name with credentials in it.
    for to in ["http://localhost:1/x", "https://user:secret@localhost:1/x", "file:///etc/passwd"] {
        let location = format!("Location: {to}");
        let own = Answering::start(None, Box::new(move |_| http("307 Temporary Redirect", &location)))?;
        let ended = add(&own);
        if ended.exit != 4 {
            return Err(format!("{to}: {}", ended.text()));
        }
    }

    // Helpers run where Docker's configuration names them, by name, and nowhere else.
    let helper = |name: &str| {
        let file = docker.join(format!("docker-credential-{name}"));
        let text = "#!/bin/sh\ntouch \"$(dirname \"$0\")/$(basename \"$0\").ran\"\n\
                    echo '{\"Username\":\"user\",\"Secret\":\"secret\"}'\n";
        fs::write(&file, text).expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("permissions");
        file.with_extension("ran")
    };
    let (mine, evil) = (helper("mine"), helper("evil"));
    let challenge = "WWW-Authenticate: Basic realm=\"x\",helper=\"evil\",credsStore=\"evil\"";
    let own = Answering::start(
        None,
        Box::new(|head| {
            if head.contains("authorization: basic ") {
                http("404 Not Found", "")
            } else {
                http("401 Unauthorized", challenge)
            }
        }),
    )?;
    configure(serde_json::json!({}));
    let ended = add(&own);
    if ended.exit != 7 || mine.exists() || evil.exists() {
        return Err(format!("no helper: {}", ended.text()));
    }
    configure(serde_json::json!({ "credHelpers": { format!("127.0.0.1:{}", own.port): "mine" } }));
    let ended = add(&own);
    if ended.exit != 0 || !mine.exists() || evil.exists() {
        return Err(format!("a helper: {}", ended.text()));
    }
    configure(serde_json::json!({ "credsStore": "../evil" }));
    let ended = add(&own);
    if ended.exit != 2 || evil.exists() { Err(format!("a path: {}", ended.text())) } else { Ok(()) }
}

/// A reference gets the pack and the version that it names, or nothing.
pub fn another_pack() -> Result<(), String> {
    let scene = Scene::new()?;
    let answer = |name: &str, version: &str| -> Answer {
        let digest = "0".repeat(64);
        let release =
            serde_json::json!({ "name": name, "version": version, "digest": digest, "archive": digest, "bytes": 1 });
        let layer =
            |kind: &str| serde_json::json!({ "mediaType": kind, "digest": format!("sha256:{digest}"), "size": 1 });
        let manifest = serde_json::json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "artifactType": "application/vnd.packbox.pack.v1",
            "config": layer("application/vnd.oci.empty.v1+json"),
            "layers": [layer("application/vnd.packbox.pack.v1.tar+zstd")],
            "annotations": { "dev.packbox.release": release.to_string() },
        });
        let (text, blob) = (manifest.to_string(), "x".to_owned());
        Box::new(move |head| {
            let body = if head.contains("/manifests/") { &text } else { &blob };
            format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        })
    };
    for (name, version, holds) in
        [("other", "1.0.0", true), ("web", "1.0.1", true), ("web", "1.0.0", false), ("../web", "1.0.0", false)]
    {
        let own = Answering::start(None, answer(name, version))?;
        // How the host is reached is taken from a registry there.
        let location = format!("oci://127.0.0.1:{}/log", own.port);
        let toml = format!("[registries.own]\nlocation = \"{location}\"\nplain_http = true\n");
        fs::create_dir_all(scene.at("home/config")).map_err(|error| error.to_string())?;
        fs::write(scene.at("home/config/registries.toml"), toml).map_err(|error| error.to_string())?;
        let reference = format!("oci://127.0.0.1:{}/packs/web:1.0.0", own.port);
        let text = scene.exits(6, &["install", &reference])?;
        let said = text.contains(&format!("it holds {name} {version}"));
        // Where the name is right, the archive is not what was announced.
        if said != holds || !scene.installed()?.is_empty() {
            return Err(format!("{name} {version}: {text}"));
        }
    }
    Ok(())
}
