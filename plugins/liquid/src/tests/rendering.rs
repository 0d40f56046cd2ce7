//! What the guest adds to the engine.
