//! What a query answered, as templates see it: rows and columns that are reached by place and by
//! name, as those of a table of agate are.

use std::sync::Arc;

use minijinja::value::{from_args, Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind, State};
use serde_json::Value as Json;

use crate::containers::list;
use crate::times::moment_of;

/// A sequence whose items may have names, and which has fields of its own.
#[derive(Debug, Default)]
pub struct Named {
    names: Arc<Vec<String>>,
    values: Vec<Value>,
    fields: Vec<(&'static str, Value)>,
}

impl Object for Named {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if let Some(name) = key.as_str() {
            if let Some((_, value)) = self.fields.iter().find(|(field, _)| *field == name) {
                return Some(value.clone());
            }
            let at = self.names.iter().position(|own| own == name)?;
            return self.values.get(at).cloned();
        }
        let at = key.as_i64()?;
        let length = i64::try_from(self.values.len()).ok()?;
        let at = usize::try_from(if at < 0 { at + length } else { at }).ok()?;
        self.values.get(at).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.values.clone())
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let pairs = || self.names.iter().cloned().zip(self.values.iter().cloned());
        match method {
            "values" => Ok(list(self.values.clone())),
            "keys" => Ok(list(
                self.names
                    .iter()
                    .map(|name| Value::from(name.as_str()))
                    .collect(),
            )),
            "items" => Ok(list(
                pairs()
                    .map(|(name, v)| list(vec![Value::from(name), v]))
                    .collect(),
            )),
            "dict" => Ok(Value::from_pairs(pairs())),
            "get" => {
                let (key, otherwise): (Value, Option<Value>) = from_args(args)?;
                let found = self.get_value(&key).or(otherwise);
                Ok(found.unwrap_or_else(|| Value::from(())))
            }
            "values_distinct" => {
                let mut seen: Vec<Value> = Vec::new();
                for value in &self.values {
                    if !seen.contains(value) {
                        seen.push(value.clone());
                    }
                }
                Ok(list(seen))
            }
            "values_without_nulls" => {
                let held = self.values.iter().filter(|value| !value.is_none());
                Ok(list(held.cloned().collect()))
            }
            "print_table" | "print_csv" | "print_json" => {
                let words = Value::from(self.as_text(method == "print_table"));
                match state.lookup("print") {
                    Some(print) => print.call(state, &[words]),
                    None => Ok(Value::from("")),
                }
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

impl Named {
    fn field(&self, name: &str) -> Option<&Value> {
        let found = self.fields.iter().find(|(field, _)| *field == name);
        found.map(|(_, value)| value)
    }

    /// A table's names and rows, a line each.
    fn as_text(&self, is_for_people: bool) -> String {
        let cells = |row: &Value| -> Vec<String> {
            let values = row.try_iter().into_iter().flatten();
            values.map(|value| value.to_string()).collect()
        };
        let names = self.field("column_names").map(cells);
        let mut lines: Vec<Vec<String>> = names.into_iter().collect();
        lines.extend(self.values.iter().map(cells));
        let (before, between) = if is_for_people {
            ("| ", " | ")
        } else {
            ("", ",")
        };
        let text = lines
            .iter()
            .map(|line| format!("{before}{}", line.join(between)));
        text.collect::<Vec<_>>().join("\n")
    }
}

/// A value of this SQL type, given as text.
fn typed(text: &str, data_type: &str) -> Value {
    let base = data_type.split('(').next().unwrap_or("").trim();
    let number = || text.parse::<f64>().map(Value::from);
    match base {
        "BOOLEAN" => Value::from(text == "true"),
        "DATE" | "TIMESTAMP" | "TIMESTAMP WITH TIME ZONE" => moment_of(text),
        "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "HUGEINT" | "UTINYINT" | "USMALLINT"
        | "UINTEGER" | "UBIGINT" => text
            .parse::<i128>()
            .map(Value::from)
            .unwrap_or_else(|_| text.into()),
        "DECIMAL" => match text.parse::<i64>() {
            Ok(whole) => Value::from(whole),
            Err(_) => number().unwrap_or_else(|_| text.into()),
        },
        // Of four bytes: what it is in eight.
        "FLOAT" => text
            .parse::<f32>()
            .map_or_else(|_| text.into(), |single| Value::from(f64::from(single))),
        "DOUBLE" => number().unwrap_or_else(|_| text.into()),
        _ => Value::from(text),
    }
}

fn texts(json: &Json, key: &str) -> Vec<String> {
    let items = json.get(key).and_then(Json::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_string))
        .collect()
}

/// {"names": [...], "types": [...], "rows": [[text or null, ...], ...]}
pub fn table_of(json: &Json) -> Value {
    let names = Arc::new(texts(json, "names"));
    let types = texts(json, "types");
    let cell = |value: &Json, at: usize| match value.as_str() {
        Some(text) => typed(text, types.get(at).map_or("", String::as_str)),
        None => Value::from(()),
    };
    let rows: Vec<Vec<Value>> = json
        .get("rows")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .map(|row| {
            let cells = row.as_array().into_iter().flatten();
            cells
                .enumerate()
                .map(|(at, value)| cell(value, at))
                .collect()
        })
        .collect();
    let column = |at: usize| {
        Value::from_object(Named {
            values: rows.iter().map(|row| row[at].clone()).collect(),
            fields: vec![
                ("name", Value::from(names[at].as_str())),
                ("index", Value::from(at)),
            ],
            ..Named::default()
        })
    };
    let columns = Named {
        names: names.clone(),
        values: (0..names.len()).map(column).collect(),
        ..Named::default()
    };
    let row_values: Vec<Value> = rows
        .iter()
        .map(|row| {
            Value::from_object(Named {
                names: names.clone(),
                values: row.clone(),
                ..Named::default()
            })
        })
        .collect();
    let words = |words: &[String]| {
        list(
            words
                .iter()
                .map(|word| Value::from(word.as_str()))
                .collect(),
        )
    };
    Value::from_object(Named {
        fields: vec![
            ("columns", Value::from_object(columns)),
            ("rows", list(row_values.clone())),
            ("column_names", words(&names)),
            ("column_types", words(&types)),
        ],
        values: row_values,
        ..Named::default()
    })
}

/// Stands for the answer of a query that nobody asked, while the graph is made: whatever is asked
/// of it is as empty as it is.
#[derive(Debug)]
pub struct Nothing;

impl Object for Nothing {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        Some(Value::from_dyn_object(self.clone()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Empty
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, _: &[Value]) -> Result<Value, Error> {
        Ok(Value::from_dyn_object(self.clone()))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        _: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        Ok(Value::from_dyn_object(self.clone()))
    }

    fn render(self: &Arc<Self>, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
