//! A pack as one file: tar within one Zstandard frame, read into memory.
//!
//! Always true here: nothing is written anywhere, every limit holds while bytes arrive, and no size that the archive
//! declares is believed before it was compared with a limit. An archive that is not exactly what it should be is
//! refused as a whole, what `.packboxignore` leaves out included: tools disagree on how to read odd archives, and what
//! one of them has checked must be what packbox uses.

mod entries;
mod frame;
mod names;
mod pax;
mod read;
mod refusal;

#[cfg(test)]
mod limit_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub(crate) use read::Archive;

/// The ending of an archive's file name.
pub const EXTENSION: &str = "pack";
