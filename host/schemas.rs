//! The JSON Schemas of the TOML files that people write: what editors complete and check them with.
//!
//! Always true here: the texts are those of `docs/schema`, which a test makes anew from types and compares with what reads the
//! files; an address names the files of this release, as another release may know other keys.

/// A schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Schema {
    /// What it is called in commands.
    pub(crate) name: &'static str,
    /// The file that it is for.
    pub(crate) describes: &'static str,
    /// Its address.
    pub(crate) address: &'static str,
    /// The schema itself, as JSON.
    pub(crate) text: &'static str,
}

impl Schema {
    /// The line at the beginning of a TOML file that tells an editor which schema it has.
    pub(crate) fn line(&self) -> String {
        format!("#:schema {}\n", self.address)
    }
}

macro_rules! schemas {
    ($($(#[$about:meta])* $constant:ident: $name:literal, $describes:literal;)*) => {
        $(
            $(#[$about])*
            pub(crate) const $constant: Schema = Schema {
                name: $name,
                describes: $describes,
                address: concat!(
                    "https://raw.githubusercontent.com/packbox/packbox/v", env!("CARGO_PKG_VERSION"),
                    "/docs/schema/", $name, ".schema.json"
                ),
                text: include_str!(concat!("../docs/schema/", $name, ".schema.json")),
            };
        )*

        /// All of them.
        pub(crate) const ALL: &[Schema] = &[$($constant),*];
    };
}

schemas! {
    /// Packs that are generated together.
    COMPOSE: "compose-toml", "compose.toml";
    /// The manifest of a pack.
    PACK: "pack", "pack.toml";
    /// The settings of `lint` and `validate`.
    PACKBOX: "packbox", "packbox.toml";
    /// A plugin project.
    PACKBOX_PLUGIN: "packbox-plugin", "packbox-plugin.toml";
    /// The registries of a user.
    REGISTRIES: "registries", "registries.toml";
}

#[cfg(test)]
#[cfg(feature = "cli")]
mod tests;
