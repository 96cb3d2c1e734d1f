//! Macros of packages. `{% macro x(` is compiled as `tarn_macro__x`, and the global `x` is a proxy
//! that calls it: that is what lets `return` end a macro with a value, lets a macro be handed on
//! as a value (dispatch), and names the chain of calls in an error.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{from_args, Kwargs, Object, Rest, Value};
use minijinja::{Error, ErrorKind, State};

use crate::containers::{dict, list, string_end};
use crate::host::invalid;
use crate::places::Edit;

pub const PREFIX: &str = "tarn_macro__";
/// State temp that holds the value of a `return`, in a list, since the value may be undefined
/// itself.
const RETURNED: &str = "tarn_return";
/// The global that says what a macro gives instead, as a unit test has it.
const OVERRIDE: &str = "tarn_override:";
/// The global that names the macro that is called in its place: dispatch found it.
const REDIRECT: &str = "tarn_redirect:";
/// The package of what dbt gives, and what stands before its macros' names where a template means
/// dbt's own, whoever overrides them. There they have no such word: one is for all engines.
pub const DBT: &str = "dbt";
pub const OWN_PREFIX: &str = "default__";
/// What the host answers, as a macro of dbt's.
const HOSTS: &str = "is_incremental";
const CALLED: &str = "in macro ";

pub fn module_temp(package: &str, macro_name: &str) -> String {
    format!("tarn_module:{package}.{macro_name}")
}

/// The body of the global function `return`.
pub fn return_value(state: &mut State<'_, '_>, value: Value) -> Error {
    state.set_temp(RETURNED, Value::from(vec![value]));
    invalid("`return` stands outside of a macro")
}

/// The global with the names of a macro's arguments, where it looks at `varargs` or `kwargs`.
pub fn arguments_global(package: &str, macro_name: &str) -> String {
    format!("tarn_arguments:{package}.{macro_name}")
}

/// The macro's name when the error is the frame that a proxy put around what failed inside it.
pub fn called_macro(error: &Error) -> Option<&str> {
    error.detail()?.strip_prefix(CALLED)
}

/// The cause of a call of a macro whose file the render has not imported, or that nobody has.
#[derive(Debug)]
struct NotThere;

impl fmt::Display for NotThere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not imported")
    }
}

impl std::error::Error for NotThere {}

