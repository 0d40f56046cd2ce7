//! In which order packs build upon each other.

use std::collections::{BTreeMap, BTreeSet};

use super::solve::Resolution;
use crate::error::Result;
use crate::graph;
use crate::pack::{PackName, cycle};

/// Orders packs so that each stands after what it needs; packs that don't need each other stand by name.
///
/// # Errors
/// `Resolution` where packs need each other in a circle, which is named as a path.
pub fn order(resolution: &Resolution) -> Result<Vec<PackName>> {
    let needed = |name: &PackName| resolution.packs[name].release.about.dependencies.keys().cloned().collect();
    let needs: BTreeMap<PackName, BTreeSet<PackName>> =
        resolution.packs.keys().map(|name| (name.clone(), needed(name))).collect();
    graph::order(&needs).map_err(|circle| cycle(circle.iter()))
}
