//! The account as a broker's reports tell it: the orders live at the broker, and nothing is matched here.
//!
//! What is submitted or cancelled waits in an outbox until it is sent; what the broker reports is booked by the code that
//! books simulated fills. An order that was sent and not answered keeps its margin and counts in every limit.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::matching::Touch;
use super::{Exchange, tag};
use crate::order::{Intent, NONE, OrderState, OrderType, Place, Reason, Side};
use crate::words::words;

words!(
    /// Why money moved without a trade.
    CashFlow { Funding = "funding", Borrow = "borrow", Fee = "fee", Dividend = "dividend", Transfer = "transfer" }
);

/// Something to tell the broker about an order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outgoing {
    /// Send it.
    Submit(u32),
    /// Take it back.
    Cancel(u32),
    /// Its quantity is another than the broker's.
    Resize(u32),
}

/// What an account kept from reports has beside the exchange.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mirror {
    /// Exits of an entry live at the broker from its fill on, without orders of their own being sent.
    attaches_exits: bool,
    /// What to tell the broker, in order.
    pub outbox: Vec<Outgoing>,
    /// Orders that are named otherwise than by run and number: exits, and orders we never sent.
    names: BTreeMap<String, u32>,
    labels: BTreeMap<u32, String>,
    /// Exits that belong to an entry.
    legs: BTreeSet<u32>,
    /// Orders that the broker cannot hold: they wait for their price here and go out as market orders.
    pub(super) local: BTreeSet<u32>,
    /// Orders whose cancellation was asked for and is not answered.
    canceling: BTreeSet<u32>,
    /// Replaced order -> the one that goes out once it has ended unfilled.
    successors: BTreeMap<u32, u32>,
    /// Trades booked, by instrument and the venue's id.
    trades: BTreeSet<(u32, String)>,
    /// Cash flows booked, by the venue's id.
    flows: BTreeSet<String>,
}

impl Mirror {
    /// Nothing sent, nothing reported.
    pub fn new(attaches_exits: bool) -> Self {
        Self { attaches_exits, ..Self::default() }
    }

    fn name(&mut self, id: u32, name: String) {
        self.names.insert(name.clone(), id);
        self.labels.insert(id, name);
    }

    fn unqueue(&mut self, id: u32) -> bool {
        let before = self.outbox.len();
        self.outbox.retain(|&item| item != Outgoing::Submit(id));
        self.outbox.len() < before
    }
}

/// Whether an order ends a position that loses: a stop, or an exit that takes whatever price there is.
fn closes_on_loss(intent: &Intent) -> bool {
    matches!(intent.kind, OrderType::Market | OrderType::Stop | OrderType::StopLimit | OrderType::TrailingStop)
}

/// Whether a broker may bring an order from one state to another, steps it did not report included.
fn reaches(from: OrderState, to: OrderState) -> bool {
    let reported = |state: &&OrderState| {
        !matches!(state, OrderState::PendingCancel | OrderState::PendingReplace | OrderState::Unknown)
    };
    let mut seen = vec![from];
    let mut next = 0;
    while next < seen.len() {
        for &state in seen[next].next().iter().filter(|state| **state == to || reported(state)) {
            if state == to {
                return true;
            }
            if !seen.contains(&state) && !state.is_final() {
                seen.push(state);
            }
        }
        next += 1;
    }
    false
}

impl Exchange {
    /// Whether exits of an entry live at the broker without orders of their own being sent.
    pub fn attaches_exits(&self) -> bool {
        self.mirror.as_ref().is_some_and(|mirror| mirror.attaches_exits)
    }

    /// Client id of an order.
    pub fn client_id(&self, id: u32) -> String {
        let label = self.mirror.as_ref().and_then(|mirror| mirror.labels.get(&id));
        label.cloned().unwrap_or_else(|| format!("{}-{id}", self.config.run_id))
    }

    /// The order of a client id.
    pub fn find(&self, name: &str) -> Option<u32> {
        let mirror = self.mirror.as_ref()?;
        if let Some(&id) = mirror.names.get(name) {
            return Some(id);
        }
        let number = name.strip_prefix(&self.config.run_id)?.strip_prefix('-')?;
        let id = number.parse().ok().filter(|&id| (id as usize) < self.orders.len())?;
        // Only the number as we write it, and not that of an order with a name of its own.
        (!mirror.labels.contains_key(&id) && self.client_id(id) == name).then_some(id)
    }

    /// An order that works here is sent to the broker.
    pub(super) fn dispatch(&mut self, id: u32) {
        if let Some(mirror) = &mut self.mirror {
            mirror.outbox.push(Outgoing::Submit(id));
            self.orders[id as usize].state = OrderState::Submitted;
        }
    }

