//! What the account is worth, what it must hold, and the price at which a position is liquidated.

use super::market::SHORT_EQUITY_MAINTENANCE;
use super::{Exchange, Market};
use crate::instrument::Kind;
use crate::order::{Intent, Order, OrderState, OrderType, Place, Reason, Side};

/// Margin on the value of an equity sold short, beside its proceeds (Regulation T, 12 CFR 220.12: 150 % in all).
const SHORT_EQUITY_MARGIN: f64 = 0.5;

/// A sum that is plain zero where there is nothing: `sum` makes it -0.0.
fn total(amounts: impl Iterator<Item = f64>) -> f64 {
    amounts.fold(0.0, |sum, amount| sum + amount)
}

impl Exchange {
    /// Cash + value of all positions at their marks.
    #[inline]
    pub fn equity(&self) -> f64 {
        let mut equity = self.account.cash;
        for &i in &self.held {
            let market = &self.markets[i as usize];
            equity += market.value_at(market.last);
        }
        equity
    }

    /// Gross value of all positions.
    pub fn gross_notional(&self) -> f64 {
        let worth = |&i: &u32| self.markets[i as usize].value_at(self.markets[i as usize].last).abs();
        total(self.held.iter().map(worth))
    }

    /// Value of the working orders that open positions.
    pub fn pending_notional(&self) -> f64 {
        if self.account.reserving == 0 {
            return 0.0;
        }
        let working = self.working_openings();
        total(working.map(|order| order.remaining() * self.reference_price(&order.intent) * self.multiplier_of(order)))
    }

    /// Flat instruments, other than one, with a working order that opens a position.
    pub fn pending_openings(&self, but: u32) -> usize {
        if self.account.reserving == 0 {
            return 0;
        }
        let mut instruments: Vec<u32> = self.working_openings().map(|order| order.intent.instrument).collect();
        instruments.retain(|&i| i != but && self.markets[i as usize].open_quantity() == 0.0);
        instruments.sort_unstable();
        instruments.dedup();
        instruments.len()
    }

    fn multiplier_of(&self, order: &Order) -> f64 {
        self.markets[order.intent.instrument as usize].spec.multiplier
    }

    fn working_openings(&self) -> impl Iterator<Item = &Order> {
        (0..self.markets.len()).flat_map(|i| self.working_orders(i)).filter(|order| order.reserve > 0.0)
    }

    /// Live orders of a market that wait for a price.
    pub fn working_orders(&self, i: usize) -> impl Iterator<Item = &Order> {
        let market = &self.markets[i];
        let resting = market.up.iter().chain(market.down.iter()).map(|level| level.id);
        market.queue.iter().copied().chain(resting).map(|id| &self.orders[id as usize])
    }

    /// Initial margin rate of a side.
    #[inline]
    pub(super) fn margin_rate(&self, market: &Market, side: Side, notional: f64) -> f64 {
        if market.spec.kind == Kind::Equity && side == Side::Sell {
            SHORT_EQUITY_MARGIN
        } else {
            market.spec.initial_rate(notional, self.leverage_of(market))
        }
    }

    /// Leverage that holds for a market.
    #[inline]
    pub fn leverage_of(&self, market: &Market) -> f64 {
        if market.leverage == 0 { self.config.leverage } else { f64::from(market.leverage) }
    }

    /// Initial margin of one market's position at a price.
    pub(super) fn margin_at(&self, market: &Market, quantity: f64, price: f64) -> f64 {
        let notional = quantity.abs() * market.spec.multiplier * price;
        let side = if quantity < 0.0 { Side::Sell } else { Side::Buy };
        if notional == 0.0 { 0.0 } else { notional * self.margin_rate(market, side, notional) }
    }

    /// Initial margin of all positions.
    pub fn margin_used(&self) -> f64 {
        let mut used = 0.0;
        for &i in &self.held {
            let market = &self.markets[i as usize];
            used += self.margin_at(market, market.position.quantity, market.last);
        }
        used
    }

    /// Maintenance margin of all positions.
    pub fn maintenance_margin(&self) -> f64 {
        let markets = self.held.iter().map(|&i| &self.markets[i as usize]);
        total(markets.map(|market| market.maintenance_of(market.value_at(market.last))))
    }

