//! Retracement: how far the price has come back of the way between the last swing high and the last swing low.

use super::bars::{Bar, History, Side};
use super::swings::{Change, Swing};

/// The present leg: its ends, its direction (of the latest swing) and the way back, in percent to one decimal.
#[derive(Clone, Copy, Default)]
pub struct Leg {
    direction: f64,
    top: f64,
    bottom: f64,
    current: f64,
    deepest: f64,
}

impl Leg {
    /// Takes a bar, and the swing that lies on it, if one does.
    pub fn step(&mut self, swing: Option<(Side, f64)>, bar: &Bar) {
        let (before, deepest) = (self.direction, self.deepest);
        match swing {
            Some((Side::Up, level)) => (self.direction, self.top) = (1.0, level),
            Some((Side::Down, level)) => (self.direction, self.bottom) = (-1.0, level),
            None => {}
        }
        (self.current, self.deepest) = (0.0, 0.0);
        if before == 1.0 {
            self.current = self.back_from(self.bottom, self.top, bar.low);
            self.deepest = deepest.max(self.current);
        }
        if self.direction == -1.0 {
            self.current = self.back_from(self.top, self.bottom, bar.high);
            self.deepest = if before == -1.0 { deepest } else { 0.0 }.max(self.current);
        }
    }

    /// Direction, present and deepest retracement.
    pub fn values(&self) -> [f64; 3] {
        [self.direction, self.current, self.deepest]
    }

    fn back_from(&self, start: f64, end: f64, price: f64) -> f64 {
        let way = end - start;
        if way == 0.0 {
            return 0.0;
        }
        let percent = 100.0 - (price - start) / way * 100.0;
        (percent * 10.0).round_ties_even() / 10.0
    }
}

/// The leg as it is known at each bar: a swing found late is taken in with the bars since.
#[derive(Default)]
pub struct KnownLeg {
    leg: Leg,
    high: Option<f64>,
    low: Option<f64>,
}

impl KnownLeg {
    /// Takes a bar and what it makes known of the swings.
    pub fn step(&mut self, now: usize, bar: &Bar, change: Option<&Change>, history: &History) {
        let Some(change) = change else {
            self.leg.step(None, bar);
            return;
        };
        let Swing { index, level, side, .. } = change.latest();
        match side {
            Side::Up => self.high = Some(level),
            Side::Down => self.low = Some(level),
        }
        let (top, bottom) = (self.high.unwrap_or_default(), self.low.unwrap_or_default());
        self.leg = Leg { direction: -side.sign(), top, bottom, ..Leg::default() };
        for (at, bar) in history.between(index..=now) {
            self.leg.step((at == index).then_some((side, level)), bar);
        }
    }

    /// Direction, present and deepest retracement, once there is a swing of either side.
    pub fn values(&self) -> [f64; 3] {
        if self.high.is_some() && self.low.is_some() { self.leg.values() } else { [f64::NAN; 3] }
    }
}

/// The columns of the package: on the swings of the whole data, one bar late, and nothing before the third turn.
pub fn columns(bars: &[Bar], swings: &[(usize, Side, f64)]) -> [Vec<f64>; 3] {
    let mut columns = [const { Vec::new() }; 3];
    let mut leg = Leg::default();
    let mut swings = swings.iter().peekable();
    for (index, bar) in bars.iter().enumerate() {
        let swing = swings.next_if(|swing| swing.0 == index).map(|&(_, side, level)| (side, level));
        leg.step(swing, bar);
        for (column, value) in columns.iter_mut().zip(leg.values()) {
            column.push(value);
        }
    }
    let turn = usize::from(!bars.is_empty());
    columns.iter_mut().for_each(|column| column.rotate_right(turn));
    let turns = columns[0].windows(2).enumerate().filter(|(_, pair)| pair[0] != pair[1]);
    let blank = match turns.map(|(index, _)| index).nth(2) {
        Some(third) => third + 2,
        None => bars.len().saturating_sub(1),
    };
    for column in &mut columns {
        column.iter_mut().take(blank).for_each(|value| *value = 0.0);
    }
    columns
}
