//! One call of whatever function an input is for: for records, cases and single calls.
//!
//! Always true here: no function is named; the table in `exports.rs` says which there are.

use serde_json::Value;

use super::exports::{self, Export, Input, Telling, functions};
use super::outcome::Outcome;
use super::plugin::Plugin;
use super::setup::Engine;
use crate::error::Result;
use crate::limits::Limits;

/// Implements [`Engine::replay`] from the table.
macro_rules! replay {
    ($($(#[$about:meta])* $name:ident = $module:ident $export:ident, $interface:literal $function:literal {
        $($part:ident: $kind:ident = $key:literal),*
    };)+) => {
        impl Engine {
            /// Makes a call. What it gave is as records keep it; files and findings go to `telling`.
            ///
            /// # Errors
            /// As [`Run::call`](super::run::Run::call).
            pub fn replay(
                &self,
                plugin: &Plugin,
                limits: &Limits,
                input: &Input,
                telling: &mut dyn Telling,
            ) -> Result<Outcome<Value>> {
                match input {
                    $(Input::$name { $($part),* } => {
                        let call = exports::$module::$export::given($($part),*);
                        self.run().call(plugin, limits, &call).map(|outcome| told(&call, outcome, telling))
                    })+
                }
            }
        }
    };
}
functions!(replay);

/// Turns an outcome into what is kept; the call says of which function it is.
fn told<E: Export>(_call: &E, outcome: Outcome<E::Output>, telling: &mut dyn Telling) -> Outcome<Value> {
    let Outcome { result, usage, held, came } = outcome;
    Outcome { result: result.map(|output| E::tell(&output, telling)), usage, held, came }
}
