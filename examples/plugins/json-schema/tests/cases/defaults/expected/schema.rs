//! `Schema` and what belongs to it. Generated: change the schema, not this file.

use std::collections::BTreeMap;

use super::Either;
use super::Mode;
use super::Point;

/// An object, `Schema`.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The property `zero`.
    pub zero: i64,
    /// Constraints, not checked here: `minimum` -5, `maximum` 5.
    pub small: i8,
    /// The property `text`.
    pub text: String,
    /// The property `address`.
    pub address: std::net::Ipv6Addr,
    /// The property `local`.
    pub local: std::net::Ipv4Addr,
    /// The property `list`.
    pub list: Vec<String>,
    /// The property `short`.
    pub short: Vec<i64>,
    /// The property `map`.
    pub map: BTreeMap<String, f64>,
    /// The property `nothing`.
    pub nothing: Option<String>,
    /// The property `maybe`.
    pub maybe: Option<i64>,
    /// The property `same`.
    pub same: Point,
    /// The property `point`.
    pub point: Point,
    /// The property `mode`.
    pub mode: Mode,
    /// The property `either`.
    pub either: Either,
    /// The property `number`.
    pub number: Either,
}

impl Default for Schema {
    fn default() -> Self {
        Self {
            zero: 0,
            small: -5,
            text: "a \"quoted\"\nline\u{7}".to_owned(),
            address: std::net::Ipv6Addr::new(0x2001, 0xdb8, 0x0, 0x0, 0x0, 0x0, 0x0, 0x1),
            local: std::net::Ipv4Addr::UNSPECIFIED,
            list: vec![
                "a fairly long element".to_owned(),
                "another fairly long element".to_owned(),
                "and a third one".to_owned(),
            ],
            short: vec![1, 2],
            map: BTreeMap::from([("a".to_owned(), 1.0), ("b".to_owned(), 2.5)]),
            nothing: None,
            maybe: Some(3),
            same: Point::default(),
            point: Point { x: 1.0, y: 0.0 },
            mode: Mode::Fast,
            either: Either::Point(Point { x: 0.0, y: 2.0 }),
            number: Either::Integer(7),
        }
    }
}
