//! Paths of generated files, as one strict type.
//!
//! Always true here: an [`OutputPath`] is relative, `/` separated, and names the same file on every supported system;
//! it cannot lead out of the folder that it is joined to, nor into `.packbox` or a `.git` folder.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::portable_names;
use crate::error::{Error, ErrorKind};

/// The path of a file below the output folder; checked whenever one is made, also when one is read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct OutputPath(Box<str>);

impl OutputPath {
    /// The longest path, in bytes.
    pub const MAX_BYTES: usize = 1024;
    /// The longest component, in bytes.
    pub const MAX_COMPONENT_BYTES: usize = 255;
    /// The most components.
    pub const MAX_DEPTH: usize = 64;

    /// Checks a path.
    ///
    /// # Errors
    /// The first rule that the path breaks.
    pub fn new(path: impl Into<String>) -> Result<Self, InvalidPath> {
        let path = path.into();
        check(&path)?;
        Ok(Self(path.into_boxed_str()))
    }

    /// Returns the path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path's components, outermost first; there is at least one.
    #[must_use]
    pub fn components(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// Returns the folder that holds the file, or an empty text where that is the output folder itself.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Returns the last component.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&*self.0, |(_, name)| name)
    }
}

/// Why a text is not an output path, as what is said of the path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPath {
    /// The text is empty.
    #[error("is empty")]
    Empty,
    /// The path has more than [`OutputPath::MAX_BYTES`] bytes.
    #[error("has {bytes} bytes, but at most 1024 are allowed")]
    TooLong {
        /// How many it has.
        bytes: usize,
    },
    /// The path has more than [`OutputPath::MAX_DEPTH`] components.
    #[error("has {components} components, but at most 64 are allowed")]
    TooDeep {
        /// How many it has.
        components: usize,
    },
    /// The path begins with `/`.
    #[error("is absolute")]
    Absolute,
    /// Two `/` stand beside each other, or one stands at the end.
    #[error("has an empty component")]
    EmptyComponent,
    /// A component is `.` or `..`.
    #[error("has the component `{component}`")]
    Dots {
        /// The component.
        component: String,
    },
    /// The path holds a character that some system gives a meaning to: `\ : < > " | ? *`.
    #[error("holds `{character}`, which is not portable")]
    Unportable {
        /// The character.
        character: char,
    },
    /// The path holds a control character, or one that is invisible or reorders text.
    #[error("holds the invisible character U+{:04X}", u32::from(*.character))]
    Invisible {
        /// The character.
        character: char,
    },
    /// A component has more than [`OutputPath::MAX_COMPONENT_BYTES`] bytes.
    #[error("has a component of {bytes} bytes, but at most 255 are allowed")]
    ComponentTooLong {
        /// How many it has.
        bytes: usize,
    },
    /// A component ends with a dot or a space, which Windows drops.
    #[error("has the component `{component}`, which ends with a dot or a space")]
    TrailingDotOrSpace {
        /// The component.
        component: String,
    },
    /// A component is the name of a device on Windows.
    #[error("has the component `{component}`, which is the name of a device on Windows")]
    Device {
        /// The component.
        component: String,
    },
    /// A component is `.git` or another name of it: a pack could plant hooks there.
    #[error("has the component `{component}`, which leads into a git folder")]
    Git {
        /// The component.
        component: String,
    },
    /// The first component is `.packbox` or another name of it: packbox keeps its own files there.
    #[error("leads into the folder `{component}`, which is packbox's own")]
    Reserved {
        /// The component.
        component: String,
    },
}

impl InvalidPath {
    /// What to do where nothing is known of the path but that it breaks a rule.
    pub(crate) const RULE: &str = "output paths are relative to the output folder, use `/` as the separator, and are portable; correct the pack's `output`";

