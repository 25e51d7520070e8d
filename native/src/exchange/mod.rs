//! The simulated exchange: one account, many instruments, one implementation for every use.
//!
//! `submit` takes and checks orders, `resting` keeps them; `steps` takes bars, quotes and trades, `path` walks the price
//! through a bar, `matching` fires the orders it meets, `depth` matches against an order book, `booking` books fills, `legs`
//! makes the exits of entries, `margin` watches the account, `clockwork` does what time brings (funding, borrow fees, expiry),
//! `quiet` says when nothing can happen, `undo` lets a bar be tried on both paths. `numbered` is the table of orders, fills and
//! trades, `forgetting` drops old rows of it, `spare` reuses its memory. `python` is its Python face, `feed` its market data
//! in, which `checks` looks at; `portfolio`, `views` and `columns` show what there is. `mirror` keeps the same account from a
//! broker's reports instead of matching; `books` is the Python face of that.

mod booking;
pub mod books;
mod checks;
mod clockwork;
mod columns;
mod depth;
mod feed;
mod forgetting;
mod legs;
mod margin;
mod market;
mod matching;
pub mod mirror;
mod numbered;
mod path;
mod portfolio;
pub mod python;
mod quiet;
mod resting;
mod spare;
mod steps;
mod submit;
mod undo;
pub mod views;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use forgetting::PastTrades;
pub use market::{DAY, Funding, Market};
pub use numbered::Numbered;

use crate::models::{FillAt, PathModel, SlippageModel};
use crate::order::{Order, OrderState, Reason};

/// How fills are simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    /// First price an order may get.
    pub fill: FillAt,
    /// Path inside a bar.
    pub path: PathModel,
    /// A limit fills when its price is touched (else only when it is passed).
    pub touch: bool,
    /// Largest share of a bar's volume that fills may take; infinity: no cap.
    pub participation: f64,
    /// Slippage of takers.
    pub slippage: SlippageModel,
    /// Leverage of perpetuals.
    pub leverage: f64,
    /// Prefix of client order ids.
    pub run_id: String,
}

impl Config {
    /// Whether every bar must be taken whole: an order may yet fill at its close, and against its volume.
    #[inline]
    pub fn keeps_bars(&self) -> bool {
        self.fill == FillAt::ThisClose && self.reads_volume()
    }

    /// Whether some model looks at the volume of bars.
    #[inline]
    pub fn reads_volume(&self) -> bool {
        self.participation.is_finite() || matches!(self.slippage, SlippageModel::VolumeShare(_))
    }
}

/// The account's money.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// Cash: start + all money that came and went. Equity = cash + value of positions.
    pub cash: f64,
    /// Fees paid.
    pub fees: f64,
    /// Slippage paid (inside the fill prices).
    pub slippage: f64,
    /// Funding paid.
    pub funding: f64,
    /// Borrow fees paid.
    pub borrow: f64,
    /// Profit of closed trades, net of fees.
    pub realized: f64,
    /// Margin set aside for open orders.
    pub reserved: f64,
    /// Open orders that hold some of it.
    pub reserving: u32,
    /// Short positions.
    pub shorts: u32,
}

impl Account {
    /// Cash left and nothing sold short: whatever prices do, equity stays above any maintenance margin.
    #[inline(always)]
    pub fn is_unlevered(&self) -> bool {
        self.cash > 0.0 && self.shorts == 0
    }
}

/// One execution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fill {
    /// Order.
    pub order: u32,
    /// Instrument.
    pub instrument: u32,
    /// Time of the step, ns UTC.
    pub ts: i64,
    /// Index of the step.
    pub index: i64,
    /// +1 bought, -1 sold.
    pub side: i8,
    /// Price.
    pub price: f64,
    /// Quantity.
    pub quantity: f64,
    /// Fee.
    pub fee: f64,
    /// Price distance paid.
    pub slippage: f64,
    /// Rested in the book.
    pub maker: bool,
}

/// What an entry order and an exit order made together.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trade {
    /// Instrument.
    pub instrument: u32,
    /// +1 long, -1 short.
    pub side: i8,
    /// Quantity.
    pub quantity: f64,
    /// Time of the entry.
    pub entry_ts: i64,
    /// Time of the exit.
    pub exit_ts: i64,
    /// Bar of the entry.
    pub entry_index: i64,
    /// Bar of the exit.
    pub exit_index: i64,
    /// Average entry price.
    pub entry_price: f64,
    /// Average exit price.
    pub exit_price: f64,
    /// Profit net of both fees.
    pub pnl: f64,
    /// Both fees.
    pub fees: f64,
    /// Entry order.
    pub entry_order: u32,
    /// Exit order.
    pub exit_order: u32,
    /// Tag of the exit order.
    pub tag: u32,
}

