//! The decision path after a strategy has spoken: signal, size, review, order. Backtest, paper and live share it.

use pyo3::exceptions::{PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::{Deserialize, Serialize};

use crate::exchange::python::SimExchange;
use crate::exchange::{Exchange, tag};
use crate::order::{Bracket, Intent, NONE, OrderIntent, OrderState, OrderType, Place, Reason, Side};
use crate::risk::{Limits, Protection, RiskLimits, Watch, child_opens, opens};
use crate::sealed;
use crate::signal::{Exit, Signal};
use crate::sizing::{Sizing, SizingRule};

/// A signal as plain values.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Side to hold.
    pub side: Side,
    /// Market, limit or stop.
    pub kind: OrderType,
    /// Limit or stop price; NaN for market.
    pub price: f64,
    /// Price the size is worked out on.
    pub reference: f64,
    /// Exits.
    pub bracket: Bracket,
    /// Quantity that overrides the sizer.
    pub quantity: Option<f64>,
    /// Tag.
    pub tag: u32,
    /// Whether it enters although the side is held.
    pub add: bool,
}

impl Entry {
    /// Distance to the nearest stop; NaN when there is none.
    fn stop_distance(&self) -> f64 {
        let bracket = &self.bracket;
        [
            (self.reference - bracket.stop_loss).abs(),
            self.reference * bracket.stop_loss_pct,
            bracket.trailing_stop,
            self.reference * bracket.trailing_stop_pct,
        ]
        .into_iter()
        .fold(f64::NAN, f64::min)
    }

    /// Whether stop and target lie on their proper sides of the reference.
    fn is_consistent(&self) -> bool {
        let sign = self.side.sign();
        let wrong =
            |level: f64, beyond: f64| !level.is_nan() && (level <= 0.0 || (level - self.reference) * beyond <= 0.0);
        let trails = !(self.side == Side::Buy && self.bracket.trailing_stop >= self.reference);
        trails && !wrong(self.bracket.stop_loss, -sign) && !wrong(self.bracket.take_profit, sign)
    }
}

/// The latest entry and exit orders of one instrument.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Pending {
    entry: u32,
    exit: u32,
}

/// Turns signals into orders on an exchange.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraderState {
    sizing: SizingRule,
    /// Exits of an entry that brings none.
    protection: Bracket,
    pending: Vec<Pending>,
    /// The limits and what they remember.
    pub watch: Watch,
}

fn is_live(exchange: &Exchange, id: u32) -> bool {
    exchange.orders.get(id as usize).is_some_and(|order| order.place != Place::Gone)
}

impl TraderState {
    /// A trader of `instruments` instruments.
    pub fn new(instruments: usize, sizing: SizingRule, limits: Limits, protection: Bracket) -> Self {
        let pending = vec![Pending { entry: NONE, exit: NONE }; instruments];
        Self { sizing, protection, pending, watch: Watch::new(limits) }
    }

    /// Instruments it trades.
    pub fn instruments(&self) -> usize {
        self.pending.len()
    }

    /// Acts on a wish to hold a side: nothing if it is held (unless it adds), a reversal if the other side is.
    pub fn enter(&mut self, exchange: &mut Exchange, i: usize, entry: &Entry) {
        let entry = &Entry { bracket: entry.bracket.or(&self.protection), ..*entry };
        let sign = entry.side.sign();
        let held = exchange.markets[i].open_quantity();
        if held * sign > 0.0 && !entry.add {
            return;
        }
        let pending = self.pending[i].entry;
        let replaces = is_live(exchange, pending);
        if replaces {
            let working = exchange.orders[pending as usize].intent;
            if working.side == entry.side && working.kind == OrderType::Market && entry.kind == OrderType::Market {
                return;
            }
            exchange.cancel(pending, Reason::Replaced);
        }
        if held * sign < 0.0 {
            self.exit(exchange, i, 1.0, entry.tag);
        }
        let spec = &exchange.markets[i].spec;
        let mut intent = Intent::market(i as u32, entry.side, 0.0);
        intent.kind = entry.kind;
        intent.bracket = entry.bracket;
        intent.tag = entry.tag;
        match entry.kind {
            OrderType::Limit => intent.price = spec.snap_price(entry.price),
            OrderType::Stop => intent.trigger = spec.snap_price(entry.price),
            _ => {}
        }
        let sized = entry.quantity.or_else(|| self.size(exchange, i, entry));
        let wanted = sized.unwrap_or(f64::NAN);
        intent.quantity = spec.snap_quantity(wanted);
        let refusal = if !entry.is_consistent() || wanted.is_nan() || entry.reference.is_nan() {
            Some(Reason::InvalidSignal)
        } else if intent.quantity < spec.min_quantity.max(spec.lot * 0.5) {
            Some(Reason::SizeTooSmall)
        } else {
            self.review(exchange, &intent, entry.reference)
        };
        self.pending[i].entry = match refusal {
            Some(reason) => exchange.deny(intent, reason),
            None => self.send_entry(exchange, intent),
        };
        if replaces {
            exchange.hold_back(self.pending[i].entry, pending);
        }
    }

