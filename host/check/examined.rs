//! A pack, looked at: what its validators are told about is gathered from this, and packs are compared by it.
//!
//! Always true here: plain data.

use super::inspect::Inspection;
use super::plugins::InspectedPlugin;
use crate::generate::Job;
use crate::pack::{ManifestView, Pack, Template};

/// A pack, looked at as far as its rules need.
pub struct Examined<'e> {
    /// The pack.
    pub pack: Pack,
    /// Its manifest as JSON, with places.
    pub view: ManifestView,
    /// The files that become outputs.
    pub templates: Vec<Template>,
    /// What they refer to.
    pub inspection: Inspection,
    /// The components that came with it.
    pub plugins: Vec<InspectedPlugin>,
    /// What would be generated, where that could be said, with the values that were tried.
    pub job: Option<Job<'e>>,
}
