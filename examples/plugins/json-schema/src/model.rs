//! The Rust items that a schema becomes, as plain data.
//!
//! Always true here: an [`ItemId`] is an index into [`Model::items`]; modules and items stand in the schema's order.

use std::collections::BTreeMap;

use crate::diagnostic::Spot;
use crate::json::Node;

/// The integer types and what they hold, in the order in which one is chosen.
pub(crate) const INTEGERS: &[(&str, i128, i128)] = &[
    ("u8", 0, u8::MAX as i128),
    ("u16", 0, u16::MAX as i128),
    ("u32", 0, u32::MAX as i128),
    ("u64", 0, u64::MAX as i128),
    ("i8", i8::MIN as i128, i8::MAX as i128),
    ("i16", i16::MIN as i128, i16::MAX as i128),
    ("i32", i32::MIN as i128, i32::MAX as i128),
    ("i64", i64::MIN as i128, i64::MAX as i128),
];

/// Index of an item.
pub(crate) type ItemId = usize;

/// Everything that is generated.
#[derive(Debug)]
pub(crate) struct Model<'a> {
    pub(crate) items: Vec<Item<'a>>,
    pub(crate) modules: Vec<Module>,
    /// Items by name.
    pub(crate) names: BTreeMap<String, ItemId>,
}

/// A file: a definition and the types that are nested in it.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) name: String,
    pub(crate) items: Vec<ItemId>,
}

/// A type declaration.
#[derive(Debug)]
pub(crate) struct Item<'a> {
    pub(crate) name: String,
    pub(crate) module: usize,
    pub(crate) spot: Spot,
    pub(crate) docs: Vec<String>,
    pub(crate) shape: Shape<'a>,
}

/// What kind of type an item is.
#[derive(Debug)]
pub(crate) enum Shape<'a> {
    /// Not read yet, or read in vain.
    Unknown,
    Struct {
        fields: Vec<Field<'a>>,
        closed: bool,
    },
    /// An enumeration of strings.
    Names {
        variants: Vec<Variant>,
        default: Option<usize>,
    },
    /// One of several types, told apart by their form.
    OneOf(Vec<Alternative>),
    Alias(Type),
}

/// A property of an object.
#[derive(Debug)]
pub(crate) struct Field<'a> {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) spot: Spot,
    pub(crate) docs: Vec<String>,
    pub(crate) rust_type: Type,
    pub(crate) required: bool,
    pub(crate) default: Option<(usize, &'a Node)>,
}

/// One of an enumeration of strings.
#[derive(Debug)]
pub(crate) struct Variant {
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) docs: Vec<String>,
}

/// One of several types.
#[derive(Debug)]
pub(crate) struct Alternative {
    pub(crate) name: String,
    pub(crate) docs: Vec<String>,
    pub(crate) rust_type: Type,
}

/// A type expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    Bool,
    /// `u8`, `i64` and so on.
    Integer(&'static str),
    /// `f32` or `f64`.
    Float(&'static str),
    Text,
    Ipv4,
    Ipv6,
    Unit,
    List(Box<Type>),
    Map(Box<Type>),
    Optional(Box<Type>),
    Boxed(Box<Type>),
    Item(ItemId),
}

impl Type {
    /// Wraps in an `Option`, once.
    pub(crate) fn optional(self) -> Self {
        if matches!(self, Self::Optional(_)) { self } else { Self::Optional(Box::new(self)) }
    }

    /// Returns the item that the type names, wherever it stands in it.
    pub(crate) fn item(&self) -> Option<ItemId> {
        match self {
            Self::Item(item) => Some(*item),
            Self::List(inner) | Self::Map(inner) | Self::Optional(inner) | Self::Boxed(inner) => inner.item(),
            Self::Bool | Self::Integer(_) | Self::Float(_) | Self::Text | Self::Ipv4 | Self::Ipv6 | Self::Unit => None,
        }
    }

    /// Says whether a map stands anywhere in the type itself.
    pub(crate) fn has_map(&self) -> bool {
        match self {
            Self::Map(_) => true,
            Self::List(inner) | Self::Optional(inner) | Self::Boxed(inner) => inner.has_map(),
            _ => false,
        }
    }

    /// Writes the type as Rust.
    pub(crate) fn rust(&self, items: &[Item<'_>]) -> String {
        match self {
            Self::Bool => "bool".to_owned(),
            Self::Integer(name) | Self::Float(name) => (*name).to_owned(),
            Self::Text => "String".to_owned(),
            Self::Ipv4 => "std::net::Ipv4Addr".to_owned(),
            Self::Ipv6 => "std::net::Ipv6Addr".to_owned(),
            Self::Unit => "()".to_owned(),
            Self::List(inner) => format!("Vec<{}>", inner.rust(items)),
            Self::Map(inner) => format!("BTreeMap<String, {}>", inner.rust(items)),
            Self::Optional(inner) => format!("Option<{}>", inner.rust(items)),
            Self::Boxed(inner) => format!("Box<{}>", inner.rust(items)),
            Self::Item(item) => items[*item].name.clone(),
        }
    }
}
