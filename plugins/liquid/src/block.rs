//! What the blocks of ours share: how they are declared, and their `{% else %}`.

use liquid_core::parser::Tag;
use liquid_core::{Language, Result, TagBlock, Template};

/// Declares a block: what it tells of itself, and the function that parses it.
macro_rules! block {
    ($(#[$about:meta])* $name:ident, $start:literal, $end:literal, $description:literal, $parse:path) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name;

        impl liquid_core::BlockReflection for $name {
            fn start_tag(&self) -> &'static str {
                $start
            }

            fn end_tag(&self) -> &'static str {
                $end
            }

            fn description(&self) -> &'static str {
                $description
            }
        }

        impl liquid_core::ParseBlock for $name {
            fn parse(
                &self,
                mut arguments: liquid_core::TagTokenIter<'_>,
                mut block: liquid_core::TagBlock<'_, '_>,
                language: &liquid_core::Language,
            ) -> liquid_core::Result<Box<dyn liquid_core::Renderable>> {
                let parsed = $parse(&mut arguments, &mut block, language)?;
                block.assert_empty();
                Ok(parsed)
            }

            fn reflection(&self) -> &dyn liquid_core::BlockReflection {
                self
            }
        }
    };
}
pub(crate) use block;

/// Parses what follows an `{% else %}`, to the end of its block.
pub fn otherwise(mut tag: Tag<'_>, block: &mut TagBlock<'_, '_>, language: &Language) -> Result<Template> {
    tag.tokens().expect_nothing()?;
    Ok(Template::new(block.parse_all(language)?))
}
