//! Lists and maps that a template can change, as Python's: `{% do names.append('x') %}`. Those of
//! minijinja are plain values, so a literal `[a, b]` is compiled as `tarn_list(a, b)`, and `{k: v}`
//! as `tarn_dict({k: v})`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minijinja::value::{from_args, Enumerator, Object, ObjectRepr, Rest, Value};
use minijinja::{Error, ErrorKind, State};

use crate::host::invalid;
use crate::places::Edit;

/// Items that one list or map may hold.
const MAX_ITEMS: usize = 1_000_000;

#[derive(Debug, Default)]
pub struct List(Mutex<Vec<Value>>);

/// In the order in which keys came.
#[derive(Debug, Default)]
pub struct Dict(Mutex<Vec<(Value, Value)>>);

fn held<T>(items: &Mutex<T>) -> MutexGuard<'_, T> {
    items.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The body of `tarn_list`.
pub fn make_list(items: Rest<Value>) -> Value {
    Value::from_object(List(Mutex::new(items.0)))
}

pub fn list(items: Vec<Value>) -> Value {
    make_list(Rest(items))
}

/// In the order given; of equal keys the last one counts.
pub fn dict(pairs: Vec<(Value, Value)>) -> Value {
    Value::from_object(Dict(Mutex::new(pairs)))
}

/// The body of `tarn_dict`.
pub fn make_dict(map: Value) -> Result<Value, Error> {
    Ok(Value::from_object(Dict(Mutex::new(pairs(&map)?))))
}

fn pairs(map: &Value) -> Result<Vec<(Value, Value)>, Error> {
    let mut found = Vec::new();
    for key in map.try_iter()? {
        let value = map.get_item(&key)?;
        found.push((key, value));
    }
    Ok(found)
}

/// Is the container, or does it hold it at any depth. Nothing may come to hold itself: walking it
/// would never end.
fn reaches(value: &Value, container: *const ()) -> bool {
    if let Some(list) = value.downcast_object_ref::<List>() {
        let items = || held(&list.0).clone();
        return std::ptr::from_ref(list).cast() == container
            || items().iter().any(|item| reaches(item, container));
    }
    if let Some(dict) = value.downcast_object_ref::<Dict>() {
        let items = || held(&dict.0).clone();
        return std::ptr::from_ref(dict).cast() == container
            || items().iter().any(|(_, item)| reaches(item, container));
    }
    false
}

fn check_new<T>(container: &T, added: &[Value], length: usize) -> Result<(), Error> {
    if length > MAX_ITEMS {
        return Err(invalid(format!(
            "a list or map has at most {MAX_ITEMS} items"
        )));
    }
    let own = std::ptr::from_ref(container).cast();
    if added.iter().any(|value| reaches(value, own)) {
        return Err(invalid("a list or map cannot hold itself"));
    }
    Ok(())
}

/// A place in a list of this length, counted from the end where it is negative.
fn place(at: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let place = if at < 0 { at + length } else { at };
    usize::try_from(place).ok().filter(|_| place < length)
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let items = held(&self.0);
        items.get(place(key.as_i64()?, items.len())?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(held(&self.0).clone())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let length = held(&self.0).len();
        match method {
            "append" => {
                let (value,): (Value,) = from_args(args)?;
                check_new(&**self, std::slice::from_ref(&value), length + 1)?;
                held(&self.0).push(value);
            }
            "extend" => {
                let (more,): (Value,) = from_args(args)?;
                let more: Vec<Value> = more.try_iter()?.collect();
                check_new(&**self, &more, length + more.len())?;
                held(&self.0).extend(more);
            }
            "insert" => {
                let (at, value): (i64, Value) = from_args(args)?;
                check_new(&**self, std::slice::from_ref(&value), length + 1)?;
                let end = if at < 0 { 0 } else { length };
                held(&self.0).insert(place(at, length).unwrap_or(end), value);
            }
            "pop" => {
                let (at,): (Option<i64>,) = from_args(args)?;
                let at = place(at.unwrap_or(-1), length);
                let at = at.ok_or_else(|| invalid("pop: the list has no such item"))?;
                return Ok(held(&self.0).remove(at));
            }
            "remove" => {
                let (value,): (Value,) = from_args(args)?;
                let at = held(&self.0).iter().position(|item| *item == value);
                let at = at.ok_or_else(|| invalid("remove: the list has no such item"))?;
                held(&self.0).remove(at);
            }
            "index" => {
                let (value,): (Value,) = from_args(args)?;
                let at = held(&self.0).iter().position(|item| *item == value);
                let at = at.ok_or_else(|| invalid("index: the list has no such item"))?;
                return Ok(Value::from(at));
            }
            "reverse" => held(&self.0).reverse(),
            "sort" => held(&self.0).sort(),
            "clear" => held(&self.0).clear(),
            "copy" => return Ok(make_list(Rest(held(&self.0).clone()))),
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        }
        Ok(Value::from(()))
    }
}

