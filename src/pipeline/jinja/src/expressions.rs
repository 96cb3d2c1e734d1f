//! Python's regular expressions, `modules.re`.

use std::sync::Arc;

use fancy_regex::{Regex, RegexBuilder};
use minijinja::value::{from_args, Kwargs, Object, Rest, Value};
use minijinja::{Error, ErrorKind, State};

use crate::containers::list;
use crate::host::invalid;

const IGNORE_CASE: i64 = 2;
const MULTI_LINE: i64 = 8;
const DOT_ALL: i64 = 16;
const VERBOSE: i64 = 64;
/// Steps back that one search may take, where a pattern looks around or back.
const MAX_STEPS: usize = 5_000_000;

/// Where the whole and each group was found: bytes of the text.
type Found = Vec<Option<(usize, usize)>>;

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

struct Expression(Regex);

impl Expression {
    fn new(pattern: &str, flags: i64) -> Result<Self, Error> {
        let set: String = [
            (IGNORE_CASE, 'i'),
            (MULTI_LINE, 'm'),
            (DOT_ALL, 's'),
            (VERBOSE, 'x'),
        ]
        .iter()
        .filter(|(flag, _)| flags & flag != 0)
        .map(|(_, letter)| letter)
        .collect();
        let mut whole = with_plain_braces(pattern);
        if !set.is_empty() {
            whole = format!("(?{set}){whole}");
        }
        RegexBuilder::new(&whole)
            .backtrack_limit(MAX_STEPS)
            .build()
            .map(Self)
            .map_err(|error| invalid(format!("re: {error}")))
    }

    fn names(&self) -> Vec<Option<String>> {
        let names = self.0.capture_names();
        names.map(|name| name.map(str::to_string)).collect()
    }

    /// As Python goes on behind a match: an empty one may follow at once.
    fn find(&self, text: &str, most: usize) -> Result<Vec<Found>, Error> {
        let (mut all, mut at) = (Vec::new(), 0);
        while all.len() < most && at <= text.len() {
            let found = self.0.captures_from_pos(text, at);
            let found = found.map_err(|error| invalid(format!("re: {error}")))?;
            let Some(found) = found else { break };
            let groups: Found = found
                .iter()
                .map(|group| group.map(|one| (one.start(), one.end())))
                .collect();
            let (from, to) = groups[0].unwrap_or((at, at));
            let passed = text[to..].chars().next().map_or(1, char::len_utf8);
            at = if from == to { to + passed } else { to };
            all.push(groups);
        }
        Ok(all)
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
                return Ok(Value::from(fancy_regex::escape(&text).into_owned()));
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

#[cfg(test)]
mod tests {
    use super::Expression;

    fn found(pattern: &str, text: &str) -> Vec<String> {
        let all = Expression::new(pattern, 0)
            .unwrap()
            .find(text, usize::MAX)
            .unwrap();
        let words = |(from, to): (usize, usize)| text[from..to].to_string();
        all.into_iter().map(|one| words(one[0].unwrap())).collect()
    }

    #[test]
    fn patterns_look_around_and_back() {
        assert_eq!(found(r"\w+(?=,)", "ab, cd, ef"), ["ab", "cd"]);
        assert_eq!(found(r"\b\w+\b(?!,)", "ab, cd"), ["cd"]);
        assert_eq!(found(r"(?<=\$)\d+", "$12 13"), ["12"]);
        assert_eq!(found(r"(?<!\$)\b\d+", "$12 13"), ["13"]);
        assert_eq!(found(r"(\w)\1", "aabcc"), ["aa", "cc"]);
        assert_eq!(
            found(r"(?P<q>['`]).*?(?P=q)", "'a`' `b'`"),
            ["'a`'", "`b'`"]
        );
    }

    #[test]
    fn the_rest_is_as_pythons() {
        assert_eq!(found("(?i)AB[^c-e]", "abf abC xAbz"), ["abf", "Abz"]);
        assert_eq!(found("(?x) a \\s b # words\n", "a b"), ["a b"]);
        assert_eq!(found("(?s)a.b|^c$", "a\nb"), ["a\nb"]);
        assert_eq!(found("(?m)^.$", "a\nbc\nd"), ["a", "d"]);
        assert_eq!(found("(a*)*b", "aab"), ["aab"]);
        assert_eq!(found("x*", "ax"), ["", "x", ""]);
        assert_eq!(found("[]a-]+", "-]a b"), ["-]a"]);
        assert_eq!(found("ä.", "ßäöü"), ["äö"]);
        assert_eq!(found("(?:ab|a)(?=b)c?b", "abb ab"), ["abb", "ab"]);
    }

    #[test]
    fn what_is_wrong_or_never_ends_is_refused() {
        for pattern in ["(a", "a)", "*a", "[a", "(?q)a", "a{999999}"] {
            assert!(Expression::new(pattern, 0).is_err(), "{pattern}");
        }
        let slow = Expression::new(r"(a|aa)+(?=c)\1", 0).unwrap();
        assert!(slow.find(&"a".repeat(60), 1).is_err());
    }
}
