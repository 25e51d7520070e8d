//! What a broker says: states, trades, terms, money. Trades are booked whatever came before them.

use crate::exchange::Exchange;
use crate::order::{Intent, NONE, OrderState, Place, Reason, Side};
use crate::words::words;

use super::{Outgoing, TOLD_AGAIN};

words!(
    /// Why money moved without a trade.
    CashFlow { Funding = "funding", Borrow = "borrow", Fee = "fee", Dividend = "dividend", Transfer = "transfer" }
);

impl Exchange {
    /// Takes a broker's word on an order's state; false where it says nothing new. Fills come by `on_fill` alone.
    pub fn on_report(&mut self, id: u32, ts: i64, state: OrderState, words: &str) -> bool {
        self.now = self.now.max(ts);
        let order = &self.orders[id as usize];
        let known = order.state;
        let state = match state {
            // How much is filled is what fills say.
            OrderState::PartiallyFilled | OrderState::Accepted if order.filled > 0.0 => OrderState::PartiallyFilled,
            OrderState::PartiallyFilled => OrderState::Accepted,
            other => other,
        };
        if state == OrderState::Filled && !known.is_final() && self.is_full(id) {
            self.finish(id, state, Reason::None);
            self.succeed(id);
            return true;
        }
        if state == known || known.is_final() || state == OrderState::Filled || !known.reports(state) {
            return false;
        }
        // A fill or an acceptance that crosses a cancellation on its way is no answer to it; a refusal says why.
        let works = matches!(state, OrderState::Accepted | OrderState::Triggered | OrderState::PartiallyFilled);
        if known == OrderState::PendingCancel && works && words.is_empty() {
            return false;
        }
        let given = if order.reason == Reason::None { Reason::Requested } else { order.reason };
        let reason = Reason::parse(words).ok().filter(|&reason| reason != Reason::None).unwrap_or(given);
        if state.is_final() {
            self.finish(id, state, reason);
            self.succeed(id);
            return true;
        }
        self.orders[id as usize].state = state;
        self.emit(id, None);
        self.ask_again(id, known);
        true
    }

    /// Whether trades have filled all that an order asks for by the broker's word: it may be less than was asked for last.
    fn is_full(&self, id: u32) -> bool {
        let order = &self.orders[id as usize];
        let spec = &self.markets[order.intent.instrument as usize].spec;
        order.filled > 0.0 && order.remaining() <= spec.lot * 0.5
    }

    /// An order that was to be cancelled before the broker had it is asked for again once it has; a refusal ends the asking.
    fn ask_again(&mut self, id: u32, known: OrderState) {
        let order = &mut self.orders[id as usize];
        let cancels = order.state.next().contains(&OrderState::PendingCancel);
        let Some(mirror) = &mut self.mirror else { return };
        if !cancels || !mirror.canceling.contains(&id) {
            return;
        }
        if known == OrderState::PendingCancel {
            mirror.canceling.remove(&id);
            order.reason = Reason::None;
            return;
        }
        mirror.outbox.push(Outgoing::Cancel(id));
        order.state = OrderState::PendingCancel;
    }

    /// Whether a trade has been booked.
    pub fn knows_trade(&self, i: usize, trade: &str) -> bool {
        self.mirror.as_ref().is_some_and(|mirror| mirror.trades.contains_key(&(i as u32, trade.to_owned())))
    }

    /// Notes a trade as known without booking it: it happened before this account was kept.
    pub fn skip_trade(&mut self, i: usize, trade: &str) {
        self.know_trade(i, trade, NONE);
    }

    fn know_trade(&mut self, i: usize, trade: &str, order: u32) {
        let fill = self.fills.len();
        if let Some(mirror) = &mut self.mirror {
            mirror.trades.insert((i as u32, trade.to_owned()), (order, fill));
        }
    }

