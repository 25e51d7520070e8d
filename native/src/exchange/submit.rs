//! Taking orders: the checks a venue makes, and changing them.

use super::Exchange;
use crate::instrument::Kind;
use crate::models::FillAt;
use crate::order::{Intent, NONE, Order, OrderState, OrderType, Place, Reason, Side, TimeInForce};

impl Exchange {
    /// Takes an order. It is always recorded; a refused one is `rejected` with its reason.
    pub fn submit(&mut self, intent: Intent) -> u32 {
        let id = self.record(intent, OrderState::Submitted);
        match self.refusal(&intent, intent.quantity) {
            // Where a broker has the last word, what it would refuse is never sent.
            Some(reason) if self.mirror.is_some() => self.finish(id, OrderState::Denied, reason),
            Some(reason) => self.finish(id, OrderState::Rejected, reason),
            None => self.accept(id),
        }
        id
    }

    /// Records an order that our own risk review refused: it never reaches the market.
    pub fn deny(&mut self, intent: Intent, reason: Reason) -> u32 {
        let id = self.record(intent, OrderState::Initialized);
        self.finish(id, OrderState::Denied, reason);
        id
    }

    pub(super) fn record(&mut self, intent: Intent, state: OrderState) -> u32 {
        let id = self.orders.len() as u32;
        self.markets[intent.instrument as usize].newest = self.now;
        self.orders.push(Order {
            intent,
            state,
            place: Place::Gone,
            reason: Reason::None,
            triggered: false,
            key: 0.0,
            asked: intent.quantity,
            filled: 0.0,
            linear_fee: 0.0,
            arrived: 0,
            filled_value: 0.0,
            extreme: f64::NAN,
            reserve: 0.0,
            created_ts: self.now,
            final_ts: 0,
            first_moment: self.markets[intent.instrument as usize].moment(),
            group: NONE,
            legs: NONE,
        });
        id
    }

    /// Why the venue refuses an order, if it does. `rest` of it is not filled yet.
    fn refusal(&self, intent: &Intent, rest: f64) -> Option<Reason> {
        let is_new = |id: u32| id as usize + 1 >= self.orders.len();
        if intent.parent != NONE && (is_new(intent.parent) || !self.orders.contains(intent.parent as usize)) {
            return Some(Reason::UnknownOrder);
        }
        if intent.tif == TimeInForce::Gtd && intent.expire_ts <= self.now {
            return Some(Reason::TimeInForce);
        }
        let market = &self.markets[intent.instrument as usize];
        let spec = &market.spec;
        let known = |price: f64| !price.is_nan();
        if !spec.on_lot(intent.quantity) {
            return Some(Reason::Lot);
        }
        if intent.quantity < spec.min_quantity * (1.0 - 1e-9) {
            return Some(Reason::MinQuantity);
        }
        if intent.quantity > spec.max_quantity {
            return Some(Reason::MaxQuantity);
        }
        for price in [intent.price, intent.trigger] {
            if known(price) && !spec.on_tick(price) {
                return Some(Reason::Tick);
            }
            if price <= 0.0 || price.is_infinite() {
                return Some(Reason::Price);
            }
        }
        let reference = self.reference_price(intent);
        // Closing what is held is always allowed, however small; but not on spot, where no order may be.
        let closes = intent.side.sign() * market.position.quantity < 0.0
            && intent.quantity <= market.position.quantity.abs() * (1.0 + 1e-9);
        let may_be_small = spec.kind != Kind::Spot && (closes || intent.reduce_only);
        if !may_be_small && known(reference) && spec.is_below_least(intent.quantity, reference) {
            return Some(Reason::MinNotional);
        }
        let waits =
            intent.parent != NONE && self.orders.get(intent.parent as usize).is_some_and(|parent| parent.filled == 0.0);
        if intent.reduce_only && !waits && intent.side.sign() * market.position.quantity >= 0.0 {
            return Some(Reason::ReduceOnly);
        }
        if intent.post_only && !waits && self.would_cross(intent) {
            return Some(Reason::PostOnlyWouldCross);
        }
        if !market.is_open && matches!(intent.tif, TimeInForce::Ioc | TimeInForce::Fok) {
            return Some(Reason::MarketClosed);
        }
        if intent.side == Side::Sell && !intent.reduce_only {
            let short_after = intent.quantity - market.position.quantity.max(0.0);
            if short_after > spec.lot * 0.5 {
                if spec.kind == Kind::Spot && !waits {
                    return Some(Reason::InsufficientPosition);
                }
                if !spec.shortable {
                    return Some(Reason::NotShortable);
                }
            }
        }
        if !waits && !closes && known(reference) && !self.covers(&Intent { quantity: rest, ..*intent }, reference) {
            return Some(Reason::InsufficientMargin);
        }
        None
    }

    /// The price an order is valued at before it fills.
    pub(super) fn reference_price(&self, intent: &Intent) -> f64 {
        let own = if intent.price.is_nan() { intent.trigger } else { intent.price };
        if own.is_nan() { self.markets[intent.instrument as usize].last } else { own }
    }

    fn would_cross(&self, intent: &Intent) -> bool {
        let market = &self.markets[intent.instrument as usize];
        (intent.price - market.taker_price(intent.side)) * intent.side.sign() >= 0.0
    }

