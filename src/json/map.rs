//! An object's fields.

use std::{fmt, ops::Index};

use super::Value;

/// The fields of an object, in the order in which they were first given.
///
/// Two maps with the same fields are equal, whatever the order.
#[derive(Clone, Default)]
pub struct Map {
    fields: Vec<(String, Value)>,
    /// There as soon as the fields are many, which they hardly ever are; without it, a frame of a hundred thousand names would
    /// hold the page up for a minute. In a box, because what every value takes is taken by this.
    places: Option<Box<Places>>,
}

/// Where the field of a name stands, plus one: a hash table with open addressing.
#[derive(Clone, Default)]
struct Places(Vec<u32>);

impl Map {
    /// No fields.
    #[must_use]
    pub const fn new() -> Self {
        Self { fields: Vec::new(), places: None }
    }

    /// How many fields there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.fields.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The field of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(self.place(name)?).map(|(_, value)| value)
    }

    /// The field of this name.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let place = self.place(name)?;
        self.fields.get_mut(place).map(|(_, value)| value)
    }

    /// Whether there is a field of this name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// Sets a field, in its place if it was there; what it was is given back.
    pub fn insert(&mut self, name: String, value: Value) -> Option<Value> {
        if let Some(known) = self.get_mut(&name) {
            return Some(std::mem::replace(known, value));
        }
        self.fields.push((name, value));
        self.note_last();
        None
    }

    /// Sets a field, in its place if it was there.
    pub fn set(&mut self, name: &str, value: Value) {
        self.insert(name.to_owned(), value);
    }

    /// Takes a field out; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let place = self.place(name)?;
        self.places = None;
        Some(self.fields.remove(place).1)
    }

    /// Keeps only the fields of which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Value) -> bool) {
        self.places = None;
        self.fields.retain_mut(|(name, value)| keep(name, value));
    }

    /// The names.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.fields.iter().map(|(name, _)| name)
    }

    /// The values.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.fields.iter().map(|(_, value)| value)
    }

    /// Names and values.
    pub fn iter(&self) -> Iter<'_> {
        self.fields.iter().map(|(name, value)| (name, value))
    }

    /// Names, and values that may be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&String, &mut Value)> {
        self.fields.iter_mut().map(|(name, value)| (&*name, value))
    }

    fn place(&self, name: &str) -> Option<usize> {
        let is_named = |(known, _): &(String, Value)| known == name;
        let Some(Places(places)) = self.places.as_deref() else {
            return self.fields.iter().position(is_named);
        };
        for slot in slots(name, places.len()) {
            // 0 is a slot never used, and ends in none.
            let place = (*places.get(slot)? as usize).checked_sub(1)?;
            if self.fields.get(place).is_some_and(is_named) {
                return Some(place);
            }
        }
        None
    }

    /// Enters the last field into the table, which grows while it would be more than half full.
    fn note_last(&mut self) {
        let count = self.fields.len();
        if count <= FEW {
            return;
        }
        let Places(places) = &mut **self.places.get_or_insert_default();
        let mut first = count - 1;
        if places.len() < 2 * count {
            *places = vec![0; (4 * count).next_power_of_two()];
            first = 0;
        }
        for (place, (name, _)) in self.fields.iter().enumerate().skip(first) {
            let is_free = |slot: &usize| places.get(*slot) == Some(&0);
            let free = slots(name, places.len()).find(is_free);
            if let Some(slot) = free.and_then(|slot| places.get_mut(slot)) {
                *slot = place as u32 + 1;
            }
        }
    }
}

/// Names and values, borrowed from a [`Map`].
pub(crate) type Iter<'a> =
    std::iter::Map<std::slice::Iter<'a, (String, Value)>, fn(&'a (String, Value)) -> (&'a String, &'a Value)>;

/// Every slot of a table of `count`, a power of two, beginning with the name's own (FNV-1a).
fn slots(name: &str, count: usize) -> impl Iterator<Item = usize> {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (0..count).map(move |step| (hash as usize).wrapping_add(step) & (count - 1))
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().all(|(name, value)| other.get(name) == Some(value))
    }
}

impl Eq for Map {}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

/// `null` where there is no such field.
impl Index<&str> for Map {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&super::NULL)
    }
}

/// Of two fields of one name the last counts.
impl FromIterator<(String, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(fields: I) -> Self {
        let mut map = Self::new();
        map.extend(fields);
        map
    }
}

impl Extend<(String, Value)> for Map {
    fn extend<I: IntoIterator<Item = (String, Value)>>(&mut self, fields: I) {
        for (name, value) in fields {
            self.insert(name, value);
        }
    }
}

impl IntoIterator for Map {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.fields.into_iter()
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a String, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// Up to so many fields are found faster by looking at each.
const FEW: usize = 32;
