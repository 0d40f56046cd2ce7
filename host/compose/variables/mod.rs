//! Values for a pack's variables: from what the user gave, from questions, and from the pack itself.
//!
//! Always true here: expressions are evaluated by whoever implements [`Evaluator`], never here; the value of a secret
//! appears in no message and in no `Debug` output.

mod account;
mod asking;
mod collected;
mod declared;
mod evaluator;
mod finding;
mod keys;
mod mistakes;
mod order;
mod question;
mod resolve;
mod resolver;
mod scope;
mod sources;
mod tolerance;
mod values;

#[cfg(test)]
mod tests;

pub use account::{Account, Accounted, Fate, Offer, Standing, failure};
pub use asking::Asking;
pub use declared::{Declared, ENVIRONMENT_PREFIX};
pub use evaluator::{Evaluator, ToolboxEvaluator};
pub use finding::{is_undefined, mistakes_in_plan, of_saved_plan, refused, undeclared};
pub use keys::{Blame, Tables, merge};
pub use question::{Answer, Answered, Prompter, Question, Review};
pub use resolve::{account, resolve, resolve_among};
pub use scope::{Imported, Scope};
pub use sources::{Answers, NameGiven, Preset, Sources, given, given_names, mistakes, strays};
pub use values::{GivenAt, Origin, Values};
