//! Tables and their columns as templates see them: what `ref`, `this`, `api.Relation` and
//! `api.Column` give.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{from_args, DynObject, Enumerator, Kwargs, Object, Rest, Value};
use minijinja::{Error, ErrorKind, State};
use serde_json::Value as Json;

use crate::host::invalid;

const EPHEMERAL_PREFIX: &str = "__dbt__cte__";

pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn text_of(json: &Json, key: &str) -> Option<String> {
    json.get(key).and_then(Json::as_str).map(str::to_string)
}

/// Positional arguments are those of `names`, in their order; the named ones may be any.
fn arguments(args: &[Value], names: &[&str]) -> Result<Vec<(String, Value)>, Error> {
    let (given, named): (Rest<Value>, Kwargs) = from_args(args)?;
    let mut all = Vec::new();
    for (index, value) in given.iter().enumerate() {
        let name = names
            .get(index)
            .ok_or_else(|| invalid("too many arguments"))?;
        all.push((name.to_string(), value.clone()));
    }
    for name in named.args() {
        all.push((name.to_string(), named.get::<Value>(name)?));
    }
    Ok(all)
}

#[derive(Clone, Debug, Default)]
pub struct Relation {
    database: Option<String>,
    schema: Option<String>,
    identifier: Option<String>,
    kind: Option<String>,
    /// What stands in SQL for it, where that is not its name: a version, a subquery.
    text: Option<String>,
    /// Is it of a model of the project.
    is_model: bool,
    /// Parts that are not shown: database, schema, identifier.
    hidden: [bool; 3],
    /// Parts that are shown without quotes.
    bare: [bool; 3],
}

impl Relation {
    pub fn from_json(json: &Json) -> Self {
        Self {
            database: text_of(json, "database"),
            schema: text_of(json, "schema"),
            identifier: text_of(json, "identifier"),
            kind: text_of(json, "type"),
            text: text_of(json, "text"),
            is_model: json.get("model") == Some(&Json::Bool(true)),
            // A lake's own tables go by schema and name.
            hidden: [true, false, false],
            bare: [false; 3],
        }
    }

    fn parts(&self) -> [&Option<String>; 3] {
        [&self.database, &self.schema, &self.identifier]
    }

    fn name_text(&self) -> String {
        let shown: Vec<String> = self
            .parts()
            .iter()
            .enumerate()
            .filter(|(index, _)| !self.hidden[*index])
            .filter_map(|(index, part)| {
                let part = part.as_ref()?;
                Some(if self.bare[index] {
                    part.clone()
                } else {
                    quoted(part)
                })
            })
            .collect();
        shown.join(".")
    }

    fn is(&self, kind: &str) -> bool {
        self.kind.as_deref() == Some(kind)
    }

    fn set(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        let text = || value.as_str().map(str::to_string);
        match name {
            "database" => {
                self.database = text();
                self.hidden[0] = false;
            }
            "schema" => self.schema = text(),
            "identifier" => self.identifier = text(),
            "type" => {
                self.kind = text();
                return Ok(());
            }
            "path" => {
                for key in value.try_iter()? {
                    self.set(key.as_str().unwrap_or(""), &value.get_item(&key)?)?;
                }
                return Ok(());
            }
            _ => return Ok(()), // policies that do not change a name here
        }
        self.text = None;
        Ok(())
    }

    fn with(&self, changes: &[(String, Value)]) -> Result<Value, Error> {
        let mut changed = self.clone();
        for (name, value) in changes {
            changed.set(name, value)?;
        }
        Ok(Value::from_object(changed))
    }

    /// include(schema=false), quote(identifier=false).
    fn with_policy(&self, args: &[Value], hides: bool) -> Result<Value, Error> {
        let mut changed = self.clone();
        changed.text = None;
        for (name, value) in arguments(args, &["database", "schema", "identifier"])? {
            let part = match name.as_str() {
                "database" => 0,
                "schema" => 1,
                "identifier" => 2,
                _ => return Err(invalid(format!("a relation has no part `{name}`"))),
            };
            let off = !value.is_true();
            if hides {
                changed.hidden[part] = off;
            } else {
                changed.bare[part] = off;
            }
        }
        Ok(Value::from_object(changed))
    }

