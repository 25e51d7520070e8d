//! Rules: conditions computed beforehand for every bar, and what follows from them.

use numpy::{PyArray1, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::data::Column;
use crate::exchange::Exchange;
use crate::exchange::python::SimExchange;
use crate::order::{Bracket, OrderType, Side};
use crate::trader::{Entry, Trader, TraderState};

const ENTER_LONG: u8 = 1;
const EXIT_LONG: u8 = 2;
const ENTER_SHORT: u8 = 4;
const EXIT_SHORT: u8 = 8;

/// A price for exits: none, one for all bars, or one per bar.
enum Level {
    None,
    Constant(f64),
    Series(Column<f64>),
}

impl Level {
    fn new(value: Option<&Bound<'_, PyAny>>, name: &str, len: usize) -> PyResult<Self> {
        let Some(value) = value else { return Ok(Level::None) };
        if let Ok(constant) = value.extract::<f64>() {
            return Ok(Level::Constant(constant));
        }
        let array = value
            .cast::<PyArray1<f64>>()
            .map_err(|_| PyValueError::new_err(format!("{name}: neither a number nor an array of doubles")))?;
        let column = Column::new(array, name)?;
        if column.as_slice().len() != len {
            return Err(PyValueError::new_err(format!("{name}: its length differs from the bars'")));
        }
        Ok(Level::Series(column))
    }

    fn at(&self, index: usize) -> f64 {
        match self {
            Level::None => f64::NAN,
            Level::Constant(value) => *value,
            Level::Series(column) => column.as_slice()[index],
        }
    }

    /// A level that should be there and is not: the entry would go unprotected.
    fn is_missing(&self, index: usize) -> bool {
        matches!(self, Level::Series(column) if column.as_slice()[index].is_nan())
    }
}

/// Conditions of one instrument, one byte a bar, and the exits that go with an entry.
#[pyclass(module = "tradebot_native", frozen)]
pub struct RuleSet {
    /// Conditions that hold, by bar.
    pub(super) signals: Vec<u8>,
    /// Bars on which some condition holds.
    words: Vec<u32>,
    warmup: usize,
    levels: [Level; 7],
}

fn merge_mask(signals: &mut [u8], mask: Option<&Bound<'_, PyArray1<u8>>>, bit: u8, name: &str) -> PyResult<()> {
    let Some(mask) = mask else { return Ok(()) };
    let mask = mask.readonly();
    let mask = mask.as_slice()?;
    if mask.len() != signals.len() {
        return Err(PyValueError::new_err(format!("{name}: its length differs from the bars'")));
    }
    for (signal, &on) in signals.iter_mut().zip(mask) {
        *signal |= u8::from(on != 0) * bit;
    }
    Ok(())
}

/// Indices of the bytes that are not zero; eight are looked at together.
fn speaking(signals: &[u8]) -> Vec<u32> {
    let mut words = Vec::with_capacity(signals.len() / 16);
    let mut blocks = signals.chunks_exact(8);
    for (block, bytes) in blocks.by_ref().enumerate() {
        let mut left =
            u64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]);
        while left != 0 {
            let offset = left.trailing_zeros() / 8;
            words.push(block as u32 * 8 + offset);
            left &= !(0xff << (offset * 8));
        }
    }
    let tail = signals.len() - blocks.remainder().len();
    let rest = blocks.remainder().iter().enumerate().filter(|(_, byte)| **byte != 0);
    words.extend(rest.map(|(offset, _)| (tail + offset) as u32));
    words
}

#[pymethods]
impl RuleSet {
    #[new]
    #[pyo3(signature = (length, *, warmup = 0, enter_long = None, exit_long = None, enter_short = None,
        exit_short = None, stop_loss = None, take_profit = None, stop_loss_pct = None, take_profit_pct = None,
        trailing_stop = None, trailing_stop_pct = None, trailing_activation_pct = None))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        length: usize,
        warmup: usize,
        enter_long: Option<&Bound<'_, PyArray1<u8>>>,
        exit_long: Option<&Bound<'_, PyArray1<u8>>>,
        enter_short: Option<&Bound<'_, PyArray1<u8>>>,
        exit_short: Option<&Bound<'_, PyArray1<u8>>>,
        stop_loss: Option<&Bound<'_, PyAny>>,
        take_profit: Option<&Bound<'_, PyAny>>,
        stop_loss_pct: Option<&Bound<'_, PyAny>>,
        take_profit_pct: Option<&Bound<'_, PyAny>>,
        trailing_stop: Option<&Bound<'_, PyAny>>,
        trailing_stop_pct: Option<&Bound<'_, PyAny>>,
        trailing_activation_pct: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let mut signals = vec![0; length];
        merge_mask(&mut signals, enter_long, ENTER_LONG, "enter_long")?;
        merge_mask(&mut signals, exit_long, EXIT_LONG, "exit_long")?;
        merge_mask(&mut signals, enter_short, ENTER_SHORT, "enter_short")?;
        merge_mask(&mut signals, exit_short, EXIT_SHORT, "exit_short")?;
        let warm = warmup.min(length);
        signals[..warm].fill(0);
        Ok(Self {
            words: speaking(&signals),
            signals,
            warmup,
            levels: [
                Level::new(stop_loss, "stop_loss", length)?,
                Level::new(take_profit, "take_profit", length)?,
                Level::new(stop_loss_pct, "stop_loss_pct", length)?,
                Level::new(take_profit_pct, "take_profit_pct", length)?,
                Level::new(trailing_stop, "trailing_stop", length)?,
                Level::new(trailing_stop_pct, "trailing_stop_pct", length)?,
                Level::new(trailing_activation_pct, "trailing_activation_pct", length)?,
            ],
        })
    }

    /// Bars before the rules may speak.
    #[getter]
    fn warmup(&self) -> usize {
        self.warmup
    }
}

