//! Python's regular expressions, `modules.re`: by the crate `regex`, and those that look around or
//! back by a matcher of our own.

use std::sync::Arc;

use minijinja::value::{from_args, Kwargs, Object, Rest, Value};
use minijinja::{Error, ErrorKind, State};
use regex::{Regex, RegexBuilder};

use crate::backtracking::{Backtracking, Found};
use crate::containers::list;
use crate::host::invalid;
use crate::patterns::Flags;

const IGNORE_CASE: i64 = 2;
const MULTI_LINE: i64 = 8;
const DOT_ALL: i64 = 16;
const VERBOSE: i64 = 64;

fn none() -> Value {
    Value::from(())
}

/// To Python a brace that counts nothing is a letter like any other.
fn with_plain_braces(pattern: &str) -> String {
    let mut made = String::new();
    let (mut is_escaped, mut names_class) = (false, false);
    for (at, letter) in pattern.char_indices() {
        let inside = pattern[at + letter.len_utf8()..].split_once('}');
        let counts = inside.is_some_and(|(inside, _)| {
            inside.starts_with(|c: char| c.is_ascii_digit())
                && inside.chars().all(|c| c.is_ascii_digit() || c == ',')
        });
        if letter == '{' && !is_escaped && !names_class && !counts {
            made.push('\\');
        }
        names_class = is_escaped && matches!(letter, 'p' | 'P' | 'x');
        is_escaped = letter == '\\' && !is_escaped;
        made.push(letter);
    }
    made
}

enum Expression {
    Fast(Regex),
    Own(Backtracking),
}

impl Expression {
    fn new(pattern: &str, flags: i64) -> Result<Self, Error> {
        let has = |flag: i64| flags & flag != 0;
        let fast = RegexBuilder::new(&with_plain_braces(pattern))
            .case_insensitive(has(IGNORE_CASE))
            .multi_line(has(MULTI_LINE))
            .dot_matches_new_line(has(DOT_ALL))
            .ignore_whitespace(has(VERBOSE))
            .build();
        if let Ok(regex) = fast {
            return Ok(Self::Fast(regex));
        }
        let flags = Flags {
            ignore_case: has(IGNORE_CASE),
            multi_line: has(MULTI_LINE),
            dot_all: has(DOT_ALL),
            verbose: has(VERBOSE),
        };
        match Backtracking::new(pattern, flags) {
            Ok(own) => Ok(Self::Own(own)),
            Err(error) => Err(invalid(format!("re: {error}"))),
        }
    }

    fn names(&self) -> Vec<Option<String>> {
        match self {
            Self::Fast(regex) => regex
                .capture_names()
                .map(|name| name.map(str::to_string))
                .collect(),
            Self::Own(own) => own.names.clone(),
        }
    }

    fn find(&self, text: &str, most: usize) -> Result<Vec<Found>, Error> {
        match self {
            Self::Fast(regex) => Ok(regex
                .captures_iter(text)
                .take(most)
                .map(|one| {
                    one.iter()
                        .map(|group| group.map(|at| (at.start(), at.end())))
                        .collect()
                })
                .collect()),
            Self::Own(own) => own
                .find_all(text, most)
                .map_err(|error| invalid(format!("re: {error}"))),
        }
    }
}

/// Python's replacement (`\\1`, `\\g<name>`) for what was found.
fn replaced(with: &str, text: &str, found: &Found, names: &[Option<String>]) -> String {
    let group = |at: usize| {
        found
            .get(at)
            .copied()
            .flatten()
            .map_or("", |(from, to)| &text[from..to])
    };
    let mut made = String::new();
    let mut rest = with.chars().peekable();
    while let Some(letter) = rest.next() {
        match (letter, rest.peek().copied()) {
            ('\\', Some(digit)) if digit.is_ascii_digit() => {
                made.push_str(group(digit as usize - '0' as usize));
                rest.next();
            }
            ('\\', Some('g')) => {
                rest.next();
                let name: String = rest.by_ref().take_while(|c| *c != '>').collect();
                let name = name.trim_start_matches('<');
                let by_name = || names.iter().position(|own| own.as_deref() == Some(name));
                made.push_str(name.parse().ok().or_else(by_name).map_or("", group));
            }
            ('\\', Some('n')) => {
                made.push('\n');
                rest.next();
            }
            ('\\', Some(other)) => {
                made.push(other);
                rest.next();
            }
            _ => made.push(letter),
        }
    }
    made
}

