//! Which macro files a template needs. minijinja ties macros to one render, so each render imports
//! them anew; most templates name few macros, and importing only those keeps a render short.
//!
//! What a template names is told by its words within Jinja blocks, texts among them, for
//! `adapter.dispatch('x')` calls `default__x`. A name that is put together while it renders is not
//! found: the call of it then fails, and the render is done again with every file.

use std::collections::HashMap;

#[derive(Default)]
pub struct Imports {
    /// Files by the names of their macros, and by what dispatch calls them: `x` for `default__x`.
    by_name: HashMap<String, Vec<usize>>,
    words: Vec<Vec<String>>,
    /// For each file, those that its macros name; made when first asked for.
    next: Vec<Vec<usize>>,
}

impl Imports {
    /// Files are counted from 0 in the order in which they are added.
    pub fn add(&mut self, names: &[String], source: &str) {
        let file = self.words.len();
        for name in names {
            self.enter(name, file);
            for (at, _) in name.match_indices("__") {
                self.enter(&name[at + 2..], file);
            }
        }
        self.words.push(words(source).map(str::to_string).collect());
        self.next.clear();
    }

    fn enter(&mut self, name: &str, file: usize) {
        let files = self.by_name.entry(name.to_string()).or_default();
        if files.last() != Some(&file) {
            files.push(file);
        }
    }

    /// In the order in which they were added.
    pub fn needed(&mut self, source: &str) -> Vec<usize> {
        if self.next.len() != self.words.len() {
            let named = |of: &Vec<String>| self.named(of.iter().map(String::as_str));
            self.next = self.words.iter().map(named).collect();
        }
        let mut reached = vec![false; self.words.len()];
        let mut edge = self.named(words(source));
        while let Some(file) = edge.pop() {
            if !reached[file] {
                reached[file] = true;
                edge.extend(&self.next[file]);
            }
        }
        (0..reached.len()).filter(|file| reached[*file]).collect()
    }

    fn named<'a>(&self, words: impl Iterator<Item = &'a str>) -> Vec<usize> {
        let mut files: Vec<usize> = words
            .filter_map(|word| self.by_name.get(word))
            .flatten()
            .copied()
            .collect();
        files.sort_unstable();
        files.dedup();
        files
    }
}

/// Words within `{{ }}` and `{% %}`.
fn words(source: &str) -> impl Iterator<Item = &str> {
    let mut rest = source;
    let blocks = std::iter::from_fn(move || loop {
        let open = rest.find('{')?;
        let from = &rest[open..];
        let close = match from.as_bytes().get(1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                rest = &from[1..];
                continue;
            }
        };
        let end = from.find(close).map_or(from.len(), |end| end + 2);
        rest = &from[end..];
        if close != "#}" {
            return Some(&from[..end]);
        }
    });
    blocks.flat_map(|block| {
        block
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .filter(|word| !word.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::{words, Imports};

    #[test]
    fn words_are_those_of_blocks() {
        let source = "select cast(a) {# no #} {% if b %} x {{ c('d').e }} { f }";
        assert_eq!(words(source).collect::<Vec<_>>(), ["if", "b", "c", "d", "e"]);
    }

    #[test]
    fn files_are_needed_through_others() {
        let mut imports = Imports::default();
        imports.add(&["cast".into()], "{% macro cast() %}cast{% endmacro %}");
        imports.add(&["default__star".into()], "{% macro default__star() %}{{ cast(1) }}");
        imports.add(&["other".into()], "{% macro other() %}{{ other() }}");
        imports.add(&["far".into()], "{% macro far() %}{{ adapter.dispatch('star')() }}");
        assert_eq!(imports.needed("select cast(a)"), Vec::<usize>::new());
        assert_eq!(imports.needed("{{ lake.other() }}"), [2]);
        assert_eq!(imports.needed("{{ far() }}"), [0, 1, 3]);
    }
}
