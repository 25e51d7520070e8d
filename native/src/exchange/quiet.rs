//! When nothing can happen: the price range and the time in which a market only changes the mark.

use super::Exchange;

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
        if market.due == i64::MIN || self.config.keeps_bars() {
            return None;
        }
        let (mut up, mut down) = (market.next_up, market.next_down);
        if quantity != 0.0 && market.is_margined() && !self.account.is_unlevered() {
            // A hair wider than exact: the general path decides at the edge.
            let level = self.liquidation_price(i);
            if quantity > 0.0 {
                down = down.max(level * (1.0 + 1e-6));
            } else {
                up = up.min(level * (1.0 - 1e-6));
            }
        }
        Some(Quiet { up, down, until: market.due, units: market.units })
    }

    /// Takes a bar of market `i` that changes nothing but the mark; false when it might do more.
    #[inline(always)]
    pub fn pass(&mut self, i: usize, high: f64, low: f64, close: f64, close_ts: i64) -> bool {
        let market = &mut self.markets[i];
        let quiet = high < market.next_up && low > market.next_down && close_ts <= market.due;
        if !quiet || self.config.keeps_bars() || (market.position.quantity != 0.0 && !self.account.is_unlevered()) {
            return false;
        }
        market.last = close;
        market.step += 1;
        market.seen = close_ts;
        self.slack = f64::NAN;
        true
    }

    /// Books `steps` quiet steps at once; the last closed at `close_ts` and at price `close`.
    pub fn pass_quietly(&mut self, i: usize, steps: u64, close: f64, close_ts: i64) {
        let market = &mut self.markets[i];
        market.step += steps;
        market.last = close;
        market.seen = close_ts;
        self.slack = f64::NAN;
        self.now = close_ts;
    }
}
