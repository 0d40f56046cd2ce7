//! Limits: what a call, a component, compiling and a pack may use, and who may say so.
//!
//! Always true here: plain data; every limit is one row of the table in `table.rs`, and its name, value, request, error
//! and documentation follow from there. A limit in force is never above its ceiling unless the user said so by name.

mod budget;
mod limit;
mod pack;
mod request;
mod table;
mod time;
mod user;

pub use budget::{Budget, Company, Held, Share, Used};
pub use limit::{Kind, Limit, Scope, SetBy};
pub use table::{LimitRequest, Limits, PackLimits, RunLimits};
pub(crate) use table::{of_calls, of_packs};
pub use time::TimeBudget;
pub use user::UserLimits;
