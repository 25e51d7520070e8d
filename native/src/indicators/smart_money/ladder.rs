//! Structures that wait for the price, the nearest last.

/// Keys with the facts they belong to, rising: the price comes to the highest key first.
#[derive(Default)]
pub struct Ladder(Vec<(f64, usize)>);

impl Ladder {
    /// Puts a fact in its place; nearly always at the end.
    pub fn insert(&mut self, key: f64, id: usize) {
        let place = self.0.iter().rposition(|&(other, _)| other <= key).map_or(0, |last| last + 1);
        self.0.insert(place, (key, id));
    }

    /// Takes the nearest fact out if its key lies strictly above a value.
    pub fn pop_above(&mut self, value: f64) -> Option<usize> {
        self.0.pop_if(|&mut (key, _)| key > value).map(|(_, id)| id)
    }

    /// Takes the nearest fact out if its key lies at a value or above.
    pub fn pop_from(&mut self, value: f64) -> Option<usize> {
        self.0.pop_if(|&mut (key, _)| key >= value).map(|(_, id)| id)
    }

    /// Takes a fact out, if it is there.
    pub fn remove(&mut self, id: usize) {
        if let Some(place) = self.0.iter().rposition(|&(_, other)| other == id) {
            self.0.remove(place);
        }
    }

    /// The facts, from the nearest on.
    pub fn nearest_first(&self) -> impl Iterator<Item = usize> {
        self.0.iter().rev().map(|&(_, id)| id)
    }
}
