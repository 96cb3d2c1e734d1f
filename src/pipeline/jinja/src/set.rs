//! Python's sets. Items stand in their order, so that what is made of a set is always the same.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{from_args, Enumerator, Object, ObjectRepr, Value};
use minijinja::{Error, ErrorKind, State};

use crate::host::invalid;

#[derive(Debug, Default)]
pub struct Set(Mutex<BTreeSet<Value>>);

impl Set {
    fn held(&self) -> MutexGuard<'_, BTreeSet<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn items_of(value: &Value) -> Result<BTreeSet<Value>, Error> {
    Ok(value.try_iter()?.collect())
}

/// The body of `set`.
pub fn make_set(value: Option<Value>) -> Result<Value, Error> {
    let items = value.map_or(Ok(BTreeSet::new()), |value| items_of(&value))?;
    Ok(Value::from_object(Set(Mutex::new(items))))
}

fn from_items(items: impl Iterator<Item = Value>) -> Value {
    Value::from_object(Set(Mutex::new(items.collect())))
}

impl Object for Set {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, _: &Value) -> Option<Value> {
        None
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.held().iter().cloned().collect())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if method == "pop" || method == "clear" || method == "copy" {
            let mut held = self.held();
            return match method {
                "pop" => held
                    .pop_first()
                    .ok_or_else(|| invalid("pop: the set is empty")),
                "copy" => Ok(from_items(held.iter().cloned())),
                _ => {
                    held.clear();
                    Ok(Value::from(()))
                }
            };
        }
        let (given,): (Value,) = from_args(args)?;
        match method {
            "add" => {
                self.held().insert(given);
                return Ok(Value::from(()));
            }
            "discard" => {
                self.held().remove(&given);
                return Ok(Value::from(()));
            }
            "remove" => {
                let was_there = self.held().remove(&given);
                let missing = || invalid("remove: the set has no such item");
                return was_there.then(|| Value::from(())).ok_or_else(missing);
            }
            _ => {}
        }
        let other = items_of(&given)?;
        let mut own = self.held();
        Ok(match method {
            "update" => {
                own.extend(other);
                Value::from(())
            }
            "union" => from_items(own.union(&other).cloned()),
            "intersection" => from_items(own.intersection(&other).cloned()),
            "difference" => from_items(own.difference(&other).cloned()),
            "symmetric_difference" => from_items(own.symmetric_difference(&other).cloned()),
            "issubset" => Value::from(own.is_subset(&other)),
            "issuperset" => Value::from(own.is_superset(&other)),
            "isdisjoint" => Value::from(own.is_disjoint(&other)),
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        })
    }
}
