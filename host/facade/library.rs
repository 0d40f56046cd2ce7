//! [`Library`]: the packs that are installed in a home, and the registries that they come from.
//!
//! Always true here: names are read strictly; what is installed appears whole or not at all.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

use semver::Version;

use super::canceller::Canceller;
use super::folders::Folders;
use super::pack::Pack;
use super::packbox::Packbox;
use crate::error::{Error, ErrorKind, Result};
use crate::library::{self, Installing, Places, Waiting};
use crate::registry::{Filter, Location, Page, RegistryEntry, Wanted};

/// The most packs that a search gives.
const MOST_FOUND: u64 = 100;

/// The packs of a home.
#[derive(Debug)]
pub struct Library(library::Library);

impl Packbox {
    /// The packs that are installed in the home.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where there is no home.
    pub fn library(&self) -> Result<Library> {
        let Some(home) = &self.home else {
            return Err(Error::new(ErrorKind::Usage, "there is no home folder to install packs in")
                .hint("name a folder for it: `Packbox::builder().home(FOLDER)`"));
        };
        let Folders { config, data, cache, .. } = home.clone();
        let places = Places { config, data, cache, docker_config: None };
        let waiting = Waiting { interrupt: self.interrupt.clone(), progress: Arc::clone(&self.progress) };
        let limits = self.limits.parsed().pack.clone();
        Ok(Library(library::Library::new(places, limits, waiting)))
    }
}

impl Library {
    /// Lets somebody end what is done with it from then on. What is being installed is then installed as a whole or not at all;
    /// what was fetched until then is kept, and not fetched again.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), packbox::Error> {
    /// # let packbox = packbox::Packbox::builder().home("home").build()?;
    /// let canceller = packbox::Canceller::new();
    /// let library = packbox.library()?.cancelled_by(&canceller);
    /// // Another thread may call `canceller.cancel()`.
    /// library.install("rust-cli@^1")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Whatever is called then ends with an error of the kind [`ErrorKind::Interrupted`]: what waits for a registry or for another
    /// process within some 50 ms, and what copies a pack once that one pack is there.
    #[must_use]
    pub fn cancelled_by(mut self, canceller: &Canceller) -> Self {
        self.0 = self.0.until(&canceller.0);
        self
    }

    /// Makes a registry known under a name, and reads what it has: a folder, or `oci://HOST/REPOSITORY`.
    ///
    /// # Errors
    /// [`ErrorKind::Usage`] where name or location are none; those of reading it.
    pub fn add_registry(&self, name: &str, location: &str) -> Result<()> {
        self.0.go_on()?;
        let name = parse(name, "the name of a registry")?;
        let location = Location::parse(location)?.to_string();
        let entry = RegistryEntry { location, ..RegistryEntry::default() };
        let source = self.0.open(&entry)?;
        self.0.index()?.sync(&name, &*source)?;
        let mut registries = self.0.registries()?;
        registries.registries.insert(name, entry);
        self.0.set_registries(&registries)
    }

    /// Forgets a registry; what was installed from it stays.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is none of that name; those of writing.
    pub fn remove_registry(&self, name: &str) -> Result<()> {
        self.0.go_on()?;
        self.0.forget(&parse(name, "the name of a registry")?)
    }

    /// Reads what is new in all registries; one that can't be read keeps nobody from reading the others.
    ///
    /// # Errors
    /// The first of reading them.
    pub fn sync(&self) -> Result<()> {
        let registries = self.0.registries()?;
        let mut done = Ok(());
        for name in registries.registries.keys() {
            self.0.go_on()?;
            let synced = self.0.sync(&registries, name).map(drop);
            if synced.as_ref().is_err_and(|error| error.kind() == ErrorKind::Interrupted) {
                return synced;
            }
            done = done.and(synced);
        }
        done
    }

    /// Finds packs by words, the nearest first: at most 100 names.
    ///
    /// # Errors
    /// Those of the index.
    pub fn search(&self, words: &str) -> Result<Vec<String>> {
        self.0.go_on()?;
        let page = Page { offset: 0, limit: MOST_FOUND };
        let found = self.0.index()?.search(words, &Filter::default(), page)?;
        Ok(found.into_iter().map(|found| found.pack.name.to_string()).collect())
    }

    /// Installs a pack, `NAME` or `NAME@REQUIREMENT`, with everything that it needs.
    ///
    /// # Errors
    /// [`ErrorKind::Resolution`] where nothing fits; [`ErrorKind::Integrity`] where something is not what was announced.
    pub fn install(&self, pack: &str) -> Result<()> {
        self.0.go_on()?;
        self.0.install(&[wanted(pack)?], &Installing::default()).map(drop)
    }

    /// Forgets a pack, and what was installed for it only.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where it is not installed; [`ErrorKind::Conflict`] where another pack needs it.
    pub fn uninstall(&self, pack: &str) -> Result<()> {
        self.0.go_on()?;
        self.0.uninstall(&[wanted(pack)?]).map(drop)
    }

    /// The names and versions of what is installed.
    ///
    /// # Errors
    /// Those of reading it.
    pub fn installed(&self) -> Result<Vec<(String, Version)>> {
        self.0.go_on()?;
        let inventory = self.0.installed().read()?;
        Ok(inventory.iter().map(|found| (found.name.to_string(), found.version.get().clone())).collect())
    }

    /// Opens an installed pack, `NAME` or `NAME@REQUIREMENT`. While it is held, nothing removes it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where it is not installed; [`ErrorKind::Integrity`] where it was changed since.
    pub fn open(&self, pack: &str) -> Result<Pack> {
        self.0.go_on()?;
        let wanted = wanted(pack)?;
        self.0.open_installed(&wanted).map(Pack)
    }
}

fn wanted(pack: &str) -> Result<Wanted> {
    pack.parse()
}

fn parse<T: FromStr<Err: Display>>(text: &str, what: &str) -> Result<T> {
    text.parse().map_err(|error| Error::new(ErrorKind::Usage, format!("{what} {error}")))
}