impl Dict {
    fn find(&self, key: &Value) -> Option<Value> {
        let items = held(&self.0);
        let found = items.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.clone())
    }

    fn set(&self, key: Value, value: Value) -> Result<(), Error> {
        let length = held(&self.0).len() + 1;
        check_new(self, std::slice::from_ref(&value), length)?;
        let mut items = held(&self.0);
        match items.iter_mut().find(|(name, _)| *name == key) {
            Some(found) => found.1 = value,
            None => items.push((key, value)),
        }
        Ok(())
    }
}

impl Object for Dict {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.find(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(held(&self.0).iter().map(|(key, _)| key.clone()).collect())
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let items = || held(&self.0).clone();
        match method {
            "update" => {
                let (more,): (Value,) = from_args(args)?;
                for (key, value) in pairs(&more)? {
                    self.set(key, value)?;
                }
                Ok(Value::from(()))
            }
            "setdefault" => {
                let (key, value): (Value, Option<Value>) = from_args(args)?;
                if self.find(&key).is_none() {
                    self.set(key.clone(), value.unwrap_or_else(|| Value::from(())))?;
                }
                Ok(self.find(&key).unwrap_or_default())
            }
            "pop" => {
                let (key, otherwise): (Value, Option<Value>) = from_args(args)?;
                let at = held(&self.0).iter().position(|(name, _)| *name == key);
                match (at, otherwise) {
                    (Some(at), _) => Ok(held(&self.0).remove(at).1),
                    (None, Some(otherwise)) => Ok(otherwise),
                    (None, None) => Err(invalid("pop: the map has no such key")),
                }
            }
            "get" => {
                let (key, otherwise): (Value, Option<Value>) = from_args(args)?;
                let found = self.find(&key).or(otherwise);
                Ok(found.unwrap_or_else(|| Value::from(())))
            }
            "items" => Ok(Value::from_iter(
                items()
                    .into_iter()
                    .map(|(key, value)| Value::from(vec![key, value])),
            )),
            "keys" => Ok(Value::from_iter(items().into_iter().map(|(key, _)| key))),
            "values" => Ok(Value::from_iter(
                items().into_iter().map(|(_, value)| value),
            )),
            "clear" => {
                held(&self.0).clear();
                Ok(Value::from(()))
            }
            "copy" => Ok(Value::from_object(Dict(Mutex::new(items())))),
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// Words behind which a bracket begins a list, though they look like names.
const OPERATORS: [&str; 10] = [
    "in", "not", "and", "or", "if", "else", "elif", "is", "do", "return",
];

/// Values of ours have no operators: `x + modules.datetime.timedelta(...)` is compiled as a filter,
/// `x |tarn_plus(...)`.
const TIMEDELTA: &str = "modules.datetime.timedelta(";

fn adds_timedelta(behind: &str) -> bool {
    behind.trim_start().starts_with(TIMEDELTA)
}

/// Is it the `-` of `(end - start).days`: is the bracket around it asked how long it is.
fn is_between(source: &str, at: usize) -> bool {
    let bytes = source.as_bytes();
    let (mut at, mut depth) = (at + 1, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\'' | b'"' => {
                at = string_end(bytes, at);
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' if depth == 0 => {
                let behind = &source[at + 1..];
                return [".days", ".total_seconds", ".seconds"]
                    .iter()
                    .any(|word| behind.starts_with(word));
            }
            b')' | b']' | b'}' if depth == 0 => return false,
            b')' | b']' | b'}' => depth -= 1,
            b'%' | b',' if depth == 0 => return false,
            _ => {}
        }
        at += 1;
    }
    false
}

/// The edits that make literals of lists and maps ones that can be changed.
pub fn literals(source: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let bytes = source.as_bytes();
    let mut at = 0;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"{#" => {
                at = source[at..]
                    .find("#}")
                    .map_or(bytes.len(), |end| at + end + 2)
            }
            b"{{" => at = block(source, at + 2, "}}", &mut edits),
            b"{%" => {
                let inside = source[at + 2..].trim_start_matches(['-', '+']).trim_start();
                at = if inside.starts_with("raw") {
                    source[at + 2..]
                        .find("endraw")
                        .map_or(bytes.len(), |end| at + 2 + end)
                } else {
                    block(source, at + 2, "%}", &mut edits)
                };
            }
            _ => at += 1,
        }
    }
    edits
}

