//! A server that answers as a case tells it.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// A certificate for this machine, made just now.
pub fn certificate() -> Result<rcgen::CertifiedKey<rcgen::KeyPair>, String> {
    let names = ["127.0.0.1", "localhost"].map(str::to_owned);
    rcgen::generate_simple_self_signed(names).map_err(|error| error.to_string())
}

/// A server that answers each request as it is told, and remembers what it was asked.
pub struct Answering {
    pub port: u16,
    /// The heads of requests, lower case, each with its body as it came.
    asked: Arc<Mutex<Vec<String>>>,
}

/// What it answers to the head and the body of a request.
pub type Answer = Box<dyn Fn(&str) -> String + Send + Sync>;

impl Answering {
    /// Starts one, with TLS where there is a certificate.
    pub fn start(certified: Option<&rcgen::CertifiedKey<rcgen::KeyPair>>, answer: Answer) -> Result<Self, String> {
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

    /// What it was asked since the last time.
    pub fn asked(&self) -> Vec<String> {
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

/// Reads a request, notes it, and answers it.
pub fn reply(
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
    let mut head = String::from_utf8_lossy(&head).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    head.push_str(&String::from_utf8_lossy(&body));
    let text = answer(&head);
    heads.lock().expect("a lock").push(head);
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

/// An answer without a body.
pub fn http(status: &str, header: &str) -> String {
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    format!("HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\nConnection: close\r\n\r\n")
}