pub fn lacks_macro(error: &Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(one) = cause {
        if one.is::<NotThere>() {
            return true;
        }
        cause = one.source();
    }
    false
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

impl Macro {
    fn body(&self, state: &State<'_, '_>) -> Result<Value, Error> {
        let found = |name: &str| {
            let module = state.get_temp(&module_temp(&self.package, name))?;
            Some(module.get_attr(&format!("{PREFIX}{name}")))
        };
        let own = || match self.package == DBT {
            true => self.name.strip_prefix(OWN_PREFIX).and_then(found),
            false => None,
        };
        // What the host answers, where a macro of that name calls dbt's.
        let hosts = || match self.package == DBT && self.name == HOSTS {
            true => Some(state.lookup("builtins")?.get_attr(&self.name)),
            false => None,
        };
        let missing = || invalid(format!("there is no macro {}.{}", self.package, self.name));
        found(&self.name)
            .or_else(own)
            .or_else(hosts)
            .unwrap_or_else(|| Err(missing().with_source(NotThere)))
    }
}

impl Object for Macro {
    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let qualified = format!("{}.{}", self.package, self.name);
        for name in [&qualified, &self.name] {
            if let Some(value) = state.lookup(&format!("{OVERRIDE}{name}")) {
                return Ok(value);
            }
        }
        if let Some(other) = state.lookup(&format!("{REDIRECT}{qualified}")) {
            return Arc::new(Macro::new(&other.to_string())).call(state, args);
        }
        let body = self.body(state)?;
        let called = match state.lookup(&arguments_global(&self.package, &self.name)) {
            Some(names) => body.call(state, &[gathered(&names, args)?]),
            None => body.call(state, args),
        };
        let failure = match called {
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

/// All arguments by name; those that have none in `varargs` and `kwargs`, as Jinja has them.
fn gathered(names: &Value, args: &[Value]) -> Result<Value, Error> {
    let names: Vec<String> = names.try_iter()?.map(|name| name.to_string()).collect();
    let (given, named): (Rest<Value>, Kwargs) = from_args(args)?;
    let mut all: Vec<(String, Value)> = names.iter().cloned().zip(given.iter().cloned()).collect();
    let mut further = Vec::new();
    for name in named.args() {
        let value = named.get::<Value>(name)?;
        if all.iter().any(|(own, _)| own == name) {
            return Err(invalid(format!("the argument `{name}` is given twice")));
        }
        if names.iter().any(|own| own == name) || name == "caller" {
            all.push((name.to_string(), value));
        } else {
            further.push((Value::from(name), value));
        }
    }
    let unnamed = given.iter().skip(names.len()).cloned().collect();
    all.push(("varargs".to_string(), list(unnamed)));
    all.push(("kwargs".to_string(), dict(further)));
    Ok(Value::from(Kwargs::from_iter(all)))
}

/// The names that a package's macros are called by; more come with each of its files.
pub type Names = Arc<Mutex<BTreeSet<String>>>;

/// `package.name(...)`, and `package.name` as a value, which is undefined where there is none.
#[derive(Debug)]
pub struct Package {
    pub name: String,
    pub macros: Names,
}

impl Object for Package {
    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        name: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        Arc::new(Macro::new(&format!("{}.{name}", self.name))).call(state, args)
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let macros = self.macros.lock().unwrap_or_else(PoisonError::into_inner);
        let is_there = macros.contains(name) || (self.name == DBT && name == HOSTS);
        is_there.then(|| Value::from_object(Macro::new(&format!("{}.{name}", self.name))))
    }
}

/// The blocks of a macro file that we give to minijinja as macros, and the macros' names:
/// `{% macro x(` as it is, `{% test x(` as the macro `test_x`, and
/// `{% materialization x, adapter='y' %}` as `materialization_x_y` (for a file that has one is no
/// mistake, though nobody calls it). Comments and raw blocks hold none.
#[derive(Default)]
pub struct Definitions {
    pub names: Vec<String>,
    pub edits: Vec<Edit>,
    /// Macros that look at `varargs` or `kwargs`, with the names of their arguments.
    pub gathering: Vec<(String, Vec<String>)>,
}

pub fn definitions(source: &str) -> Definitions {
    let mut found = Definitions::default();
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
        at = source.len() - inside.len();
        let end = word_end(inside);
        match &inside[..end] {
            "macro" => found.define(source, at, end, ""),
            "test" | "data_test" => found.define(source, at, end, "test_"),
            "endtest" | "enddata_test" => found.replace(at, end, "endmacro"),
            "materialization" => found.materialization(source, at, end),
            "endmaterialization" => found.replace(at, end, "endmacro"),
            "raw" => at = end_of_raw(source, at),
            _ => {}
        }
    }
    found
}

impl Definitions {
    fn replace(&mut self, at: usize, removed: usize, inserted: &str) {
        let inserted = inserted.to_string();
        self.edits.push(Edit {
            at,
            removed,
            inserted,
        });
    }

    fn materialization(&mut self, source: &str, at: usize, word: usize) {
        let end = source[at..].find("%}").map_or(source.len(), |end| at + end);
        let header = source[at + word..end].trim_end_matches(['-', '+']);
        let mut words = header.split(|c: char| !c.is_alphanumeric() && c != '_');
        let mut next = || words.find(|word| !word.is_empty() && *word != "adapter");
        let (name, adapter) = (next().unwrap_or(""), next().unwrap_or("default"));
        let name = format!("materialization_{name}_{adapter}");
        self.replace(at, word + header.len(), &format!("macro {PREFIX}{name}() "));
        self.names.push(name);
    }

    /// The block's word stands at `at`, its name behind it.
    fn define(&mut self, source: &str, at: usize, word: usize, prefix: &str) {
        let rest = source[at + word..].trim_start();
        let name = &rest[..word_end(rest)];
        if !prefix.is_empty() {
            self.replace(at, word, "macro");
        }
        self.replace(source.len() - rest.len(), 0, &format!("{PREFIX}{prefix}"));
        self.names.push(format!("{prefix}{name}"));
        let open = source.len() - rest.len() + name.len();
        let Some((close, arguments)) = arguments(source, open) else {
            return;
        };
        let late = self.put_off_defaults(source, &arguments);
        let names: Vec<String> = arguments.into_iter().map(|one| one.name).collect();
        if looks_at_more(&source[close..end_of_macro(source, close)]) {
            let comma = if names.is_empty() { "" } else { ", " };
            self.replace(close, 0, &format!("{comma}varargs=none, kwargs=none"));
            self.gathering.push((format!("{prefix}{name}"), names));
        }
        if late.is_empty() {
            return;
        }
        if let Some(end) = source[close..].find("%}").map(|end| close + end) {
            let trims = source[..end].ends_with('-');
            let sets: String = late
                .iter()
                .map(|(name, default)| {
                    let end = if trims { "-%}" } else { "%}" };
                    format!("{{% set {name} = ({default}) if {name} is undefined else {name} {end}")
                })
                .collect();
            self.replace(end + 2, 0, &sets);
        }
    }

    /// minijinja looks for the defaults of arguments from the last one on, where those before it
    /// have no values yet. A default that names one of them is taken out, to be set in the body.
    fn put_off_defaults(&mut self, source: &str, arguments: &[Argument]) -> Vec<(String, String)> {
        let mut late = Vec::new();
        for (i, argument) in arguments.iter().enumerate() {
            let Some((start, end)) = argument.default else {
                continue;
            };
            let default = &source[start..end];
            if !arguments[..i].iter().any(|one| names(default, &one.name)) {
                continue;
            }
            self.replace(start, end - start, NOT_GIVEN);
            late.push((argument.name.clone(), default.to_string()));
        }
        late
    }
}

/// A name that nobody gives a value.
const NOT_GIVEN: &str = "tarn_not_given";

/// An argument of a macro, and where its default stands.
struct Argument {
    name: String,
    default: Option<(usize, usize)>,
}

/// Does the expression name it, outside of its texts.
fn names(expression: &str, name: &str) -> bool {
    let bytes = expression.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'\'' || bytes[at] == b'"' {
            at = string_end(bytes, at);
            continue;
        }
        let length = word_end(&expression[at..]);
        let is_member = at > 0 && bytes[at - 1] == b'.';
        if length > 0 && !is_member && &expression[at..at + length] == name {
            return true;
        }
        at += length.max(expression[at..].chars().next().map_or(1, char::len_utf8));
    }
    false
}

