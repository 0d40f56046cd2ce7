//! Requests to an OCI registry: authentication, redirects, retries, deadlines.
//!
//! Always true here: TLS is verified, and used for everything but a loopback host for which the user allowed plain HTTP;
//! redirects are followed by hand, and no credentials go to another host; what arrives is bounded before it is read; text
//! of a registry is stripped before it is shown.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ureq::http::{Response, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};

use super::auth::{Challenge, is_own_realm, other_host};
use super::credentials::{CredentialSource, Credentials, Found};
use super::origin::{Address, Host};
use super::reference::Repository;
use super::waiting::{self, Chunks, TRIES, backoff, is_too_slow, retry_after};
use crate::advice::said;
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;
use crate::progress::{Event, Progress};
use crate::text;

/// What to do about a registry that does what none should.
const TELL: &str = "tell the registry's owner, or whoever runs a proxy in front of it";
const CONNECT: Duration = Duration::from_secs(10);
/// The longest silence of a server.
const SILENCE: Duration = Duration::from_secs(30);
/// The most redirects.
const REDIRECTS: usize = 5;
/// The most of an error's text that is read.
const LARGEST_ERROR: u64 = 4 << 10;
/// How long an error's text is waited for; what has come by then is shown.
const LONGEST_ERROR: Duration = Duration::from_secs(3);
/// The most of a token that is read.
const LARGEST_TOKEN: u64 = 1 << 20;
/// The largest file of certificates; a system's whole collection takes 200 KB.
const LARGEST_PEM: u64 = 10 << 20;

/// How a registry is reached.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// Certificates to trust beside the usual ones, in a PEM file.
    pub ca: Option<PathBuf>,
    /// Whether plain HTTP is used; for this machine only.
    pub plain_http: bool,
    /// Where credentials come from.
    pub credentials: CredentialSource,
    /// Where else than to the registry's own host they may be sent: the host of its token realm.
    pub token_host: Option<String>,
    /// Looked at all the while that the network is waited for.
    pub interrupt: Interrupt,
}

/// A client of one registry.
pub(super) struct Client {
    agent: Agent,
    repository: Repository,
    access: Access,
    /// What is sent as `Authorization`, once the registry asked for it.
    authorization: Mutex<Option<String>>,
    /// What the user has for it, once it was looked for.
    found: Mutex<Option<Found>>,
    /// The host of its token realm, where the user allowed another.
    token_host: Option<Host>,
}

/// A request that can be made again.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub method: &'a str,
    /// Behind the host, beginning with `/v2/`; or a whole address that the registry named.
    pub path: &'a str,
    pub accept: Option<&'a str>,
    pub content_type: Option<&'a str>,
    pub body: Option<&'a [u8]>,
    /// Where to begin, in bytes.
    pub from: u64,
}

impl<'a> Request<'a> {
    pub fn new(method: &'a str, path: &'a str) -> Self {
        Self { method, path, accept: None, content_type: None, body: None, from: 0 }
    }
}

