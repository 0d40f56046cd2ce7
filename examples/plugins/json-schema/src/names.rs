//! Names of JSON become names of Rust.
//!
//! Always true here: a name that is returned is a valid identifier in its role, keywords included; none is returned where
//! nothing of the text can stand in an identifier, or where it holds letters outside of ASCII.

use heck::{ToSnakeCase, ToUpperCamelCase};

/// Keywords of all editions, reserved ones included, that may be written as raw identifiers.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
    "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod", "move",
    "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Keywords that cannot be raw identifiers.
const STRICT_KEYWORDS: &[&str] = &["crate", "self", "super"];

/// Types that the generated code names itself.
const TAKEN_TYPES: &[&str] = &["BTreeMap", "Box", "Default", "Option", "Self", "String", "Vec"];

/// Makes a type's name: `http-port` → `HttpPort`.
pub(crate) fn type_name(text: &str) -> Option<String> {
    let name = with_letter_first(ascii(text)?.to_upper_camel_case(), "Type")?;
    Some(if TAKEN_TYPES.contains(&name.as_str()) { format!("{name}_") } else { name })
}

/// Makes a variant's name: `read-only` → `ReadOnly`. The empty text becomes `Empty`.
pub(crate) fn variant_name(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("Empty".to_owned());
    }
    let name = with_letter_first(ascii(text)?.to_upper_camel_case(), "Value")?;
    Some(if name == "Self" { "Self_".to_owned() } else { name })
}

/// Makes a field's name: `logLevel` → `log_level`, `type` → `r#type`.
pub(crate) fn field_name(text: &str) -> Option<String> {
    let name = with_letter_first(ascii(text)?.to_snake_case(), "field_")?;
    Some(if STRICT_KEYWORDS.contains(&name.as_str()) {
        format!("{name}_")
    } else if KEYWORDS.contains(&name.as_str()) {
        format!("r#{name}")
    } else {
        name
    })
}

/// Makes the name of a type's module and file: `HttpPort` → `http_port`, `Mod` → `mod_`.
pub(crate) fn module_name(type_name: &str) -> String {
    let name = type_name.to_snake_case();
    let is_keyword = KEYWORDS.contains(&name.as_str()) || STRICT_KEYWORDS.contains(&name.as_str());
    if is_keyword { format!("{name}_") } else { name }
}

fn ascii(text: &str) -> Option<&str> {
    text.is_ascii().then_some(text)
}

fn with_letter_first(name: String, prefix: &str) -> Option<String> {
    match name.bytes().next()? {
        b'0'..=b'9' => Some(format!("{prefix}{name}")),
        _ => Some(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_their_roles() {
        assert_eq!(type_name("http-port").as_deref(), Some("HttpPort"));
        assert_eq!(type_name("option").as_deref(), Some("Option_"));
        assert_eq!(type_name("2fa").as_deref(), Some("Type2fa"));
        assert_eq!(variant_name("self").as_deref(), Some("Self_"));
        assert_eq!(variant_name("").as_deref(), Some("Empty"));
        assert_eq!(variant_name("2xx").as_deref(), Some("Value2xx"));
        assert_eq!(field_name("logLevel").as_deref(), Some("log_level"));
        assert_eq!(field_name("type").as_deref(), Some("r#type"));
        assert_eq!(field_name("Self").as_deref(), Some("self_"));
        assert_eq!(field_name("0").as_deref(), Some("field_0"));
        assert_eq!(field_name("$%"), None);
        assert_eq!(field_name("größe"), None);
        assert_eq!(module_name("Mod"), "mod_");
        assert_eq!(module_name("Crate"), "crate_");
        assert_eq!(module_name("Option_"), "option");
    }
}