    /// Books a trade the broker reports, once by its id, whatever state the order is in; false for one booked before.
    #[allow(clippy::too_many_arguments)]
    pub fn on_fill(&mut self, id: u32, trade: &str, ts: i64, price: f64, quantity: f64, fee: f64, maker: bool) -> bool {
        let i = self.orders[id as usize].intent.instrument as usize;
        if self.knows_trade(i, trade) {
            return false;
        }
        self.know_trade(i, trade, id);
        let now = self.now;
        let known = self.orders[id as usize].state;
        let quantity = self.markets[i].spec.round_quantity(quantity);
        self.now = ts;
        self.book(id, price, quantity, fee, 0.0, maker);
        let order = &mut self.orders[id as usize];
        let asked = matches!(known, OrderState::PendingCancel | OrderState::PendingReplace);
        if order.state == OrderState::PartiallyFilled && (asked || known.is_final()) {
            // What was asked for still is; what has ended stays so.
            order.state = known;
        }
        self.now = now.max(ts);
        self.succeed(id);
        true
    }

    /// Takes up an order that was never sent from here, under the broker's name for it.
    pub fn adopt(&mut self, name: &str, i: usize, side: Side, tag: u32) -> u32 {
        // It is needed as long as the order that has paid it, so that it is not booked again.
        let parent = self.payer(name).unwrap_or(NONE);
        let intent = Intent { tag, parent, ..Intent::market(i as u32, side, 0.0) };
        let id = self.record(intent, OrderState::Accepted);
        if let Some(mirror) = &mut self.mirror {
            mirror.name(id, name.to_owned());
        }
        id
    }

    /// An order we never sent is known by its fills alone: it is as large as they are.
    pub fn widen(&mut self, id: u32, quantity: f64) {
        let order = &mut self.orders[id as usize];
        let spec = &self.markets[order.intent.instrument as usize].spec;
        order.intent.quantity = spec.round_quantity(order.filled + quantity);
    }

    /// The terms the broker says an order has. Of its quantity no less than has filled: a word may be of earlier.
    pub fn on_terms(&mut self, id: u32, quantity: Option<f64>, price: Option<f64>, trigger: Option<f64>) {
        let order = &mut self.orders[id as usize];
        order.intent.quantity = quantity.map_or(order.intent.quantity, |told| told.max(order.filled));
        order.intent.price = price.unwrap_or(order.intent.price);
        order.intent.trigger = trigger.unwrap_or(order.intent.trigger);
        if !matches!(order.place, Place::Gone | Place::Held) {
            self.rest(id);
        }
    }

    /// Marks that a change of an order has been asked for; false where its state allows none.
    pub fn replacing(&mut self, id: u32) -> bool {
        let order = &mut self.orders[id as usize];
        let allowed = order.state.next().contains(&OrderState::PendingReplace);
        if allowed {
            order.state = OrderState::PendingReplace;
            self.emit(id, None);
        }
        allowed
    }

    /// Books money that moved without a trade, once by its id; `amount` is positive into the account.
    pub fn on_cash_flow(&mut self, flow: &str, kind: CashFlow, amount: f64) -> bool {
        let Some(mirror) = &mut self.mirror else { return false };
        if mirror.flows.iter().any(|known| known == flow) {
            return false;
        }
        mirror.flows.push_back(flow.to_owned());
        if mirror.flows.len() > TOLD_AGAIN {
            mirror.flows.pop_front();
        }
        self.account.cash += amount;
        self.slack = f64::NAN;
        match kind {
            CashFlow::Funding => self.account.funding -= amount,
            CashFlow::Borrow => self.account.borrow -= amount,
            CashFlow::Fee => self.account.fees -= amount,
            CashFlow::Dividend => self.account.realized += amount,
            CashFlow::Transfer => {}
        }
        true
    }

    /// A price of market `i`: its mark moves, and nothing else.
    pub fn on_mark(&mut self, i: usize, price: f64, ts: i64) {
        self.mark(i, price);
        self.now = self.now.max(ts);
    }

    /// A bar of market `i` that closed at a price.
    pub fn on_close(&mut self, i: usize, price: f64, close_ts: i64) {
        self.on_mark(i, price, close_ts);
        let market = &mut self.markets[i];
        market.step += 1;
        market.seen = close_ts;
    }
}
