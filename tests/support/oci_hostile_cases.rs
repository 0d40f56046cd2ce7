//! OCI registries that want credentials sent elsewhere, answer with another pack than was asked for, or hardly answer at all.

use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Mutex;
use std::time::Duration;

use super::answering::{Answer, Answering, certificate, http, reply};
use super::process::Run;
use super::scene::Scene;

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

/// A user with a certificate, and a Docker configuration in a folder that is in `PATH`, too.
struct User {
    scene: Scene,
    certified: rcgen::CertifiedKey<rcgen::KeyPair>,
}

impl User {
    fn new() -> Result<Self, String> {
        let user = Self { scene: Scene::new()?, certified: certificate()? };
        // With a byte order mark, as every text may have one.
        fs::write(user.scene.at("ca.pem"), format!("\u{feff}{}", user.certified.cert.pem()))
            .map_err(|error| error.to_string())?;
        fs::create_dir_all(user.scene.at("docker")).map_err(|error| error.to_string())?;
        Ok(user)
    }

    fn configure(&self, docker: &serde_json::Value) {
        fs::write(self.scene.at("docker/config.json"), docker.to_string()).expect("a file");
    }

    /// Writes a credential helper.
    fn helper(&self, name: &str, script: &str) {
        let file = self.scene.at("docker").join(format!("docker-credential-{name}"));
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a file");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("permissions");
    }

    fn run(&self, arguments: &[&str]) -> super::process::Ended {
        let folder = self.scene.at("docker").display().to_string();
        let path = format!("{folder}:/usr/bin:/bin");
        self.scene.run_with(arguments, &[("DOCKER_CONFIG", folder.as_str()), ("PATH", path.as_str())])
    }

    /// Adds a registry, and forgets it.
    fn add(&self, location: &str, more: &[&str]) -> super::process::Ended {
        let ca = self.scene.at("ca.pem").display().to_string();
        let ended = self.run(&[&["registry", "add", "main", location, "--ca", &ca], more].concat());
        let _ = self.scene.run(&["registry", "remove", "main"]);
        ended
    }
}

