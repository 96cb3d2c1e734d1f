//! What Python gives to templates of dbt: `modules.itertools`, and functions over JSON, YAML and
//! sequences; `expressions` has `modules.re`.

use minijinja::value::{Kwargs, Rest, Value, ValueKind};
use minijinja::{Environment, Error};
use serde_json::Value as Json;

use crate::answers::Nothing;
use crate::containers::list;
use crate::expressions;
use crate::host::{invalid, Host};
use crate::set::make_set;
use crate::times::{datetime_module, pytz_module, shifted};

/// Items that one call may make.
const MAX_MADE: usize = 1_000_000;

fn none() -> Value {
    Value::from(())
}

// --- modules.itertools

fn pools(values: &[Value]) -> Result<Vec<Vec<Value>>, Error> {
    values
        .iter()
        .map(|value| Ok(value.try_iter()?.collect()))
        .collect()
}

fn within_bound(made: usize) -> Result<(), Error> {
    if made > MAX_MADE {
        return Err(invalid(format!("a sequence has at most {MAX_MADE} items")));
    }
    Ok(())
}

fn product(values: Rest<Value>) -> Result<Value, Error> {
    let mut made: Vec<Vec<Value>> = vec![Vec::new()];
    for pool in pools(&values)? {
        within_bound(made.len().saturating_mul(pool.len()))?;
        let longer = |start: &Vec<Value>| -> Vec<Vec<Value>> {
            pool.iter()
                .map(|item| [start.clone(), vec![item.clone()]].concat())
                .collect()
        };
        made = made.iter().flat_map(longer).collect();
    }
    Ok(list(made.into_iter().map(list).collect()))
}

/// Choices of `size` of the items: in their order (combinations), or in every one.
fn choices(items: &[Value], size: usize, in_order: bool) -> Result<Value, Error> {
    let mut made: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..size {
        let mut longer = Vec::new();
        for start in &made {
            let from = if in_order {
                start.last().map_or(0, |last| last + 1)
            } else {
                0
            };
            for at in (from..items.len()).filter(|at| !start.contains(at)) {
                longer.push([start.clone(), vec![at]].concat());
            }
            within_bound(longer.len())?;
        }
        made = longer;
    }
    let values =
        |places: Vec<usize>| list(places.into_iter().map(|at| items[at].clone()).collect());
    Ok(list(made.into_iter().map(values).collect()))
}

fn combinations(items: Value, size: usize) -> Result<Value, Error> {
    choices(&items.try_iter()?.collect::<Vec<_>>(), size, true)
}

fn permutations(items: Value, size: Option<usize>) -> Result<Value, Error> {
    let items: Vec<Value> = items.try_iter()?.collect();
    choices(&items, size.unwrap_or(items.len()), false)
}

fn chain(values: Rest<Value>) -> Result<Value, Error> {
    Ok(list(pools(&values)?.concat()))
}

fn zipped(values: &[Value], longest: bool, filler: &Value) -> Result<Value, Error> {
    let pools = pools(values)?;
    let lengths = pools.iter().map(Vec::len);
    let length = if longest {
        lengths.max()
    } else {
        lengths.min()
    }
    .unwrap_or(0);
    let row = |at: usize| {
        list(
            pools
                .iter()
                .map(|pool| pool.get(at).unwrap_or(filler).clone())
                .collect(),
        )
    };
    Ok(list((0..length).map(row).collect()))
}

fn zip(values: Rest<Value>) -> Result<Value, Error> {
    zipped(&values, false, &none())
}

fn zip_longest(values: Rest<Value>, named: Kwargs) -> Result<Value, Error> {
    let filler = named
        .get::<Option<Value>>("fillvalue")?
        .unwrap_or_else(none);
    zipped(&values, true, &filler)
}

fn itertools() -> Value {
    Value::from_pairs([
        ("product", Value::from_function(product)),
        ("combinations", Value::from_function(combinations)),
        ("permutations", Value::from_function(permutations)),
        ("chain", Value::from_function(chain)),
        ("zip_longest", Value::from_function(zip_longest)),
    ])
}

// --- JSON, YAML, texts

fn from_json(host: Host, text: &str, otherwise: Option<Value>) -> Value {
    match serde_json::from_str::<Json>(text) {
        Ok(json) => host.value_of(&json),
        Err(_) => otherwise.unwrap_or_else(none),
    }
}

fn to_json(value: Value, otherwise: Option<Value>, named: Kwargs) -> Result<Value, Error> {
    let sorted = named.get::<Option<bool>>("sort_keys")?.unwrap_or(false);
    let otherwise = otherwise.or(named.get::<Option<Value>>("default")?);
    named.assert_all_used()?;
    match serde_json::to_value(&value) {
        Ok(json) => Ok(Value::from(json_text(&json, sorted))),
        Err(_) => Ok(otherwise.unwrap_or_else(none)),
    }
}

