//! What all shapes have in common: a value is read into its [`Slot`] and
//! written from its [`View`].
//!
//! So whatever reads or writes is compiled once for each of serde's formats,
//! and not once more for each of the model's shapes, of which there are
//! hundreds.

use super::{Blob, Document, Extra, Text};

/// A value with a fixed form in JSON.
///
/// serde's own traits cannot carry the bytes a value is read from, and without
/// them a text could only be copied out of its message.
pub trait Shape: Sized {
    /// What reading begins with: a value with nothing set.
    fn blank() -> Self;

    /// Where what is read is put.
    fn slot(&mut self) -> Slot<'_>;

    /// What is written.
    fn view(&self) -> View<'_>;

    /// Copies out all that is a slice of what it was read from, so that this can go.
    fn unshare(&mut self) {
        self.slot().unshare();
    }

    /// A copy that shares nothing with what this was read from.
    fn detached(&self) -> Self
    where
        Self: Clone,
    {
        let mut copy = self.clone();
        copy.unshare();
        copy
    }
}

/// Where a value that is read is put, by what it is.
pub enum Slot<'a> {
    Boolean(&'a mut bool),
    Integer(&'a mut i32),
    Long(&'a mut i64),
    Double(&'a mut f64),
    Text(&'a mut Text),
    Blob(&'a mut Blob),
    Document(&'a mut Document),
    Enumeration(&'a mut dyn Enumeration),
    Structure(&'a mut dyn Structure),
    Union(&'a mut dyn Union),
    List(&'a mut dyn List),
    Map(&'a mut dyn Map),
}

/// A value that is written, by what it is.
pub enum View<'a> {
    Boolean(bool),
    Integer(i32),
    Long(i64),
    Double(f64),
    Text(&'a str),
    Blob(&'a Blob),
    Document(&'a Document),
    Structure(&'a dyn Structure),
    Union(&'a dyn Union),
    List(&'a dyn List),
    Map(&'a dyn Map),
}

/// A string with known values.
pub trait Enumeration {
    fn set(&mut self, value: Text);
    fn unshare_value(&mut self);
}

/// An object with known members, each by its place in [`Schema::members`].
pub trait Structure {
    fn schema(&self) -> &'static Schema;

    /// The slot of a member. One that is not set is made, blank: who only looks
    /// asks for its view first.
    fn begin(&mut self, index: usize) -> Option<Slot<'_>>;

    /// The member, if it is set.
    fn member_view(&self, index: usize) -> Option<View<'_>>;

    fn unknown(&self) -> &Extra;
    fn unknown_mut(&mut self) -> &mut Extra;
}

/// One of several members, each by its place in [`Schema::members`].
pub trait Union {
    fn schema(&self) -> &'static Schema;

    /// Makes it a member that is blank, and gives its slot.
    fn begin(&mut self, index: usize) -> Option<Slot<'_>>;

    fn set_unknown(&mut self, object: Document);

    /// The slot of the member that it is.
    fn current(&mut self) -> Slot<'_>;

    /// The member that it is, with its name on the wire; of an unknown one the
    /// object, which has no name.
    fn current_view(&self) -> (Option<&'static str>, View<'_>);
}

/// Items in order.
pub trait List {
    /// Adds a blank item.
    fn add(&mut self);
    fn length(&self) -> usize;
    fn item(&self, index: usize) -> Option<View<'_>>;
    fn item_slot(&mut self, index: usize) -> Option<Slot<'_>>;
}

/// Items by a key.
pub trait Map {
    fn length(&self) -> usize;
    fn has(&self, key: &str) -> bool;

    /// Adds a blank item, and gives its slot.
    fn add(&mut self, key: String) -> Slot<'_>;
    fn entries(&self) -> Box<dyn Iterator<Item = (&str, View<'_>)> + '_>;
    fn each_slot(&mut self, look: &mut dyn FnMut(Slot<'_>));
}

/// The names of a structure or union.
pub struct Schema {
    /// Of the shape.
    pub(crate) name: &'static str,
    /// On the wire, those that are required first.
    pub(crate) members: &'static [&'static str],
    /// How many are required.
    pub(crate) required: usize,
    /// Members that are dropped.
    pub(crate) ignored: &'static [&'static str],
}

impl Schema {
    /// A set of members is a number of so many bits.
    const MOST_MEMBERS: usize = u64::BITS as usize;

    pub(crate) const fn new(
        name: &'static str,
        members: &'static [&'static str],
        required: usize,
        ignored: &'static [&'static str],
    ) -> Self {
        assert!(members.len() <= Self::MOST_MEMBERS);
        let mut at = 0;
        while at < members.len() {
            assert!(has_nothing_to_escape(members[at].as_bytes()));
            at += 1;
        }
        Schema { name, members, required, ignored }
    }

    pub(crate) fn index(&self, member: &str) -> Option<usize> {
        self.members.iter().position(|known| *known == member)
    }
}

/// A name is written as it is.
const fn has_nothing_to_escape(name: &[u8]) -> bool {
    let mut at = 0;
    while at < name.len() {
        if matches!(name[at], 0..0x20 | b'"' | b'\\') {
            return false;
        }
        at += 1;
    }
    true
}

impl Slot<'_> {
    /// Copies out all that is a slice of what it was read from.
    fn unshare(self) {
        match self {
            // A blob is decoded from base64, which is a copy.
            Slot::Boolean(_)
            | Slot::Integer(_)
            | Slot::Long(_)
            | Slot::Double(_)
            | Slot::Blob(_) => {}
            Slot::Text(text) => *text = text.detach(),
            Slot::Document(document) => *document = document.detach(),
            Slot::Enumeration(value) => value.unshare_value(),
            Slot::Structure(structure) => {
                for index in 0..structure.schema().members.len() {
                    if structure.member_view(index).is_some()
                        && let Some(member) = structure.begin(index)
                    {
                        member.unshare();
                    }
                }
                structure.unknown_mut().unshare();
            }
            Slot::Union(union) => union.current().unshare(),
            Slot::List(list) => {
                for index in 0..list.length() {
                    if let Some(item) = list.item_slot(index) {
                        item.unshare();
                    }
                }
            }
            Slot::Map(map) => map.each_slot(&mut |item| item.unshare()),
        }
    }
}