/// Something that happened to an order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Time, ns UTC.
    pub ts: i64,
    /// Order.
    pub order: u32,
    /// State it is in now.
    pub state: OrderState,
    /// Why.
    pub reason: Reason,
    /// The fill, for fills.
    pub fill: Option<u32>,
}

/// The simulated exchange and its one account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exchange {
    /// How fills are simulated.
    pub config: Config,
    /// Instruments.
    pub markets: Vec<Market>,
    /// The orders; the id is the number.
    pub orders: Numbered<Order>,
    /// One-cancels-other groups.
    pub groups: Numbered<Vec<u32>>,
    /// The caller's group numbers.
    pub named_groups: BTreeMap<u32, u32>,
    /// Orders that wait for their parent's fill.
    pub children: BTreeMap<u32, Vec<u32>>,
    /// Money.
    pub account: Account,
    /// Executions.
    pub fills: Numbered<Fill>,
    /// Closed trades.
    pub trades: Numbered<Trade>,
    /// Those that are no longer kept.
    pub past_trades: PastTrades,
    /// Events not yet taken.
    pub events: Vec<Event>,
    /// Whether events are kept.
    pub record_events: bool,
    /// Texts of tags; index 0 is the empty one.
    pub tags: Numbered<String>,
    /// Their indices; filled from the texts where it is empty.
    #[serde(skip)]
    tag_index: std::collections::HashMap<String, u32>,
    /// Bars whose result depended on the path.
    pub ambiguous: u64,
    /// Current time, ns UTC.
    pub now: i64,
    /// Instruments with a position, ascending.
    pub held: Vec<u32>,
    /// Equity less maintenance margin at the last marks; NaN: to be worked out.
    pub slack: f64,
    /// Markets whose bar has opened and not closed yet, with the orders set aside until it does.
    pub opened: BTreeMap<u32, Vec<u32>>,
    /// Counts orders put where they wait.
    pub arrivals: u64,
    /// Whether a position was liquidated in the present step.
    pub forced: bool,
    /// What an account kept from a broker's reports has beside; none in the simulation.
    pub mirror: Option<Box<mirror::Mirror>>,
    #[serde(skip)]
    undo: Option<Box<undo::Undo>>,
}

/// The tags the exchange itself gives.
pub mod tag {
    /// Their texts.
    pub const OWN: [&str; 6] = ["", "stop_loss", "take_profit", "trailing_stop", "liquidation", "signal"];
    /// A bracket's stop.
    pub const STOP_LOSS: u32 = 1;
    /// A bracket's target.
    pub const TAKE_PROFIT: u32 = 2;
    /// A bracket's trailing stop.
    pub const TRAILING_STOP: u32 = 3;
    /// A liquidation.
    pub const LIQUIDATION: u32 = 4;
    /// An exit that the strategy asked for and did not name.
    pub const SIGNAL: u32 = 5;
}

impl Exchange {
    /// An exchange with an account that holds cash alone.
    pub fn new(markets: Vec<Market>, cash: f64, config: Config) -> Self {
        let spare::Tables { orders, fills, trades } = spare::Tables::take();
        Self {
            config,
            markets,
            orders: Numbered::with_room(orders),
            groups: Numbered::with_room(Vec::new()),
            named_groups: BTreeMap::new(),
            children: BTreeMap::new(),
            account: Account {
                cash,
                fees: 0.0,
                slippage: 0.0,
                funding: 0.0,
                borrow: 0.0,
                realized: 0.0,
                reserved: 0.0,
                reserving: 0,
                shorts: 0,
            },
            fills: Numbered::with_room(fills),
            trades: Numbered::with_room(trades),
            past_trades: PastTrades::default(),
            events: Vec::new(),
            record_events: true,
            tags: Numbered::with_room(tag::OWN.map(String::from).to_vec()),
            tag_index: std::collections::HashMap::new(),
            ambiguous: 0,
            now: 0,
            held: Vec::new(),
            slack: f64::NAN,
            opened: BTreeMap::new(),
            arrivals: 0,
            forced: false,
            mirror: None,
            undo: None,
        }
    }

    /// Index of a tag's text.
    pub fn intern(&mut self, text: &str) -> u32 {
        if self.tag_index.is_empty() {
            self.tag_index = self.tags.iter().map(|(index, text)| (text.clone(), index as u32)).collect();
        }
        if let Some(&index) = self.tag_index.get(text) {
            return index;
        }
        let index = self.tags.len() as u32;
        self.tags.push(text.to_owned());
        self.tag_index.insert(text.to_owned(), index);
        index
    }

    /// Notes what happened to an order.
    fn emit(&mut self, order: u32, fill: Option<u32>) {
        if self.record_events {
            let (state, reason) = (self.orders[order as usize].state, self.orders[order as usize].reason);
            self.events.push(Event { ts: self.now, order, state, reason, fill });
        }
    }
}
