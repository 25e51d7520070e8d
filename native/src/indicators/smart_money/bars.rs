//! The bars the structures still refer to.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

/// Which way a structure points, and the bars as they look from there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Swing highs, and what lies below the price to hold it.
    Up,
    /// The mirror.
    Down,
}

impl Side {
    /// 1 or -1.
    pub fn sign(self) -> f64 {
        match self {
            Side::Up => 1.0,
            Side::Down => -1.0,
        }
    }

    /// The other one.
    pub fn opposite(self) -> Self {
        match self {
            Side::Up => Side::Down,
            Side::Down => Side::Up,
        }
    }
}

/// One closed bar; `time` is its open time.
#[derive(Clone, Copy)]
pub struct Bar {
    pub time: f64,
    pub open: f64,
    pub high: f64,
    pub low: f64,
    pub close: f64,
    pub volume: f64,
}

impl Bar {
    /// As it is, or turned upside down: what is written for one side then serves both.
    pub fn seen_from(&self, side: Side) -> Self {
        match side {
            Side::Up => *self,
            Side::Down => Self { open: -self.open, high: -self.low, low: -self.high, close: -self.close, ..*self },
        }
    }
}

/// The latest bars by their number; older ones are forgotten once nothing refers to them.
#[derive(Default)]
pub struct History {
    first: usize,
    bars: VecDeque<Bar>,
}

impl History {
    /// Takes the next bar; its number.
    pub fn push(&mut self, bar: Bar) -> usize {
        self.bars.push_back(bar);
        self.first + self.bars.len() - 1
    }

    /// A bar by its number.
    pub fn at(&self, index: usize) -> &Bar {
        &self.bars[index - self.first]
    }

    /// Bars with their numbers.
    pub fn between(&self, range: RangeInclusive<usize>) -> impl DoubleEndedIterator<Item = (usize, &Bar)> {
        let (from, to) = (*range.start(), *range.end());
        let kept = from - self.first..(to + 1).max(from) - self.first;
        self.bars.range(kept).enumerate().map(move |(k, bar)| (from + k, bar))
    }

    /// The oldest number still kept.
    pub fn oldest(&self) -> usize {
        self.first
    }

    /// Drops the bars before a number.
    pub fn forget_before(&mut self, index: usize) {
        while self.first < index && self.bars.pop_front().is_some() {
            self.first += 1;
        }
    }
}

/// What the package keeps of a price: it stores levels in single precision and compares prices with those.
pub fn stored(level: f64) -> f64 {
    f64::from(level as f32)
}