/// Walks one block from `at`; gives where it ends.
fn block(source: &str, mut at: usize, end: &str, edits: &mut Vec<Edit>) -> usize {
    let bytes = source.as_bytes();
    let mut open: Vec<Option<&str>> = Vec::new(); // what each closing bracket becomes
    let mut ends_value = false; // does what stands before end a value
    let mut is_shift = false; // is the next bracket that of a `timedelta` that is added
    let mut edit = |at: usize, text: &str| {
        edits.push(Edit {
            at,
            removed: 1,
            inserted: text.to_string(),
        });
    };
    while at < bytes.len() {
        if open.is_empty() && source[at..].starts_with(end) {
            return at + end.len();
        }
        let byte = bytes[at];
        match byte {
            b'\'' | b'"' => {
                at = string_end(bytes, at);
                ends_value = true;
                continue;
            }
            b'[' if ends_value => open.push(None),
            b'[' => {
                edit(at, "tarn_list(");
                open.push(Some(")"));
            }
            b'{' => {
                edit(at, "tarn_dict({");
                open.push(Some("})"));
            }
            b'(' => open.push(is_shift.then_some("))")),
            b'+' | b'-' if ends_value && adds_timedelta(&source[at + 1..]) => {
                edit(
                    at,
                    if byte == b'+' {
                        "|tarn_plus("
                    } else {
                        "|tarn_minus("
                    },
                );
                is_shift = true;
                ends_value = false;
                at += 1;
                continue;
            }
            b'-' if ends_value && open.last() == Some(&None) && is_between(source, at) => {
                edit(at, "|tarn_minus(");
                if let Some(closing) = open.last_mut() {
                    *closing = Some("))");
                }
            }
            b']' | b'}' | b')' => {
                if let Some(Some(closing)) = open.pop() {
                    edit(at, closing);
                }
                ends_value = true;
                at += 1;
                continue;
            }
            _ if byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80 => {
                let word = bytes[at..]
                    .iter()
                    .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_' || **b >= 0x80)
                    .count();
                ends_value = !OPERATORS.contains(&&source[at..at + word]);
                at += word;
                continue;
            }
            _ if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            _ => {}
        }
        is_shift &= byte != b'(';
        ends_value = false;
        at += 1;
    }
    at
}

pub fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < bytes.len() && bytes[at] != bytes[from] {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::literals;
    use crate::places::Edited;

    fn edited(source: &str) -> String {
        Edited::new(source, &literals(source)).text
    }

    #[test]
    fn literals_are_found_and_nothing_else() {
        assert_eq!(
            edited("{% set a = [1, [2], x[0], 'a[b]'] %} [c] {# [d] #}"),
            "{% set a = tarn_list(1, tarn_list(2), x[0], 'a[b]') %} [c] {# [d] #}"
        );
        assert_eq!(
            edited("{{ f({'a': {'b': 1}})[0] }}{% for x in [1] %}"),
            "{{ f(tarn_dict({'a': tarn_dict({'b': 1})}))[0] }}{% for x in tarn_list(1) %}"
        );
        assert_eq!(
            edited("{% raw %}{{ [1] }}{% endraw %}{{ x['}}'] ~ [] }}"),
            "{% raw %}{{ [1] }}{% endraw %}{{ x['}}'] ~ tarn_list() }}"
        );
        assert_eq!(edited("{{ [ "), "{{ tarn_list( ");
        assert_eq!(
            edited("{{ (a.now() - modules.datetime.timedelta(days=(1))).year }}"),
            "{{ (a.now() |tarn_minus( modules.datetime.timedelta(days=(1)))).year }}"
        );
    }
}
