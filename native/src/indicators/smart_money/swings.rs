//! Swing highs and lows: a bar whose high is the highest of the bars around it, or whose low is the lowest.
//!
//! Of several highs without a low between them the highest counts, of equal ones the first; lows mirror.

use crate::indicators::extremes::Extreme;
use crate::indicators::kernel::{Kernel, Window};

use super::bars::{Bar, Side};

/// A swing high (`Up`) or low (`Down`).
#[derive(Clone, Copy)]
pub struct Swing {
    pub index: usize,
    pub time: f64,
    pub level: f64,
    pub side: Side,
}

/// What a bar changes in the row of swings.
#[derive(Clone, Copy)]
pub enum Change {
    /// A swing after one of the other side.
    New(Swing),
    /// The latest swing gives way to a more extreme one of its side.
    Moved { from: Swing, to: Swing },
}

impl Change {
    /// The swing that is now the latest.
    pub fn latest(&self) -> Swing {
        match *self {
            Change::New(swing) | Change::Moved { to: swing, .. } => swing,
        }
    }
}

/// Finds the swings, each `length` bars after its own.
pub struct Swings {
    length: usize,
    seen: usize,
    highest: Extreme<true>,
    lowest: Extreme<false>,
    highs: Window,
    lows: Window,
    times: Window,
    /// The first bar, which is taken for a swing when the first one of the other side is known.
    opening: Option<Bar>,
    has_opening: bool,
    latest: Option<Swing>,
}

impl Swings {
    /// With `length` bars looked at on either side; `has_opening` takes the first bar for a swing, as the package does.
    pub fn new(length: usize, has_opening: bool) -> Self {
        Self {
            length,
            seen: 0,
            highest: Extreme::value(2 * length),
            lowest: Extreme::value(2 * length),
            highs: Window::new(length + 1),
            lows: Window::new(length + 1),
            times: Window::new(length + 1),
            opening: None,
            has_opening,
            latest: None,
        }
    }

    /// Bars before the first that can know a swing.
    pub fn lookback(length: usize) -> usize {
        3 * length - 1
    }

    /// Bars looked at on either side.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Takes a bar; what is now known of an earlier one, the opening first.
    pub fn step(&mut self, now: usize, bar: &Bar) -> [Option<Change>; 2] {
        let [highest] = self.highest.step([bar.high]);
        let [lowest] = self.lowest.step([bar.low]);
        for (window, value) in [(&mut self.highs, bar.high), (&mut self.lows, bar.low), (&mut self.times, bar.time)] {
            window.push(value);
        }
        if self.seen == 0 && self.has_opening {
            self.opening = Some(*bar);
        }
        self.seen += 1;
        if self.seen <= Self::lookback(self.length) {
            return [None, None];
        }
        let (Some(high), Some(low), Some(time)) = (self.highs.oldest(), self.lows.oldest(), self.times.oldest()) else {
            return [None, None];
        };
        let index = now - self.length;
        if high == highest {
            self.take(Swing { index, time, level: high, side: Side::Up })
        } else if low == lowest {
            self.take(Swing { index, time, level: low, side: Side::Down })
        } else {
            [None, None]
        }
    }

    /// The package takes the last bar for a swing of the side opposite to the latest one.
    pub fn closing(&self, now: usize, bar: &Bar) -> Option<Change> {
        self.latest.map(|latest| Change::New(edge(now, bar, latest.side.opposite())))
    }

    fn take(&mut self, found: Swing) -> [Option<Change>; 2] {
        let opening = self.opening.take().map(|bar| Change::New(edge(0, &bar, found.side.opposite())));
        let change = match self.latest {
            Some(latest) if latest.side == found.side => {
                let sign = found.side.sign();
                (sign * found.level > sign * latest.level).then_some(Change::Moved { from: latest, to: found })
            }
            _ => Some(Change::New(found)),
        };
        if change.is_some() {
            self.latest = Some(found);
        }
        [opening, change]
    }
}

fn edge(index: usize, bar: &Bar, side: Side) -> Swing {
    let level = if side == Side::Up { bar.high } else { bar.low };
    Swing { index, time: bar.time, level, side }
}
