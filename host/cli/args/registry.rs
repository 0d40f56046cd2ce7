//! Arguments of the commands that deal with packs by name.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum, ValueHint};

use super::super::completers;

/// `list`
#[derive(Debug, Args)]
pub struct List {
    /// Only what is installed.
    #[arg(long, conflicts_with = "sort")]
    pub installed: bool,
    /// What comes first.
    ///
    /// Packs cannot be sorted by downloads or ratings: only a server could count them, and a registry is just files.
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = Sort::Name)]
    pub sort: Sort,
    /// What packs must have.
    #[command(flatten)]
    pub filter: Filters,
}

/// What a list begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Sort {
    /// The first name.
    Name,
    /// The newest release.
    Updated,
    /// The most points, as `publish` measured them; `packbox score NAME` measures them again.
    Score,
}

/// `search`
#[derive(Debug, Args)]
pub struct Search {
    /// Words, or beginnings of words. What fits them best comes first.
    #[arg(required = true)]
    pub words: Vec<String>,
    /// What packs must have.
    #[command(flatten)]
    pub filter: Filters,
}

/// What packs must have to be listed.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Filters")]
pub struct Filters {
    /// In this registry.
    #[arg(long, value_name = "NAME", add = completers::registries())]
    pub registry: Option<String>,
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

/// `info`
#[derive(Debug, Args)]
pub struct Info {
    /// The pack.
    #[command(flatten)]
    pub pack: OnePack,
    /// Render every template of the pack once, with made-up values, and save what it cost.
    #[arg(long)]
    pub measure: bool,
}

/// `show`, `info`, `deps`: one pack.
#[derive(Debug, Args)]
pub struct OnePack {
    /// The pack: a folder, an archive, or `NAME`, `NAME@1.2`, `REGISTRY/NAME`.
    #[arg(add = completers::all_packs())]
    pub pack: String,
}

/// `install`
#[derive(Debug, Args)]
pub struct Install {
    /// The packs: `NAME`, `NAME@1.2`, `REGISTRY/NAME`, a folder, or an archive. Without any: those in `packbox.lock`.
    #[arg(add = completers::packs_to_install())]
    pub packs: Vec<String>,
    /// Where packs come from.
    #[command(flatten)]
    pub resolving: Resolving,
    /// Write what was chosen to `packbox.lock` in this folder.
    #[arg(long)]
    pub lock: bool,
}

/// Where packs may come from.
#[derive(Debug, Clone, Copy, Args)]
#[command(next_help_heading = "Choosing")]
pub struct Resolving {
    /// Use only what is in `packbox.lock` in this folder.
    #[arg(long)]
    pub locked: bool,
    /// Use only what is already on this machine.
    #[arg(long)]
    pub offline: bool,
}

/// `uninstall`
#[derive(Debug, Args)]
pub struct Uninstall {
    /// The packs: `NAME` for all of its versions, or `NAME@1.2`.
    #[arg(required = true, add = completers::installed_names())]
    pub packs: Vec<String>,
}

/// `update`
#[derive(Debug, Args)]
pub struct Update {
    /// The packs; without any, all that came from a registry.
    #[arg(add = completers::installed_names())]
    pub packs: Vec<String>,
    /// Accept the updates that are shown, without being asked.
    #[arg(long)]
    pub accept: bool,
    /// Only show what would change.
    #[arg(long, conflicts_with = "accept")]
    pub dry_run: bool,
    /// Use only what is already on this machine.
    #[arg(long)]
    pub offline: bool,
}

/// `clean`
#[derive(Debug, Args)]
pub struct Clean {
    /// Only count what would be removed.
    #[arg(long)]
    pub dry_run: bool,
    /// Remove compiled code that has not been used for this long: `12h`, `30d`.
    #[arg(long, value_name = "AGE", default_value = "30d")]
    pub older_than: String,
    /// Remove the oldest compiled code until the rest takes at most this much: `500MiB`.
    #[arg(long, value_name = "SIZE", default_value = "2GiB")]
    pub at_most: String,
}

/// `publish`
#[derive(Debug, Args)]
pub struct Publish {
    /// The pack: a folder or an archive.
    #[arg(value_hint = ValueHint::AnyPath)]
    pub pack: PathBuf,
    /// The registry; by default, the only one there is.
    #[arg(long, value_name = "NAME", add = completers::registries())]
    pub to: Option<String>,
    /// minisign signatures of the text that `--print-signed-text` prints.
    #[arg(long = "signature", value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub signatures: Vec<PathBuf>,
    /// Publish without validating the pack first.
    #[arg(long)]
    pub no_verify: bool,
    /// Print the text to sign, and publish nothing.
    #[arg(long)]
    pub print_signed_text: bool,
}

/// `yank`
#[derive(Debug, Args)]
pub struct Yank {
    /// The release: `NAME@VERSION`.
    #[arg(add = completers::registry_packs())]
    pub release: String,
    /// The registry; by default, the only one there is.
    #[arg(long, value_name = "NAME", add = completers::registries())]
    pub from: Option<String>,
    /// Make a withdrawn release available again.
    #[arg(long)]
    pub undo: bool,
}

/// `export`
#[derive(Debug, Args)]
pub struct Export {
    /// The pack: a folder, or the name of one that is installed.
    #[arg(add = completers::packs_here())]
    pub pack: String,
    /// The archive, instead of `NAME-VERSION.pack` in this folder.
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

/// `import`
#[derive(Debug, Args)]
pub struct Import {
    /// The archives.
    #[arg(required = true, value_hint = ValueHint::FilePath)]
    pub archives: Vec<PathBuf>,
}

/// `vendor`
#[derive(Debug, Args)]
pub struct Vendor {
    /// The folder, which becomes a registry with the packs in `packbox.lock`.
    #[arg(default_value = "vendor", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
}

/// `registry …`
#[derive(Debug, Subcommand)]
pub enum Registry {
    /// Add a registry, and read what it has.
    Add {
        /// What to call it.
        name: String,
        /// Where it is: a folder, or `oci://HOST/REPOSITORY`.
        #[arg(value_hint = ValueHint::DirPath)]
        location: String,
        /// Make the folder a registry, if it is not one yet.
        #[arg(long)]
        create: bool,
        /// Accept only what is signed with this minisign key.
        #[arg(long = "key", value_name = "KEY")]
        keys: Vec<String>,
        /// Trust the certificates in this PEM file, and none of the system's.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        ca: Option<PathBuf>,
        /// Use plain HTTP; only for a registry on this machine.
        #[arg(long)]
        plain_http: bool,
        /// Send credentials to this host, too, if the registry's tokens come from there.
        #[arg(long, value_name = "HOST")]
        token_host: Option<String>,
    },
    /// Forget a registry; what was installed from it stays.
    Remove {
        /// The registry.
        #[arg(add = completers::registries())]
        name: String,
    },
    /// List the registries, and when they were read.
    List,
    /// Read what is new in registries.
    Sync {
        /// The registries; without any, all.
        #[arg(add = completers::registries())]
        names: Vec<String>,
    },
}