    /// Margin and fee an order would tie up; zero for one that opens nothing.
    fn requirement(&self, intent: &Intent, reference: f64) -> f64 {
        let market = &self.markets[intent.instrument as usize];
        if intent.reduce_only {
            return 0.0;
        }
        let held = market.position.quantity;
        let opposite = if held * intent.side.sign() < 0.0 { held.abs() } else { 0.0 };
        let opens = (intent.quantity - opposite).max(0.0);
        if opens == 0.0 {
            return 0.0;
        }
        let notional = opens * reference * market.spec.multiplier;
        notional * self.margin_rate(market, intent.side, notional) + market.spec.fee(notional, opens, false)
    }

    /// Margin that an order gives back by closing what is held before it opens the other side.
    fn freed_margin(&self, intent: &Intent) -> f64 {
        let market = &self.markets[intent.instrument as usize];
        let held = market.position.quantity;
        if held * intent.side.sign() < 0.0 { self.margin_at(market, held, market.last) } else { 0.0 }
    }

    fn covers(&self, intent: &Intent, reference: f64) -> bool {
        let required = self.requirement(intent, reference);
        let from_cash = self.account.is_unlevered() && required <= self.account.cash - self.account.reserved;
        required == 0.0
            || from_cash
            || required <= (self.free_margin() + self.freed_margin(intent)) * (1.0 + 1e-12) + 1e-9
    }

    fn accept(&mut self, id: u32) {
        let intent = self.orders[id as usize].intent;
        self.orders[id as usize].state = OrderState::Accepted;
        if intent.oco != NONE {
            self.join(id, intent.oco);
        }
        self.link(id);
        if intent.parent != NONE && (intent.parent as usize) < self.orders.len() {
            self.children.entry(intent.parent).or_default().push(id);
            self.watch_expiry(id);
            self.dispatch_child(id);
            self.place(id, Place::Held, 0.0);
            self.emit(id, None);
            let parent = &self.orders[intent.parent as usize];
            let (filled, ended) = (parent.filled, parent.state.is_final());
            if filled > 0.0 {
                self.activate(id, filled, filled);
            } else if ended {
                self.finish(id, OrderState::Canceled, Reason::ParentDone);
            }
            return;
        }
        let reference = self.reference_price(&intent);
        let required = if reference.is_nan() { 0.0 } else { self.requirement(&intent, reference) };
        if required > 0.0 {
            self.orders[id as usize].reserve = required;
            self.account.reserved += required;
            self.account.reserving += 1;
        }
        self.dispatch(id);
        self.emit(id, None);
        self.rest(id);
        if self.config.fill == FillAt::ThisClose && intent.kind == OrderType::Market {
            self.fill_at_close(id);
        }
    }

    fn join(&mut self, id: u32, name: u32) {
        let group = *self.named_groups.entry(name).or_insert_with(|| {
            self.groups.push(Vec::new());
            (self.groups.len() - 1) as u32
        });
        self.groups[group as usize].push(id);
        self.orders[id as usize].group = group;
    }

    /// Changes a live order's quantity or prices in place; the order keeps its id and loses its arrival.
    pub fn replace(
        &mut self,
        id: u32,
        quantity: Option<f64>,
        price: Option<f64>,
        trigger: Option<f64>,
    ) -> Result<(), Reason> {
        let order = match self.orders.get(id as usize) {
            Some(order) if order.place != Place::Gone => order,
            _ => return Err(Reason::UnknownOrder),
        };
        let mut intent = order.intent;
        let limited = matches!(intent.kind, OrderType::Limit | OrderType::StopLimit) || order.waits_to_trail();
        let triggers = matches!(intent.kind, OrderType::Stop | OrderType::StopLimit | OrderType::TakeProfit);
        if (price.is_some() && !limited) || (trigger.is_some() && !triggers) {
            return Err(Reason::Price);
        }
        intent.quantity = quantity.unwrap_or(intent.quantity);
        intent.price = price.unwrap_or(intent.price);
        intent.trigger = trigger.unwrap_or(intent.trigger);
        if intent.quantity <= order.filled {
            return Err(Reason::MinQuantity);
        }
        let held = order.place == Place::Held;
        let reserve = order.reserve;
        // The order's own reserve counts as free while the new terms are checked.
        self.account.reserved -= reserve;
        let rest = intent.quantity - order.filled;
        let refusal = self.refusal(&intent, rest);
        self.account.reserved += reserve;
        if let Some(reason) = refusal {
            return Err(reason);
        }
        self.release(id, 0.0);
        let moment = self.markets[intent.instrument as usize].moment();
        let order = &mut self.orders[id as usize];
        order.intent = intent;
        order.asked = intent.quantity;
        order.first_moment = moment;
        if !held {
            let reference = self.reference_price(&intent);
            let required = match reference.is_nan() {
                true => 0.0,
                false => self.requirement(&Intent { quantity: rest, ..intent }, reference),
            };
            if required > 0.0 {
                self.orders[id as usize].reserve = required;
                self.account.reserved += required;
                self.account.reserving += 1;
            }
            self.rest(id);
        }
        self.emit(id, None);
        Ok(())
    }
}
