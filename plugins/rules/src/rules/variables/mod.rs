//! Rules about what a pack asks for.

pub mod constant_compute;
pub mod example;
pub mod literal_template;
pub mod one_choice;
pub mod pattern_anchors;
pub mod prompt;
pub mod prompt_form;
pub mod secret_condition;
pub mod secret_name;
pub mod secret_output;
pub mod shadowing;
pub mod unused;
