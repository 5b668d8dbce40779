//! Members that the service sent and the model does not know.

use super::Document;

/// The unknown members of a structure, in the order they came in.
///
/// They are written out again after the known ones, so what AWS adds to a
/// shape passes through without a release of this crate.
#[derive(Clone, Default, PartialEq)]
pub struct Extra(Vec<(String, Document)>);

impl Extra {
    /// No members.
    pub const fn new() -> Self {
        Extra(Vec::new())
    }

    /// The member of this name.
    pub fn get(&self, name: &str) -> Option<&Document> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Sets a member and gives back what stood there.
    ///
    /// A name that the structure models must be set there: writing such a
    /// structure is an error.
    pub fn insert(
        &mut self,
        name: impl Into<String>,
        value: impl Into<Document>,
    ) -> Option<Document> {
        let (name, value) = (name.into(), value.into());
        if let Some((_, old)) = self.0.iter_mut().find(|(known, _)| *known == name) {
            return Some(std::mem::replace(old, value));
        }
        self.0.push((name, value));
        None
    }

    /// Name and value of each member, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Document)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes over the members of `other`; where both have one, `other` wins.
    pub(crate) fn merge(&mut self, other: Extra) {
        for (name, value) in other.0 {
            self.insert(name, value);
        }
    }

    /// Copies out every value that shares its bytes with a message.
    pub(crate) fn unshare(&mut self) {
        for (_, value) in &mut self.0 {
            *value = value.detach();
        }
    }
}

impl std::fmt::Debug for Extra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
