//! Whether content may be used: signatures by trusted keys, and trusted digests.
//!
//! A signature is minisign's over the text `packbox-pack-sha256:DIGEST`, where the digest is that of the content
//! ([`crate::pack::Pack::digest`]): whoever repacks a pack or moves it elsewhere does not break it.
//!
//! Always true here: trust hangs on a key or a digest, never on a name or an address; where a policy asks for a signature, a
//! missing one fails as a wrong one does.

use minisign_verify::{PublicKey, Signature};

use super::config::{RegistryEntry, Trust};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind, Result};
use crate::text;

/// The text that is signed.
#[must_use]
pub fn signed_text(digest: &Digest) -> String {
    format!("packbox-pack-sha256:{digest}")
}

/// Checks a pack's content against what the user trusts; `registry` is where it came from, where it came from one.
/// Returns whether it is trusted by a key or a digest; without a policy it need not be.
///
/// # Errors
/// `Integrity` where a policy asks for a signature and there is no valid one by a key of it; `Usage` where a key of the
/// policy is none.
pub fn check(
    trust: &Trust,
    registry: Option<&RegistryEntry>,
    what: &str,
    digest: &Digest,
    signatures: &[String],
) -> Result<bool> {
    if trust.digests.contains(digest) {
        return Ok(true);
    }
    let policies = [registry.map(|entry| &entry.keys), Some(&trust.keys)];
    let mut trusted = false;
    for keys in policies.into_iter().flatten().filter(|keys| !keys.is_empty()) {
        let keys = keys.iter().map(|key| parse_key(key)).collect::<Result<Vec<_>>>()?;
        if !signatures.iter().any(|signature| is_signed(&keys, digest, signature)) {
            return Err(refused(what, digest, signatures.is_empty()));
        }
        trusted = true;
    }
    Ok(trusted)
}

/// Checks that a text is a public key.
///
/// # Errors
/// `Usage`.
pub fn parse_key(key: &str) -> Result<PublicKey> {
    PublicKey::from_base64(key.trim()).map_err(|_| {
        let shown: String = text::printable_line(key).chars().take(80).collect();
        Error::new(ErrorKind::Usage, format!("`{shown}` is not a public key"))
            .hint("give the second line of a minisign `.pub` file, which begins with `RW`")
    })
}

fn is_signed(keys: &[PublicKey], digest: &Digest, signature: &str) -> bool {
    let Ok(signature) = Signature::decode(signature) else { return false };
    let text = signed_text(digest);
    keys.iter().any(|key| key.verify(text.as_bytes(), &signature, true).is_ok())
}

fn refused(what: &str, digest: &Digest, is_unsigned: bool) -> Error {
    let why = if is_unsigned { "is not signed" } else { "is not signed by a key that you trust" };
    Error::new(ErrorKind::Integrity, format!("{what} {why}, but the settings of your registries require that")).hint(
        format!("ask its author to sign it; or trust exactly this content: `digests = [\"{digest}\"]` below `[trust]`"),
    )
}
