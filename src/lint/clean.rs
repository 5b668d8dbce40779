//! Names and ids brought into their pattern, the same way every time.

use std::collections::{HashMap, HashSet};

/// A pattern: the characters allowed, and the most of them.
#[derive(Clone, Copy)]
pub(super) struct Pattern {
    pub(super) allows: fn(char) -> bool,
    /// In characters.
    pub(super) longest: usize,
    /// Stands for each character that is not allowed.
    pub(super) stand_in: char,
    /// Stands for a name of which nothing is left.
    pub(super) fallback: &'static str,
}

impl Pattern {
    pub(super) fn fits(self, name: &str) -> bool {
        !name.is_empty() && name.chars().count() <= self.longest && name.chars().all(self.allows)
    }

    /// `name` in the pattern.
    pub(super) fn clean(self, name: &str) -> String {
        let clean: String = name
            .chars()
            .map(|c| if (self.allows)(c) { c } else { self.stand_in })
            .take(self.longest)
            .collect();
        if clean.is_empty() { self.fallback.to_owned() } else { clean }
    }

    /// `name`, or with the first of `-2`, `-3`, ... that makes it one that is
    /// not `taken`. Takes it.
    pub(super) fn unique(self, name: &str, taken: &mut HashSet<String>) -> String {
        let mut unique = name.to_owned();
        let mut number = 2_usize;
        while !taken.insert(unique.clone()) {
            let suffix = format!("-{number}");
            let room = self.longest.saturating_sub(suffix.len());
            unique = name.chars().take(room).chain(suffix.chars()).collect();
            number += 1;
        }
        unique
    }

    /// A new name for each of `names` that does not fit, in their order: equal
    /// names get equal ones, different names different ones.
    pub(super) fn renames<'a>(
        self,
        names: impl Iterator<Item = &'a str> + Clone,
        fits: impl Fn(&str) -> bool,
        clean: impl Fn(&str) -> String,
    ) -> HashMap<&'a str, String> {
        let mut taken: HashSet<String> =
            names.clone().filter(|name| fits(name)).map(str::to_owned).collect();
        let mut renames = HashMap::new();
        for name in names.filter(|name| !fits(name)) {
            renames.entry(name).or_insert_with(|| self.unique(&clean(name), &mut taken));
        }
        renames
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Pattern = Pattern {
        allows: |c| c.is_ascii_alphanumeric() || c == '_' || c == '-',
        longest: 4,
        stand_in: '_',
        fallback: "tool",
    };

    #[test]
    fn a_name_is_cut_and_its_strange_characters_replaced() {
        assert_eq!(SHORT.clean("a.bcdef"), "a_bc");
        assert_eq!(SHORT.clean("é"), "_");
        assert_eq!(SHORT.clean(""), "tool");
        assert!(
            SHORT.fits("a-b_") && !SHORT.fits("") && !SHORT.fits("abcde") && !SHORT.fits("a b")
        );
    }

    #[test]
    fn different_names_stay_different_and_equal_ones_equal() {
        let names = ["a.b", "a_b", "a b", "a.b"];
        let renames = SHORT.renames(names.into_iter(), |n| SHORT.fits(n), |n| SHORT.clean(n));
        let expected = [("a.b", "a_-2".to_owned()), ("a b", "a_-3".to_owned())];
        assert_eq!(renames, HashMap::from(expected));
    }

    #[test]
    fn a_long_name_makes_room_for_its_number() {
        let mut taken = HashSet::from(["abcd".to_owned(), "ab-2".to_owned()]);
        assert_eq!(SHORT.unique("abcd", &mut taken), "ab-3");
    }
}
