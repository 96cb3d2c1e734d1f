//! Methods that Python's texts and lists have and minijinja's Python does not give them, and lists
//! that can be changed where Python gives such.

use minijinja::value::{from_args, Value, ValueKind};
use minijinja::{Error, ErrorKind, State};
use minijinja_contrib::pycompat;

use crate::containers::list;
use crate::host::invalid;

/// Letters that one call may add.
const MAX_WIDTH: usize = 1_000_000;

/// The callback for methods that a value has not of itself.
pub fn unknown_method(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    if value.kind() == ValueKind::Seq && method == "index" {
        return list(value.try_iter()?.collect()).call_method(state, method, args);
    }
    match value.as_str().map(|text| text_method(text, method, args)) {
        Some(Err(error)) if error.kind() != ErrorKind::UnknownMethod => return Err(error),
        Some(Ok(answer)) => return Ok(answer),
        _ => {}
    }
    let answer = pycompat::unknown_method_callback(state, value, method, args)?;
    Ok(match method {
        "split" | "splitlines" => list(answer.try_iter()?.collect()),
        _ => answer,
    })
}

/// The filter `list`.
pub fn to_list(state: &mut State<'_, '_>, value: Value) -> Result<Value, Error> {
    let items = minijinja::filters::list(state, value)?;
    Ok(list(items.try_iter()?.collect()))
}

/// The filters `length` and `count`: what is not defined has nothing in it.
pub fn length(value: &Value) -> Result<usize, Error> {
    if value.is_undefined() {
        return Ok(0);
    }
    minijinja::filters::length(value)
}

fn text_method(text: &str, method: &str, args: &[Value]) -> Result<Value, Error> {
    match method {
        "zfill" => {
            let (width,): (usize,) = from_args(args)?;
            let digits = text.trim_start_matches(['-', '+']);
            let sign = &text[..text.len() - digits.len()];
            let missing = missing(text, width)?;
            Ok(Value::from(format!(
                "{sign}{}{digits}",
                "0".repeat(missing)
            )))
        }
        "ljust" | "rjust" | "center" => {
            let (width, fill): (usize, Option<String>) = from_args(args)?;
            let fill = fill.unwrap_or_else(|| " ".into());
            let missing = missing(text, width)?;
            // As Python does, what cannot be halved goes to the left where the width is odd.
            let left = match method {
                "ljust" => 0,
                "rjust" => missing,
                _ => missing / 2 + (missing & width & 1),
            };
            let (before, behind) = (fill.repeat(left), fill.repeat(missing - left));
            Ok(Value::from(format!("{before}{text}{behind}")))
        }
        "removeprefix" | "removesuffix" => {
            let (part,): (String,) = from_args(args)?;
            let rest = match method {
                "removeprefix" => text.strip_prefix(part.as_str()),
                _ => text.strip_suffix(part.as_str()),
            };
            Ok(Value::from(rest.unwrap_or(text)))
        }
        "partition" | "rpartition" => {
            let (by,): (String,) = from_args(args)?;
            let found = match method {
                "partition" => text.split_once(by.as_str()),
                _ => text.rsplit_once(by.as_str()),
            };
            let parts = match (found, method) {
                (Some((before, behind)), _) => [before, by.as_str(), behind],
                (None, "partition") => [text, "", ""],
                (None, _) => ["", "", text],
            };
            Ok(list(parts.iter().map(|part| Value::from(*part)).collect()))
        }
        "rsplit" => {
            let (by, most): (Option<String>, Option<usize>) = from_args(args)?;
            let by = by.unwrap_or_else(|| " ".into());
            let mut parts: Vec<&str> = match most {
                Some(most) => text.rsplitn(most + 1, by.as_str()).collect(),
                None => text.rsplit(by.as_str()).collect(),
            };
            parts.reverse();
            Ok(list(parts.into_iter().map(Value::from).collect()))
        }
        "index" => {
            let (part,): (String,) = from_args(args)?;
            let at = text
                .find(part.as_str())
                .ok_or_else(|| invalid("index: the text has no such part"))?;
            Ok(Value::from(text[..at].chars().count()))
        }
        "casefold" => Ok(Value::from(text.to_lowercase())),
        "swapcase" => Ok(Value::from(
            text.chars()
                .flat_map(|letter| match letter.is_uppercase() {
                    true => letter.to_lowercase().collect::<Vec<_>>(),
                    false => letter.to_uppercase().collect(),
                })
                .collect::<String>(),
        )),
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

fn missing(text: &str, width: usize) -> Result<usize, Error> {
    if width > MAX_WIDTH {
        return Err(invalid(format!("a text may be {MAX_WIDTH} letters wide")));
    }
    Ok(width.saturating_sub(text.chars().count()))
}

#[cfg(test)]
mod tests {
    use minijinja::Environment;

    #[test]
    fn texts_are_as_pythons() {
        let mut environment = Environment::new();
        environment.set_unknown_method_callback(super::unknown_method);
        environment.add_filter("list", super::to_list);
        environment.add_filter("length", super::length);
        let same = |expression: &str, wanted: &str| {
            let source = format!("{{{{ {expression} }}}}");
            let rendered = environment.render_str(&source, ()).unwrap();
            assert_eq!(rendered, wanted, "{expression}");
        };
        same("'7'.zfill(3) ~ '-7'.zfill(3)", "007-07");
        same(
            "'a'.ljust(3, '.') ~ 'a'.rjust(3, '.') ~ 'ab'.center(5, '.')",
            "a....a..ab.",
        );
        same(
            "'stg_x'.removeprefix('stg_') ~ 'x_id'.removesuffix('_id')",
            "xx",
        );
        same(
            "'a.b.c'.partition('.')[2] ~ 'a.b.c'.rpartition('.')[0]",
            "b.ca.b",
        );
        same("'a.b.c'.rsplit('.', 1)[0] ~ 'a.b'.rsplit('.')[1]", "a.bb");
        same(
            "'abc'.index('c') ~ 'aB'.swapcase() ~ 'A'.casefold()",
            "2Aba",
        );
        same("'a,b'.split(',')[1].upper()", "B");
        same("nothing | length ~ [1, 2] | length ~ 'abc' | length", "023");
        same(
            "'a,b'.split(',').index('b') ~ ('ab' | map('upper') | list).index('B')",
            "11",
        );
        let source = "{% set a = 'a,b'.split(',') %}{% set b = a | list %}{{ a.pop() }}{{ b }}";
        assert_eq!(environment.render_str(source, ()).unwrap(), "b['a', 'b']");
        assert!(environment.render_str("{{ 'a'.nothing() }}", ()).is_err());
        assert!(environment
            .render_str("{{ 'a'.zfill(100000000) }}", ())
            .is_err());
    }
}