    /// Whether a text that became a part of the path is what broke the rule.
    pub(crate) fn is_made_by(&self, value: &str) -> bool {
        let is_part = |component: &str| !value.is_empty() && component.contains(value);
        match self {
            Self::Empty => value.is_empty(),
            Self::Absolute | Self::EmptyComponent => {
                value.is_empty() || value.starts_with('/') || value.ends_with('/') || value.contains("//")
            }
            Self::Dots { component } => value.split('/').any(|part| part == component) || is_part(component),
            Self::Unportable { character } | Self::Invisible { character } => value.contains(*character),
            Self::Git { component } | Self::Reserved { component } | Self::Device { component } => is_part(component),
            Self::TrailingDotOrSpace { component } => {
                is_part(component) && (value.is_empty() || value.ends_with(['.', ' ']))
            }
            Self::TooLong { bytes } | Self::ComponentTooLong { bytes } => value.len() * 2 > *bytes,
            Self::TooDeep { .. } => value.matches('/').count() * 2 > OutputPath::MAX_DEPTH,
        }
    }
}

fn check(path: &str) -> Result<(), InvalidPath> {
    if path.is_empty() {
        return Err(InvalidPath::Empty);
    }
    if path.len() > OutputPath::MAX_BYTES {
        return Err(InvalidPath::TooLong { bytes: path.len() });
    }
    // Characters come first, so that the components that later messages show are printable.
    for character in path.chars() {
        if portable_names::is_invisible(character) {
            return Err(InvalidPath::Invisible { character });
        }
        if matches!(character, '\\' | ':' | '<' | '>' | '"' | '|' | '?' | '*') {
            return Err(InvalidPath::Unportable { character });
        }
    }
    if path.starts_with('/') {
        return Err(InvalidPath::Absolute);
    }
    let components = path.split('/').count();
    if components > OutputPath::MAX_DEPTH {
        return Err(InvalidPath::TooDeep { components });
    }
    for (index, component) in path.split('/').enumerate() {
        check_component(component)?;
        if index == 0 && portable_names::is_reserved_for_packbox(component) {
            return Err(InvalidPath::Reserved { component: component.to_owned() });
        }
    }
    Ok(())
}

fn check_component(component: &str) -> Result<(), InvalidPath> {
    if component.is_empty() {
        return Err(InvalidPath::EmptyComponent);
    }
    if component.len() > OutputPath::MAX_COMPONENT_BYTES {
        return Err(InvalidPath::ComponentTooLong { bytes: component.len() });
    }
    let component_text = || component.to_owned();
    if matches!(component, "." | "..") {
        return Err(InvalidPath::Dots { component: component_text() });
    }
    if portable_names::is_git_folder(component) {
        return Err(InvalidPath::Git { component: component_text() });
    }
    if component.ends_with(['.', ' ']) {
        return Err(InvalidPath::TrailingDotOrSpace { component: component_text() });
    }
    if portable_names::is_device(component) {
        return Err(InvalidPath::Device { component: component_text() });
    }
    Ok(())
}

impl FromStr for OutputPath {
    type Err = InvalidPath;

    fn from_str(text: &str) -> Result<Self, InvalidPath> {
        Self::new(text)
    }
}

impl TryFrom<String> for OutputPath {
    type Error = InvalidPath;

    fn try_from(text: String) -> Result<Self, InvalidPath> {
        Self::new(text)
    }
}

impl From<OutputPath> for String {
    fn from(path: OutputPath) -> Self {
        path.0.into_string()
    }
}

impl AsRef<str> for OutputPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OutputPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for OutputPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "OutputPath({:?})", &*self.0)
    }
}

/// An output path that breaks a rule is refused (exit code 4); add where it came from with [`Error::at`].
impl From<InvalidPath> for Error {
    fn from(invalid: InvalidPath) -> Self {
        Self::new(ErrorKind::OutsidePath, format!("the output path {invalid}")).hint(InvalidPath::RULE)
    }
}

#[cfg(test)]
#[path = "output_path_tests.rs"]
mod tests;