#[derive(Debug)]
struct Match {
    groups: Vec<Option<(String, usize, usize)>>,
    names: Vec<Option<String>>,
}

impl Match {
    fn of(found: &Found, text: &str, names: Vec<Option<String>>) -> Value {
        let group = |(from, to): (usize, usize)| (text[from..to].to_string(), from, to);
        let groups = found.iter().map(|one| one.map(group)).collect();
        Value::from_object(Self { groups, names })
    }

    fn place(&self, key: Option<&Value>) -> Result<usize, Error> {
        let Some(key) = key else { return Ok(0) };
        let at = match key.as_str() {
            Some(name) => self
                .names
                .iter()
                .position(|own| own.as_deref() == Some(name)),
            None => key.as_usize(),
        };
        at.filter(|at| *at < self.groups.len())
            .ok_or_else(|| invalid("re: no such group"))
    }

    fn group(&self, key: Option<&Value>) -> Result<Value, Error> {
        let group = &self.groups[self.place(key)?];
        Ok(group
            .as_ref()
            .map_or(none(), |(text, _, _)| Value::from(text.as_str())))
    }
}

impl Object for Match {
    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.group(Some(key)).ok()
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let all =
            |from: usize| (from..self.groups.len()).map(|at| self.group(Some(&Value::from(at))));
        match method {
            "group" => match args.len() {
                0 | 1 => self.group(args.first()),
                _ => Ok(list(
                    args.iter()
                        .map(|key| self.group(Some(key)))
                        .collect::<Result<_, _>>()?,
                )),
            },
            "groups" => Ok(list(all(1).collect::<Result<_, _>>()?)),
            "groupdict" => {
                let named = self
                    .names
                    .iter()
                    .enumerate()
                    .filter_map(|(at, name)| Some((name.clone()?, at)));
                let pairs: Result<Vec<_>, Error> = named
                    .map(|(name, at)| Ok((name, self.group(Some(&Value::from(at)))?)))
                    .collect();
                Ok(Value::from_pairs(pairs?))
            }
            "start" | "end" | "span" => {
                let group = &self.groups[self.place(args.first())?];
                let (start, end) = group
                    .as_ref()
                    .map_or((-1, -1), |(_, start, end)| (*start as i64, *end as i64));
                Ok(match method {
                    "start" => Value::from(start),
                    "end" => Value::from(end),
                    _ => list(vec![Value::from(start), Value::from(end)]),
                })
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }
}

/// A compiled pattern, and, without one, the module itself.
#[derive(Debug)]
struct Pattern(Option<(String, i64)>);

impl Pattern {
    /// The pattern, what follows it, and the flags.
    fn arguments(&self, args: &[Value]) -> Result<(String, Vec<Value>, i64), Error> {
        let (given, named): (Rest<Value>, Kwargs) = from_args(args)?;
        let mut rest = given.0;
        for name in ["pattern", "repl", "string", "count"] {
            if let Some(value) = named.get::<Option<Value>>(name)? {
                rest.push(value);
            }
        }
        let flags = named.get::<Option<i64>>("flags")?;
        named.assert_all_used()?;
        if let Some((pattern, own)) = &self.0 {
            return Ok((pattern.clone(), rest, flags.unwrap_or(*own)));
        }
        if rest.is_empty() {
            return Err(invalid("re: a pattern is missing"));
        }
        let first = rest.remove(0);
        match first.downcast_object_ref::<Pattern>() {
            Some(Pattern(Some((pattern, own)))) => Ok((pattern.clone(), rest, *own)),
            _ => Ok((first.to_string(), rest, flags.unwrap_or(0))),
        }
    }

