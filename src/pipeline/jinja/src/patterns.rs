//! What a pattern of Python's regular expressions says, as a tree.

const MAX_REPEATS: usize = 1_000;

#[derive(Clone, Copy, Debug, Default)]
pub struct Flags {
    pub ignore_case: bool,
    pub multi_line: bool,
    pub dot_all: bool,
    pub verbose: bool,
}

#[derive(Clone, Debug)]
pub enum Set {
    Range(char, char),
    Digit(bool),
    Word(bool),
    Space(bool),
}

#[derive(Clone, Copy, Debug)]
pub enum Place {
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    End,
    WordEdge(bool),
}

#[derive(Clone, Debug)]
pub enum Node {
    Empty,
    One {
        sets: Vec<Set>,
        negated: bool,
        ignore_case: bool,
    },
    Any {
        dot_all: bool,
    },
    At(Place),
    Group(Box<Node>, usize),
    Row(Vec<Node>),
    Either(Vec<Node>),
    Repeat {
        node: Box<Node>,
        least: usize,
        most: Option<usize>,
        greedy: bool,
    },
    Look {
        node: Box<Node>,
        behind: bool,
        negated: bool,
    },
    Same {
        group: usize,
        ignore_case: bool,
    },
}

/// The pattern, and its groups' names: the whole is the first of them.
pub fn parse(pattern: &str, flags: Flags) -> Result<(Node, Vec<Option<String>>), String> {
    let mut names = vec![None];
    let text = pattern.chars().collect();
    let mut parser = Parser {
        text,
        at: 0,
        flags,
        names: &mut names,
    };
    let node = parser.either()?;
    if parser.at < parser.text.len() {
        return Err("a `)` has no `(`".into());
    }
    Ok((node, names))
}