/// What a server that wants `user` and `secret` answers, and what it answers to who has them.
fn with_password(known: impl Fn(&str) -> String + Send + Sync + 'static) -> Answer {
    let header = "authorization: basic dXNlcjpzZWNyZXQ=".to_lowercase();
    Box::new(move |head| {
        if head.contains(&header) {
            known(head)
        } else {
            http("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"")
        }
    })
}

/// One host is one host, however it is spelled: in the location, in what it answers, in Docker's configuration.
pub fn origins() -> Result<(), String> {
    let user = User::new()?;
    for (spelled, key) in [
        ("LOCALHOST:PORT", "localhost:PORT"),
        ("localhost.:PORT", "https://LocalHost:PORT/v1/"),
        ("localhost:PORT", "LOCALHOST.:PORT/v2/"),
        ("localhost:PORT", "https://localhost:PORT/packs"),
    ] {
        for location in [
            "https://LOCALHOST:PORT/elsewhere",
            "https://localhost.:PORT/elsewhere",
            "//localhost:PORT/elsewhere",
            "/elsewhere",
            "../elsewhere?a=b",
            "elsewhere#part",
        ] {
            let own = Answering::start(
                Some(&user.certified),
                with_password(move |head| {
                    let port = head.split("host: localhost:").nth(1).or(head.split("host: localhost.:").nth(1));
                    let port = port.and_then(|rest| rest.lines().next()).unwrap_or_default().trim().to_owned();
                    if head.lines().next().is_some_and(|line| line.contains("elsewhere")) {
                        http("404 Not Found", "")
                    } else {
                        http("307 Temporary Redirect", &format!("Location: {}", location.replace("PORT", &port)))
                    }
                }),
            )?;
            let port = own.port.to_string();
            let auth = serde_json::json!({ "username": "user", "password": "secret" });
            user.configure(&serde_json::json!({ "auths": { key.replace("PORT", &port): auth } }));
            let ended = user.add(&format!("oci://{}/packs", spelled.replace("PORT", &port)), &[]);
            let asked = own.asked();
            let last = asked.last().map(String::as_str).unwrap_or_default();
            if ended.exit != 0 || !last.contains("elsewhere") || !last.contains("authorization: basic ") {
                return Err(format!("{spelled} {key} {location}: {} {asked:?}", ended.text()));
            }
        }
    }
    // What is not followed says the true reason.
    for (location, why) in [
        ("http://localhost:1/x", "`https` addresses only"),
        ("https://user:secret@localhost:1/x", "a name or a password in it"),
        ("https://local host/x", "its host is not valid"),
        ("https://[::1/x", "it is not an address"),
    ] {
        let header = format!("Location: {location}");
        let own = Answering::start(Some(&user.certified), Box::new(move |_| http("302 Found", &header)))?;
        let ended = user.add(&format!("oci://localhost:{}/packs", own.port), &[]);
        if ended.exit != 4 || !ended.text().contains(why) {
            return Err(format!("{location}: {}", ended.text()));
        }
    }
    // The same registry in two spellings is the one that is there.
    let own = Answering::start(Some(&user.certified), Box::new(|_| http("404 Not Found", "")))?;
    let ca = user.scene.at("ca.pem").display().to_string();
    for spelled in ["localhost", "LOCALHOST", "localhost."] {
        let location = format!("oci://{spelled}:{}/packs", own.port);
        let ended = user.run(&["registry", "add", "twice", &location, "--ca", &ca]);
        if ended.exit != 0 {
            return Err(format!("{spelled}: {}", ended.text()));
        }
    }
    Ok(())
}

/// A token realm on another host gets credentials only where the user allowed that host by name.
pub fn token_realm() -> Result<(), String> {
    let user = User::new()?;
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nConnection: close\r\n\r\n{\"token\":\"t\"}";
    let realm = Answering::start(Some(&user.certified), Box::new(|_| answer.to_owned()))?;
    let challenge = format!("WWW-Authenticate: Bearer realm=\"https://LOCALHOST:{}/token\",service=\"x\"", realm.port);
    let own = Answering::start(
        None,
        Box::new(move |head| {
            let known = head.contains("authorization: bearer t\r\n");
            if known { http("404 Not Found", "") } else { http("401 Unauthorized", &challenge) }
        }),
    )?;
    let auth = serde_json::json!({ "username": "user", "password": "secret" });
    user.configure(&serde_json::json!({ "auths": { format!("127.0.0.1:{}", own.port): auth } }));
    let location = format!("oci://127.0.0.1:{}/packs", own.port);
    let by_name = format!("LocalHost.:{}", realm.port);
    for (allowed, exit, says) in [
        (None, 4, format!("--token-host localhost:{}", realm.port)),
        (Some("localhost"), 4, "token-host = ".to_owned()),
        (Some("other.example:1"), 4, "token-host = ".to_owned()),
        (Some("https://localhost/"), 2, "which is not a host".to_owned()),
        (Some(by_name.as_str()), 0, String::new()),
    ] {
        let more: Vec<&str> =
            ["--plain-http"].into_iter().chain(allowed.iter().flat_map(|host| ["--token-host", *host])).collect();
        let ended = user.add(&location, &more);
        let asked = realm.asked();
        let given = asked.iter().any(|head| head.contains("authorization: basic "));
        if ended.exit != exit || !ended.text().contains(&says) || given != (exit == 0) {
            return Err(format!("{allowed:?}: {} {asked:?}", ended.text()));
        }
    }
    // It is kept in the settings, and holds from then on.
    let ca = user.scene.at("ca.pem").display().to_string();
    user.run(&["registry", "add", "main", &location, "--ca", &ca, "--plain-http", "--token-host", &by_name]);
    let ended = user.run(&["registry", "sync"]);
    let settings =
        fs::read_to_string(user.scene.at("home/config/registries.toml")).map_err(|error| error.to_string())?;
    if ended.exit != 0 || !settings.contains(&format!("token-host = \"{by_name}\"")) {
        return Err(format!("{} {settings}", ended.text()));
    }
    // Without credentials there is nothing that could be sent.
    user.configure(&serde_json::json!({}));
    let ended = user.add(&location, &["--plain-http"]);
    if ended.exit == 0 { Ok(()) } else { Err(ended.text()) }
}

/// Identity tokens are exchanged at the realm; helpers that don't help are named where a registry refuses.
pub fn tokens_and_helpers() -> Result<(), String> {
    let user = User::new()?;
    let own = Answering::start(
        None,
        Box::new(|head| {
            let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().trim().to_owned();
            if head.starts_with("post /token") && head.contains("grant_type=refresh_token&refresh_token=re%2Ffresh") {
                let text = "{\"access_token\":\"t\"}";
                return format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}", text.len());
            }
            if head.contains("authorization: bearer t\r\n") {
                return http("404 Not Found", "");
            }
            let challenge =
                format!("Bearer realm=\"http://{host}/token\",service=\"registry\",scope=\"repository:packs:pull\"");
            http("401 Unauthorized", &format!("WWW-Authenticate: {challenge}"))
        }),
    )?;
    let host = format!("127.0.0.1:{}", own.port);
    let location = format!("oci://{host}/packs");
    let add = || user.add(&location, &["--plain-http"]);
    user.configure(&serde_json::json!({ "auths": { host.as_str(): { "auth": "", "identitytoken": "re/fresh" } } }));
    let ended = add();
    let asked = own.asked();
    let exchanged = asked.iter().find(|head| head.starts_with("post /token")).ok_or_else(|| ended.text())?;
    let parts = ["service=registry", "scope=repository%3Apacks%3Apull", "client_id=packbox"];
    if ended.exit != 0 || parts.iter().any(|part| !exchanged.contains(part)) || exchanged.contains("authorization:") {
        return Err(format!("identity token: {} {asked:?}", ended.text()));
    }
    // A helper may give one, too; it is asked by the name under which the configuration knows the host.
    let script = format!(
        "read name; test \"$name\" = https://{host}/v1/ || {{ echo credentials not found in native keychain; exit 1; }}\n\
                          echo '{{\"Username\":\"<token>\",\"Secret\":\"re/fresh\"}}'"
    );
    user.helper("tokens", &script);
    user.configure(&serde_json::json!({ "auths": { format!("https://{host}/v1/"): {} }, "credsStore": "tokens" }));
    let ended = add();
    if ended.exit != 0 {
        return Err(format!("an identity token of a helper: {}", ended.text()));
    }
    user.helper("locked", "echo the keychain is locked; exit 1");
    user.helper("silent", "exit 3");
    user.helper("nonsense", "echo hunter2");
    for (helper, says) in [
        ("missing", "is not in `PATH`"),
        ("locked", "fails: the keychain is locked"),
        ("silent", "fails without a message"),
        ("nonsense", "answers with something other than JSON"),
    ] {
        for key in ["credsStore", "credHelpers"] {
            let value = if key == "credsStore" { helper.into() } else { serde_json::json!({ host.as_str(): helper }) };
            user.configure(&serde_json::json!({ key: value }));
            let ended = add();
            let text = ended.text();
            let program = format!("docker-credential-{helper}");
            let parts = [program.as_str(), says, "docker login", "config.json"];
            if ended.exit != 7 || parts.iter().any(|part| !text.contains(part)) || text.contains("hunter2") {
                return Err(format!("{key} {helper}: {text}"));
            }
        }
    }
    // What a registry gives to everybody needs no helper.
    let open = Answering::start(None, Box::new(|_| http("404 Not Found", "")))?;
    user.configure(&serde_json::json!({ "credsStore": "missing" }));
    let ended = user.add(&format!("oci://127.0.0.1:{}/packs", open.port), &["--plain-http"]);
    if ended.exit != 0 {
        return Err(format!("an open registry: {}", ended.text()));
    }
    // An empty password is not sent, and said.
    user.configure(&serde_json::json!({ "auths": { host.as_str(): { "auth": "dXNlcjo=" } } }));
    let _ = own.asked();
    let ended = add();
    if ended.exit != 7 || !ended.text().contains("is empty") || own.asked().iter().any(|head| head.contains("basic")) {
        return Err(format!("an empty password: {}", ended.text()));
    }
    Ok(())
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
        let toml = format!("[registries.own]\nlocation = \"{location}\"\nplain-http = true\n");
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

/// A server that sends what `answer` says at once, and then a byte now and then, for ever.
fn dripping(answer: Drips) -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let heads = Mutex::default();
                let answer: Answer = Box::new(answer);
                if reply(&mut client, &answer, &heads).is_ok() {
                    while client.write_all(b" ").and_then(|()| client.flush()).is_ok() {
                        std::thread::sleep(Duration::from_millis(500));
                    }
                }
            });
        }
    });
    Ok(port)
}

