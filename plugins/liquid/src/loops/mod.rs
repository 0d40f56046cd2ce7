//! The blocks `for` and `tablerow`: they go through objects in the order of their keys, and lend what they go through.
//!
//! What they give is what the engine's own blocks give.

mod for_block;
mod items;
mod table_row;
mod variables;

pub use for_block::ForBlock;
pub use table_row::TableRowBlock;
