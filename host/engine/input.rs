//! The parts that calls are given, each of a kind that whoever saves, shows or cleans it can handle without knowing the
//! function.
//!
//! Always true here: plain data.

use crate::abi::FileParam;

/// A file that is handed to a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallFile {
    /// Its path, as the plugin sees it.
    pub path: String,
    /// What is in it.
    pub contents: Vec<u8>,
}

impl From<&FileParam<'_>> for CallFile {
    fn from(file: &FileParam<'_>) -> Self {
        Self { path: file.path.to_owned(), contents: file.contents.to_owned() }
    }
}

impl CallFile {
    /// The file as it is handed in.
    #[must_use]
    pub fn param(&self) -> FileParam<'_> {
        FileParam { path: &self.path, contents: &self.contents }
    }

    fn bytes(&self) -> u64 {
        (self.path.len() + self.contents.len()) as u64
    }
}

/// Declares the kinds of parts: how one is kept, lent, and lent to be changed.
macro_rules! kinds {
    ($($(#[$about:meta])* $kind:ident: $owned:ty, $lent:ty;)+) => {
        /// A part of what a call is given.
        #[derive(Debug, Clone, Copy)]
        pub enum Part<'a> { $($(#[$about])* $kind(&'a $lent)),+ }

        /// A part that can be changed.
        #[derive(Debug)]
        pub enum PartMut<'a> { $($(#[$about])* $kind(&'a mut $owned)),+ }

        /// The type in which a part of each kind is kept.
        pub(super) mod owned {
            use super::CallFile;
            $(pub type $kind = $owned;)+
        }
    };
}

kinds! {
    /// The variables: a JSON object, in which some may be secret.
    Variables: Vec<u8>, [u8];
    /// Other JSON.
    Json: Vec<u8>, [u8];
    /// Bytes that need not be there.
    Maybe: Option<Vec<u8>>, Option<Vec<u8>>;
    /// A text.
    Text: String, str;
    /// How an expression is to be read.
    Mode: crate::abi::Mode, crate::abi::Mode;
    /// One file, which the call is about.
    File: CallFile, CallFile;
    /// Files.
    Files: Vec<CallFile>, [CallFile];
}

impl Part<'_> {
    /// Bytes that it hands in.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Variables(bytes) | Self::Json(bytes) => bytes.len() as u64,
            Self::Maybe(bytes) => bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
            Self::Text(text) => text.len() as u64,
            Self::Mode(_) => 0,
            Self::File(file) => file.bytes(),
            Self::Files(files) => files.iter().map(CallFile::bytes).sum(),
        }
    }
}