    /// What new orders may tie up.
    pub fn free_margin(&self) -> f64 {
        self.equity() - self.margin_used() - self.account.reserved
    }

    /// The price of market `i` at which equity falls to the maintenance margin while all else stands still.
    ///
    /// With A = cash + value of the other positions - their maintenance, q the position, m the multiplier, r and d the rate
    /// and deduction of the tier the answer lies in: A + q m p = |q| m p r - d.
    pub(super) fn liquidation_price(&self, i: usize) -> f64 {
        let market = &self.markets[i];
        let quantity = market.position.quantity * market.spec.multiplier;
        let mut rest = self.account.cash;
        for &j in &self.held {
            if j as usize != i {
                let other = &self.markets[j as usize];
                let value = other.value_at(other.last);
                rest += value - other.maintenance_of(value);
            }
        }
        let solve = |rate: f64, deduction: f64| {
            let slope = quantity - quantity.abs() * rate;
            -(rest + deduction) / slope
        };
        if market.spec.kind == Kind::Equity {
            return solve(SHORT_EQUITY_MAINTENANCE, 0.0);
        }
        if market.spec.tiers.is_empty() {
            return solve(0.0, 0.0);
        }
        let mut answer = f64::NAN;
        for (n, tier) in market.spec.tiers.iter().enumerate() {
            answer = solve(tier.maintenance_rate, tier.deduction);
            let notional = quantity.abs() * answer;
            let end = market.spec.tiers.get(n + 1).map_or(f64::INFINITY, |next| next.floor);
            if notional < end {
                break;
            }
        }
        answer
    }

    /// The price at which the open position of market `i` is closed by force; none where nothing forces it.
    pub fn liquidation_level(&self, i: usize) -> Option<f64> {
        let market = &self.markets[i];
        if market.position.quantity == 0.0 || self.account.is_unlevered() || !market.is_margined() {
            return None;
        }
        let level = self.liquidation_price(i);
        (level.is_finite() && level > 0.0).then_some(level)
    }

    /// New mark of a market.
    #[inline]
    pub(super) fn mark(&mut self, i: usize, price: f64) {
        self.markets[i].last = price;
        if self.account.is_unlevered() {
            self.slack = f64::NAN;
        } else if self.markets[i].position.quantity != 0.0 {
            let slack = self.markets[i].slack_at(price);
            self.slack += slack - self.markets[i].slack;
            self.markets[i].slack = slack;
        }
    }

    /// Whether the account falls to its maintenance margin when market `i` moves to `price`.
    ///
    /// `slack` = equity - maintenance is kept up to date mark by mark and worked out afresh after every booking, so
    /// that the usual answer, no, costs a few operations however many positions there are.
    #[inline]
    pub(super) fn endangered(&mut self, i: usize, price: f64) -> bool {
        let flat = self.markets[i].position.quantity == 0.0;
        if flat || self.account.is_unlevered() || !self.markets[i].is_margined() {
            return false;
        }
        if self.slack.is_nan() {
            self.refresh_slack();
        }
        let market = &self.markets[i];
        self.slack - market.slack + market.slack_at(price) <= 1e-9 * self.account.cash.abs()
            && self.reaches_maintenance(i, price)
    }

    fn refresh_slack(&mut self) {
        self.slack = self.account.cash;
        for &j in &self.held {
            let market = &mut self.markets[j as usize];
            market.slack = market.slack_at(market.last);
            self.slack += market.slack;
        }
    }

    fn reaches_maintenance(&self, i: usize, price: f64) -> bool {
        let level = self.liquidation_price(i);
        if self.markets[i].position.quantity > 0.0 { price <= level } else { price >= level }
    }

    /// Closes a position by force: its orders go, and the whole of it trades at `price` with the liquidation fee.
    pub(super) fn liquidate(&mut self, i: usize, price: f64) {
        self.forced = true;
        self.cancel_all(i, Reason::Liquidation);
        let market = &self.markets[i];
        let quantity = market.position.quantity;
        let side = if quantity > 0.0 { Side::Sell } else { Side::Buy };
        let mut intent = Intent::market(i as u32, side, quantity.abs());
        intent.reduce_only = true;
        intent.tag = super::tag::LIQUIDATION;
        let spec = &market.spec;
        let price = if side == Side::Sell { spec.snap_price_down(price) } else { spec.snap_price_up(price) };
        let notional = quantity.abs() * price * spec.multiplier;
        let fee = spec.fee(notional, quantity.abs(), false) + notional * spec.liquidation_fee;
        let id = self.record(intent, OrderState::Accepted);
        self.book(id, price, quantity.abs(), fee, 0.0, false);
        self.orders[id as usize].reason = Reason::Liquidation;
    }

