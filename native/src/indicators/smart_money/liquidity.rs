//! Liquidity: two or more swing highs (or lows) within a narrow band, where stops rest, until a price sweeps the band.
//!
//! The first swing of a band is its middle. A swing joins the earliest band that holds it and is not swept. What is written
//! for highs serves lows, seen upside down.

use super::bars::Side;
use super::facts::{Fact, Facts, Kind};
use super::swings::{Change, Swing};
use super::tracker::{Moment, Tracker};

/// How far a band reaches to either side of its middle.
#[derive(Clone, Copy)]
pub enum Reach {
    /// The same distance always. The package takes a share of the whole data's range, which nobody knows beforehand.
    Fixed(f64),
    /// A share of the range of the last bars when the band is made; bands older than those bars take no more swings.
    Recent { share: f64, bars: usize },
}

/// A swing with the others that lie in its band.
struct Band {
    swing: Swing,
    level: f64,
    reach: f64,
    swept_at: Option<usize>,
    joined: Vec<Swing>,
    fact: Option<usize>,
}

impl Band {
    fn holds(&self, level: f64) -> bool {
        self.level - self.reach <= level && level <= self.level + self.reach
    }
}

/// Follows the bands of one side.
pub struct Liquidity {
    side: Side,
    reach: Reach,
    length: usize,
    bands: Vec<Band>,
    /// Bands not swept by level, the nearest to the price first; and those swept so lately that a swing before it may join.
    open: Vec<usize>,
    closing: Vec<usize>,
    widest: f64,
    /// The band that the latest swing made or joined.
    latest: Option<usize>,
}

impl Liquidity {
    /// For swings known `length` bars after their own.
    pub fn new(side: Side, reach: Reach, length: usize) -> Self {
        let (open, closing) = (Vec::new(), Vec::new());
        Self { side, reach, length, bands: Vec::new(), open, closing, widest: 0.0, latest: None }
    }

    /// The nearest level not yet swept whose first swing is `since` or later.
    pub fn nearest<'a>(&self, facts: &'a Facts, since: usize) -> Option<&'a Fact> {
        let known = self.open.iter().filter_map(|&band| self.bands[band].fact);
        known.map(|id| &facts.rows[id]).find(|fact| fact.start >= since)
    }

    fn reach_at(&self, moment: Moment<'_>) -> f64 {
        match self.reach {
            Reach::Fixed(distance) => distance,
            Reach::Recent { share, bars } => {
                let from = (moment.now + 1).saturating_sub(bars).max(moment.history.oldest());
                let (mut high, mut low) = (f64::NEG_INFINITY, f64::INFINITY);
                for (_, bar) in moment.history.between(from..=moment.now) {
                    (high, low) = (high.max(bar.high), low.min(bar.low));
                }
                (high - low) * share
            }
        }
    }

    fn takes(&self, band: &Band, swing: &Swing, level: f64) -> bool {
        let is_young = match self.reach {
            Reach::Fixed(_) => true,
            Reach::Recent { bars, .. } => swing.index - band.swing.index <= bars,
        };
        is_young && band.swept_at.is_none_or(|at| swing.index < at) && band.holds(level)
    }

    /// Puts a swing into the earliest band that takes it, and tells which, or makes a band of it.
    fn place(&mut self, moment: Moment<'_>, swing: Swing) -> Option<usize> {
        let level = self.side.sign() * swing.level;
        let first = self.open.partition_point(|&band| self.bands[band].level + self.widest < level);
        let near = self.open[first..].iter().take_while(|&&band| self.bands[band].level - self.widest <= level);
        let takes = |&band: &usize| self.takes(&self.bands[band], &swing, level);
        if let Some(band) = near.chain(&self.closing).copied().filter(takes).min() {
            self.bands[band].joined.push(swing);
            self.latest = Some(band);
            return Some(band);
        }
        let reach = self.reach_at(moment);
        self.widest = self.widest.max(reach);
        let swept_at = moment
            .history
            .between(swing.index + 1..=moment.now)
            .find(|(_, bar)| bar.seen_from(self.side).high >= level + reach)
            .map(|(at, _)| at);
        let band = self.bands.len();
        self.bands.push(Band { swing, level, reach, swept_at, joined: Vec::new(), fact: None });
        if swept_at.is_some() {
            self.closing.push(band);
        } else {
            let place = self.open.partition_point(|&other| self.bands[other].level < level);
            self.open.insert(place, band);
        }
        self.latest = Some(band);
        None
    }

    /// Takes the latest swing back, and tells the band it had joined.
    fn unplace(&mut self) -> Option<usize> {
        let band = self.latest.take()?;
        if self.bands[band].joined.pop().is_some() {
            return Some(band);
        }
        self.open.retain(|&other| other != band);
        self.closing.retain(|&other| other != band);
        None
    }

    /// Makes the band as it now is known, in the place of what was.
    fn tell(&mut self, band: usize, now: usize, facts: &mut Facts) {
        let band = &mut self.bands[band];
        if let Some(id) = band.fact.take() {
            facts.supersede(id, now);
        }
        let Some(last) = band.joined.last() else { return };
        let sum = band.joined.iter().fold(band.swing.level, |sum, swing| sum + swing.level);
        let mean = sum / (band.joined.len() + 1) as f64;
        let place = (band.swing.index, band.swing.time);
        let id = facts.add(Fact::level(Kind::Liquidity, self.side, place, last.index, mean, now));
        if let Some(at) = band.swept_at {
            facts.mitigate(id, at);
        }
        band.fact = Some(id);
    }
}

impl Tracker for Liquidity {
    fn change(&mut self, moment: Moment<'_>, change: &Change, facts: &mut Facts) {
        if change.latest().side != self.side {
            return;
        }
        let left = if matches!(change, Change::Moved { .. }) { self.unplace() } else { None };
        let joined = self.place(moment, change.latest());
        for band in left.filter(|_| left != joined).into_iter().chain(joined) {
            self.tell(band, moment.now, facts);
        }
    }

    fn bar(&mut self, moment: Moment<'_>, facts: &mut Facts) {
        let high = moment.bar.seen_from(self.side).high;
        let mut at = 0;
        while let Some(&number) = self.open.get(at) {
            let band = &mut self.bands[number];
            if band.level > high {
                break;
            }
            if high < band.level + band.reach {
                at += 1;
                continue;
            }
            band.swept_at = Some(moment.now);
            if let Some(id) = band.fact {
                facts.mitigate(id, moment.now);
            }
            self.closing.push(number);
            self.open.remove(at);
        }
        if !self.closing.is_empty() {
            // A swing before the sweep is known at the latest `length` bars after it.
            let (bands, length) = (&self.bands, self.length);
            self.closing.retain(|&band| bands[band].swept_at.is_some_and(|swept| moment.now < swept + length));
        }
    }

    fn oldest(&self, now: usize) -> usize {
        match self.reach {
            Reach::Fixed(_) => now,
            Reach::Recent { bars, .. } => (now + 1).saturating_sub(bars),
        }
    }
}
