//! What follows one kind of structure, and what it is shown of each bar.

use super::bars::{Bar, History, Side};
use super::facts::{Fact, Facts, Kind};
use super::swings::{Change, Swings};

/// A bar that has just closed, with those before it.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    pub now: usize,
    pub bar: &'a Bar,
    pub history: &'a History,
}

/// Follows one kind of structure: first what the bar changes in the swings, then the bar itself.
pub trait Tracker {
    /// A change of the swings that this bar made known.
    fn change(&mut self, moment: Moment<'_>, change: &Change, facts: &mut Facts);

    /// The bar.
    fn bar(&mut self, moment: Moment<'_>, facts: &mut Facts);

    /// Number of the oldest bar it may still look at after bar `now`.
    fn oldest(&self, now: usize) -> usize;
}

/// Trackers with the bars and swings they stand on.
pub struct Followed<T> {
    pub history: History,
    pub swings: Swings,
    pub tracker: T,
    pub facts: Facts,
    pub now: Option<usize>,
}

impl<T: Tracker> Followed<T> {
    /// Before its first bar.
    pub fn new(swings: Swings, tracker: T) -> Self {
        Self { history: History::default(), swings, tracker, facts: Facts::default(), now: None }
    }

    /// Takes a bar; `facts.news` then tells what became known.
    pub fn step(&mut self, bar: Bar) {
        self.facts.news.clear();
        let now = self.history.push(bar);
        self.now = Some(now);
        let moment = Moment { now, bar: &bar, history: &self.history };
        let changes = self.swings.step(now, &bar);
        for change in changes.iter().flatten() {
            self.tracker.change(moment, change, &mut self.facts);
        }
        self.tracker.bar(moment, &mut self.facts);
        if changes[1].is_some() {
            let kept = self.tracker.oldest(now).min((now + 1).saturating_sub(2 * self.swings.length()));
            self.history.forget_before(kept);
        }
    }

    /// Takes the last bar for a swing, as the package does at the end of its data.
    pub fn close(&mut self) {
        let Some(now) = self.now else { return };
        let bar = *self.history.at(now);
        if let Some(change) = self.swings.closing(now, &bar) {
            self.tracker.change(Moment { now, bar: &bar, history: &self.history }, &change, &mut self.facts);
        }
    }
}

/// Two trackers beside each other.
impl<A: Tracker, B: Tracker> Tracker for (A, B) {
    fn change(&mut self, moment: Moment<'_>, change: &Change, facts: &mut Facts) {
        self.0.change(moment, change, facts);
        self.1.change(moment, change, facts);
    }

    fn bar(&mut self, moment: Moment<'_>, facts: &mut Facts) {
        self.0.bar(moment, facts);
        self.1.bar(moment, facts);
    }

    fn oldest(&self, now: usize) -> usize {
        self.0.oldest(now).min(self.1.oldest(now))
    }
}

/// The swings themselves as facts.
#[derive(Default)]
pub struct SwingFacts {
    latest: Option<usize>,
    by_side: [Option<usize>; 2],
}

impl SwingFacts {
    /// The latest swing of a side.
    pub fn latest<'a>(&self, facts: &'a Facts, side: Side) -> Option<&'a Fact> {
        self.by_side[side as usize].map(|id| &facts.rows[id])
    }
}

impl Tracker for SwingFacts {
    fn change(&mut self, moment: Moment<'_>, change: &Change, facts: &mut Facts) {
        if let (Change::Moved { .. }, Some(id)) = (change, self.latest) {
            facts.supersede(id, moment.now);
        }
        let swing = change.latest();
        let place = (swing.index, swing.time);
        let id = facts.add(Fact::level(Kind::Swing, swing.side, place, swing.index, swing.level, moment.now));
        self.latest = Some(id);
        self.by_side[swing.side as usize] = Some(id);
    }

    fn bar(&mut self, _: Moment<'_>, _: &mut Facts) {}

    fn oldest(&self, now: usize) -> usize {
        now
    }
}
