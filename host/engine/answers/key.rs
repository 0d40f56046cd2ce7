//! Digests under a key of this user: [`Key`].
//!
//! Always true here: nobody without the key can say what was digested, nor make a digest of their own.

/// A digest under a key: half of one, which is enough for what nobody else can compute.
pub type Tag = [u8; 16];

/// A key.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// Takes a key.
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// Digests parts; `what` keeps those of different kinds apart.
    pub fn tag(&self, what: &str, parts: &[&[u8]]) -> Tag {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for part in std::iter::once(what.as_bytes()).chain(parts.iter().copied()) {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        let mut tag = Tag::default();
        tag.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        tag
    }

    /// The MAC of a file's bytes, under its name.
    pub fn mac(&self, name: &str, bytes: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(b"answers\0").update(name.as_bytes()).update(bytes);
        hasher.finalize()
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Key")
    }
}
