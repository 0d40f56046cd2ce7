//! Names of interfaces: those of the ABI's package, and those of the empty WASI.

use crate::abi::Abi;

/// The package of the ABI.
pub const ABI_PACKAGE: &str = "packbox:plugin";
/// The newest ABI version that this host offers. It accepts what [`Abi::of`] knows.
pub const ABI_VERSION: semver::Version = Abi::NEWEST.version();

/// The interfaces that the grant `wasi-stub` gives, of version 0.2 each.
const WASI: &[&str] = &[
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/stderr",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];

/// A name like `packbox:plugin/renderer@0.1.0`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceName<'a> {
    /// `packbox:plugin`
    pub package: &'a str,
    /// `renderer`
    pub interface: &'a str,
    /// `0.1.0`; none where the name has no version or one that is no SemVer.
    pub version: Option<semver::Version>,
}

impl<'a> InterfaceName<'a> {
    /// Takes a name apart; none where it is not of the form `namespace:package/interface`.
    #[must_use]
    pub fn parse(name: &'a str) -> Option<Self> {
        let (package, rest) = name.split_once('/')?;
        let (interface, version) = match rest.split_once('@') {
            Some((interface, version)) => (interface, semver::Version::parse(version).ok()),
            None => (rest, None),
        };
        package.contains(':').then_some(Self { package, interface, version })
    }
}

/// The interface of the empty WASI that an import names, in any version `0.2.x`.
pub(super) fn wasi_interface(import: &str) -> Option<&'static str> {
    let name = InterfaceName::parse(import)?;
    let version = name.version?;
    let known = version.major == 0 && version.minor == 2 && version.pre.is_empty();
    let wanted = |known: &&str| known.split_once('/') == Some((name.package, name.interface));
    WASI.iter().copied().find(wanted).filter(|_| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wasi_has() {
        assert_eq!(wasi_interface("wasi:cli/environment@0.2.0"), Some("wasi:cli/environment"));
        assert_eq!(wasi_interface("wasi:io/streams@0.2.99"), Some("wasi:io/streams"));
        for refused in [
            "wasi:sockets/tcp@0.2.0",
            "wasi:http/types@0.2.0",
            "wasi:cli/environment@0.3.0",
            "wasi:cli/environment@0.2.0-rc",
            "wasi:cli/environment",
            "wasi:cli/made-up@0.2.0",
            "other:cli/environment@0.2.0",
            "environment",
        ] {
            assert_eq!(wasi_interface(refused), None);
        }
    }
}
