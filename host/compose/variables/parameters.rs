//! The values of a query's parameters, as terms.
//!
//! Always true here: a value becomes a term by its type, and no text of a query is made of it.

use serde_json::Value;

use crate::pack::{Parameter, QueryName};
use crate::query::{Term, is_iri};
use crate::show;

/// The term of a parameter; none where the value is null, as the variable has none then.
///
/// # Errors
/// What is wrong with the value, and what to do; without the value where it `is_secret`.
pub(super) fn term(
    name: &QueryName,
    parameter: &Parameter,
    value: &Value,
    is_secret: bool,
) -> Result<Option<Term>, (String, &'static str)> {
    let of = format!("the parameter `{}` of `{name}`", parameter.name.value);
    let got = || if is_secret { String::new() } else { format!(", got {}", show::value(value)) };
    match (value, parameter.is_iri) {
        (Value::Null, _) => Ok(None),
        (Value::String(text), true) if is_iri(text) => Ok(Some(Term::Iri(text.clone()))),
        (_, true) => {
            let help = "an IRI is for instance `https://example.org/shop#` and a name behind it; encode what may be any text: \
                        `'https://example.org/' ~ (name | urlencode)`";
            Err((format!("{of} must be an IRI{}", got()), help))
        }
        (value, false) => Term::of_value(value).map(Some).ok_or_else(|| {
            let help = "take one item of it, or ask with a text that is made of it";
            (format!("{of} must be a text, a number, true, false or null{}", got()), help)
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::pack::{ParameterName, Spanned};

    fn of(value: &Value, is_iri: bool) -> Result<Option<Term>, String> {
        let name = Spanned { value: ParameterName::new("least").unwrap(), range: 0..0 };
        let parameter = Parameter { value: name.with(String::new()), name, is_iri };
        term(&QueryName::new("ports").unwrap(), &parameter, value, false).map_err(|(message, _)| message)
    }

    #[test]
    fn values_are_terms_of_their_type() {
        assert_eq!(of(&json!("\"} ; DROP"), false), Ok(Some(Term::text("\"} ; DROP"))));
        assert_eq!(of(&json!(80), false), Ok(Some(Term::typed("80", "integer"))));
        assert_eq!(of(&json!(true), false), Ok(Some(Term::typed("true", "boolean"))));
        assert_eq!(of(&json!(0.5), false), Ok(Some(Term::typed("0.5", "double"))));
        assert_eq!(of(&Value::Null, false), Ok(None));
        assert_eq!(of(&json!("urn:a"), true), Ok(Some(Term::Iri("urn:a".to_owned()))));
        for (value, is_iri) in [(json!("urn:a> ?s"), true), (json!("a"), true), (json!(1), true), (json!([1]), false)] {
            assert!(of(&value, is_iri).unwrap_err().starts_with("the parameter `least` of `ports` must be"));
        }
    }
}
