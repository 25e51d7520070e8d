//! One side of a book: the size at each price, the best price always at hand.
//!
//! Levels near the touch live in a dense window of sizes with a two-level bitmap above it, so setting a level and finding
//! the next best one take a few instructions. Levels outside the window live in a `BTreeMap`. When many updates near the
//! best price miss the window, it moves; the count before it does makes the moves cost nothing on average,
//! and a book of far-away levels never slows the touch down.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

const WINDOW: usize = 1 << 15;
const WORDS: usize = WINDOW / 64;
const SUMMARIES: usize = WORDS / 64;
/// Slots kept above the best level for prices that improve on it; the rest lie behind it, where the depth is.
const HEADROOM: i64 = WINDOW as i64 / 4;
/// Misses near the best price after which the window moves.
const PATIENCE: usize = WINDOW / 4;
const NOWHERE: i64 = i64::MIN;

/// Sizes by price key; the highest key is the best. A bid's key is its tick, an ask's the negative of its tick.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "Vec<(i64, i64)>", from = "Vec<(i64, i64)>")]
pub struct Ladder {
    best: i64,
    base: i64,
    sizes: Vec<i64>,
    words: Vec<u64>,
    summaries: [u64; SUMMARIES],
    beyond: BTreeMap<i64, i64>,
    misses: usize,
}

impl Default for Ladder {
    fn default() -> Self {
        Ladder {
            best: NOWHERE,
            base: 0,
            sizes: vec![0; WINDOW],
            words: vec![0; WORDS],
            summaries: [0; SUMMARIES],
            beyond: BTreeMap::new(),
            misses: 0,
        }
    }
}

impl From<Vec<(i64, i64)>> for Ladder {
    fn from(levels: Vec<(i64, i64)>) -> Self {
        let mut ladder = Ladder::default();
        ladder.fill(&levels);
        ladder
    }
}

impl From<Ladder> for Vec<(i64, i64)> {
    fn from(ladder: Ladder) -> Self {
        ladder.levels().collect()
    }
}

impl PartialEq for Ladder {
    fn eq(&self, other: &Self) -> bool {
        self.levels().eq(other.levels())
    }
}

impl Ladder {
    /// Replaces every level; of a key given twice the last size holds, and a size of 0 is no level.
    pub fn fill(&mut self, levels: &[(i64, i64)]) {
        *self = Ladder::default();
        if let Some(best) = levels.iter().filter(|level| level.1 > 0).map(|level| level.0).max() {
            self.base = base_below(best);
        }
        for &(key, size) in levels {
            self.set(key, size);
        }
    }

    /// Sets the size at a key; 0 removes the level.
    #[inline]
    pub fn set(&mut self, key: i64, size: i64) {
        let slot = key.wrapping_sub(self.base) as u64;
        if slot < WINDOW as u64 {
            self.set_slot(slot as usize, size);
        } else {
            self.set_beyond(key, size);
        }
        if size > 0 {
            self.best = self.best.max(key);
        } else if key == self.best {
            self.best = self.find_best();
        }
    }

    /// Size at a key; 0 where there is no level.
    #[inline]
    pub fn get(&self, key: i64) -> i64 {
        let slot = key.wrapping_sub(self.base) as u64;
        if slot < WINDOW as u64 { self.sizes[slot as usize] } else { self.beyond.get(&key).copied().unwrap_or(0) }
    }

    /// Best key and its size.
    #[inline]
    pub fn best(&self) -> Option<(i64, i64)> {
        (self.best != NOWHERE).then(|| (self.best, self.get(self.best)))
    }

    /// Levels as (key, size), best first.
    pub fn levels(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        let end = self.base.saturating_add(WINDOW as i64);
        let pair = |(&key, &size): (&i64, &i64)| (key, size);
        let above = self.beyond.range(end..).rev().map(pair);
        let below = self.beyond.range(..self.base).rev().map(pair);
        above.chain(self.window()).chain(below)
    }

    /// Number of levels.
    pub fn len(&self) -> usize {
        self.beyond.len() + self.words.iter().map(|word| word.count_ones() as usize).sum::<usize>()
    }