    /// Names a new exit after its entry, and sends it unless the broker makes it by itself.
    pub(super) fn dispatch_leg(&mut self, id: u32) {
        if self.mirror.is_none() {
            return;
        }
        let intent = &self.orders[id as usize].intent;
        let suffix = match intent.tag {
            tag::STOP_LOSS => "sl",
            tag::TAKE_PROFIT => "tp",
            _ => "ts",
        };
        let entry = self.client_id(intent.parent);
        let Some(mirror) = &mut self.mirror else { return };
        let names = std::iter::once(format!("{entry}-{suffix}")).chain((2..).map(|n| format!("{entry}-{suffix}{n}")));
        let free = names.into_iter().find(|name| !mirror.names.contains_key(name));
        mirror.name(id, free.unwrap_or_default());
        mirror.legs.insert(id);
        if !mirror.attaches_exits {
            self.dispatch(id);
        }
    }

    /// Tells the broker that an order's quantity has changed.
    pub(super) fn resize(&mut self, id: u32) {
        if let Some(mirror) = &mut self.mirror {
            let queued = mirror.outbox.iter().any(|&item| item == Outgoing::Submit(id) || item == Outgoing::Resize(id));
            let attached = mirror.attaches_exits && mirror.legs.contains(&id);
            if queued || attached || mirror.canceling.contains(&id) {
                return;
            }
            mirror.outbox.push(Outgoing::Resize(id));
        }
    }

    /// Whether an order's cancellation is under way.
    #[inline]
    pub(super) fn is_leaving(&self, id: u32) -> bool {
        self.mirror.as_ref().is_some_and(|mirror| mirror.canceling.contains(&id))
    }

    /// Takes a live order off the market: at once in the simulation, by asking the broker in an account kept from reports.
    pub(super) fn withdraw(&mut self, id: u32, reason: Reason) {
        let order = &self.orders[id as usize];
        let (held, initialized) = (order.place == Place::Held, order.state == OrderState::Initialized);
        let Some(mirror) = &mut self.mirror else { return self.finish(id, OrderState::Canceled, reason) };
        // The broker does by itself what its own exits do to one another, and when the position is closed.
        let by_itself = mirror.attaches_exits
            && mirror.legs.contains(&id)
            && matches!(reason, Reason::OneCancelsOther | Reason::PositionClosed);
        if held || initialized || by_itself || mirror.unqueue(id) {
            return self.finish(id, OrderState::Canceled, reason);
        }
        if !mirror.canceling.insert(id) {
            return;
        }
        mirror.outbox.push(Outgoing::Cancel(id));
        let order = &mut self.orders[id as usize];
        order.reason = reason;
        if order.state.next().contains(&OrderState::PendingCancel) {
            order.state = OrderState::PendingCancel;
        }
        self.emit(id, None);
        if reason == Reason::Replaced {
            // What takes its place has the margin.
            self.release(id, 0.0);
        }
    }

    /// Holds an order back until the one it replaces has ended; if that one fills after all, it never goes out.
    pub fn hold_back(&mut self, id: u32, replaced: u32) {
        if self.orders[id as usize].place == Place::Gone {
            return;
        }
        let gone = self.orders.get(replaced as usize).is_none_or(|order| order.place == Place::Gone);
        let Some(mirror) = &mut self.mirror else { return };
        let earlier = mirror.successors.iter().find(|&(_, &next)| next == replaced).map(|(&first, _)| first);
        let Some(first) = earlier.or((!gone).then_some(replaced)) else { return };
        mirror.unqueue(id);
        mirror.successors.insert(first, id);
        self.orders[id as usize].state = OrderState::Initialized;
    }

    /// After an order has ended: what was to take its place goes out, unless it has filled.
    fn succeed(&mut self, id: u32) {
        let order = &self.orders[id as usize];
        let (ended, filled) = (order.state.is_final(), order.filled > 0.0);
        let Some(mirror) = &mut self.mirror else { return };
        if !ended {
            return;
        }
        mirror.canceling.remove(&id);
        let Some(next) = mirror.successors.remove(&id) else { return };
        if self.orders[next as usize].place == Place::Gone {
            return;
        }
        if filled {
            self.finish(next, OrderState::Canceled, Reason::ParentDone);
        } else {
            self.dispatch(next);
        }
    }

    /// Keeps an order here that the broker cannot hold; `touched` says when its price has come.
    pub fn keep_here(&mut self, id: u32) {
        if let Some(mirror) = &mut self.mirror {
            mirror.local.insert(id);
            self.orders[id as usize].state = OrderState::Initialized;
        }
    }

