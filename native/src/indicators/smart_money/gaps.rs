//! Fair value gaps: three bars of which the outer two do not overlap, around a bar in the gap's direction.
//!
//! A gap is known when its third bar closes, and mitigated when a later bar touches it.

use super::bars::{Bar, Side};
use super::facts::{Fact, Facts, Kind};
use super::ladder::Ladder;
use super::swings::Change;
use super::tracker::{Moment, Tracker};

/// Follows the gaps of both sides.
pub struct Gaps {
    joins: bool,
    last: [Option<Bar>; 2],
    previous: Option<usize>,
    /// By the edge nearer to the price, as each side sees it.
    open: [Ladder; 2],
}

impl Gaps {
    /// With `joins`, gaps of one side on bars in a row are one.
    pub fn new(joins: bool) -> Self {
        Self { joins, last: [None; 2], previous: None, open: Default::default() }
    }

    /// The nearest gap of a side not yet mitigated that began at `since` or later.
    pub fn nearest<'a>(&self, facts: &'a Facts, side: Side, since: usize) -> Option<&'a Fact> {
        self.open[side as usize].nearest_first().map(|id| &facts.rows[id]).find(|fact| fact.start >= since)
    }

    fn found(&self, bar: &Bar) -> Option<(Side, f64, f64)> {
        let [Some(first), Some(middle)] = self.last else { return None };
        let side = if middle.close > middle.open {
            Side::Up
        } else if middle.close < middle.open {
            Side::Down
        } else {
            return None;
        };
        let (bottom, top) = (first.seen_from(side).high, bar.seen_from(side).low);
        (bottom < top).then_some((side, top, bottom))
    }

    /// The gap before, where it is one with this.
    fn joined(&self, side: Side, now: usize, facts: &Facts) -> Option<usize> {
        self.previous.filter(|&id| {
            let fact = &facts.rows[id];
            self.joins && fact.side == side && fact.known_at + 1 == now
        })
    }
}

impl Tracker for Gaps {
    fn change(&mut self, _: Moment<'_>, _: &Change, _: &mut Facts) {}

    fn bar(&mut self, moment: Moment<'_>, facts: &mut Facts) {
        let found = self.found(moment.bar);
        let joined = found.and_then(|(side, ..)| self.joined(side, moment.now, facts));
        if let Some(id) = joined {
            facts.supersede(id, moment.now);
            self.open[facts.rows[id].side as usize].remove(id);
        }
        for side in [Side::Up, Side::Down] {
            let low = moment.bar.seen_from(side).low;
            while let Some(id) = self.open[side as usize].pop_from(low) {
                facts.mitigate(id, moment.now);
            }
        }
        if let (Some((side, mut top, mut bottom)), [_, Some(middle)]) = (found, self.last) {
            if let Some(id) = joined {
                let other = &facts.rows[id];
                let (above, below) =
                    if side == Side::Up { (other.top, other.bottom) } else { (-other.bottom, -other.top) };
                (top, bottom) = (top.max(above), bottom.min(below));
            }
            let place = (moment.now - 1, middle.time);
            let fact = Fact::level(Kind::FairValueGap, side, place, moment.now, 0.0, moment.now).zone(top, bottom);
            let id = facts.add(fact);
            self.open[side as usize].insert(top, id);
            self.previous = Some(id);
        }
        self.last = [self.last[1], Some(*moment.bar)];
    }

    fn oldest(&self, now: usize) -> usize {
        now
    }
}
