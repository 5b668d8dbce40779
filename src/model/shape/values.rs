//! The simple shapes: booleans, numbers, lists and maps.

use std::collections::BTreeMap;

use super::slot::{List, Map, Shape, Slot, View};

macro_rules! plain {
    ($($type:ty = $Kind:ident),*) => {$(
        impl Shape for $type {
            fn blank() -> Self {
                Self::default()
            }

            fn slot(&mut self) -> Slot<'_> {
                Slot::$Kind(self)
            }

            fn view(&self) -> View<'_> {
                View::$Kind(*self)
            }
        }
    )*};
}

// Double stands for Smithy's Float too.
plain!(bool = Boolean, i32 = Integer, i64 = Long, f64 = Double);

/// What is large beside the others of its union, and rare.
impl<T: Shape> Shape for Box<T> {
    fn blank() -> Self {
        Box::new(T::blank())
    }

    fn slot(&mut self) -> Slot<'_> {
        (**self).slot()
    }

    fn view(&self) -> View<'_> {
        (**self).view()
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn blank() -> Self {
        Vec::new()
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::List(self)
    }

    fn view(&self) -> View<'_> {
        View::List(self)
    }
}

impl<T: Shape> List for Vec<T> {
    fn add(&mut self) {
        self.push(T::blank());
    }

    fn length(&self) -> usize {
        self.len()
    }

    fn item(&self, index: usize) -> Option<View<'_>> {
        self.get(index).map(T::view)
    }

    fn item_slot(&mut self, index: usize) -> Option<Slot<'_>> {
        self.get_mut(index).map(T::slot)
    }
}

impl<T: Shape> Shape for BTreeMap<String, T> {
    fn blank() -> Self {
        BTreeMap::new()
    }

    fn slot(&mut self) -> Slot<'_> {
        Slot::Map(self)
    }

    fn view(&self) -> View<'_> {
        View::Map(self)
    }
}

impl<T: Shape> Map for BTreeMap<String, T> {
    fn length(&self) -> usize {
        self.len()
    }

    fn has(&self, key: &str) -> bool {
        self.contains_key(key)
    }

    fn add(&mut self, key: String) -> Slot<'_> {
        self.entry(key).or_insert_with(T::blank).slot()
    }

    fn entries(&self) -> Box<dyn Iterator<Item = (&str, View<'_>)> + '_> {
        Box::new(self.iter().map(|(key, item)| (key.as_str(), item.view())))
    }

    fn each_slot(&mut self, look: &mut dyn FnMut(Slot<'_>)) {
        for item in self.values_mut() {
            look(item.slot());
        }
    }
}
