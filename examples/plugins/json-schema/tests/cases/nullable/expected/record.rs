//! `Record` and what belongs to it. Generated: change the schema, not this file.

/// Record
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Record {
    /// The property `must`.
    #[serde(deserialize_with = "serde::Deserialize::deserialize")]
    pub must: Option<i64>,
    /// The property `may`.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub may: Option<i64>,
    /// The property `assumed`.
    #[serde(default = "Record::default_assumed")]
    pub assumed: Option<i64>,
    /// The property `next`.
    #[serde(default)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Box<Record>>,
}

impl Record {
    fn default_assumed() -> Option<i64> {
        Some(7)
    }
}
