//! The packs of a user: the store of their content, what is installed, and install, update, uninstall, clean, publish.
//!
//! Always true here: nothing is believed before it was checked, and nothing becomes visible before all of it is there; what
//! fails or is killed leaves what was installed as it was.

mod capability;
mod clean;
mod find;
mod install;
mod installed;
mod locked;
mod measured;
mod needed;
mod places;
mod publish;
mod steps;
mod store;
mod uninstall;
mod update;
mod vendor;
mod waiting;
mod words;

#[cfg(test)]
mod tests;

pub use capability::{CapabilityChange, PluginChange};
pub use clean::{CleanOptions, Cleaned, Counted};
pub use install::{Entry, Installing, Report as InstallReport};
pub use installed::{Installation, Installed, Inventory, Origin};
pub use measured::{Figures, Measurements};
pub use places::{Library, Places};
pub use publish::{Attached, PublishReport};
pub use steps::{OnStep, Steps};
pub use store::{Fault, Freed, Store, StoreLock, StoreReport};
pub use uninstall::Uninstalled;
pub use update::{Change, FileChange, Stays, Update, Updates, WhyItStays};
pub use vendor::Vendored;
pub use waiting::Waiting;