impl Client {
    pub fn new(repository: Repository, access: Access) -> Result<Self> {
        if access.plain_http && !repository.host.is_loopback() {
            let detail = format!("plain HTTP is for this machine only, and `{}` is another machine", repository.host);
            return Err(Error::new(ErrorKind::Refused, detail).hint(said(
                "use TLS; `--ca FILE` trusts a certificate of your own",
                "use TLS; in `registries.toml`, `ca` names the file of a certificate of your own",
            )));
        }
        let token_host = access.token_host.as_deref().map(|text| {
            Host::parse(text).ok_or_else(|| {
                let shown = text::printable_line(text);
                let detail = format!("the `token-host` of `{repository}` is `{shown}`, which is not a host");
                Error::new(ErrorKind::Usage, detail)
                    .hint("write a host, for instance `gitlab.example`, with its port if that is not 443")
            })
        });
        let token_host = token_host.transpose()?;
        let roots = match &access.ca {
            Some(path) => RootCerts::from(certificates(path)?),
            None => RootCerts::PlatformVerifier,
        };
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .https_only(!access.plain_http)
            .timeout_connect(Some(CONNECT))
            .timeout_send_request(Some(SILENCE))
            .timeout_recv_response(Some(SILENCE))
            .timeout_per_read(Some(SILENCE))
            .timeout_per_write(Some(SILENCE))
            .user_agent(concat!("packbox/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls.build())
            .build();
        Ok(Self {
            agent: config.into(),
            repository,
            access,
            authorization: Mutex::default(),
            found: Mutex::default(),
            token_host,
        })
    }

    fn base(&self) -> String {
        let scheme = if self.access.plain_http { "http" } else { "https" };
        format!("{scheme}://{}", self.repository.host)
    }

    /// Makes a request until it is answered with something else than an error that may pass.
    pub fn send(&self, request: Request<'_>) -> Result<Response<Body>> {
        let mut tried = 0;
        loop {
            tried += 1;
            let (wait, error) = match self.send_once(request) {
                Ok(response) if response.status().as_u16() == 429 || response.status().is_server_error() => {
                    let wait = retry_after(&response);
                    (wait, self.refusal(request, response))
                }
                Ok(response) => return Ok(response),
                Err(error) if error.kind() == ErrorKind::Io => (None, error),
                Err(error) => return Err(error),
            };
            if tried == TRIES {
                return Err(error);
            }
            self.pause(wait.unwrap_or(backoff(tried)))?;
        }
    }

    /// Waits, unless the user wants to stop.
    pub fn pause(&self, wait: Duration) -> Result<()> {
        waiting::pause(wait, &self.access.interrupt)
    }

    fn send_once(&self, request: Request<'_>) -> Result<Response<Body>> {
        let response = self.follow(request)?;
        if response.status().as_u16() != 401 {
            return Ok(response);
        }
        // Asked for credentials: once, with what fits the challenge.
        let challenges = response.headers().get_all("www-authenticate").into_iter();
        let challenge = challenges.filter_map(|value| value.to_str().ok()).find_map(Challenge::parse);
        let Some(challenge) = challenge else { return Ok(response) };
        let Some(authorization) = self.authorize(&challenge)? else { return Ok(response) };
        if let Ok(mut known) = self.authorization.lock() {
            *known = Some(authorization);
        }
        self.follow(request)
    }

    /// Sends a request to where it is redirected. Only what reads is redirected.
    fn follow(&self, request: Request<'_>) -> Result<Response<Body>> {
        let mut address =
            if request.path.starts_with('/') { self.base() + request.path } else { request.path.to_owned() };
        for _ in 0..=REDIRECTS {
            let response = self.exchange(&address, request)?;
            let status = response.status().as_u16();
            let location = response.headers().get("location").and_then(|value| value.to_str().ok());
            match location {
                Some(location) if matches!(status, 301 | 302 | 303 | 307 | 308) && request.body.is_none() => {
                    address = self.resolve(&address, location)?.text;
                }
                _ => return Ok(response),
            }
        }
        Err(Error::new(ErrorKind::Io, format!("`{}` redirects more than {REDIRECTS} times", self.repository)))
    }

    /// Makes a whole address of what a registry names at another, without leaving TLS.
    fn resolve(&self, from: &str, location: &str) -> Result<Address> {
        let address = Address::resolve(from, location).and_then(|address| {
            let own = self.is_own(&address);
            let allowed = !address.plain_http || (self.access.plain_http && own);
            if allowed { Ok(address) } else { Err("packbox connects to `https` addresses only") }
        });
        address.map_err(|why| {
            let shown: String = text::printable_line(location).chars().take(200).collect();
            let detail = format!("`{}` names the address `{shown}`, which is not followed: {why}", self.repository);
            Error::new(ErrorKind::Refused, detail).hint(TELL)
        })
    }

    /// Whether an address is of the registry's own origin.
    fn is_own(&self, address: &Address) -> bool {
        address.is_at(&self.repository.host, self.access.plain_http)
    }

    /// Makes a whole address of where to send an upload, as it was answered to who asked for `path`.
    pub fn resolve_upload(&self, path: &str, location: &str) -> Result<String> {
        self.resolve(&(self.base() + path), location).map(|address| address.text)
    }

    fn exchange(&self, address: &str, request: Request<'_>) -> Result<Response<Body>> {
        let uri: Uri = address
            .parse()
            .map_err(|_| Error::new(ErrorKind::Io, format!("`{}` names an invalid address", self.repository)))?;
        let is_own = Address::resolve(address, "").is_ok_and(|address| self.is_own(&address));
        let mut builder = ureq::http::Request::builder().method(request.method).uri(uri);
        let known = self.authorization.lock().ok().and_then(|known| known.clone());
        if let Some(authorization) = known.filter(|_| is_own) {
            builder = builder.header("authorization", authorization);
        }
        if let Some(accept) = request.accept {
            builder = builder.header("accept", accept);
        }
        if let Some(kind) = request.content_type {
            builder = builder.header("content-type", kind);
        }
        if request.from > 0 {
            builder = builder.header("range", format!("bytes={}-", request.from));
        }
        let agent = self.agent.clone();
        let sent = if let Some(body) = request.body {
            let request = builder.body(body.to_vec()).map_err(|error| self.broken(&error))?;
            self.waited(move || agent.run(request))?
        } else {
            let request = builder.body(()).map_err(|error| self.broken(&error))?;
            self.waited(move || agent.run(request))?
        };
        sent.map_err(|error| self.broken(&error))
    }

    fn broken(&self, error: &dyn std::fmt::Display) -> Error {
        let why = text::printable_line(&error.to_string());
        Error::new(ErrorKind::Io, format!("cannot talk to `{}`: {why}", self.repository)).hint(said(
            "check the name and the network; what is installed stays usable, and `--offline` needs no registry",
            "check the name and the network; what is installed stays usable",
        ))
    }

    /// What the user has for the registry; looked for once.
    fn found(&self) -> Result<Found> {
        if let Some(found) = self.found.lock().ok().and_then(|found| found.clone()) {
            return Ok(found);
        }
        let Access { credentials, plain_http, interrupt, .. } = &self.access;
        // A helper that asks its user may take a while, and nobody waits for a lock meanwhile.
        let found = credentials.find(&self.repository, *plain_http, interrupt)?;
        if let Ok(mut known) = self.found.lock() {
            *known = Some(found.clone());
        }
        Ok(found)
    }

    /// Adds what is said where the registry refuses after all.
    fn remark(&self, remark: String) {
        if let Ok(mut known) = self.found.lock() {
            let remarks = &mut known.get_or_insert_default().remarks;
            if !remarks.contains(&remark) {
                remarks.push(remark);
            }
        }
    }

    /// Makes what to send as `Authorization`; none where there is nothing that fits.
    fn authorize(&self, challenge: &Challenge) -> Result<Option<String>> {
        let credentials = self.found()?.credentials;
        match challenge {
            Challenge::Basic => {
                let basic = credentials.as_ref().and_then(Credentials::basic);
                if basic.is_none() && credentials.is_some() {
                    self.remark(
                        "only an identity token was found for it, but it wants a name and a password".to_owned(),
                    );
                }
                Ok(basic)
            }
            Challenge::Bearer { realm, service, scope } => {
                self.token(realm, service.as_deref(), scope.as_deref(), credentials)
            }
        }
    }

    /// Fetches a token. A realm on another host gets no credentials, unless the user allowed that host.
    fn token(
        &self,
        realm: &str,
        service: Option<&str>,
        scope: Option<&str>,
        credentials: Option<Credentials>,
    ) -> Result<Option<String>> {
        let address = self.resolve(&self.base(), realm)?;
        let realm_host = &address.host;
        let allowed = self.token_host.as_ref();
        if credentials.is_some() && !is_own_realm(&self.repository.host, realm_host, allowed) {
            return Err(other_host(&self.repository, realm_host));
        }
        let is_known = credentials.is_some();
        let queries = [("service", service), ("scope", scope)];
        let queries = queries.into_iter().filter_map(|(name, value)| Some((name, value?.to_owned())));
        let sent = if let Some(Credentials::Identity(token)) = credentials {
            let fixed = [("grant_type", "refresh_token".to_owned()), ("refresh_token", token)];
            let client = ("client_id", "packbox".to_owned());
            let form: Vec<(&str, String)> = fixed.into_iter().chain([client]).chain(queries).collect();
            let builder = self.agent.post(&address.text);
            self.waited(move || builder.send_form(form))?
        } else {
            let mut builder = self.agent.get(&address.text);
            for (name, value) in queries {
                builder = builder.query(name, value);
            }
            if let Some(basic) = credentials.and_then(|credentials| credentials.basic()) {
                builder = builder.header("authorization", basic);
            }
            self.waited(move || builder.call())?
        };
        let response = sent.map_err(|error| self.broken(&error))?;
        if !response.status().is_success() {
            if is_known {
                let code = response.status().as_u16();
                self.remark(format!("`{realm_host}` answers {code} to the credentials that were found"));
            }
            return Ok(None);
        }
        let text = self.read(response, LARGEST_TOKEN)?;
        let token: Option<Token> = serde_json::from_slice(&text).ok();
        let token = token.and_then(|token| token.token.or(token.access_token));
        let is_plain = |token: &String| token.bytes().all(|byte| byte.is_ascii_graphic());
        Ok(token.filter(is_plain).map(|token| format!("Bearer {token}")))
    }

    /// Reads a body of at most `most` bytes.
    pub fn read(&self, response: Response<Body>, most: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut chunks = Chunks::of(response, most.saturating_add(1))?;
        let begin = Instant::now();
        while let Some(chunk) = chunks.next(&mut || self.goes_on(begin, bytes.len()))? {
            bytes.extend_from_slice(&chunk.map_err(|error| self.broken(&error))?);
        }
        if bytes.len() as u64 > most {
            let most = text::format_bytes(most);
            let detail = format!("`{}` answers with more than {most}", self.repository);
            return Err(Error::new(ErrorKind::Integrity, detail).hint(TELL));
        }
        Ok(bytes)
    }

    /// Fetches a blob of a known size, going on where a connection was cut; tells how much of `what` has arrived.
    pub fn fetch(&self, path: &str, size: u64, what: &str, progress: &dyn Progress) -> Result<Option<Vec<u8>>> {
        let bytes = RefCell::new(Vec::new());
        let (begin, mut tried) = (Instant::now(), 0);
        loop {
            tried += 1;
            let from = bytes.borrow().len() as u64;
            let response = self.send(Request { from, ..Request::new("GET", path) })?;
            match response.status().as_u16() {
                404 => return Ok(None),
                206 => {}
                200 => bytes.borrow_mut().clear(),
                _ => return Err(self.refusal(Request::new("GET", path), response)),
            }
            let mut chunks = Chunks::of(response, u64::MAX)?;
            let outcome = loop {
                match chunks.next(&mut || self.goes_on(begin, bytes.borrow().len()))? {
                    None => break Ok(()),
                    Some(Ok(chunk)) => {
                        let mut bytes = bytes.borrow_mut();
                        bytes.extend_from_slice(&chunk);
                        progress.on(&Event::Fetching { what, done: bytes.len() as u64, of: size });
                        // What is more than was announced is not waited for; the digest tells.
                        if bytes.len() as u64 > size {
                            break Ok(());
                        }
                    }
                    Some(Err(error)) => break Err(error),
                }
            };
            let arrived = bytes.borrow().len() as u64;
            match outcome {
                Ok(()) if arrived >= size => return Ok(Some(bytes.into_inner())),
                _ if tried < TRIES => self.pause(backoff(tried))?,
                Ok(()) => {
                    let detail = format!("`{}` sent {arrived} of {size} bytes, {TRIES} times", self.repository);
                    return Err(Error::new(ErrorKind::Io, detail)
                        .hint("try again; if it keeps failing, tell the registry's owner"));
                }
                Err(error) => return Err(self.broken(&error)),
            }
        }
    }

    /// What has come of an error's text once it is complete or was waited for long enough.
    fn error_text(&self, response: Response<Body>) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        let mut chunks = Chunks::of(response, LARGEST_ERROR)?;
        let end = Instant::now() + LONGEST_ERROR;
        let mut wait = || self.access.interrupt.go_on().map(|()| Instant::now() < end);
        while let Some(Ok(chunk)) = chunks.next(&mut wait)? {
            text.extend_from_slice(&chunk);
        }
        Ok(text)
    }

    /// Does something that waits for the network, and stops waiting where the user wants to stop.
    fn waited<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        waiting::waited(work, &self.access.interrupt)?.ok_or_else(|| self.broken(&"nothing came back"))
    }

