//! Break of structure and change of character: four swings in a row, and the close that passes the second of them.
//!
//! Low, high, low, high, each pair above the one before (break), or the second low below the first one and the second
//! high above the first (change); the bearish ones mirror. The line is the second swing's level. Of lines that give way in
//! one movement only the latest is kept.

use super::bars::{Bar, Side, stored};
use super::facts::{Fact, Facts, Kind};
use super::ladder::Ladder;
use super::swings::{Change, Swing};
use super::tracker::{Moment, Tracker};

/// A line that four swings have drawn and no bar has passed yet.
#[derive(Clone, Copy)]
struct Line {
    kind: Kind,
    swing: Swing,
    side: Side,
}

impl Line {
    /// The price to pass, seen from its side.
    fn height(&self) -> f64 {
        self.side.sign() * stored(self.swing.level)
    }

    /// The fact that bar `at` passed it.
    fn passed(&self, at: usize, now: usize) -> Fact {
        let place = (self.swing.index, self.swing.time);
        Fact::level(self.kind, self.side, place, at, self.swing.level, now)
    }
}

/// Follows the breaks.
pub struct Breaks {
    by_close: bool,
    /// The latest four.
    swings: Vec<Swing>,
    is_drawn: bool,
    waiting: Vec<Line>,
    /// Nearest lines that wait above and below, so that most bars are told apart at once.
    nearest: (f64, f64),
    /// Lines outdone by a later one before they gave way, with the order in which each side's prices reach them.
    outdone: Vec<Line>,
    reached: [Ladder; 2],
    /// Breaks that stand: the bar that broke each, rising, and the fact.
    standing: Vec<(usize, usize)>,
}

impl Breaks {
    /// A line is passed by a close, or else by a high or low.
    pub fn new(by_close: bool) -> Self {
        Self {
            by_close,
            swings: Vec::new(),
            is_drawn: false,
            waiting: Vec::new(),
            nearest: (f64::INFINITY, f64::NEG_INFINITY),
            outdone: Vec::new(),
            reached: Default::default(),
            standing: Vec::new(),
        }
    }

    /// The latest break.
    pub fn latest<'a>(&self, facts: &'a Facts) -> Option<&'a Fact> {
        self.standing.last().map(|&(_, id)| &facts.rows[id])
    }

    /// How far a bar reaches, seen from a side.
    fn reach(&self, bar: &Bar, side: Side) -> f64 {
        let seen = bar.seen_from(side);
        if self.by_close { seen.close } else { seen.high }
    }

    fn passes(&self, bar: &Bar, line: &Line) -> bool {
        self.reach(bar, line.side) > line.height()
    }

    fn drawn(&self) -> Option<Line> {
        let [first, second, third, fourth] = *self.swings.as_slice() else { return None };
        let side = fourth.side;
        let [a, b, c, d] = [first, second, third, fourth].map(|swing| side.sign() * swing.level);
        let kind = if a < c && c < b && b < d {
            Kind::BreakOfStructure
        } else if d > b && b > a && a > c {
            Kind::ChangeOfCharacter
        } else {
            return None;
        };
        Some(Line { kind, swing: second, side })
    }

    fn break_line(&mut self, line: Line, at: usize, now: usize, facts: &mut Facts) {
        while let Some(&(earlier, id)) = self.standing.last() {
            if earlier < at {
                break;
            }
            facts.supersede(id, now);
            self.standing.pop();
        }
        self.standing.push((at, facts.add(line.passed(at, now))));
        // An earlier line can only give way later from now on, and will not be kept.
        let (earlier, later) = self.waiting.iter().partition(|other| other.swing.index <= line.swing.index);
        self.waiting = later;
        for other in Vec::into_iter(earlier).filter(|other: &Line| other.swing.index < line.swing.index) {
            self.reached[other.side as usize].insert(-other.height(), self.outdone.len());
            self.outdone.push(other);
        }
        self.find_nearest();
    }

    fn find_nearest(&mut self) {
        self.nearest = (f64::INFINITY, f64::NEG_INFINITY);
        for line in &self.waiting {
            match line.side {
                Side::Up => self.nearest.0 = self.nearest.0.min(line.height()),
                Side::Down => self.nearest.1 = self.nearest.1.max(-line.height()),
            }
        }
    }
}

impl Tracker for Breaks {
    fn change(&mut self, moment: Moment<'_>, change: &Change, facts: &mut Facts) {
        match *change {
            Change::New(swing) => {
                self.swings.push(swing);
                if self.swings.len() > 4 {
                    self.swings.remove(0);
                }
                self.is_drawn = false;
            }
            Change::Moved { to, .. } => {
                self.swings.pop();
                self.swings.push(to);
            }
        }
        if self.is_drawn {
            return;
        }
        let Some(line) = self.drawn() else { return };
        self.is_drawn = true;
        let passed = moment.history.between(line.swing.index + 2..=moment.now).find(|(_, bar)| self.passes(bar, &line));
        match passed {
            Some((at, _)) => self.break_line(line, at, moment.now, facts),
            None => {
                self.waiting.push(line);
                self.find_nearest();
            }
        }
    }

    fn bar(&mut self, moment: Moment<'_>, facts: &mut Facts) {
        let (bar, now) = (moment.bar, moment.now);
        let (up, down) = (self.reach(bar, Side::Up), self.reach(bar, Side::Down));
        if up > self.nearest.0 || -down < self.nearest.1 {
            let passed = self.waiting.iter().rev().find(|line| self.passes(bar, line)).copied();
            if let Some(line) = passed {
                self.break_line(line, now, now, facts);
            }
        }
        for (reached, price) in self.reached.iter_mut().zip([up, down]) {
            while let Some(number) = reached.pop_above(-price) {
                // It never held, but the package keeps the bar that passed it.
                facts.rows.push(Fact { superseded_at: Some(now), ..self.outdone[number].passed(now, now) });
            }
        }
    }

    fn oldest(&self, now: usize) -> usize {
        self.swings.first().map_or(now, |swing| swing.index)
    }
}
