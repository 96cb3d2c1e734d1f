//! Texts that we edit before minijinja sees them, and the way from a place in the edited text back
//! to the line and column that the user wrote.

/// `removed` bytes at an offset of the original become `inserted`.
pub struct Edit {
    pub at: usize,
    pub removed: usize,
    pub inserted: String,
}

/// A text with edits.
pub struct Edited {
    pub text: String,
    original: String,
    /// (offset in `text`, bytes inserted there, bytes removed there), in order.
    edits: Vec<(usize, usize, usize)>,
}

impl Edited {
    /// The edits ascend and do not overlap.
    pub fn new(original: &str, edits: &[Edit]) -> Self {
        let mut text = String::with_capacity(original.len() + 64);
        let mut places = Vec::with_capacity(edits.len());
        let mut from = 0;
        for edit in edits {
            text.push_str(&original[from..edit.at]);
            places.push((text.len(), edit.inserted.len(), edit.removed));
            text.push_str(&edit.inserted);
            from = edit.at + edit.removed;
        }
        text.push_str(&original[from..]);
        Self {
            text,
            original: original.to_string(),
            edits: places,
        }
    }

    /// Line and column (1-based, in characters) of an offset of the edited text.
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let end = offset.min(self.text.len());
        let (mut inserted_before, mut removed_before) = (0, 0);
        for (start, inserted, removed) in &self.edits {
            if end <= *start {
                break;
            }
            inserted_before += (*inserted).min(end - start);
            if end >= start + inserted {
                removed_before += removed;
            }
        }
        let mut at = (end - inserted_before + removed_before).min(self.original.len());
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
    use super::{Edit, Edited};

    fn edit(at: usize, removed: usize, inserted: &str) -> Edit {
        let inserted = inserted.to_string();
        Edit {
            at,
            removed,
            inserted,
        }
    }

    #[test]
    fn places_are_those_of_the_original() {
        let edited = Edited::new("ab\ncd ef", &[edit(0, 0, "XXX"), edit(6, 0, "YY")]);
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

    #[test]
    fn what_was_replaced_has_the_place_of_its_begin() {
        let edited = Edited::new("ab cd\nef", &[edit(3, 2, "XYZ")]);
        assert_eq!(edited.text, "ab XYZ\nef");
        assert_eq!(edited.place(2), (1, 3));
        assert_eq!(edited.place(4), (1, 4));
        assert_eq!(edited.place(6), (1, 6));
        assert_eq!(edited.place(8), (2, 2));
    }
}