    /// Why an order that opens a position is not sent, if anything speaks against it.
    fn review(&self, exchange: &Exchange, intent: &Intent, price: f64) -> Option<Reason> {
        let too_small = || exchange.is_stop_too_small(intent, price).then_some(Reason::StopTooSmall);
        self.watch.review(exchange, intent, price).or_else(too_small)
    }

    fn send_entry(&mut self, exchange: &mut Exchange, intent: Intent) -> u32 {
        let id = exchange.submit(intent);
        if !matches!(exchange.orders[id as usize].state, OrderState::Rejected | OrderState::Denied) {
            self.watch.on_entry(exchange.now);
        }
        id
    }

    /// Units for an entry: the sizer's answer, for risk sizing never more than the account can hold.
    fn size(&self, exchange: &Exchange, i: usize, entry: &Entry) -> Option<f64> {
        let spec = &exchange.markets[i].spec;
        if let SizingRule::Fixed(quantity) = self.sizing {
            return Some(quantity);
        }
        let equity = exchange.equity();
        let units = |rule: SizingRule| {
            rule.quantity(equity, entry.reference, entry.stop_distance(), spec.multiplier, spec.taker_fee)
        };
        let quantity = units(self.sizing)?;
        match self.sizing {
            SizingRule::Risk(_) => {
                let unit = entry.reference * spec.multiplier;
                // Margin and entry fee together take no more than equity: E = N / leverage + N fee.
                let fee = spec.taker_fee.max(0.0);
                let most =
                    spec.leverage_steps(exchange.config.leverage).into_iter().map(|(leverage, floor, ceiling)| {
                        let notional = (equity.max(0.0) / (1.0 / leverage + fee)).min(ceiling);
                        if notional >= floor { notional / unit } else { 0.0 }
                    });
                Some(quantity.min(most.fold(0.0, f64::max)))
            }
            _ => Some(quantity),
        }
    }

    /// Acts on a wish to leave: takes back a working entry and closes a share of the position.
    pub fn exit(&mut self, exchange: &mut Exchange, i: usize, fraction: f64, tag: u32) {
        let pending = self.pending[i];
        if is_live(exchange, pending.entry) {
            exchange.cancel(pending.entry, Reason::Replaced);
        }
        let Some(side) = exchange.closing_side(i) else { return };
        let market = &exchange.markets[i];
        let held = market.position.quantity.abs();
        if is_live(exchange, pending.exit) {
            if fraction < 1.0 || exchange.orders[pending.exit as usize].remaining() >= held {
                return;
            }
            // A part was leaving; now all of it shall.
            exchange.cancel(pending.exit, Reason::Replaced);
        }
        let market = &exchange.markets[i];
        let part = if fraction < 1.0 { market.spec.snap_quantity(held * fraction) } else { held };
        // What could not be sold afterwards goes too.
        let leaves_dust = market.spec.is_dust(market.spec.round_quantity(held - part), market.last);
        let quantity = if leaves_dust { held } else { part };
        if quantity > 0.0 {
            let tag = if tag == 0 { tag::SIGNAL } else { tag };
            let intent = Intent { reduce_only: true, tag, ..Intent::market(i as u32, side, quantity) };
            self.pending[i].exit = exchange.submit(intent);
        }
    }

    /// Side of the entry order that is working, if any.
    #[inline]
    pub fn entering(&self, exchange: &Exchange, i: usize) -> Option<Side> {
        let id = self.pending[i].entry;
        is_live(exchange, id).then(|| exchange.orders[id as usize].intent.side)
    }

    /// Reviews and submits an order that a policy asked for; quantity and prices are cut to the instrument's steps.
    pub fn order(&mut self, exchange: &mut Exchange, mut intent: Intent) -> u32 {
        let spec = &exchange.markets[intent.instrument as usize].spec;
        intent.quantity = spec.snap_quantity(intent.quantity);
        intent.price = spec.snap_price(intent.price);
        intent.trigger = spec.snap_price(intent.trigger);
        let last = exchange.markets[intent.instrument as usize].last;
        let own = if intent.price.is_nan() { intent.trigger } else { intent.price };
        let price = if own.is_nan() { last } else { own };
        if intent.quantity <= 0.0 {
            return exchange.deny(intent, Reason::SizeTooSmall);
        }
        if !opens(exchange, &intent) {
            return exchange.submit(intent);
        }
        intent.bracket = intent.bracket.or(&self.protection);
        if let Some(reason) = self.review(exchange, &intent, price) {
            return exchange.deny(intent, reason);
        }
        self.send_entry(exchange, intent)
    }

