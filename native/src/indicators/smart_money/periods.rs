//! What depends on the clock: the range of a daily session, and the high and low of the period before.

use crate::indicators::kernel::Kernel;

use super::bars::stored;

const MINUTE: f64 = 60e9;

/// Inputs: nanoseconds since the day began, high, low. Outputs: whether the session is on, its high and low so far (0
/// outside of it). The session lasts through the minute of its end, and over midnight where it ends before it starts.
pub struct Session {
    start: f64,
    end: f64,
    range: Option<(f64, f64)>,
}

impl Session {
    /// From and to, in minutes since midnight.
    pub fn new(start: f64, end: f64) -> Self {
        Self { start, end, range: None }
    }
}

impl Kernel<3, 3> for Session {
    fn lookback(&self) -> usize {
        0
    }

    fn reset(&mut self) {
        self.range = None;
    }

    fn step(&mut self, [since_midnight, high, low]: [f64; 3]) -> [f64; 3] {
        let minute = (since_midnight / MINUTE).floor();
        let (begun, not_over) = (self.start <= minute, minute <= self.end);
        let is_on = if self.start < self.end { begun && not_over } else { begun || not_over };
        if !is_on {
            self.range = None;
            return [0.0; 3];
        }
        let (highest, lowest) = self.range.map_or((high, low), |(top, bottom)| (top.max(high), bottom.min(low)));
        self.range = Some((highest, lowest));
        [1.0, highest, lowest]
    }
}

/// Inputs: start of the period the bar opens in, the bar's open time, high, low. Outputs: high and low of the period before,
/// and whether each has been passed since. A bar that opens with its period still sees the period before the last.
pub struct PreviousRange {
    start: f64,
    /// Number of the present period; its range so far, that of the period before, and of the one before that.
    period: i64,
    ranges: [Option<(f64, f64)>; 3],
    /// Number of the period shown, and the range of the bars that saw it.
    shown: i64,
    since: (f64, f64),
}

impl PreviousRange {
    /// Before its first bar.
    pub fn new() -> Self {
        let nothing = (f64::NEG_INFINITY, f64::INFINITY);
        Self { start: f64::NAN, period: -1, ranges: [None; 3], shown: i64::MIN, since: nothing }
    }
}

impl Kernel<4, 4> for PreviousRange {
    fn lookback(&self) -> usize {
        0
    }

    fn reset(&mut self) {
        *self = Self::new();
    }

    fn step(&mut self, [start, time, high, low]: [f64; 4]) -> [f64; 4] {
        if start != self.start {
            self.start = start;
            self.period += 1;
            self.ranges = [None, self.ranges[0], self.ranges[1]];
        }
        let (top, bottom) = self.ranges[0].unwrap_or((high, low));
        self.ranges[0] = Some((top.max(high), bottom.min(low)));
        let back = if time > start { 1 } else { 2 };
        if self.shown != self.period - back {
            self.shown = self.period - back;
            self.since = (f64::NEG_INFINITY, f64::INFINITY);
        }
        self.since = (self.since.0.max(high), self.since.1.min(low));
        let Some((high, low)) = self.ranges[back as usize] else { return [f64::NAN, f64::NAN, 0.0, 0.0] };
        let passed = |is_passed: bool| f64::from(u8::from(is_passed));
        [high, low, passed(self.since.0 > stored(high)), passed(self.since.1 < stored(low))]
    }
}
