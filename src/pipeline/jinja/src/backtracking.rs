//! Regular expressions that look around or back, as Python's may: those that the crate `regex`,
//! whose time is bounded, has not. A pattern becomes a program whose choices are kept on a stack;
//! steps are counted, so that no pattern runs for ever.

use crate::patterns::{parse, width, Flags, Node, Place, Set};

/// Steps that one search may take.
const MAX_STEPS: usize = 5_000_000;
/// Instructions that one pattern may come to.
const MAX_PROGRAM: usize = 20_000;

/// Where the whole and each group was found: bytes of the text.
pub type Found = Vec<Option<(usize, usize)>>;

#[derive(Debug)]
enum Step {
    One {
        sets: Vec<Set>,
        negated: bool,
        ignore_case: bool,
    },
    Any {
        dot_all: bool,
    },
    At(Place),
    Save(usize),
    /// The first way is tried before the second.
    Split(usize, usize),
    Jump(usize),
    /// A round of a loop that took nothing is the last one.
    Moved(usize),
    Look {
        to: usize,
        width: Option<usize>,
        negated: bool,
    },
    Same {
        group: usize,
        ignore_case: bool,
    },
    Done,
}

#[derive(Debug)]
pub struct Backtracking {
    steps: Vec<Step>,
    groups: usize,
    slots: usize,
    pub names: Vec<Option<String>>,
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn holds(sets: &[Set], c: char) -> bool {
    sets.iter().any(|set| match set {
        Set::Range(from, to) => *from <= c && c <= *to,
        Set::Digit(is) => c.is_numeric() == *is,
        Set::Word(is) => is_word(c) == *is,
        Set::Space(is) => c.is_whitespace() == *is,
    })
}

fn fits(sets: &[Set], negated: bool, ignore_case: bool, c: char) -> bool {
    let mut is_in = holds(sets, c);
    if ignore_case && !is_in {
        is_in = c
            .to_lowercase()
            .chain(c.to_uppercase())
            .any(|other| holds(sets, other));
    }
    is_in != negated
}

impl Backtracking {
    pub fn new(pattern: &str, flags: Flags) -> Result<Self, String> {
        let (node, names) = parse(pattern, flags)?;
        let groups = names.len();
        let mut made = Self {
            steps: Vec::new(),
            groups,
            slots: 2 * groups,
            names,
        };
        made.add(&node)?;
        made.push(Step::Done)?;
        Ok(made)
    }