    /// True without levels.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.best == NOWHERE
    }

    fn window(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.words.iter().enumerate().rev().flat_map(move |(index, &word)| {
            BitsDown(word).map(move |bit| {
                let slot = index * 64 + bit;
                (self.base + slot as i64, self.sizes[slot])
            })
        })
    }

    #[inline]
    fn set_slot(&mut self, slot: usize, size: i64) {
        self.sizes[slot] = size;
        let word = slot / 64;
        if size > 0 {
            self.words[word] |= 1 << (slot % 64);
            self.summaries[word / 64] |= 1 << (word % 64);
        } else {
            self.words[word] &= !(1 << (slot % 64));
            if self.words[word] == 0 {
                self.summaries[word / 64] &= !(1 << (word % 64));
            }
        }
    }

    fn set_beyond(&mut self, key: i64, size: i64) {
        if size == 0 {
            self.beyond.remove(&key);
            return;
        }
        if self.is_empty() {
            self.base = base_below(key);
            self.set_slot((key - self.base) as usize, size);
            return;
        }
        self.beyond.insert(key, size);
        let best = self.best.max(key);
        if best.abs_diff(key) < WINDOW as u64 / 2 {
            self.misses += 1;
            if self.misses >= PATIENCE {
                self.move_window(base_below(best));
            }
        }
    }

    fn find_best(&self) -> i64 {
        let beyond = self.beyond.last_key_value().map_or(NOWHERE, |(&key, _)| key);
        let window = self.top_slot().map_or(NOWHERE, |slot| self.base + slot as i64);
        window.max(beyond)
    }

    fn top_slot(&self) -> Option<usize> {
        let group = (0..SUMMARIES).rev().find(|&group| self.summaries[group] != 0)?;
        let word = group * 64 + highest_bit(self.summaries[group]);
        Some(word * 64 + highest_bit(self.words[word]))
    }

    #[cold]
    fn move_window(&mut self, base: i64) {
        let mut beyond = std::mem::take(&mut self.beyond);
        beyond.extend(self.window());
        self.sizes.fill(0);
        self.words.fill(0);
        self.summaries.fill(0);
        self.base = base;
        self.misses = 0;
        for (&key, &size) in beyond.range(base..base + WINDOW as i64) {
            self.set_slot((key - base) as usize, size);
        }
        beyond.retain(|&key, _| !(base..base + WINDOW as i64).contains(&key));
        self.beyond = beyond;
    }
}

const fn base_below(best: i64) -> i64 {
    best - (WINDOW as i64 - HEADROOM)
}

const fn highest_bit(word: u64) -> usize {
    63 - word.leading_zeros() as usize
}

/// Positions of the set bits of a word, highest first.
struct BitsDown(u64);

impl Iterator for BitsDown {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.0 == 0 {
            return None;
        }
        let bit = highest_bit(self.0);
        self.0 &= !(1 << bit);
        Some(bit)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Ladder, WINDOW};

    /// xorshift64*: a seeded stream of numbers for the tests.
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: u64) -> i64 {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % bound) as i64
        }
    }

    fn expect_equal(ladder: &Ladder, naive: &BTreeMap<i64, i64>) {
        assert!(ladder.levels().eq(naive.iter().rev().map(|(&key, &size)| (key, size))));
        assert_eq!(ladder.best(), naive.last_key_value().map(|(&key, &size)| (key, size)));
        assert_eq!(ladder.len(), naive.len());
        assert_eq!(ladder.is_empty(), naive.is_empty());
    }

    #[test]
    fn a_ladder_equals_a_sorted_map_near_and_far_and_through_drifts() {
        let mut random = Random(42);
        for spread in [8, 300, 3 * WINDOW as u64] {
            let (mut ladder, mut naive) = (Ladder::default(), BTreeMap::new());
            let mut center = 600_000;
            for step in 0..60_000 {
                center += random.below(5) - 1;
                let key = center + random.below(spread) - spread as i64 / 2;
                let size = (random.below(7) - 3).max(0);
                ladder.set(key, size);
                if size > 0 {
                    naive.insert(key, size)
                } else {
                    naive.remove(&key)
                };
                assert_eq!(ladder.get(key), size);
                if step % 997 == 0 {
                    expect_equal(&ladder, &naive);
                }
            }
            expect_equal(&ladder, &naive);
        }
    }

    #[test]
    fn the_window_follows_a_best_price_that_left_it() {
        let mut ladder = Ladder::default();
        ladder.set(0, 1);
        let far = 10 * WINDOW as i64;
        for key in far..far + 3 * WINDOW as i64 / 8 {
            ladder.set(key, 1);
        }
        assert_eq!(ladder.beyond.len(), 1);
        assert_eq!(ladder.levels().last(), Some((0, 1)));
    }

    #[test]
    fn filling_drops_what_was_there_and_keeps_the_last_of_a_repeated_key() {
        let mut ladder = Ladder::default();
        ladder.set(1_000_000, 9);
        ladder.fill(&[(5, 1), (7, 2), (5, 3), (9, 0)]);
        assert_eq!(ladder.levels().collect::<Vec<_>>(), [(7, 2), (5, 3)]);
    }

    #[test]
    fn serde_keeps_the_levels() {
        let mut ladder = Ladder::default();
        ladder.fill(&[(5, 1), (-400_000, 2), (400_000, 3)]);
        let bytes = postcard::to_stdvec(&ladder).unwrap();
        assert_eq!(postcard::from_bytes::<Ladder>(&bytes).unwrap(), ladder);
    }
}
