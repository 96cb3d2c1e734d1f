//! Macros of packages. `{% macro x(` is compiled as `tarn_macro__x`, and the global `x` is a proxy
//! that calls it: that is what lets `return` end a macro with a value, lets a macro be handed on
//! as a value (dispatch), and names the chain of calls in an error.

use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, Value};
use minijinja::{Error, ErrorKind, State};

use crate::host::invalid;

pub const PREFIX: &str = "tarn_macro__";
/// State temp that holds the value of a `return`, in a list, since the value may be undefined
/// itself.
const RETURNED: &str = "tarn_return";
const CALLED: &str = "in macro ";

pub fn module_temp(package: &str, macro_name: &str) -> String {
    format!("tarn_module:{package}.{macro_name}")
}

/// The body of the global function `return`.
pub fn return_value(state: &mut State<'_, '_>, value: Value) -> Error {
    state.set_temp(RETURNED, Value::from(vec![value]));
    invalid("`return` stands outside of a macro")
}

/// The macro's name when the error is the frame that a proxy put around what failed inside it.
pub fn called_macro(error: &Error) -> Option<&str> {
    error.detail()?.strip_prefix(CALLED)
}

/// A macro as a value: "package.name".
pub struct Macro {
    package: String,
    name: String,
}

impl Macro {
    pub fn new(qualified: &str) -> Self {
        let (package, name) = qualified.split_once('.').unwrap_or(("", qualified));
        Self {
            package: package.to_string(),
            name: name.to_string(),
        }
    }
}

impl fmt::Debug for Macro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<macro {}.{}>", self.package, self.name)
    }
}

impl Object for Macro {
    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let body = match state.get_temp(&module_temp(&self.package, &self.name)) {
            Some(module) => module.get_attr(&format!("{PREFIX}{}", self.name))?,
            None => {
                return Err(invalid(format!(
                    "there is no macro {}.{}",
                    self.package, self.name
                )))
            }
        };
        let failure = match body.call(state, args) {
            Ok(value) => return Ok(value),
            Err(failure) => failure,
        };
        match state
            .set_temp(RETURNED, Value::UNDEFINED)
            .filter(|value| !value.is_undefined())
        {
            Some(returned) => returned.get_item_by_index(0),
            None => {
                let frame = format!("{CALLED}{}", self.name);
                Err(Error::new(ErrorKind::InvalidOperation, frame).with_source(failure))
            }
        }
    }
}

/// `package.name(...)`.
#[derive(Debug)]
pub struct Package(pub String);

impl Object for Package {
    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        Arc::new(Macro::new(&format!("{}.{name}", self.0))).call(state, args)
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(Value::from_object(Macro::new(&format!(
            "{}.{}",
            self.0,
            key.as_str()?
        ))))
    }
}

/// Where macros are defined: the offset of each name and the name. Comments and raw blocks hold
/// none.
pub fn definitions(source: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = source[at..].find("{%").map(|i| at + i) {
        if let Some(comment) = source[at..open].find("{#").map(|i| at + i) {
            at = source[comment..]
                .find("#}")
                .map_or(source.len(), |i| comment + i + 2);
            continue;
        }
        let inside = source[open + 2..]
            .trim_start_matches(['-', '+'])
            .trim_start();
        let word_at = source.len() - inside.len();
        at = word_at;
        if let Some(rest) = inside
            .strip_prefix("macro")
            .filter(|rest| rest.starts_with(char::is_whitespace))
        {
            let rest = rest.trim_start();
            let end = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            found.push((source.len() - rest.len(), rest[..end].to_string()));
        } else if inside.starts_with("raw") {
            at = end_of_raw(source, word_at);
        }
    }
    found
}

fn end_of_raw(source: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(open) = source[at..].find("{%").map(|i| at + i) {
        at = open + 2;
        if source[at..]
            .trim_start_matches(['-', '+'])
            .trim_start()
            .starts_with("endraw")
        {
            return at;
        }
    }
    source.len()
}

#[cfg(test)]
mod tests {
    use super::definitions;

    fn names(source: &str) -> Vec<String> {
        definitions(source)
            .into_iter()
            .map(|(_, name)| name)
            .collect()
    }

    #[test]
    fn finds_definitions_only() {
        assert_eq!(
            names("{% macro a(x) %}{% endmacro %}{%- macro b () -%}{%- endmacro -%}"),
            ["a", "b"]
        );
        assert_eq!(
            names("{# {% macro a() %} #}{% macro b() %}{% endmacro %}"),
            ["b"]
        );
        assert_eq!(
            names("{% raw %}{% macro a() %}{% endraw %}{% macro b() %}{% endmacro %}"),
            ["b"]
        );
        assert_eq!(names("{% macros %}"), Vec::<String>::new());
    }
}