    fn matches(&self, args: &[Value]) -> Result<bool, Error> {
        let wanted = arguments(args, &["database", "schema", "identifier"])?;
        Ok(wanted.iter().all(|(name, value)| {
            let own = match name.as_str() {
                "database" => &self.database,
                "schema" => &self.schema,
                _ => &self.identifier,
            };
            let own = own.as_deref().unwrap_or("");
            value.is_none()
                || value
                    .as_str()
                    .is_some_and(|text| text.eq_ignore_ascii_case(own))
        }))
    }

    fn attribute(&self, key: &str) -> Option<Value> {
        let text = |part: &Option<String>| Value::from(part.clone());
        Some(match key {
            "database" => text(&self.database),
            "schema" => text(&self.schema),
            "identifier" | "name" | "table" => text(&self.identifier),
            "type" => text(&self.kind),
            "model" => Value::from(self.is_model),
            "is_table" => Value::from(self.is("table")),
            "is_view" => Value::from(self.is("view")),
            "is_cte" => Value::from(self.is("cte")),
            "is_materialized_view" => Value::from(self.is("materialized_view")),
            "is_dynamic_table" | "is_pointer" => Value::from(false),
            "can_be_renamed" | "can_be_replaced" => Value::from(true),
            "metadata" => Value::from_pairs([("type", "TarnRelation")]),
            "rendered" => Value::from(self.to_string()),
            _ => return None,
        })
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.text {
            Some(text) => f.write_str(text),
            None => f.write_str(&self.name_text()),
        }
    }
}

