//! Host objects: names in a template whose calls are answered by C++.

use std::collections::BTreeMap;
use std::ffi::{c_char, c_void, CString};
use std::fmt;
use std::sync::Arc;

use minijinja::value::{from_args, Enumerator, Kwargs, Object, Serde, Value};
use minijinja::{Error, ErrorKind, State};
use serde_json::Value as Json;

use crate::macros::Macro;
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
#[derive(Clone, Copy)]
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

    fn ask(&self, object: &str, member: &str, args: &[Value]) -> Result<Value, Error> {
        let (positional, named) = split_arguments(args)?;
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
            Json::Object(fields) => {
                if let Some(name) = fields.get("__host__").and_then(Json::as_str) {
                    return Value::from_object(HostObject::new(*self, name, fields.clone()));
                }
                if let Some(name) = fields.get("__macro__").and_then(Json::as_str) {
                    return Value::from_object(Macro::new(name));
                }
                Value::from_pairs(
                    fields
                        .iter()
                        .map(|(key, value)| (key.clone(), self.value_of(value))),
                )
            }
            Json::Array(items) => Value::from_iter(items.iter().map(|item| self.value_of(item))),
            plain => Value::from(Serde(plain)),
        }
    }
}

pub struct HostObject {
    host: Host,
    name: String,
    text: String,
    attributes: serde_json::Map<String, Json>,
}

impl HostObject {
    pub fn new(host: Host, name: &str, attributes: serde_json::Map<String, Json>) -> Self {
        let text = attributes
            .get("__str__")
            .and_then(Json::as_str)
            .unwrap_or(name)
            .to_string();
        Self {
            host,
            name: name.to_string(),
            text,
            attributes,
        }
    }
}

impl fmt::Debug for HostObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Object for HostObject {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.attributes
            .get(key.as_str()?)
            .map(|value| self.host.value_of(value))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(
            self.attributes
                .keys()
                .map(|key| Value::from(key.as_str()))
                .collect(),
        )
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call(self: &Arc<Self>, _: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        self.host.ask(&self.name, "", args)
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
        f.write_str(&self.text)
    }
}