    /// Cancels all live orders of a market.
    pub(super) fn cancel_all(&mut self, i: usize, reason: Reason) {
        let mut ids = self.live_orders(i);
        ids.sort_unstable();
        for id in ids {
            if self.orders[id as usize].place != Place::Gone {
                self.withdraw(id, reason);
            }
        }
    }

    /// Ids of the live orders of a market, those that wait for a parent included.
    pub fn live_orders(&self, i: usize) -> Vec<u32> {
        let market = &self.markets[i];
        let mut ids = market.queue.clone();
        ids.extend(market.up.iter().map(|level| level.id));
        ids.extend(market.down.iter().map(|level| level.id));
        let held = self.children.values().flatten().copied().filter(|&id| {
            let order = &self.orders[id as usize];
            order.place == Place::Held && order.intent.instrument as usize == i
        });
        ids.extend(held);
        ids
    }

    /// How much of an order the account can pay for at a price, in whole lots.
    ///
    /// After the fill the account must cover the initial margin of the new position, of all others, and what other open
    /// orders have set aside; shrinking a position is always allowed.
    pub(super) fn affordable(&self, id: u32, price: f64, quantity: f64, maker: bool) -> f64 {
        let order = &self.orders[id as usize];
        let intent = &order.intent;
        let market = &self.markets[intent.instrument as usize];
        let spec = &market.spec;
        let held = market.position.quantity;
        let closes = if held * intent.side.sign() < 0.0 { held.abs().min(quantity) } else { 0.0 };
        let opens = quantity - closes;
        if opens <= spec.lot * 0.5 {
            return quantity;
        }
        if spec.kind == Kind::Spot && intent.side == Side::Sell {
            return closes;
        }
        let unit = price * spec.multiplier;
        let others = self.account.reserved - order.reserve;
        if self.account.is_unlevered() && intent.side == Side::Buy {
            // Cash alone pays for it: no need to look at the rest of the account.
            let cost = opens * unit;
            if cost + spec.fee(cost, opens, maker) <= self.account.cash - others {
                return quantity;
            }
        }
        let mut free = self.account.cash + held * unit - others;
        for &j in &self.held {
            if j != intent.instrument {
                let other = &self.markets[j as usize];
                free += other.value_at(other.last) - self.margin_at(other, other.position.quantity, other.last);
            }
        }
        let same_side = if closes > 0.0 { 0.0 } else { held.abs() };
        let rate = self.margin_rate(market, intent.side, (same_side + opens) * unit);
        free -= same_side * unit * rate;
        // The fee is linear in the quantity, or the minimum; the account must bear whichever is more.
        let unit_fee = unit * (if maker { spec.maker_fee } else { spec.taker_fee }) + spec.fee_per_share;
        let mut most = (free - closes * unit_fee) / (unit * rate + unit_fee);
        if spec.min_fee > 0.0 {
            most = most.min((free - spec.min_fee) / (unit * rate));
        }
        if opens <= most * (1.0 + 1e-12) { quantity } else { closes + spec.snap_quantity(most.max(0.0)) }
    }

    /// True for a type that takes liquidity when it fires.
    pub(super) const fn takes(kind: OrderType) -> bool {
        matches!(kind, OrderType::Market | OrderType::Stop | OrderType::TakeProfit | OrderType::TrailingStop)
    }

    /// Keeps the list of instruments with a position.
    pub(super) fn sync_held(&mut self, i: usize) {
        let known = self.held.binary_search(&(i as u32));
        match (self.markets[i].position.quantity != 0.0, known) {
            (true, Err(at)) => self.held.insert(at, i as u32),
            (false, Ok(at)) => {
                self.held.remove(at);
            }
            _ => {}
        }
    }
}
