//! Rules about what a pack could do to its user.

mod scan;
mod tokens_in_text;

pub mod bidi_control;
pub mod confusable_name;
pub mod control_character;
pub mod executable_data;
pub mod invisible_character;
pub mod not_checked;
pub mod password;
pub mod pipe_to_shell;
pub mod private_key;
pub mod runs_by_itself;
pub mod token;

pub use scan::report_characters;
pub use tokens_in_text::{ANCHORS, KINDS, is_word, matches_at};
