//! Services, and what they speak of.

pub mod entities;
pub mod services;
