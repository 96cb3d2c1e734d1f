//! Host objects: names in a template whose calls are answered by C++.

use std::collections::BTreeMap;
use std::ffi::{c_char, c_void, CString};
use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::value::{from_args, Enumerator, Kwargs, Object, Serde, Value};
use minijinja::{Error, ErrorKind, State};
use serde_json::Value as Json;

use crate::answers::{table_of, Nothing};
use crate::containers::{dict, list};
use crate::macros::Macro;
use crate::relation::{Column, Relation};
use crate::scope::Scope;
use crate::times::utc;
use crate::HostCall;

/// What a callback answered.
#[derive(Default)]
pub struct Reply {
    pub answer: String,
    pub failure: String,
}

/// # Safety
/// `text` has `size` bytes.
pub unsafe fn lossy(text: *const c_char, size: usize) -> String {
    String::from_utf8_lossy(std::slice::from_raw_parts(text.cast(), size)).into_owned()
}

pub fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

/// The way back into C++.
#[derive(Clone, Copy, Debug)]
pub struct Host {
    call: HostCall,
    user: *mut c_void,
}

// SAFETY: the environment, and with it every value that holds a Host, is used by one thread at a
// time (the contract of tarn_jinja_new).
unsafe impl Send for Host {}
unsafe impl Sync for Host {}

type Arguments<'a> = (&'a [Value], BTreeMap<String, Value>);

fn split_arguments(args: &[Value]) -> Result<Arguments<'_>, Error> {
    let mut named = BTreeMap::new();
    let Some((last, positional)) = args.split_last().filter(|(last, _)| last.is_kwargs()) else {
        return Ok((args, named));
    };
    let (kwargs,): (Kwargs,) = from_args(std::slice::from_ref(last))?;
    for name in kwargs.args() {
        named.insert(name.to_string(), kwargs.get::<Value>(name)?);
    }
    Ok((positional, named))
}

fn c_string(text: &str) -> Result<CString, Error> {
    CString::new(text).map_err(|_| invalid("a text given to the host holds a 0 byte"))
}

impl Host {
    pub fn new(call: HostCall, user: *mut c_void) -> Self {
        Self { call, user }
    }

    pub fn ask(&self, object: &str, member: &str, args: &[Value]) -> Result<Value, Error> {
        let (positional, named) = split_arguments(args)?;
        // `context` is all that there is, and nothing that the host does not know.
        let is_all = |value: &Value| value.downcast_object_ref::<Scope>().is_some();
        let given = |value: &Value| match is_all(value) {
            true => Value::from(()),
            false => value.clone(),
        };
        let positional: Vec<Value> = positional.iter().map(given).collect();
        let arguments = serde_json::json!({ "args": positional, "kwargs": named }).to_string();
        let (object_text, member_text) = (c_string(object)?, c_string(member)?);
        let arguments = c_string(&arguments)?;
        let mut reply = Reply::default();
        let status = (self.call)(
            self.user,
            object_text.as_ptr(),
            member_text.as_ptr(),
            arguments.as_ptr(),
            &mut reply,
        );
        if status != 0 {
            return Err(invalid(reply.failure));
        }
        let answer: Json = serde_json::from_str(&reply.answer)
            .map_err(|e| invalid(format!("answer of {object}: {e}")))?;
        Ok(self.value_of(&answer))
    }

    /// JSON to a template's value; the forms with a meaning are described in `tarn_jinja.h`.
    pub fn value_of(&self, json: &Json) -> Value {
        match json {
            Json::Object(fields) => match fields.iter().next() {
                Some((form, inside)) if fields.len() == 1 && form.starts_with("__") => {
                    self.form(form, inside)
                }
                _ => dict(
                    fields
                        .iter()
                        .map(|(key, value)| (Value::from(key.as_str()), self.value_of(value)))
                        .collect(),
                ),
            },
            Json::Array(items) => list(items.iter().map(|item| self.value_of(item)).collect()),
            plain => Value::from(Serde(plain)),
        }
    }

    fn form(&self, form: &str, inside: &Json) -> Value {
        let text = || inside.as_str().unwrap_or("").to_string();
        match form {
            "__relation__" => Value::from_object(Relation::from_json(inside)),
            "__column__" => Value::from_object(Column::from_json(inside)),
            "__table__" => table_of(inside),
            "__time__" => utc(inside.as_i64().unwrap_or(0)),
            "__macro__" => Value::from_object(Macro::new(&text())),
            "__asked__" => Value::from_object(Asked::new(*self, text())),
            _ => Value::UNDEFINED,
        }
    }
}

/// A name whose calls the host answers.
#[derive(Debug)]
pub struct HostObject {
    host: Host,
    name: String,
}

impl HostObject {
    pub fn new(host: Host, name: String) -> Self {
        Self { host, name }
    }
}

impl Object for HostObject {
    /// `adapter.Relation` is `api.Relation`; `adapter.behavior` says that nothing is changed.
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if self.name == "adapter" && key.as_str() == Some("behavior") {
            return Some(Value::from_object(Nothing));
        }
        let api = crate::relation::api();
        api.get_item(key)
            .ok()
            .filter(|value| self.name == "adapter" && !value.is_undefined())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    /// The value of a variable may be a template, of whoever asks for it.
    fn call(self: &Arc<Self>, state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let answer = self.host.ask(&self.name, "", args)?;
        let holds_jinja = |text: &str| text.contains("{{") || text.contains("{%");
        if self.name != "var" || !answer.as_str().is_some_and(holds_jinja) {
            return Ok(answer);
        }
        match state.lookup("render") {
            Some(render) => render.call(state, &[answer]),
            None => Ok(answer),
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        self.host.ask(&self.name, method, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// `builtins`: the host's own functions, for macros that have their names.
#[derive(Debug)]
pub struct Builtins(pub Host);

impl Object for Builtins {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(Value::from_object(HostObject::new(
            self.0,
            key.as_str()?.to_string(),
        )))
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        Arc::new(HostObject::new(self.0, method.to_string())).call(state, args)
    }
}

/// A map that the host is asked for when it is first looked into: `graph`.
#[derive(Debug)]
struct Asked {
    host: Host,
    name: String,
    answer: OnceLock<Value>,
}

impl Asked {
    fn new(host: Host, name: String) -> Self {
        let answer = OnceLock::new();
        Self { host, name, answer }
    }

    fn held(&self) -> &Value {
        let ask = || {
            self.host
                .ask(&self.name, "", &[])
                .unwrap_or_else(Value::from)
        };
        self.answer.get_or_init(ask)
    }
}

impl Object for Asked {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.held()
            .get_item(key)
            .ok()
            .filter(|value| !value.is_undefined())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.held().try_iter() {
            Ok(keys) => Enumerator::Values(keys.collect()),
            Err(_) => Enumerator::Empty,
        }
    }
}