/// Where the list of arguments that opens at `open` (or behind blanks) is closed, and they.
fn arguments(source: &str, open: usize) -> Option<(usize, Vec<Argument>)> {
    let open = open + source[open..].find('(')?;
    let bytes = source.as_bytes();
    let (mut at, mut depth, mut start) = (open + 1, 1, open + 1);
    let mut found = Vec::new();
    while at < bytes.len() {
        match bytes[at] {
            b'\'' | b'"' => {
                at = string_end(bytes, at);
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || (depth == 1 && bytes[at] == b',') {
            let argument = source[start..at].trim();
            if !argument.is_empty() {
                let name = argument[..word_end(argument)].to_string();
                let default = argument.find('=').map(|sign| {
                    let text = argument[sign + 1..].trim_start();
                    let end = source[..at].trim_end().len();
                    (end - text.len(), end)
                });
                found.push(Argument { name, default });
            }
            start = at + 1;
        }
        if depth == 0 {
            return Some((at, found));
        }
        at += 1;
    }
    None
}

fn end_of_macro(source: &str, from: usize) -> usize {
    let ends = ["endmacro", "endtest", "enddata_test"];
    let found = ends.iter().filter_map(|end| source[from..].find(end)).min();
    found.map_or(source.len(), |end| from + end)
}

fn looks_at_more(body: &str) -> bool {
    let mut words = body.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.any(|word| word == "varargs" || word == "kwargs")
}

fn word_end(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(text.len())
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
    use crate::places::Edited;

    fn names(source: &str) -> Vec<String> {
        definitions(source).names
    }

    #[test]
    fn generic_tests_are_macros() {
        let source = "{% test even(model) -%}x{%- endtest %}";
        assert_eq!(names(source), ["test_even"]);
        assert_eq!(
            Edited::new(source, &definitions(source).edits).text,
            "{% macro tarn_macro__test_even(model) -%}x{%- endmacro %}"
        );
    }

    #[test]
    fn materializations_do_not_stand_in_the_way() {
        let source = "{%- materialization my_view, adapter='duckdb' -%}x{% endmaterialization %}";
        assert_eq!(names(source), ["materialization_my_view_duckdb"]);
        assert_eq!(
            Edited::new(source, &definitions(source).edits).text,
            "{%- macro tarn_macro__materialization_my_view_duckdb() -%}x{% endmacro %}"
        );
        assert_eq!(
            names("{% materialization a, default, supported_languages=['sql'] %}"),
            ["materialization_a_default"]
        );
    }

    #[test]
    fn macros_that_look_at_further_arguments_get_them() {
        let source = "{% macro a(x, y=f(1, ')')) %}{{ kwargs.z }}{% endmacro %}\
                      {% macro b() %}{{ my_kwargs }}{% endmacro %}";
        let found = definitions(source);
        assert_eq!(
            found.gathering,
            [("a".to_string(), vec!["x".to_string(), "y".to_string()])]
        );
        assert!(Edited::new(source, &found.edits)
            .text
            .contains("y=f(1, ')'), varargs=none, kwargs=none) %}"));
    }

    #[test]
    fn defaults_may_name_the_arguments_before_them() {
        let text = |source: &str| Edited::new(source, &definitions(source).edits).text;
        assert_eq!(
            text("{% macro a(x, y=x, z = y ~ '1') -%} {{ z }}{% endmacro %}"),
            "{% macro tarn_macro__a(x, y=tarn_not_given, z = tarn_not_given) -%}\
             {% set y = (x) if y is undefined else y -%}\
             {% set z = (y ~ '1') if z is undefined else z -%} {{ z }}{% endmacro %}"
        );
        let plain = "{% macro a(x, y='x', z=other.x, w=xx) %}{% endmacro %}";
        assert_eq!(text(plain), plain.replace("macro a", "macro tarn_macro__a"));
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
