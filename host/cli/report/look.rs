//! How a report looks.

/// How much of a report is shown to people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What fails; nothing where nothing does.
    Failures,
    /// Of several packs, those in which something counts; a line for each other one.
    Usual,
    /// Everything, and what it cost.
    Full,
}

/// How a report looks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Whether it may have colors.
    pub color: bool,
    /// How much is shown.
    pub detail: Detail,
}