struct Parser<'a> {
    text: Vec<char>,
    at: usize,
    flags: Flags,
    names: &'a mut Vec<Option<String>>,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let found = self.peek();
        self.at += 1;
        found
    }

    fn takes(&mut self, words: &str) -> bool {
        let fits = words
            .chars()
            .enumerate()
            .all(|(i, c)| self.text.get(self.at + i) == Some(&c));
        if fits {
            self.at += words.chars().count();
        }
        fits
    }

    fn until(&mut self, end: char) -> Result<String, String> {
        let mut words = String::new();
        while let Some(c) = self.next() {
            if c == end {
                return Ok(words);
            }
            words.push(c);
        }
        Err(format!("`{end}` is missing"))
    }

    fn skip_blanks(&mut self) {
        while self.flags.verbose {
            match self.peek() {
                Some(c) if c.is_whitespace() => self.at += 1,
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    fn either(&mut self) -> Result<Node, String> {
        let mut ways = vec![self.row()?];
        while self.peek() == Some('|') {
            self.at += 1;
            ways.push(self.row()?);
        }
        Ok(if ways.len() == 1 {
            ways.remove(0)
        } else {
            Node::Either(ways)
        })
    }

    fn row(&mut self) -> Result<Node, String> {
        let mut nodes = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek() {
                None | Some('|' | ')') => return Ok(Node::Row(nodes)),
                _ => {
                    let node = self.one()?;
                    nodes.push(self.repeated(node)?);
                }
            }
        }
    }

    fn repeated(&mut self, node: Node) -> Result<Node, String> {
        self.skip_blanks();
        let (least, most) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.counts() {
                Some(counts) => counts,
                None => return Ok(node),
            },
            _ => return Ok(node),
        };
        self.at += 1;
        let greedy = self.peek() != Some('?');
        if !greedy {
            self.at += 1;
        }
        if least.max(most.unwrap_or(0)) > MAX_REPEATS {
            return Err(format!("a part may be repeated {MAX_REPEATS} times"));
        }
        Ok(Node::Repeat {
            node: Box::new(node),
            least,
            most,
            greedy,
        })
    }

    /// `{2}`, `{2,}`, `{,3}`, `{2,3}`; leaves its end to be taken. A brace that counts nothing is a
    /// letter.
    fn counts(&mut self) -> Option<(usize, Option<usize>)> {
        let end = self.at + self.text[self.at..].iter().position(|c| *c == '}')?;
        let inside: String = self.text[self.at + 1..end].iter().collect();
        let number = |text: &str| text.trim().parse::<usize>().ok();
        let counts = match inside.split_once(',') {
            None => (number(&inside)?, Some(number(&inside)?)),
            Some(("", most)) => (0, Some(number(most)?)),
            Some((least, "")) => (number(least)?, None),
            Some((least, most)) => (number(least)?, Some(number(most)?)),
        };
        self.at = end;
        Some(counts)
    }

    fn letter(&self, c: char) -> Node {
        let sets = vec![Set::Range(c, c)];
        Node::One {
            sets,
            negated: false,
            ignore_case: self.flags.ignore_case,
        }
    }

    fn one(&mut self) -> Result<Node, String> {
        Ok(match self.next().unwrap_or('\0') {
            '.' => Node::Any {
                dot_all: self.flags.dot_all,
            },
            '^' if self.flags.multi_line => Node::At(Place::LineStart),
            '^' => Node::At(Place::TextStart),
            '$' if self.flags.multi_line => Node::At(Place::LineEnd),
            '$' => Node::At(Place::End),
            '[' => self.class()?,
            '(' => self.group()?,
            '\\' => self.escaped()?,
            '*' | '+' | '?' => return Err("nothing stands before a repetition".into()),
            c => self.letter(c),
        })
    }

    fn escaped(&mut self) -> Result<Node, String> {
        let c = self.next().ok_or("`\\` stands at the end")?;
        Ok(match c {
            'A' => Node::At(Place::TextStart),
            'Z' | 'z' => Node::At(Place::TextEnd),
            'b' => Node::At(Place::WordEdge(true)),
            'B' => Node::At(Place::WordEdge(false)),
            '1'..='9' => Node::Same {
                group: c as usize - '0' as usize,
                ignore_case: self.flags.ignore_case,
            },
            _ => match set_of(c) {
                Some(set) => Node::One {
                    sets: vec![set],
                    negated: false,
                    ignore_case: false,
                },
                None => self.letter(control(c)),
            },
        })
    }

    fn class(&mut self) -> Result<Node, String> {
        let negated = self.takes("^");
        let mut sets = Vec::new();
        loop {
            let mut from = self.next().ok_or("`]` is missing")?;
            if from == ']' && !sets.is_empty() {
                break;
            }
            if from == '\\' {
                let c = self.next().ok_or("`\\` stands at the end")?;
                if let Some(set) = set_of(c) {
                    sets.push(set);
                    continue;
                }
                from = control(c);
            }
            let mut to = from;
            if self.peek() == Some('-') && self.text.get(self.at + 1).is_some_and(|c| *c != ']') {
                self.at += 1;
                to = self.next().unwrap_or(from);
                if to == '\\' {
                    to = control(self.next().unwrap_or('\\'));
                }
            }
            sets.push(Set::Range(from, to));
        }
        Ok(Node::One {
            sets,
            negated,
            ignore_case: self.flags.ignore_case,
        })
    }

    fn group(&mut self) -> Result<Node, String> {
        let outer = self.flags;
        let look = [
            ("?=", false, false),
            ("?!", false, true),
            ("?<=", true, false),
            ("?<!", true, true),
        ];
        for (word, behind, negated) in look {
            if self.takes(word) {
                let node = Box::new(self.inside()?);
                self.flags = outer;
                return Ok(Node::Look {
                    node,
                    behind,
                    negated,
                });
            }
        }
        if self.takes("?#") {
            self.until(')')?;
            return Ok(Node::Empty);
        }
        if self.takes("?P=") {
            let name = Some(self.until(')')?);
            let group = self.names.iter().position(|own| *own == name);
            let group = group.ok_or("there is no group of that name")?;
            return Ok(Node::Same {
                group,
                ignore_case: outer.ignore_case,
            });
        }
        let mut name = None;
        let is_named = self.takes("?P<") || self.takes("?<");
        if is_named {
            name = Some(self.until('>')?);
        } else if self.takes("?") {
            let mut words = String::new();
            while let Some(c) = self.next() {
                match c {
                    ':' => break,
                    // They hold to the end of the pattern.
                    ')' => {
                        self.set_flags(&words)?;
                        return Ok(Node::Empty);
                    }
                    _ => words.push(c),
                }
            }
            self.set_flags(&words)?;
            let node = self.inside()?;
            self.flags = outer;
            return Ok(node);
        }
        let group = self.names.len();
        self.names.push(name);
        let node = Box::new(self.inside()?);
        self.flags = outer;
        Ok(Node::Group(node, group))
    }

    fn inside(&mut self) -> Result<Node, String> {
        let node = self.either()?;
        match self.next() {
            Some(')') => Ok(node),
            _ => Err("`)` is missing".into()),
        }
    }

    fn set_flags(&mut self, words: &str) -> Result<(), String> {
        let mut on = true;
        for c in words.chars() {
            match c {
                '-' => on = false,
                'i' => self.flags.ignore_case = on,
                'm' => self.flags.multi_line = on,
                's' => self.flags.dot_all = on,
                'x' => self.flags.verbose = on,
                'a' | 'u' | 'L' => {}
                _ => return Err(format!("there is no flag `{c}`")),
            }
        }
        Ok(())
    }
}

fn set_of(c: char) -> Option<Set> {
    Some(match c {
        'd' => Set::Digit(true),
        'D' => Set::Digit(false),
        'w' => Set::Word(true),
        'W' => Set::Word(false),
        's' => Set::Space(true),
        'S' => Set::Space(false),
        _ => return None,
    })
}

fn control(c: char) -> char {
    match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'f' => '\u{c}',
        'v' => '\u{b}',
        '0' => '\0',
        _ => c,
    }
}

/// Letters that the node takes, where that is one number.
pub fn width(node: &Node) -> Option<usize> {
    match node {
        Node::Empty | Node::At(_) | Node::Look { .. } => Some(0),
        Node::One { .. } | Node::Any { .. } => Some(1),
        Node::Group(node, _) => width(node),
        Node::Row(nodes) => nodes.iter().map(width).sum(),
        Node::Either(ways) => {
            let first = width(ways.first()?)?;
            ways.iter()
                .all(|way| width(way) == Some(first))
                .then_some(first)
        }
        Node::Repeat {
            node, least, most, ..
        } if Some(*least) == *most => Some(width(node)? * least),
        Node::Repeat { .. } | Node::Same { .. } => None,
    }
}
