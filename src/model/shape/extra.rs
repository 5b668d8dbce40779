//! Members that the service sent and the model does not know.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Document, Text};

/// The unknown members of a structure, in the order they came in.
///
/// They are written out again after the known ones, so what AWS adds to a
/// shape passes through without a release of this crate.
#[derive(Clone, Default)]
pub struct Extra(Option<Arc<Members>>);

/// Apart, as nearly every structure has none; clones share them until one is
/// changed.
#[derive(Clone, Default)]
struct Members {
    members: Vec<(Text, Document)>,
    /// Where each name stands, once there are more than [`FEW`](Self::FEW): a
    /// search would take quadratic time over an object of many members, which
    /// anyone can send.
    places: HashMap<Text, usize>,
}

impl Members {
    /// So many are searched faster than a table is made.
    const FEW: usize = 16;

    fn place(&self, name: &str) -> Option<usize> {
        if self.members.len() <= Self::FEW {
            return self.members.iter().position(|(known, _)| **known == *name);
        }
        self.places.get(name).copied()
    }

    fn push(&mut self, name: Text, value: Document) {
        self.members.push((name, value));
        match self.members.len() - 1 {
            Self::FEW => self.note_places(),
            place if place > Self::FEW => {
                self.places.insert(self.members[place].0.clone(), place);
            }
            _few => {}
        }
    }

    fn note_places(&mut self) {
        let names = self.members.iter().map(|(name, _)| name.clone());
        self.places = names.zip(0..).collect();
    }
}

impl Extra {
    /// No members.
    pub const fn new() -> Self {
        Extra(None)
    }

    /// The member of this name.
    pub fn get(&self, name: &str) -> Option<&Document> {
        let members = self.0.as_ref()?;
        members.place(name).map(|place| &members.members[place].1)
    }

    /// Sets a member and gives back what stood there.
    ///
    /// A name that the structure models must be set there: writing such a
    /// structure is an error.
    pub fn insert(
        &mut self,
        name: impl Into<Text>,
        value: impl Into<Document>,
    ) -> Option<Document> {
        let (name, value) = (name.into(), value.into());
        let members = Arc::make_mut(self.0.get_or_insert_default());
        match members.place(&name) {
            Some(place) => Some(std::mem::replace(&mut members.members[place].1, value)),
            None => {
                members.push(name, value);
                None
            }
        }
    }

    /// Takes a member out; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<Document> {
        let members = self.0.as_mut()?;
        let place = members.place(name)?;
        let members = Arc::make_mut(members);
        let (_, value) = members.members.remove(place);
        if members.members.len() > Members::FEW {
            members.note_places();
        }
        Some(value)
    }

    /// Name and value of each member, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Document)> {
        let members = self.0.as_ref().map_or(&[][..], |members| &members.members);
        members.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.iter().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Copies out every name and value that may share its bytes with a message.
    pub(crate) fn unshare(&mut self) {
        let Some(members) = &mut self.0 else { return };
        let members = Arc::make_mut(members);
        for (name, value) in &mut members.members {
            (*name, *value) = (name.detach(), value.detach());
        }
        if members.members.len() > Members::FEW {
            members.note_places();
        }
    }
}

/// In whatever order.
impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

impl std::fmt::Debug for Extra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_keep_their_order_and_compare_without_it() {
        let (mut a, mut b) = (Extra::new(), Extra::new());
        a.insert("x", json!(1));
        a.insert("y", json!(2));
        b.insert("y", json!(2));
        assert_ne!(a, b);
        b.insert("x", json!(0));
        assert_eq!(b.insert("x", json!(1)), Some(json!(0).into()));
        assert_eq!(a, b);
        assert_eq!(b.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["y", "x"]);
    }

    #[test]
    fn what_is_done_to_a_clone_is_not_done_to_the_original() {
        for count in [1, Members::FEW, Members::FEW + 1, 40] {
            let mut original = Extra::new();
            for number in 0..count {
                original.insert(format!("m{number}"), json!(number));
            }
            let (mut more, mut fewer, mut apart) =
                (original.clone(), original.clone(), original.clone());
            more.insert("new", json!(true));
            more.insert("m0", json!(true));
            fewer.remove("m0");
            apart.unshare();
            assert_eq!((more.len(), fewer.len()), (count + 1, count - 1));
            assert_eq!((original.len(), original.get("m0")), (count, Some(&json!(0).into())));
            assert_eq!(apart, original);
            assert_eq!(original.get("new"), None);
        }
    }

    #[test]
    fn a_member_that_is_taken_out_leaves_the_others_in_place() {
        let mut extra = Extra::new();
        for (name, value) in [("a", 1), ("b", 2), ("c", 3)] {
            extra.insert(name, json!(value));
        }
        assert_eq!(extra.remove("a"), Some(json!(1).into()));
        assert_eq!(extra.remove("a"), None);
        assert_eq!(extra.get("c"), Some(&json!(3).into()));
        assert_eq!(extra.insert("b", json!(4)), Some(json!(2).into()));
        assert_eq!(extra.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["b", "c"]);
    }

    #[test]
    fn an_object_of_very_many_unknown_members_is_read() {
        let names: Vec<_> = (0..200_000).map(|i| format!("\"m{i}\":{i}")).collect();
        let json = format!("{{{}}}", names.join(","));
        let usage: crate::model::ToolReference = serde_json::from_str(&json).unwrap();
        assert_eq!(usage.extra.len(), names.len());
        assert_eq!(usage.extra.get("m777").unwrap().as_json(), "777");
    }
}
