//! Mergers: versions of a file in, one file or conflicts out.

use serde::de::DeserializeOwned;

use crate::abi::merger::exports::packbox::plugin::merger::{Guest, Side as RawSide};
use crate::abi::renderer::packbox::plugin::types::Json;
use crate::export::Exported;
use crate::input::{self, Input};
use crate::{Failure, File, MergeOutcome, Source, log, panics};

/// Makes one file of several versions of it.
pub trait Merger {
    /// The `options` that a manifest may give. Where it gives none, they are [`Default`].
    type Options: DeserializeOwned + Default;

    /// Merges the sides of a file.
    ///
    /// # Errors
    ///
    /// A [`Failure`] where a version or the options are at fault; what does not go together is a conflict.
    fn merge(versions: &Versions<'_>, options: &Self::Options) -> Result<MergeOutcome, Failure>;
}

/// The versions of a file.
#[derive(Debug)]
pub struct Versions<'a> {
    /// What becomes of things that sides want differently.
    pub policy: &'a str,
    /// What the sides were made from, where that is known.
    pub base: Option<Source<'a>>,
    /// The sides; the path of one is its owner.
    pub sides: Vec<Source<'a>>,
}

/// Makes a [`Merger`] what the host calls: `packbox_sdk::export_merger!(MyMerger);`, once, in the crate's root.
///
/// Natively it only checks that the type is one.
#[macro_export]
macro_rules! export_merger {
    ($plugin:ty) => {
        const _: () = {
            const fn is_merger<T: $crate::Merger>() {}
            is_merger::<$plugin>();
            #[cfg(target_family = "wasm")]
            type PackboxExport = $crate::export::Exported<$plugin>;
            #[cfg(target_family = "wasm")]
    $crate::abi::merger::export_merger_plugin!(PackboxExport with_types_in $crate::abi::merger);
        };
    };
}

impl<T: Merger> Guest for Exported<T> {
    fn merge(policy: String, base: Option<File>, sides: Vec<RawSide>, options: Json) -> Result<MergeOutcome, Failure> {
        if cfg!(target_family = "wasm") {
            panics::report(|message| log::warn(message));
        }
        let options = input::convert(&input::object(&options)?, Input::Options)?;
        let sides = sides.iter().map(|side| Source::new(&side.owner, &side.contents)).collect();
        T::merge(&Versions { policy: &policy, base: base.as_ref().map(Source::from), sides }, &options)
    }
}