impl RuleSet {
    fn bracket(&self, index: usize) -> Bracket {
        let at = |n: usize| self.levels[n].at(index);
        Bracket {
            stop_loss: at(0),
            take_profit: at(1),
            stop_loss_pct: at(2),
            take_profit_pct: at(3),
            trailing_stop: at(4),
            trailing_stop_pct: at(5),
            trailing_activation_pct: at(6),
        }
    }

    /// Bars of `from..to` on which some condition holds.
    pub(super) fn words_within(&self, from: usize, to: usize) -> &[u32] {
        let first = self.words.partition_point(|&index| (index as usize) < from);
        let end = self.words.partition_point(|&index| (index as usize) < to);
        &self.words[first..end]
    }

    /// Acts on the conditions of a bar.
    pub(super) fn act(&self, trader: &mut TraderState, exchange: &mut Exchange, i: usize, index: usize) {
        let protected = !self.levels.iter().any(|level| level.is_missing(index));
        follow(trader, exchange, i, self.signals[index], || self.bracket(index), protected);
    }
}

/// Acts on conditions, one bit each. An exit takes back an entry to the same side; two entries cancel out. An entry whose
/// exit has no value (`protected` is false) is denied.
#[inline]
fn follow(
    trader: &mut TraderState,
    exchange: &mut Exchange,
    i: usize,
    signal: u8,
    bracket: impl FnOnce() -> Bracket,
    protected: bool,
) {
    let side = match (signal & (ENTER_LONG | EXIT_LONG), signal & (ENTER_SHORT | EXIT_SHORT)) {
        (ENTER_LONG, short) if short != ENTER_SHORT => Some(Side::Buy),
        (long, ENTER_SHORT) if long != ENTER_LONG => Some(Side::Sell),
        _ => None,
    };
    if let Some(side) = side {
        let last = exchange.markets[i].last;
        let entry = Entry {
            side,
            kind: OrderType::Market,
            price: f64::NAN,
            reference: if protected { last } else { f64::NAN },
            bracket: bracket(),
            quantity: None,
            tag: 0,
            add: false,
        };
        trader.enter(exchange, i, &entry);
        return;
    }
    let held = exchange.markets[i].open_quantity();
    let entering = trader.entering(exchange, i);
    let long = held > 0.0 || entering == Some(Side::Buy);
    let short = held < 0.0 || entering == Some(Side::Sell);
    if (long && signal & EXIT_LONG != 0) || (short && signal & EXIT_SHORT != 0) {
        trader.exit(exchange, i, 1.0, 0);
    }
}

#[pymethods]
impl Trader {
    /// Acts on the conditions of rules at one bar, as (enter_long, exit_long, enter_short, exit_short), with the exits of an
    /// entry; one that was meant and is nan denies it.
    #[pyo3(signature = (exchange, instrument, conditions, *, stop_loss = None, take_profit = None, stop_loss_pct = None,
        take_profit_pct = None, trailing_stop = None, trailing_stop_pct = None, trailing_activation_pct = None))]
    #[allow(clippy::too_many_arguments)]
    fn follow(
        &mut self,
        exchange: &mut SimExchange,
        instrument: usize,
        conditions: (bool, bool, bool, bool),
        stop_loss: Option<f64>,
        take_profit: Option<f64>,
        stop_loss_pct: Option<f64>,
        take_profit_pct: Option<f64>,
        trailing_stop: Option<f64>,
        trailing_stop_pct: Option<f64>,
        trailing_activation_pct: Option<f64>,
    ) {
        let (enter_long, exit_long, enter_short, exit_short) = conditions;
        let signal = u8::from(enter_long) * ENTER_LONG
            + u8::from(exit_long) * EXIT_LONG
            + u8::from(enter_short) * ENTER_SHORT
            + u8::from(exit_short) * EXIT_SHORT;
        let levels = [
            stop_loss,
            take_profit,
            stop_loss_pct,
            take_profit_pct,
            trailing_stop,
            trailing_stop_pct,
            trailing_activation_pct,
        ];
        let protected = !levels.into_iter().flatten().any(f64::is_nan);
        let [stop_loss, take_profit, stop_loss_pct, take_profit_pct, trailing_stop, trailing_stop_pct, activation] =
            levels.map(|level| level.unwrap_or(f64::NAN));
        let bracket = Bracket {
            stop_loss,
            take_profit,
            stop_loss_pct,
            take_profit_pct,
            trailing_stop,
            trailing_stop_pct,
            trailing_activation_pct: activation,
        };
        follow(&mut self.state, &mut exchange.exchange, instrument, signal, || bracket, protected);
    }
}
