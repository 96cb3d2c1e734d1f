//! What a template may reach, as a value: `context`, in which macros look for what may not be
//! there, and for macros by names that are put together.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::value::{from_args, Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind, State};

#[derive(Debug, Default)]
pub struct Scope(Mutex<BTreeMap<String, Value>>);

impl Scope {
    pub fn insert(&self, name: &str, value: Value) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.insert(name.to_string(), value);
    }

    pub fn remove(&self, name: &str) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.remove(name);
    }

    pub fn get(&self, name: &str) -> Option<Value> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(name).cloned()
    }
}

impl Object for Scope {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get(key.as_str()?)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Enumerator::Values(
            names
                .keys()
                .map(|name| Value::from(name.as_str()))
                .collect(),
        )
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if method == "get" {
            let (key, otherwise): (String, Option<Value>) = from_args(args)?;
            let found = self.get(&key).or(otherwise);
            return Ok(found.unwrap_or_else(|| Value::from(())));
        }
        match self.get(method) {
            Some(value) => value.call(state, args),
            None => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("context")
    }
}
