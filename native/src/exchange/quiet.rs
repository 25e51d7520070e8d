//! When nothing can happen: the price range and the time in which a market only changes the mark.

use super::Exchange;
use crate::instrument::Kind;

/// Bounds of quiet: strictly inside `down..up` no order fires and nothing is liquidated, until `until` nothing comes due.
pub struct Quiet {
    /// Price from which something happens above.
    pub up: f64,
    /// Price from which something happens below.
    pub down: f64,
    /// Close time up to which nothing comes due, ns UTC.
    pub until: i64,
    /// Signed units of value per price unit.
    pub units: f64,
}

impl Exchange {
    /// The quiet range of a market; None when its next step may bring something whatever the price.
    pub fn quiet_range(&self, i: usize) -> Option<Quiet> {
        let market = &self.markets[i];
        let quantity = market.position.quantity;
        let timed = !market.spec.sessions.is_empty() || !market.expiring.is_empty() || market.spec.borrow_rate > 0.0;
        if timed || !market.queue.is_empty() || !market.trailing.is_empty() {
            return None;
        }
        let (mut up, mut down) = (market.next_up, market.next_down);
        if quantity != 0.0 && market.spec.kind == Kind::Perpetual {
            // A hair wider than exact: the general path decides at the edge.
            let level = self.liquidation_price(i);
            if quantity > 0.0 {
                down = down.max(level * (1.0 + 1e-6));
            } else {
                up = up.min(level * (1.0 - 1e-6));
            }
        }
        let until = market.funding.get(market.funding_next).map_or(i64::MAX, |payment| payment.ts);
        Some(Quiet { up, down, until, units: quantity * market.spec.multiplier })
    }

    /// Books `steps` quiet steps at once; the last closed at `close_ts` and at price `close`.
    pub fn pass_quietly(&mut self, i: usize, steps: u64, close: f64, close_ts: i64) {
        let market = &mut self.markets[i];
        market.step += steps;
        market.last = close;
        self.slack = f64::NAN;
        self.now = close_ts;
    }
}
