//! Rules about the components that a pack brings.

pub mod digest;
pub mod grants;
pub mod limits;
pub mod problem;
pub mod unused;