    /// Sends, as market orders, those kept here whose price lies in a range that the market has passed; trailing ones follow.
    pub fn touched(&mut self, i: usize, high: f64, low: f64) -> Vec<u32> {
        let Some(mirror) = &self.mirror else { return Vec::new() };
        let here: Vec<u32> = mirror.local.iter().copied().collect();
        let mut fired = Vec::new();
        for id in here {
            let order = &self.orders[id as usize];
            let met = match order.place {
                Place::Up => order.key <= high,
                Place::Down => order.key >= low,
                _ => false,
            };
            if order.intent.instrument as usize != i || !met {
                continue;
            }
            if order.waits_to_trail() {
                let start = order.intent.price;
                self.start_trailing(id, start);
                continue;
            }
            self.orders[id as usize].triggered = true;
            self.place(id, Place::Queue, 0.0);
            self.dispatch(id);
            fired.push(id);
        }
        self.follow(i, Touch { bid: high, ask: low });
        fired
    }

    /// Whether an order waits for its price here, or has left as a market order after it did.
    pub fn is_local(&self, id: u32) -> bool {
        self.mirror.as_ref().is_some_and(|mirror| mirror.local.contains(&id))
    }

    /// The stop that an open position should have at the broker and has not: as its entry asked for it, for the quantity
    /// that no resting stop and no exit under way covers.
    pub fn missing_stop(&self, i: usize) -> Option<(u32, Intent)> {
        let market = &self.markets[i];
        let side = self.closing_side(i)?;
        let entry = market.position.lots.iter().map(|lot| (lot.order, lot.price)).find(|&(order, _)| {
            let bracket = &self.orders[order as usize].intent.bracket;
            let levels = [bracket.stop_loss, bracket.stop_loss_pct, bracket.trailing_stop, bracket.trailing_stop_pct];
            levels.into_iter().any(|level| !level.is_nan())
        })?;
        let covering =
            self.live_orders(i).into_iter().map(|id| (id, &self.orders[id as usize])).filter(|&(id, order)| {
                let unsure =
                    matches!(order.state, OrderState::Unknown | OrderState::PendingCancel) || self.is_leaving(id);
                order.intent.side == side && order.intent.reduce_only && !unsure && closes_on_loss(&order.intent)
            });
        let covered: f64 = covering.map(|(_, order)| order.remaining()).sum();
        let bare = market.spec.round_quantity(market.position.quantity.abs() - covered);
        if bare <= market.spec.lot * 0.5 {
            return None;
        }
        let [stop, _, trailing] = self.legs_of(&self.orders[entry.0 as usize].intent, entry.1, bare);
        stop.or(trailing).map(|intent| (entry.0, intent))
    }

    /// Puts back a stop that `missing_stop` has found, among the exits of its entry.
    pub fn put_back(&mut self, entry: u32, intent: Intent) -> u32 {
        let id = self.record(Intent { parent: entry, ..intent }, OrderState::Initialized);
        let group = self.orders[entry as usize].legs;
        if group != NONE {
            self.groups[group as usize].push(id);
            self.orders[id as usize].group = group;
        }
        self.rest(id);
        self.dispatch(id);
        id
    }

    /// Refuses an order before it was sent.
    pub fn refuse(&mut self, id: u32, reason: Reason) {
        if let Some(mirror) = &mut self.mirror {
            mirror.unqueue(id);
        }
        self.finish(id, OrderState::Denied, reason);
    }

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
        if state == known || known.is_final() || state == OrderState::Filled || !reaches(known, state) {
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
        self.mirror.as_ref().is_some_and(|mirror| mirror.trades.contains(&(i as u32, trade.to_owned())))
    }

    /// Notes a trade as known without booking it: it happened before this account was kept.
    pub fn skip_trade(&mut self, i: usize, trade: &str) {
        if let Some(mirror) = &mut self.mirror {
            mirror.trades.insert((i as u32, trade.to_owned()));
        }
    }

    /// Books a trade the broker reports, once by its id, whatever state the order is in; false for one booked before.
    #[allow(clippy::too_many_arguments)]
    pub fn on_fill(&mut self, id: u32, trade: &str, ts: i64, price: f64, quantity: f64, fee: f64, maker: bool) -> bool {
        let i = self.orders[id as usize].intent.instrument as usize;
        if self.knows_trade(i, trade) {
            return false;
        }
        self.skip_trade(i, trade);
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
        let intent = Intent { tag, ..Intent::market(i as u32, side, 0.0) };
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

    /// The terms the broker says an order has.
    pub fn on_terms(&mut self, id: u32, quantity: Option<f64>, price: Option<f64>, trigger: Option<f64>) {
        let order = &mut self.orders[id as usize];
        order.intent.quantity = quantity.unwrap_or(order.intent.quantity);
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
        if !mirror.flows.insert(flow.to_owned()) {
            return false;
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
