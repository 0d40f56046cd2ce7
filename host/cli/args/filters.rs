//! Arguments of every command that lists packs of registries.

use clap::Args;

use super::names;
use crate::cli::completers;
use crate::registry::{Filter, Page, RegistryName};

/// What packs must have to be listed.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Filters")]
pub struct Filters {
    /// In this registry.
    #[arg(long, value_name = "NAME", add = completers::registries(), value_parser = names::registry)]
    pub registry: Option<RegistryName>,
    /// In this category.
    #[arg(long, value_name = "TEXT")]
    pub category: Option<String>,
    /// With this keyword.
    #[arg(long, value_name = "WORD")]
    pub keyword: Option<String>,
    /// By an author whose name contains this.
    #[arg(long, value_name = "TEXT")]
    pub author: Option<String>,
    /// Under a license that contains this.
    #[arg(long, value_name = "TEXT")]
    pub license: Option<String>,
    /// With components of their own (`true`), or without (`false`).
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true")]
    pub has_plugin: Option<bool>,
    /// With components for this plugin ABI, for instance `0.1`.
    #[arg(long, value_name = "VERSION")]
    pub abi: Option<String>,
    /// How many to show.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u64,
    /// Which page to show.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub page: u64,
}

/// Turns what was typed into a filter and a page.
pub fn filter(typed: &Filters) -> (Filter, Page) {
    let filter = Filter {
        registry: typed.registry.clone(),
        category: typed.category.clone(),
        keyword: typed.keyword.clone(),
        author: typed.author.clone(),
        license: typed.license.clone(),
        has_plugin: typed.has_plugin,
        abi: typed.abi.clone(),
    };
    let limit = typed.limit.clamp(1, 10_000);
    (filter, Page { offset: typed.page.saturating_sub(1).saturating_mul(limit), limit })
}
