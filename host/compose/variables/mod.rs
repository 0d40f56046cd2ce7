//! Values for a pack's variables: from what the user gave, from questions, and from the pack itself.
//!
//! Always true here: expressions are evaluated by whoever implements [`Evaluator`], never here; the value of a secret
//! appears in no message and in no `Debug` output.

mod account;
mod alone;
mod asking;
mod collected;
mod declared;
mod evaluating;
mod evaluator;
mod finding;
mod gates;
mod importing;
mod keys;
mod knowledge;
mod mistakes;
mod order;
mod parameters;
mod querier;
mod queries;
mod question;
mod resolve;
mod resolver;
mod sandbox;
mod scope;
mod shelf;
mod sources;
mod tolerance;
mod values;

#[cfg(test)]
mod tests;

pub use account::{Account, Accounted, Fate, Offer, Standing, failure};
pub use alone::ask;
pub use asking::Interview;
pub use declared::{Declared, ENVIRONMENT_PREFIX};
pub use evaluator::{Evaluator, ToolboxEvaluator};
pub use finding::{is_undefined, mistakes_in_plan, of_saved_plan, refused, undeclared};
pub use keys::{Blame, Tables, merge};
pub use querier::{Asked, Asking, Consulted, Graph, Querier};
pub use question::{Answer, Answered, Prompter, Question, Review};
pub use resolve::{account, resolve, resolve_among};
pub use scope::{Imported, Scope};
pub use sources::{Answers, NameGiven, Preset, Sources, given, given_names, mistakes, strays};
pub use values::{GivenAt, Origin, Values};