impl Object for Relation {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.attribute(key.as_str()?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&[
            "database",
            "schema",
            "identifier",
            "name",
            "type",
            "model",
            "rendered",
        ])
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.parts().cmp(&other.downcast_ref::<Relation>()?.parts()))
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "incorporate" => self.with(&arguments(args, &["path"])?),
            "replace_path" => self.with(&arguments(args, &[])?),
            "create" => create_relation(args),
            "include" => self.with_policy(args, true),
            "quote" => self.with_policy(args, false),
            "render" => Ok(Value::from(match self.is("cte") {
                true => self.to_string(),
                false => self.name_text(),
            })),
            "without_identifier" => self.with(&[("identifier".to_string(), Value::from(()))]),
            "information_schema" => {
                let (view,): (Option<String>,) = from_args(args)?;
                let view = view.map_or(String::new(), |view| format!(".{view}"));
                Ok(Value::from(format!("information_schema{view}")))
            }
            "matches" => Ok(Value::from(self.matches(args)?)),
            "quoted" => {
                let (name,): (String,) = from_args(args)?;
                Ok(Value::from(quoted(&name)))
            }
            "get" => {
                let (key, otherwise): (String, Option<Value>) = from_args(args)?;
                Ok(self
                    .attribute(&key)
                    .or(otherwise)
                    .unwrap_or_else(|| Value::from(())))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

fn create_relation(args: &[Value]) -> Result<Value, Error> {
    let given = arguments(args, &["database", "schema", "identifier"])?;
    let hidden = [true, false, false];
    Relation {
        hidden,
        ..Relation::default()
    }
    .with(&given)
}

/// `api.Relation`.
#[derive(Debug)]
pub struct Relations;

impl Object for Relations {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let kind = match key.as_str()? {
            "Table" => "table",
            "View" => "view",
            "CTE" => "cte",
            "MaterializedView" => "materialized_view",
            "External" => "external",
            _ => return None,
        };
        Some(Value::from(kind))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "create" => create_relation(args),
            "add_ephemeral_prefix" => {
                let (name,): (String,) = from_args(args)?;
                Ok(Value::from(format!("{EPHEMERAL_PREFIX}{name}")))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Column {
    name: String,
    /// As SQL writes it: "DECIMAL(10,2)".
    data_type: String,
}

impl Column {
    pub fn from_json(json: &Json) -> Self {
        Self {
            name: text_of(json, "name").unwrap_or_default(),
            data_type: text_of(json, "dtype").unwrap_or_default(),
        }
    }

    fn base(&self) -> String {
        let end = self.data_type.find('(').unwrap_or(self.data_type.len());
        self.data_type[..end].trim().to_ascii_lowercase()
    }

    /// "DECIMAL(10,2)": 10, 2.
    fn sizes(&self) -> Vec<i64> {
        let Some((_, inside)) = self.data_type.split_once('(') else {
            return Vec::new();
        };
        let inside = inside.trim_end_matches(')');
        inside
            .split(',')
            .filter_map(|size| size.trim().parse().ok())
            .collect()
    }

    fn is(&self, kind: &str) -> bool {
        const STRINGS: [&str; 7] = [
            "text",
            "character varying",
            "character",
            "varchar",
            "string",
            "char",
            "bpchar",
        ];
        const INTEGERS: [&str; 16] = [
            "tinyint",
            "smallint",
            "integer",
            "bigint",
            "hugeint",
            "int",
            "int1",
            "int2",
            "int4",
            "int8",
            "serial",
            "bigserial",
            "utinyint",
            "usmallint",
            "uinteger",
            "ubigint",
        ];
        const FLOATS: [&str; 6] = [
            "real",
            "float4",
            "float",
            "double precision",
            "float8",
            "double",
        ];
        let base = self.base();
        match kind {
            "is_string" => STRINGS.contains(&base.as_str()),
            "is_integer" => INTEGERS.contains(&base.as_str()),
            "is_float" => FLOATS.contains(&base.as_str()),
            "is_numeric" => base == "numeric" || base == "decimal",
            _ => self.is("is_integer") || self.is("is_float") || self.is("is_numeric"),
        }
    }

    fn string_size(&self) -> i64 {
        const UNSAID: i64 = 256;
        if self.base() == "text" {
            return UNSAID;
        }
        self.sizes().first().copied().unwrap_or(UNSAID)
    }
}

impl Object for Column {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let size = |index: usize, wanted: bool| {
            Value::from(self.sizes().get(index).copied().filter(|_| wanted))
        };
        Some(match key.as_str()? {
            "name" | "column" => Value::from(self.name.as_str()),
            "quoted" => Value::from(quoted(&self.name)),
            "dtype" | "data_type" => Value::from(self.data_type.as_str()),
            "char_size" => size(0, self.is("is_string")),
            "numeric_precision" => size(0, self.is("is_numeric")),
            "numeric_scale" => size(1, self.is("is_numeric")),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["name", "column", "quoted", "dtype", "data_type"])
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "is_string" | "is_integer" | "is_float" | "is_numeric" | "is_number" => {
                Ok(Value::from(self.is(method)))
            }
            "string_size" if self.is("is_string") => Ok(Value::from(self.string_size())),
            "string_size" => Err(invalid("string_size is asked of a column that is no text")),
            "can_expand_to" => Ok(Value::from(false)),
            "literal" => {
                let (value,): (Value,) = from_args(args)?;
                Ok(Value::from(format!("{value}::{}", self.data_type)))
            }
            _ => column_type(method, args),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Column {} ({})>", self.name, self.data_type)
    }
}

/// What may be asked of the class and of each column alike.
fn column_type(method: &str, args: &[Value]) -> Result<Value, Error> {
    match method {
        "string_type" => {
            let (size,): (Option<i64>,) = from_args(args)?;
            Ok(Value::from(size.map_or("VARCHAR".into(), |size| {
                format!("VARCHAR({size})")
            })))
        }
        "numeric_type" => {
            let (name, precision, scale): (String, Option<i64>, Option<i64>) = from_args(args)?;
            Ok(Value::from(match (precision, scale) {
                (Some(precision), Some(scale)) => format!("{name}({precision},{scale})"),
                _ => name,
            }))
        }
        "translate_type" => {
            let (name,): (String,) = from_args(args)?;
            let known = ["string", "text"].contains(&name.to_ascii_lowercase().as_str());
            Ok(Value::from(if known {
                "VARCHAR".to_string()
            } else {
                name
            }))
        }
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

/// `api.Column`.
#[derive(Debug)]
pub struct Columns;

impl Object for Columns {
    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let mut column = Column {
            name: String::new(),
            data_type: String::new(),
        };
        let names = [
            "column",
            "dtype",
            "char_size",
            "numeric_precision",
            "numeric_scale",
        ];
        let mut sizes = Vec::new();
        for (name, value) in arguments(args, &names)? {
            match name.as_str() {
                "column" | "name" => column.name = value.to_string(),
                "dtype" | "label_or_dtype" => column.data_type = value.to_string(),
                _ if !value.is_none() => sizes.push(value.to_string()),
                _ => {}
            }
        }
        if !sizes.is_empty() && !column.data_type.contains('(') {
            column.data_type = format!("{}({})", column.data_type, sizes.join(","));
        }
        Ok(Value::from_object(column))
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "create" => self.call(state, args),
            _ => column_type(method, args),
        }
    }
}

/// `api`.
pub fn api() -> Value {
    Value::from_pairs([
        ("Relation", Value::from_object(Relations)),
        ("Column", Value::from_object(Columns)),
    ])
}