/// What a server sends before it drips.
type Drips = fn(&str) -> String;

const ENDLESS: &str = "Content-Length: 100000000\r\n\r\n";

/// Whatever part of an answer drips, an interrupt is seen, and an error's text is not waited for.
pub fn drips() -> Result<(), String> {
    let token = |head: &str| {
        if head.starts_with("get /token") {
            return format!("HTTP/1.1 200 OK\r\n{ENDLESS}{{");
        }
        let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().trim().to_owned();
        http("401 Unauthorized", &format!("WWW-Authenticate: Bearer realm=\"http://{host}/token\",service=\"x\""))
    };
    let parts: [(&str, Drips, i32); 5] = [
        ("nothing", |_| String::new(), 130),
        ("head", |_| "HTTP/1.1 200 OK\r\nX-Slow: ".to_owned(), 130),
        ("manifest", |_| format!("HTTP/1.1 200 OK\r\n{ENDLESS}{{"), 130),
        ("token", token, 130),
        ("error", |_| format!("HTTP/1.1 400 Bad Request\r\n{ENDLESS}go away"), 7),
    ];
    for (part, answer, exit) in parts {
        let scene = Scene::new()?;
        let location = format!("oci://127.0.0.1:{}/packs", dripping(answer)?);
        let arguments = ["registry", "add", "main", &location, "--plain-http"].map(str::to_owned);
        let environment = [("PACKBOX_HOME".to_owned(), scene.at("home").display().to_string())];
        let interrupt_after = (exit == 130).then_some(Duration::from_secs(1));
        let folder = scene.at("work");
        let run = Run {
            arguments: arguments.into(),
            folder,
            environment: environment.into(),
            interrupt_after,
            ..Run::default()
        };
        let ended = run.run();
        if ended.exit != exit || ended.time > Duration::from_secs(8) || exit == 7 && !ended.text().contains("go away") {
            return Err(format!("{part}: {:.1?}, {}", ended.time, ended.text()));
        }
    }
    Ok(())
}

/// A log of many layers with next to nothing in them is not asked for layer by layer.
pub fn many_layers() -> Result<(), String> {
    let scene = Scene::new()?;
    let digest = packbox::digest::Digest::of(b"x");
    let layer = |kind: &str| serde_json::json!({ "mediaType": kind, "digest": format!("sha256:{digest}"), "size": 1 });
    let manifest = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": "application/vnd.packbox.log.v1",
        "config": layer("application/vnd.oci.empty.v1+json"),
        "layers": vec![layer("application/vnd.packbox.log.v1.jsonl"); 20_000],
    });
    let text = manifest.to_string();
    let answer: Answer = Box::new(move |head| {
        let body = if head.contains("/manifests/") { &text } else { "x" };
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
    });
    let own = Answering::start(None, answer)?;
    let location = format!("oci://127.0.0.1:{}/packs", own.port);
    let text = scene.exits(6, &["registry", "add", "main", &location, "--plain-http"])?;
    let asked = own.asked().len();
    if asked > 3 { Err(format!("{asked} requests: {text}")) } else { Ok(()) }
}