/// As Python writes it: with a blank behind `,` and `:`.
fn json_text(json: &Json, sorted: bool) -> String {
    match json {
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| json_text(item, sorted)).collect();
            format!("[{}]", items.join(", "))
        }
        Json::Object(fields) => {
            let mut pairs: Vec<(&String, &Json)> = fields.iter().collect();
            if sorted {
                pairs.sort_by_key(|(name, _)| *name);
            }
            let pair = |(name, value): (&String, &Json)| {
                format!(
                    "{}: {}",
                    Json::from(name.as_str()),
                    json_text(value, sorted)
                )
            };
            format!(
                "{{{}}}",
                pairs.into_iter().map(pair).collect::<Vec<_>>().join(", ")
            )
        }
        plain => plain.to_string(),
    }
}

/// Block style for what has items, and JSON, which YAML is a superset of, for the rest.
fn yaml_lines(json: &Json, indent: &str, made: &mut String) {
    let nested = |value: &Json| match value {
        Json::Array(items) => !items.is_empty(),
        Json::Object(fields) => !fields.is_empty(),
        _ => false,
    };
    match json {
        Json::Array(items) if !items.is_empty() => {
            for item in items {
                let mut inner = String::new();
                yaml_lines(item, &format!("{indent}  "), &mut inner);
                let text = if nested(item) {
                    inner.trim_start().to_string()
                } else {
                    inner
                };
                made.push_str(&format!("{indent}- {text}"));
            }
        }
        Json::Object(fields) if !fields.is_empty() => {
            for (name, value) in fields {
                let mut inner = String::new();
                let deeper = if value.is_array() {
                    indent.to_string()
                } else {
                    format!("{indent}  ")
                };
                yaml_lines(value, &deeper, &mut inner);
                let key = yaml_scalar(name);
                let between = if nested(value) { "\n" } else { " " };
                made.push_str(&format!("{indent}{key}:{between}{inner}"));
            }
        }
        Json::String(text) => made.push_str(&format!("{}\n", yaml_scalar(text))),
        plain => made.push_str(&format!("{plain}\n")),
    }
}

/// A text that YAML would read as another one is quoted.
fn yaml_scalar(text: &str) -> String {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "~", "y"];
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || " _-./".contains(c))
        && !text.ends_with(' ')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if plain {
        text.to_string()
    } else {
        Json::from(text).to_string()
    }
}

fn to_yaml(value: Value, otherwise: Option<Value>) -> Value {
    match serde_json::to_value(&value) {
        Ok(json) => {
            let mut made = String::new();
            yaml_lines(&json, "", &mut made);
            Value::from(made)
        }
        Err(_) => otherwise.unwrap_or_else(none),
    }
}

fn as_number(value: Value) -> Result<Value, Error> {
    let text = value.to_string();
    let whole = text.trim().parse::<i64>().map(Value::from);
    let number = whole.or_else(|_| text.trim().parse::<f64>().map(Value::from));
    number.map_err(|_| invalid(format!("as_number: `{text}` is no number")))
}

fn as_bool(value: Value) -> Result<Value, Error> {
    match value.to_string().to_ascii_lowercase().as_str() {
        "true" => Ok(Value::from(true)),
        "false" => Ok(Value::from(false)),
        text => Err(invalid(format!(
            "as_bool: `{text}` is neither true nor false"
        ))),
    }
}

fn as_native(host: Host, value: Value) -> Value {
    match value.as_str() {
        Some(text) => from_json(host, text, Some(value.clone())),
        None => value,
    }
}

/// Differences of two maps: the value of the second where it is not the first's.
fn diff_of_two_dicts(one: Value, other: Value) -> Result<Value, Error> {
    let mut pairs = Vec::new();
    for key in one.try_iter()? {
        let value = one.get_item(&key)?;
        if value.kind() == ValueKind::Undefined || other.get_item(&key)? != value {
            pairs.push((key, value));
        }
    }
    Ok(Value::from_iter(
        pairs.into_iter().map(|(key, value)| list(vec![key, value])),
    ))
}

/// Everything above, under the names that dbt gives it.
pub fn add_to(environment: &mut Environment<'static>, host: Host) {
    let modules = [
        ("re", expressions::module()),
        ("itertools", itertools()),
        ("datetime", datetime_module(host)),
        ("pytz", pytz_module()),
    ];
    environment.add_global("modules", Value::from_pairs(modules));
    environment.add_global("tarn_nothing", Value::from_object(Nothing));
    environment.add_function("set", make_set);
    environment.add_function("set_strict", make_set);
    environment.add_function("zip", zip);
    environment.add_function("zip_strict", zip);
    environment.add_function("tojson", to_json);
    environment.add_function("toyaml", to_yaml);
    environment.add_function("diff_of_two_dicts", diff_of_two_dicts);
    environment.add_function("fromjson", move |text: String, otherwise: Option<Value>| {
        from_json(host, &text, otherwise)
    });
    environment.add_function("local_md5", |text: String| {
        format!("{:x}", md5::compute(text))
    });
    environment.add_filter("as_number", as_number);
    environment.add_filter("as_bool", as_bool);
    environment.add_filter("as_text", |value: Value| value.to_string());
    environment.add_filter("as_native", move |value: Value| as_native(host, value));
    environment.add_filter("tarn_plus", |moment: Value, by: Value| {
        shifted(moment, by, 1)
    });
    environment.add_filter("tarn_minus", |moment: Value, by: Value| {
        shifted(moment, by, -1)
    });
}
