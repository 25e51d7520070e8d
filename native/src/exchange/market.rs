//! One instrument's side of the exchange: its live orders by price, its position, its clockwork.

use std::collections::{BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::instrument::{Instrument, Kind};
use crate::order::Side;

/// A live order in one of the two price-ordered sets. Equal prices go by order id.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Level {
    /// Price for the rising set, minus the price for the falling one.
    pub key: f64,
    /// Order id.
    pub id: u32,
}

impl PartialEq for Level {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Level {}
impl PartialOrd for Level {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Level {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.total_cmp(&other.key).then(self.id.cmp(&other.id))
    }
}

/// Maintenance margin of an equity sold short, as a share of its value (FINRA Rule 4210(c)(3)).
pub const SHORT_EQUITY_MAINTENANCE: f64 = 0.3;

/// What one entry order left open, first in first out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lot {
    /// Entry order.
    pub order: u32,
    /// Quantity still open, positive.
    pub quantity: f64,
    /// Average entry price.
    pub price: f64,
    /// Entry fee per unit.
    pub unit_fee: f64,
    /// Time of the entry.
    pub ts: i64,
    /// Bar of the entry.
    pub index: i64,
}

/// A net position and the lots it is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[repr(C)]
pub struct Position {
    /// Signed quantity: positive long, negative short.
    pub quantity: f64,
    /// Open lots, oldest first.
    pub lots: VecDeque<Lot>,
}

impl Position {
    /// Average entry price of what is open; NaN when flat.
    pub fn entry_price(&self) -> f64 {
        let (cost, quantity) = self
            .lots
            .iter()
            .fold((0.0, 0.0), |(cost, quantity), lot| (cost + lot.price * lot.quantity, quantity + lot.quantity));
        cost / quantity
    }
}

/// A funding payment to come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Funding {
    /// When, ns UTC.
    pub ts: i64,
    /// Rate on the position's value; positive: longs pay.
    pub rate: f64,
    /// Mark price; NaN: the market's price then.
    pub mark: f64,
}

/// An instrument's live state.
///
/// What a quiet step reads comes first and fills one cache line: a run over many instruments touches nothing else of most.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[repr(C, align(64))]
pub struct Market {
    /// Lowest level of `up`; +inf when empty.
    pub next_up: f64,
    /// Highest level of `down`; -inf when empty.
    pub next_down: f64,
    /// Close time up to which nothing comes due whatever the price; the smallest number when something always may.
    pub due: i64,
    /// Last price: the mark.
    pub last: f64,
    /// Steps (bars, ticks, quotes) seen.
    pub step: u64,
    /// Close time of the last step, ns UTC.
    pub seen: i64,
    /// Signed units of value per price unit: the position x the multiplier.
    pub units: f64,
    /// The position.
    pub position: Position,
    /// Value of the position less its maintenance margin, at the last mark.
    pub slack: f64,
    /// Orders that take the next price, in order of arrival.
    pub queue: Vec<u32>,
    /// Orders that fire when the price rises to their level.
    pub up: BTreeSet<Level>,
    /// Orders that fire when the price falls to their level; keys are negated, so the first is the highest.
    pub down: BTreeSet<Level>,
    /// Live trailing stops.
    pub trailing: Vec<u32>,
    /// Live reduce-only orders: they go when the position does.
    pub reducing: Vec<u32>,
    /// Live DAY and GTD orders.
    pub expiring: Vec<u32>,
    /// Best bid, where quotes drive the market.
    pub bid: f64,
    /// Best ask, where quotes drive the market.
    pub ask: f64,
    /// Volume of the current bar.
    pub volume: f64,
    /// What participation leaves of it.
    pub volume_left: f64,
    /// Funding payments, ascending.
    pub funding: Vec<Funding>,
    /// The next one.
    pub funding_next: usize,
    /// The session the market is in or waits for.
    pub session: usize,
    /// What our fills took of a displayed order book.
    pub taken: Vec<super::depth::Taken>,
    /// Time of the latest order, ns UTC.
    pub newest: i64,
    /// Finer bars beyond the first that magnified bars had.
    pub parts: u64,
    /// Counts the prices the market has come to while matching.
    pub instant: u64,
    /// Whether the last step lay inside trading hours.
    pub is_open: bool,
    /// Leverage of this market alone; 0: the exchange's.
    pub leverage: u32,
    /// UTC day of the last step.
    pub day: i64,
    /// The instrument.
    pub spec: Instrument,
}

