//! Rows that are known by their number, of which old ones can be forgotten.

use std::collections::BTreeMap;
use std::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize};

/// Rows numbered in the order in which they came; numbers stay when older rows are forgotten.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Numbered<T> {
    /// Number of the first of the recent rows.
    first: usize,
    /// Every row from that number on.
    recent: Vec<T>,
    /// Rows before it that are still needed.
    old: BTreeMap<usize, T>,
}

impl<T> Numbered<T> {
    /// No rows, and memory for those to come.
    pub fn with_room(room: Vec<T>) -> Self {
        Self { first: 0, recent: room, old: BTreeMap::new() }
    }

    /// Rows that have come, those forgotten included: the number of the next one.
    #[inline]
    pub fn len(&self) -> usize {
        self.first + self.recent.len()
    }

    /// Rows that are kept, and the recent ones among them.
    pub fn kept(&self) -> (usize, usize) {
        (self.old.len() + self.recent.len(), self.recent.len())
    }

    /// Adds the next row.
    #[inline]
    pub fn push(&mut self, row: T) {
        self.recent.push(row);
    }

    /// Takes back the rows from a number on.
    pub fn truncate(&mut self, len: usize) {
        self.recent.truncate(len.saturating_sub(self.first));
    }

    /// A row; nothing for one that never came or was forgotten.
    #[inline]
    pub fn get(&self, number: usize) -> Option<&T> {
        match number.checked_sub(self.first) {
            Some(place) => self.recent.get(place),
            None => self.old.get(&number),
        }
    }

    /// Whether a row is there.
    #[inline]
    pub fn contains(&self, number: usize) -> bool {
        self.get(number).is_some()
    }

    /// The newest row.
    pub fn last(&self) -> Option<&T> {
        self.recent.last()
    }

    /// The newest row.
    pub fn last_mut(&mut self) -> Option<&mut T> {
        self.recent.last_mut()
    }

    /// The rows that are kept with their numbers, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &T)> {
        let old = self.old.iter().map(|(&number, row)| (number, row));
        old.chain(self.recent.iter().enumerate().map(|(place, row)| (self.first + place, row)))
    }

    /// The rows that are kept, oldest first.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.old.values_mut().chain(&mut self.recent)
    }

    /// The recent rows from a number on.
    pub fn since(&self, number: usize) -> impl Iterator<Item = (usize, &T)> {
        let place = number.saturating_sub(self.first).min(self.recent.len());
        self.recent[place..].iter().enumerate().map(move |(n, row)| (self.first + place + n, row))
    }

    /// Forgets the rows before a number that are not needed; the others, and all later ones, keep their numbers.
    pub fn forget(&mut self, before: usize, mut is_needed: impl FnMut(usize, &T) -> bool) {
        self.old.retain(|&number, row| is_needed(number, row));
        let count = before.saturating_sub(self.first).min(self.recent.len());
        for (place, row) in self.recent.drain(..count).enumerate() {
            let number = self.first + place;
            if is_needed(number, &row) {
                self.old.insert(number, row);
            }
        }
        self.first += count;
    }

    /// Takes the memory of the rows away.
    pub(super) fn take_room(&mut self) -> Vec<T> {
        std::mem::take(&mut self.recent)
    }

    /// Rows there is memory for.
    pub(super) fn room(&self) -> usize {
        self.recent.capacity()
    }
}

impl<T> Index<usize> for Numbered<T> {
    type Output = T;

    #[inline]
    fn index(&self, number: usize) -> &T {
        match number.checked_sub(self.first) {
            Some(place) => &self.recent[place],
            None => &self.old[&number],
        }
    }
}

impl<T> IndexMut<usize> for Numbered<T> {
    #[inline]
    fn index_mut(&mut self, number: usize) -> &mut T {
        match number.checked_sub(self.first) {
            Some(place) => &mut self.recent[place],
            None => match self.old.get_mut(&number) {
                Some(row) => row,
                None => panic!("row {number} was forgotten"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Numbered;

    #[test]
    fn rows_keep_their_numbers_when_older_ones_are_forgotten() {
        let mut rows = Numbered::with_room(Vec::new());
        (0..10).for_each(|row| rows.push(row * 10));
        rows.forget(6, |number, _| number == 2);
        rows.push(100);
        assert_eq!((rows.len(), rows.kept()), (11, (6, 5)));
        assert_eq!((rows[2], rows[6], rows[10]), (20, 60, 100));
        assert_eq!((rows.get(1), rows.get(5), rows.get(11)), (None, None, None));
        assert_eq!(rows.iter().map(|(number, _)| number).collect::<Vec<_>>(), [2, 6, 7, 8, 9, 10]);
        assert_eq!(rows.since(9).collect::<Vec<_>>(), [(9, &90), (10, &100)]);
        rows.forget(9, |_, _| false);
        assert_eq!((rows.get(2), rows.get(8), rows[9], rows.len()), (None, None, 90, 11));
    }
}
