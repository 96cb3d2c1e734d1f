//! Texts that we edit before minijinja sees them, and the way from a place in the edited text back
//! to the line and column that the user wrote.

/// A text with insertions.
pub struct Edited {
    pub text: String,
    original: String,
    /// (offset in `text`, length) of what was inserted, in order.
    insertions: Vec<(usize, usize)>,
}

impl Edited {
    /// Inserts each text at its offset of the original; offsets ascend.
    pub fn new(original: &str, inserts: &[(usize, &str)]) -> Self {
        let mut text = String::with_capacity(original.len() + 64);
        let mut insertions = Vec::with_capacity(inserts.len());
        let mut from = 0;
        for (at, inserted) in inserts {
            text.push_str(&original[from..*at]);
            insertions.push((text.len(), inserted.len()));
            text.push_str(inserted);
            from = *at;
        }
        text.push_str(&original[from..]);
        Self {
            text,
            original: original.to_string(),
            insertions,
        }
    }

    /// Line and column (1-based, in characters) of an offset of the edited text.
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let mut at = offset.min(self.text.len());
        let mut removed = 0;
        for (start, length) in &self.insertions {
            if at <= *start {
                break;
            }
            removed += (*length).min(at - start);
        }
        at = (at - removed).min(self.original.len());
        while !self.original.is_char_boundary(at) {
            at -= 1;
        }
        let before = &self.original[..at];
        let line_start = before.rfind('\n').map_or(0, |i| i + 1);
        (
            before.matches('\n').count() + 1,
            before[line_start..].chars().count() + 1,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Edited;

    #[test]
    fn places_are_those_of_the_original() {
        let edited = Edited::new("ab\ncd ef", &[(0, "XXX"), (6, "YY")]);
        assert_eq!(edited.text, "XXXab\ncd YYef");
        assert_eq!(edited.place(0), (1, 1));
        assert_eq!(edited.place(2), (1, 1));
        assert_eq!(edited.place(4), (1, 2));
        assert_eq!(edited.place(6), (2, 1));
        assert_eq!(edited.place(10), (2, 4));
        assert_eq!(edited.place(11), (2, 4));
        assert_eq!(edited.place(12), (2, 5));
        assert_eq!(edited.place(999), (2, 6));
    }
}