    fn sub(&self, args: &[Value]) -> Result<Value, Error> {
        let (pattern, rest, flags) = self.arguments(args)?;
        let (with, text, count): (String, Value, Option<usize>) = from_args(&rest)?;
        let text = text.to_string();
        let expression = Expression::new(&pattern, flags)?;
        let names = expression.names();
        let most = count.filter(|count| *count > 0).unwrap_or(usize::MAX);
        let (mut made, mut at) = (String::new(), 0);
        for found in expression.find(&text, most)? {
            let (from, to) = found[0].unwrap_or((at, at));
            made.push_str(&text[at..from]);
            made.push_str(&replaced(&with, &text, &found, &names));
            at = to;
        }
        made.push_str(&text[at..]);
        Ok(Value::from(made))
    }

    fn find_all(&self, args: &[Value]) -> Result<Value, Error> {
        let (pattern, rest, flags) = self.arguments(args)?;
        let (text,): (String,) = from_args(&rest)?;
        let all = Expression::new(&pattern, flags)?.find(&text, usize::MAX)?;
        let group = |found: &Found, at: usize| {
            Value::from(found[at].map_or("", |(from, to)| &text[from..to]))
        };
        let found = all.iter().map(|found| match found.len() {
            1 => group(found, 0),
            2 => group(found, 1),
            groups => list((1..groups).map(|at| group(found, at)).collect()),
        });
        Ok(list(found.collect()))
    }

    fn split(&self, args: &[Value]) -> Result<Value, Error> {
        let (pattern, rest, flags) = self.arguments(args)?;
        let (text, most): (String, Option<usize>) = from_args(&rest)?;
        let most = most.filter(|most| *most > 0).unwrap_or(usize::MAX);
        let (mut parts, mut at) = (Vec::new(), 0);
        for found in Expression::new(&pattern, flags)?.find(&text, most)? {
            let (from, to) = found[0].unwrap_or((at, at));
            parts.push(Value::from(&text[at..from]));
            at = to;
            // What groups take stands between the parts.
            let groups = found.iter().skip(1);
            parts.extend(groups.map(|one| one.map_or(none(), |(a, b)| Value::from(&text[a..b]))));
        }
        parts.push(Value::from(&text[at..]));
        Ok(list(parts))
    }
}

impl Object for Pattern {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        match (&self.0, key.as_str()?) {
            (None, "IGNORECASE" | "I") => Some(Value::from(IGNORE_CASE)),
            (None, "MULTILINE" | "M") => Some(Value::from(MULTI_LINE)),
            (None, "DOTALL" | "S") => Some(Value::from(DOT_ALL)),
            (None, "VERBOSE" | "X") => Some(Value::from(VERBOSE)),
            (Some((pattern, _)), "pattern") => Some(Value::from(pattern.as_str())),
            _ => None,
        }
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let around = match method {
            "sub" => return self.sub(args),
            "findall" => return self.find_all(args),
            "split" => return self.split(args),
            "escape" => {
                let (text,): (String,) = from_args(args)?;
                return Ok(Value::from(regex::escape(&text)));
            }
            "compile" => {
                let (pattern, rest, flags) = self.arguments(args)?;
                let flags = rest.first().and_then(Value::as_i64).unwrap_or(flags);
                Expression::new(&pattern, flags)?;
                return Ok(Value::from_object(Pattern(Some((pattern, flags)))));
            }
            "match" => (r"\A(?:", ")"),
            "fullmatch" => (r"\A(?:", r")\z"),
            "search" => ("", ""),
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        };
        let (pattern, rest, flags) = self.arguments(args)?;
        let (text, more): (String, Option<i64>) = from_args(&rest)?;
        let expression = Expression::new(
            &format!("{}{pattern}{}", around.0, around.1),
            more.unwrap_or(flags),
        )?;
        let found = expression.find(&text, 1)?;
        Ok(found
            .first()
            .map_or(none(), |found| Match::of(found, &text, expression.names())))
    }
}

pub fn module() -> Value {
    Value::from_object(Pattern(None))
}
