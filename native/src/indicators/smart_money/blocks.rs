//! Order blocks: the last bar against a move that closed beyond a swing.
//!
//! When a close first passes the latest swing high, the block is the bar with the lowest low since that swing. It is mitigated
//! by a price below it and ends when a price above it follows. Bearish blocks mirror; so does the code.

use super::bars::{Bar, History, Side, stored};
use super::facts::{Fact, Facts, Kind};
use super::ladder::Ladder;
use super::swings::{Change, Swing};
use super::tracker::{Moment, Tracker};

/// A swing and the block of the close that passed it.
struct Watched {
    swing: Swing,
    passed: Option<(usize, usize)>,
}

/// Follows the blocks of one side.
pub struct Blocks {
    side: Side,
    by_close: bool,
    latest: Option<Watched>,
    earlier: Option<Watched>,
    /// Not mitigated, by bottom; and mitigated, by top: the nearest to the price last.
    fresh: Ladder,
    mitigated: Ladder,
}

impl Blocks {
    /// Blocks are mitigated by a bar's body where `by_close`, by its low or high otherwise.
    pub fn new(side: Side, by_close: bool) -> Self {
        let (fresh, mitigated) = (Ladder::default(), Ladder::default());
        Self { side, by_close, latest: None, earlier: None, fresh, mitigated }
    }

    /// The nearest block not yet mitigated that began at `since` or later.
    pub fn nearest<'a>(&self, facts: &'a Facts, since: usize) -> Option<&'a Fact> {
        self.fresh.nearest_first().map(|id| &facts.rows[id]).find(|fact| fact.start >= since)
    }

    /// The first close beyond a swing within some bars.
    fn passed(&self, history: &History, swing: &Swing, from: usize, to: usize) -> Option<usize> {
        let level = self.side.sign() * swing.level;
        history.between(from..=to).find(|(_, bar)| bar.seen_from(self.side).close > level).map(|(at, _)| at)
    }

    /// Makes the block of a close at bar `at` beyond a swing, and lives it through to the bar before `until`.
    fn form(&mut self, moment: Moment<'_>, swing: &Swing, at: usize, until: usize, facts: &mut Facts) -> usize {
        let history = moment.history;
        let volume = |back: usize| at.checked_sub(back).map_or(0.0, |bar| history.at(bar).volume);
        let (before, recent) = (volume(2) as f32, (volume(0) + volume(1)) as f32);
        let most = before.max(recent);
        let (start, top, bottom) = self.origin(history, swing, at);
        let place = (start, history.at(start).time);
        let id = facts.add(Fact {
            volume: f64::from((volume(0) + volume(1) + volume(2)) as f32),
            strength: f64::from(if most == 0.0 { 100.0 } else { before.min(recent) / most * 100.0 }),
            ..Fact::level(Kind::OrderBlock, self.side, place, at, 0.0, moment.now).zone(top, bottom)
        });
        let mut mitigated = false;
        for (bar, prices) in history.between(at + 1..=until - 1) {
            let seen = prices.seen_from(self.side);
            if mitigated && seen.high > stored(top) {
                facts.end(id, bar);
                return id;
            }
            if !mitigated && self.depth(&seen) < stored(bottom) {
                facts.mitigate(id, bar);
                mitigated = true;
            }
        }
        if mitigated {
            self.mitigated.insert(-stored(top), id);
        } else {
            self.fresh.insert(stored(bottom), id);
        }
        id
    }

    /// The bar the move came from, with its top and bottom.
    fn origin(&self, history: &History, swing: &Swing, at: usize) -> (usize, f64, f64) {
        let mut found: Option<(usize, Bar)> = None;
        for (bar, prices) in history.between(swing.index + 1..=at - 1) {
            let seen = prices.seen_from(self.side);
            if found.is_none_or(|(_, lowest)| seen.low <= lowest.low) {
                found = Some((bar, seen));
            }
        }
        if let Some((bar, seen)) = found {
            return (bar, seen.high, seen.low);
        }
        // Passed by the next bar: only the first bar of all can be. The package turns such a bullish block over.
        let seen = history.at(at - 1).seen_from(self.side);
        if self.side == Side::Up { (at - 1, seen.low, seen.high) } else { (at - 1, seen.high, seen.low) }
    }

    /// How far down a bar reaches.
    fn depth(&self, seen: &Bar) -> f64 {
        if self.by_close { seen.open.min(seen.close) } else { seen.low }
    }

    fn withdraw(&mut self, id: usize, now: usize, facts: &mut Facts) {
        facts.supersede(id, now);
        self.fresh.remove(id);
        self.mitigated.remove(id);
    }
}

impl Tracker for Blocks {
    fn change(&mut self, moment: Moment<'_>, change: &Change, facts: &mut Facts) {
        let swing = change.latest();
        if swing.side != self.side {
            return;
        }
        let mut before = self.latest.take();
        // A close after the new swing passed that one, not the swing before, as far as anybody can tell from now on.
        if let Some(watched) = &mut before
            && let Some((_, id)) = watched.passed.take_if(|(at, _)| *at > swing.index)
        {
            self.withdraw(id, moment.now, facts);
        }
        match *change {
            Change::New(_) => self.earlier = before,
            Change::Moved { from, .. } => {
                if let Some((_, id)) = before.and_then(|watched| watched.passed) {
                    self.withdraw(id, moment.now, facts);
                }
                // The bars between the two belong to the swing before them both.
                if let Some(mut earlier) = self.earlier.take() {
                    if earlier.passed.is_none()
                        && let Some(at) = self.passed(moment.history, &earlier.swing, from.index + 1, swing.index)
                    {
                        earlier.passed = Some((at, self.form(moment, &earlier.swing, at, moment.now, facts)));
                    }
                    self.earlier = Some(earlier);
                }
            }
        }
        let at = self.passed(moment.history, &swing, swing.index + 1, moment.now.max(1) - 1);
        let passed = at.map(|at| (at, self.form(moment, &swing, at, moment.now, facts)));
        self.latest = Some(Watched { swing, passed });
    }

    fn bar(&mut self, moment: Moment<'_>, facts: &mut Facts) {
        let seen = moment.bar.seen_from(self.side);
        while let Some(id) = self.mitigated.pop_above(-seen.high) {
            facts.end(id, moment.now);
        }
        let depth = self.depth(&seen);
        while let Some(id) = self.fresh.pop_above(depth) {
            facts.mitigate(id, moment.now);
            let fact = &facts.rows[id];
            let top = if self.side == Side::Up { fact.top } else { -fact.bottom };
            self.mitigated.insert(-stored(top), id);
        }
        if let Some(mut latest) = self.latest.take() {
            if latest.passed.is_none() && seen.close > self.side.sign() * latest.swing.level {
                let id = self.form(moment, &latest.swing, moment.now, moment.now + 1, facts);
                latest.passed = Some((moment.now, id));
            }
            self.latest = Some(latest);
        }
    }

    fn oldest(&self, now: usize) -> usize {
        let swing = self.earlier.as_ref().or(self.latest.as_ref());
        swing.map_or(0, |watched| watched.swing.index.saturating_sub(1)).min(now)
    }
}