impl Market {
    /// A market that has seen nothing yet.
    pub fn new(spec: Instrument) -> Self {
        let mut market = Self {
            due: i64::MIN,
            spec,
            queue: Vec::new(),
            up: BTreeSet::new(),
            down: BTreeSet::new(),
            next_up: f64::INFINITY,
            next_down: f64::NEG_INFINITY,
            trailing: Vec::new(),
            reducing: Vec::new(),
            expiring: Vec::new(),
            units: 0.0,
            position: Position::default(),
            last: f64::NAN,
            bid: f64::NAN,
            ask: f64::NAN,
            step: 0,
            seen: i64::MIN,
            volume: 0.0,
            volume_left: f64::INFINITY,
            funding: Vec::new(),
            funding_next: 0,
            session: 0,
            parts: 0,
            taken: Vec::new(),
            newest: i64::MIN,
            instant: 0,
            is_open: true,
            day: i64::MIN,
            slack: 0.0,
            leverage: 0,
        };
        market.attend();
        market
    }

    /// Works out `due` after what it depends on has changed.
    #[inline]
    pub fn attend(&mut self) {
        let always = !self.queue.is_empty()
            || !self.trailing.is_empty()
            || !self.expiring.is_empty()
            || !self.spec.sessions.is_empty()
            || self.spec.borrow_rate > 0.0;
        let payment = self.funding.get(self.funding_next).map_or(i64::MAX, |payment| payment.ts);
        self.due = if always { i64::MIN } else { payment };
    }

    /// Puts another position in the place of the present one.
    pub fn hold(&mut self, quantity: f64) {
        self.position.quantity = quantity;
        self.units = quantity * self.spec.multiplier;
    }

    /// What is held, as far as it can be closed: coins that are dust count as none.
    #[inline]
    pub fn open_quantity(&self) -> f64 {
        if self.spec.is_dust(self.position.quantity, self.last) { 0.0 } else { self.position.quantity }
    }

    /// Number of the present moment: a step has one, a magnified bar one for each of its parts.
    #[inline]
    pub fn moment(&self) -> u64 {
        self.step + self.parts
    }

    /// Price at which a taker would trade: the quote on the far side, or the last price where there are no quotes.
    pub fn taker_price(&self, side: Side) -> f64 {
        let quoted = if side == Side::Buy { self.ask } else { self.bid };
        if quoted.is_nan() { self.last } else { quoted }
    }

    /// Flat, without live orders, and with nothing to come due: prices only move the mark.
    pub fn is_idle(&self) -> bool {
        let no_orders = self.next_up == f64::INFINITY && self.next_down == f64::NEG_INFINITY;
        self.units == 0.0 && no_orders && self.due == i64::MAX
    }

    /// Value of the position at a price.
    #[inline]
    pub fn value_at(&self, price: f64) -> f64 {
        if self.units == 0.0 { 0.0 } else { self.units * price }
    }

    /// Value of the position less its maintenance margin, at a price.
    #[inline]
    pub fn slack_at(&self, price: f64) -> f64 {
        let value = self.value_at(price);
        value - self.maintenance_of(value)
    }

    /// Whether a fall of equity can end the position: a perpetual, or an equity sold short.
    #[inline]
    pub fn is_margined(&self) -> bool {
        self.spec.kind == Kind::Perpetual || self.units < 0.0
    }

    /// Maintenance margin of a signed value.
    pub fn maintenance_of(&self, value: f64) -> f64 {
        match self.spec.kind {
            Kind::Perpetual => self.spec.maintenance(value.abs()),
            Kind::Equity if value < 0.0 => value.abs() * SHORT_EQUITY_MAINTENANCE,
            _ => 0.0,
        }
    }

    /// Refreshes the two cached levels.
    #[inline]
    pub fn refresh(&mut self) {
        self.next_up = self.up.first().map_or(f64::INFINITY, |level| level.key);
        self.next_down = self.down.first().map_or(f64::NEG_INFINITY, |level| -level.key);
    }

    /// Whether some part of [ts, end) lies inside trading hours; moves on to the session that matters.
    pub fn in_session(&mut self, ts: i64, end: i64) -> bool {
        if self.spec.sessions.is_empty() {
            return true;
        }
        while self.session < self.spec.sessions.len() && self.spec.sessions[self.session].1 <= ts {
            self.session += 1;
        }
        self.spec.extended_hours
            || self.spec.sessions.get(self.session).is_some_and(|&(open, _)| open < end.max(ts + 1))
    }

    /// End of the trading day that a step at `ts` belongs to: the session's close, or midnight UTC.
    pub fn day_end(&self, ts: i64) -> i64 {
        match self.spec.sessions.get(self.session) {
            Some(&(_, close)) => close,
            None => (ts.div_euclid(DAY) + 1) * DAY,
        }
    }
}

/// Nanoseconds of a day.
pub const DAY: i64 = 86_400_000_000_000;

#[cfg(test)]
mod tests {
    use super::Market;

    /// Markets a power of two apart would all compete for the same few places of the processor's first cache.
    #[test]
    fn markets_lie_an_odd_number_of_cache_lines_apart() {
        assert_eq!(size_of::<Market>() / 64 % 2, 1, "{} bytes", size_of::<Market>());
    }
}