    fn push(&mut self, step: Step) -> Result<usize, String> {
        if self.steps.len() >= MAX_PROGRAM {
            return Err("the pattern is too large".into());
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    fn add(&mut self, node: &Node) -> Result<(), String> {
        match node {
            Node::Empty => {}
            Node::One {
                sets,
                negated,
                ignore_case,
            } => {
                let sets = sets.clone();
                self.push(Step::One {
                    sets,
                    negated: *negated,
                    ignore_case: *ignore_case,
                })?;
            }
            Node::Any { dot_all } => {
                self.push(Step::Any { dot_all: *dot_all })?;
            }
            Node::At(place) => {
                self.push(Step::At(*place))?;
            }
            Node::Same { group, ignore_case } => {
                if *group >= self.groups {
                    return Err(format!("there is no group {group}"));
                }
                self.push(Step::Same {
                    group: *group,
                    ignore_case: *ignore_case,
                })?;
            }
            Node::Group(node, group) => {
                self.push(Step::Save(2 * group))?;
                self.add(node)?;
                self.push(Step::Save(2 * group + 1))?;
            }
            Node::Row(nodes) => {
                for node in nodes {
                    self.add(node)?;
                }
            }
            Node::Either(ways) => self.add_either(ways)?,
            Node::Repeat {
                node,
                least,
                most,
                greedy,
            } => {
                self.add_repeat(node, *least, *most, *greedy)?;
            }
            Node::Look {
                node,
                behind,
                negated,
            } => {
                let width = match behind {
                    true => Some(width(node).ok_or("what is looked back at needs one width")?),
                    false => None,
                };
                let look = self.push(Step::Done)?;
                self.add(node)?;
                let end = self.push(Step::Done)?;
                self.steps[look] = Step::Look {
                    to: end + 1,
                    width,
                    negated: *negated,
                };
            }
        }
        Ok(())
    }

    fn add_either(&mut self, ways: &[Node]) -> Result<(), String> {
        let mut ends = Vec::new();
        for (i, way) in ways.iter().enumerate() {
            if i + 1 == ways.len() {
                self.add(way)?;
                break;
            }
            let split = self.push(Step::Done)?;
            self.add(way)?;
            ends.push(self.push(Step::Done)?);
            self.steps[split] = Step::Split(split + 1, self.steps.len());
        }
        let end = self.steps.len();
        for jump in ends {
            self.steps[jump] = Step::Jump(end);
        }
        Ok(())
    }

    fn add_repeat(
        &mut self,
        node: &Node,
        least: usize,
        most: Option<usize>,
        greedy: bool,
    ) -> Result<(), String> {
        for _ in 0..least {
            self.add(node)?;
        }
        let split = |into: usize, past: usize| match greedy {
            true => Step::Split(into, past),
            false => Step::Split(past, into),
        };
        let Some(most) = most else {
            let slot = self.slots;
            self.slots += 1;
            let start = self.push(Step::Done)?;
            self.push(Step::Save(slot))?;
            self.add(node)?;
            self.push(Step::Moved(slot))?;
            self.push(Step::Jump(start))?;
            self.steps[start] = split(start + 1, self.steps.len());
            return Ok(());
        };
        let mut starts = Vec::new();
        for _ in least..most {
            starts.push(self.push(Step::Done)?);
            self.add(node)?;
        }
        let end = self.steps.len();
        for start in starts {
            self.steps[start] = split(start + 1, end);
        }
        Ok(())
    }

    /// All that is found, each behind the one before it.
    pub fn find_all(&self, text: &str, most: usize) -> Result<Vec<Found>, String> {
        let mut search = Search::new(self, text);
        let mut all = Vec::new();
        let mut from = 0;
        while all.len() < most && from < search.places.len() {
            let Some((start, end)) = search.first(from)? else {
                break;
            };
            all.push(search.found(self.groups, start, end));
            from = if end == start { end + 1 } else { end };
        }
        Ok(all)
    }
}

/// One search over one text, whose letters are counted.
struct Search<'a> {
    program: &'a Backtracking,
    letters: Vec<char>,
    /// Where each letter begins, and the end.
    places: Vec<usize>,
    slots: Vec<Option<usize>>,
    steps: usize,
}

enum Kept {
    Way(usize, usize),
    Slot(usize, Option<usize>),
}

impl<'a> Search<'a> {
    fn new(program: &'a Backtracking, text: &str) -> Self {
        let mut places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        places.push(text.len());
        let letters = text.chars().collect();
        let slots = vec![None; program.slots];
        Self {
            program,
            letters,
            places,
            slots,
            steps: 0,
        }
    }

    fn first(&mut self, from: usize) -> Result<Option<(usize, usize)>, String> {
        for start in from..self.places.len() {
            self.slots.fill(None);
            if let Some(end) = self.run(0, start)? {
                return Ok(Some((start, end)));
            }
        }
        Ok(None)
    }

    fn found(&self, groups: usize, start: usize, end: usize) -> Found {
        let place = |at: usize| self.places[at];
        let group = |i: usize| Some((place(self.slots[2 * i]?), place(self.slots[2 * i + 1]?)));
        let whole = Some((place(start), place(end)));
        std::iter::once(whole)
            .chain((1..groups).map(group))
            .collect()
    }

