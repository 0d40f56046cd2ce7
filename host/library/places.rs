//! Where packbox keeps what belongs to packs, and how registries are reached.

use std::path::PathBuf;

use super::installed::Installed;
use super::measured::Measurements;
use super::steps::Steps;
use super::store::Store;
use super::waiting::Waiting;
use crate::advice::said;
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;
use crate::pack::PackLimits;
use crate::registry::{Index, Location, Reach, Registries, RegistryEntry, RegistryName, Source, Synced};

/// Where packbox keeps what belongs to packs.
#[derive(Debug, Clone)]
pub struct Places {
    /// `registries.toml`.
    pub config: PathBuf,
    /// The store, what is installed, and the index.
    pub data: PathBuf,
    /// Compiled code.
    pub cache: PathBuf,
    /// Docker's configuration, which holds credentials for OCI registries.
    pub docker_config: Option<PathBuf>,
}

/// The packs of a user, and the registries that they come from.
#[derive(Debug, Clone)]
pub struct Library {
    pub(super) places: Places,
    pub(super) limits: PackLimits,
    pub(super) waiting: Waiting,
    steps: Steps,
}

impl Library {
    /// Names the places, and what to do while others use them; nothing is made or read.
    #[must_use]
    pub fn new(places: Places, limits: PackLimits, waiting: Waiting) -> Self {
        Self { places, limits, waiting, steps: Steps::default() }
    }

    /// Ends what it does where an interrupt is set, beside the one that it has.
    #[must_use]
    pub fn until(mut self, interrupt: &Interrupt) -> Self {
        self.waiting.interrupt = self.waiting.interrupt.or(interrupt);
        self
    }

    /// Fails where somebody asked to stop, before anything is changed.
    ///
    /// # Errors
    /// `Interrupted`.
    pub fn go_on(&self) -> Result<()> {
        self.waiting.interrupt.go_on()
    }

    /// Has each step told that changes something on the disk, for tests that stop a process there.
    #[must_use]
    pub fn observed(mut self, steps: Steps) -> Self {
        self.steps = steps;
        self
    }

    /// The content of packs.
    #[must_use]
    pub fn store(&self) -> Store {
        Store::new(self.places.data.join("store"), self.steps.clone(), self.waiting.clone())
    }

    /// What is installed.
    #[must_use]
    pub fn installed(&self) -> Installed {
        Installed::new(self.places.data.clone(), self.steps.clone())
    }

    /// What packs cost when they were measured.
    #[must_use]
    pub fn measurements(&self) -> Measurements {
        Measurements::new(self.places.cache.join("measured"))
    }

    /// What registries have.
    ///
    /// # Errors
    /// Those of [`Index::open`].
    pub fn index(&self) -> Result<Index> {
        Index::open(&self.index_path())
    }

    /// Says whether there is an index, which [`Library::index`] would make.
    #[must_use]
    pub fn has_index(&self) -> bool {
        self.index_path().is_file()
    }

    fn index_path(&self) -> PathBuf {
        self.places.data.join("index.sqlite")
    }

    /// The registries that the user has.
    ///
    /// # Errors
    /// Those of [`Registries::read`].
    pub fn registries(&self) -> Result<Registries> {
        Registries::read(&self.places.config)
    }

    /// Changes which registries the user has.
    ///
    /// # Errors
    /// Those of [`Registries::write`].
    pub fn set_registries(&self, registries: &Registries) -> Result<()> {
        registries.write(&self.places.config)
    }

    /// Opens a registry.
    ///
    /// # Errors
    /// `NotFound` where there is none of that name, or none at its place.
    pub fn source(&self, registries: &Registries, name: &RegistryName) -> Result<Box<dyn Source>> {
        self.open(registries.get(name)?).map_err(|error| match error.kind() {
            // It was there when it was added: nobody is told to make another one.
            ErrorKind::NotFound => Error::new(error.kind(), format!("the registry `{name}` is gone: {error}")).hint(said(
                format!("put it back; if it is elsewhere now, `packbox registry remove {name}`, and `packbox registry add {name} LOCATION`"),
                "put it back; if it is elsewhere now, `Library::remove_registry`, and then `Library::add_registry`".to_owned(),
            )),
            _ => error,
        })
    }

    /// Reads what is new in a registry.
    ///
    /// # Errors
    /// Those of [`Library::source`] and [`Index::sync`].
    pub fn sync(&self, registries: &Registries, name: &RegistryName) -> Result<Synced> {
        self.index()?.sync(name, &*self.source(registries, name)?)
    }

    /// Forgets a registry; what was installed from it stays.
    ///
    /// # Errors
    /// `NotFound` where there is none of that name; those of writing.
    pub fn forget(&self, name: &RegistryName) -> Result<()> {
        let mut registries = self.registries()?;
        registries.get(name)?;
        registries.registries.remove(name);
        self.set_registries(&registries)?;
        self.index()?.forget(name)
    }

    /// Opens a registry that is not yet among the user's.
    ///
    /// # Errors
    /// `NotFound` where there is none at its place; `Refused` where this packbox was built without that kind.
    pub fn open(&self, entry: &RegistryEntry) -> Result<Box<dyn Source>> {
        Location::parse(&entry.location)?.open(entry, &self.reach())
    }

    /// What sources take from the machine and the user.
    pub(super) fn reach(&self) -> Reach {
        Reach { docker_config: self.places.docker_config.clone(), interrupt: self.waiting.interrupt.clone() }
    }
}