    /// Whether to wait for more: not where the user wants to stop, or where a server sends too slowly.
    fn goes_on(&self, begin: Instant, bytes: usize) -> Result<bool> {
        self.access.interrupt.go_on()?;
        if is_too_slow(begin.elapsed(), bytes) { Err(self.broken(&"it sends too slowly")) } else { Ok(true) }
    }

    /// Says what a registry answered instead of what was asked for.
    pub fn refusal(&self, request: Request<'_>, response: Response<Body>) -> Error {
        let status = response.status();
        let text = match self.error_text(response) {
            Ok(text) => text,
            Err(interrupted) => return interrupted,
        };
        let said: String = text::printable_line(&String::from_utf8_lossy(&text)).chars().take(300).collect();
        let said = if said.trim().is_empty() { String::new() } else { format!(": {said}") };
        let (method, code) = (request.method, status.as_u16());
        let error = Error::new(ErrorKind::Io, format!("`{}` answers {method} with {code}{said}", self.repository));
        match code {
            401 | 403 => {
                let host = &self.repository.host;
                error.hint(format!("{}log in with `docker login {host}`; packbox uses what that saves", self.remarks()))
            }
            // Some say so of what one may not see.
            404 => error.hint(format!("{}check the name of the repository", self.remarks())),
            429 => error.hint("the registry takes no more requests for now; try again later"),
            _ => error.hint("try again; if it keeps failing, tell the registry's owner"),
        }
    }
}

impl Client {
    /// Why there are no better credentials, before what to do next.
    fn remarks(&self) -> String {
        let found = self.found.lock().ok().and_then(|found| found.clone()).unwrap_or_default();
        found.remarks.iter().flat_map(|remark| [remark, "; "]).collect()
    }
}

/// What a token realm answers.
#[derive(serde::Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

/// Reads certificates from a PEM file.
fn certificates(path: &std::path::Path) -> Result<Vec<Certificate<'static>>> {
    let shown = path.display();
    let pem = crate::files::read_own(path, LARGEST_PEM)
        .map_err(|error| Error::io(format!("cannot read the certificates in `{shown}`"), error))?;
    let pem = crate::files::decode(pem)
        .map_err(|error| error.error(ErrorKind::Usage, &format!("`{shown}`"), &shown.to_string()))?;
    let mut found = Vec::new();
    for item in ureq::tls::parse_pem(pem.as_bytes()) {
        if let Ok(ureq::tls::PemItem::Certificate(certificate)) = item {
            found.push(certificate);
        }
    }
    if found.is_empty() {
        return Err(
            Error::new(ErrorKind::Usage, format!("there is no certificate in `{shown}`")).hint("give a PEM file")
        );
    }
    Ok(found)
}