    /// Acts on what a strategy returned: `Signal`, `Exit`, or an error for anything else.
    pub fn act(
        &mut self,
        exchange: &mut Exchange,
        i: usize,
        said: &Bound<'_, PyAny>,
        quantity: Option<f64>,
    ) -> PyResult<()> {
        if let Ok(signal) = said.cast_exact::<Signal>() {
            let signal = signal.get();
            let tag = if signal.tag.is_empty() { 0 } else { exchange.intern(&signal.tag) };
            let entry = Entry {
                side: signal.side,
                kind: signal.kind,
                price: signal.limit.or(signal.stop).unwrap_or(f64::NAN),
                // An exit that was meant and is nan would leave the entry unprotected: without a reference it is denied.
                reference: if signal.lacks_exit { f64::NAN } else { signal.entry.unwrap_or(exchange.markets[i].last) },
                bracket: signal.bracket,
                quantity: signal.quantity.or(quantity),
                tag,
                add: signal.add,
            };
            self.enter(exchange, i, &entry);
            return Ok(());
        }
        if let Ok(exit) = said.cast_exact::<Exit>() {
            let exit = exit.get();
            let tag = if exit.tag.is_empty() { 0 } else { exchange.intern(&exit.tag) };
            self.exit(exchange, i, exit.fraction, tag);
            return Ok(());
        }
        let kind = said.get_type().name()?;
        Err(PyTypeError::new_err(format!(
            "returned {kind}; a decision is self.long(...), self.short(...), self.exit(...) or None"
        )))
    }
}

/// Signals to orders, reviewed: the native half of the decision path.
#[pyclass(module = "tradebot_native")]
pub struct Trader {
    /// The state.
    pub state: TraderState,
}

#[pymethods]
impl Trader {
    #[new]
    #[pyo3(signature = (instruments, sizing, limits = None, protection = None))]
    fn new(instruments: usize, sizing: &Sizing, limits: Option<&RiskLimits>, protection: Option<&Protection>) -> Self {
        let limits = limits.map_or(Limits::NONE, |limits| limits.limits);
        let protection = protection.map_or(Bracket::EMPTY, |protection| protection.bracket);
        Self { state: TraderState::new(instruments, sizing.rule, limits, protection) }
    }

    /// Acts on a signal or exit of one instrument; `quantity` is a sizer's answer where Python sizes.
    #[pyo3(signature = (exchange, instrument, said, quantity = None))]
    fn act(
        &mut self,
        exchange: &mut SimExchange,
        instrument: usize,
        said: &Bound<'_, PyAny>,
        quantity: Option<f64>,
    ) -> PyResult<()> {
        if instrument >= exchange.exchange.markets.len().min(self.state.pending.len()) {
            return Err(PyIndexError::new_err(format!("instrument {instrument} is not traded here")));
        }
        self.state.act(&mut exchange.exchange, instrument, said, quantity)
    }

    /// Reviews and submits an order.
    fn order(&mut self, exchange: &mut SimExchange, intent: &OrderIntent) -> PyResult<u32> {
        let intent = exchange.resolved(intent)?;
        Ok(self.state.order(&mut exchange.exchange, intent))
    }

    /// Tells the limits what the account is worth.
    fn on_equity(&mut self, now: i64, equity: f64) {
        self.state.watch.on_equity(now, equity);
    }

    /// Refuses an order that was not sent yet; an entry then counts in no limit.
    fn refuse(&mut self, exchange: &mut SimExchange, order: u32, reason: &str) -> PyResult<()> {
        let reason = Reason::parse(reason).map_err(PyValueError::new_err)?;
        let exchange = &mut exchange.exchange;
        match exchange.orders.get(order as usize) {
            Some(order) if !order.intent.reduce_only => self.state.watch.take_back_entry(order.created_ts),
            Some(_) => {}
            None => return Err(PyIndexError::new_err(format!("order {order} does not exist"))),
        }
        exchange.refuse(order, reason);
        Ok(())
    }

    /// Tells the limits of money that came into the account or left it, which is neither profit nor loss.
    fn on_transfer(&mut self, amount: f64) {
        self.state.watch.on_transfer(amount);
    }

    /// A person lets entries go on after a limit has ended them: losses count from here.
    fn release(&mut self) {
        self.state.watch.release();
    }

    /// Whether an order opens a position, or more of one.
    fn opens(&self, exchange: &SimExchange, order: u32) -> PyResult<bool> {
        let found = exchange.exchange.orders.get(order as usize);
        found
            .map(|order| order.reserve > 0.0 || child_opens(&exchange.exchange, &order.intent))
            .ok_or_else(|| PyIndexError::new_err(format!("order {order} does not exist")))
    }

    /// The whole state.
    fn save<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(PyBytes::new(py, &sealed::seal(&self.state).map_err(PyValueError::new_err)?))
    }

    /// Takes up a saved state.
    fn restore(&mut self, state: &[u8]) -> PyResult<()> {
        let state: TraderState = sealed::open(state)
            .map_err(|fact| PyValueError::new_err(format!("state: no saved trader of this version ({fact})")))?;
        if state.instruments() != self.state.instruments() {
            return Err(PyValueError::new_err("state: it belongs to a trader of other markets"));
        }
        self.state = state;
        Ok(())
    }

    /// Rule that has ended entries for good, or nothing.
    #[getter]
    fn halted(&self) -> &'static str {
        if self.state.watch.halted { Reason::MaxDrawdown.as_str() } else { "" }
    }
}