    /// Where the program ends from here.
    fn run(&mut self, pc: usize, at: usize) -> Result<Option<usize>, String> {
        let mut kept: Vec<Kept> = Vec::new();
        let (mut pc, mut at) = (pc, at);
        loop {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return Err(format!("the search took more than {MAX_STEPS} steps"));
            }
            let program = self.program;
            let goes_on = match &program.steps[pc] {
                Step::Done => return Ok(Some(at)),
                Step::One {
                    sets,
                    negated,
                    ignore_case,
                } => {
                    let letter = self.letters.get(at).copied();
                    at += 1;
                    letter.is_some_and(|c| fits(sets, *negated, *ignore_case, c))
                }
                Step::Any { dot_all } => {
                    let letter = self.letters.get(at).copied();
                    at += 1;
                    letter.is_some_and(|c| *dot_all || c != '\n')
                }
                Step::At(place) => self.is_at(*place, at),
                Step::Save(slot) => {
                    kept.push(Kept::Slot(*slot, self.slots[*slot].replace(at)));
                    true
                }
                Step::Moved(slot) => self.slots[*slot] != Some(at),
                Step::Split(first, second) => {
                    kept.push(Kept::Way(*second, at));
                    pc = *first;
                    continue;
                }
                Step::Jump(to) => {
                    pc = *to;
                    continue;
                }
                Step::Look { to, width, negated } => {
                    let from = at.checked_sub(width.unwrap_or(0));
                    let end = match from {
                        Some(from) => self.run(pc + 1, from)?,
                        None => None,
                    };
                    let holds = end.is_some_and(|end| width.is_none() || end == at);
                    pc = *to - 1;
                    holds != *negated
                }
                Step::Same { group, ignore_case } => match self.same(*group, *ignore_case, at) {
                    Some(end) => {
                        at = end;
                        true
                    }
                    None => false,
                },
            };
            pc += 1;
            while !goes_on {
                match kept.pop() {
                    Some(Kept::Way(to, from)) => {
                        (pc, at) = (to, from);
                        break;
                    }
                    Some(Kept::Slot(slot, old)) => self.slots[slot] = old,
                    None => return Ok(None),
                }
            }
        }
    }

    fn is_at(&self, place: Place, at: usize) -> bool {
        let end = self.letters.len();
        let word = |at: Option<usize>| {
            at.and_then(|at| self.letters.get(at))
                .is_some_and(|c| is_word(*c))
        };
        match place {
            Place::TextStart => at == 0,
            Place::TextEnd => at == end,
            Place::LineStart => at == 0 || self.letters[at - 1] == '\n',
            Place::LineEnd => at == end || self.letters[at] == '\n',
            Place::End => at == end || (at + 1 == end && self.letters[at] == '\n'),
            Place::WordEdge(is) => (word(at.checked_sub(1)) != word(Some(at))) == is,
        }
    }

    /// Behind the same letters as the group has.
    fn same(&self, group: usize, ignore_case: bool, at: usize) -> Option<usize> {
        let (from, to) = (self.slots[2 * group]?, self.slots[2 * group + 1]?);
        let end = at + (to - from);
        let there = self.letters.get(at..end)?;
        let is_same = there
            .iter()
            .zip(&self.letters[from..to])
            .all(|(a, b)| a == b || (ignore_case && a.to_lowercase().eq(b.to_lowercase())));
        is_same.then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::Backtracking;
    use crate::patterns::Flags;

    fn found(pattern: &str, text: &str) -> Vec<String> {
        let made = Backtracking::new(pattern, Flags::default()).unwrap();
        let all = made.find_all(text, usize::MAX).unwrap();
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
        assert_eq!(found(r"a{2,3}?|b{,2}c", "aaab bbc"), ["aa", "bbc"]);
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
        for pattern in [
            "(a", "a)", "*a", "[a", r"\2(a)", "(?<=a+)b", "(?q)a", "a{2000}",
        ] {
            assert!(
                Backtracking::new(pattern, Flags::default()).is_err(),
                "{pattern}"
            );
        }
        let slow = Backtracking::new("(a|aa)+(?=c)", Flags::default()).unwrap();
        assert!(slow.find_all(&"a".repeat(60), 1).is_err());
    }
}
