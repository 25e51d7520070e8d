//! The order book's Python class: prices and sizes as floats, sides as "buy" (bid) and "sell" (ask).

use numpy::{PyArray2, PyReadonlyArray1, ToPyArray};
use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::batch::{Levels, MessageError, Messages, Rows};
use super::{Fill, Gap, Ids, Level, OrderBook, Remainder, Side, Verdict};
use crate::sealed;

create_exception!(
    tradebot_native,
    SequenceGap,
    PyValueError,
    "A diff message does not follow the one before: updates were lost. Take a new snapshot."
);

impl From<Gap> for PyErr {
    fn from(gap: Gap) -> PyErr {
        SequenceGap::new_err(gap.to_string())
    }
}

impl From<MessageError> for PyErr {
    fn from(error: MessageError) -> PyErr {
        match error {
            MessageError::Gap(gap) => gap.into(),
            MessageError::Row(fact) => PyValueError::new_err(fact),
        }
    }
}

/// Rows of price and size.
type LevelRows<'py> = Bound<'py, PyArray2<f64>>;

/// A maker's id, the price and the size of a match.
type FillRow = (u64, f64, f64);

/// Price-time priority order book, from level updates (L2) or from single orders (L3).
#[pyclass(module = "tradebot_native", name = "OrderBook")]
pub struct PyOrderBook {
    core: OrderBook,
}

impl PyOrderBook {
    /// The book.
    pub fn core(&self) -> &OrderBook {
        &self.core
    }
}

#[pymethods]
impl PyOrderBook {
    #[new]
    fn new(tick_size: f64, lot_size: f64) -> PyResult<Self> {
        OrderBook::new(tick_size, lot_size).map(|core| Self { core }).map_err(PyValueError::new_err)
    }

    #[getter]
    fn tick_size(&self) -> f64 {
        self.core.prices().step()
    }

    #[getter]
    fn lot_size(&self) -> f64 {
        self.core.sizes().step()
    }

    /// Last update id in the book, None before a snapshot.
    #[getter]
    fn sequence(&self) -> Option<i64> {
        self.core.sequence.last
    }

    /// Replace the whole book by a snapshot as of update id `seq`.
    fn apply_snapshot(&mut self, bids: Levels<'_>, asks: Levels<'_>, seq: i64) -> PyResult<()> {
        self.core.apply_snapshot(&bids.pairs()?, &asks.pairs()?, seq).map_err(PyValueError::new_err)
    }

    /// Set the size of one level; 0 removes it.
    fn apply(&mut self, side: &str, price: f64, size: f64) -> PyResult<()> {
        self.core.apply(parse_side(side)?, price, size).map_err(PyValueError::new_err)
    }

    /// Apply one diff message; False when the book already held it.
    #[pyo3(signature = (bids, asks, first, last, previous = None))]
    fn apply_diff(
        &mut self,
        bids: Levels<'_>,
        asks: Levels<'_>,
        first: i64,
        last: i64,
        previous: Option<i64>,
    ) -> PyResult<bool> {
        let ids = Ids { first, last, previous };
        if self.core.sequence.check(ids)? == Verdict::Stale {
            return Ok(false);
        }
        for (side, levels) in [(Side::Bid, bids), (Side::Ask, asks)] {
            for (price, size) in levels.pairs()? {
                self.core.apply(side, price, size).map_err(PyValueError::new_err)?;
            }
        }
        self.core.sequence.advance(ids);
        Ok(true)
    }

    /// Apply many level updates, grouped in diff messages when `bounds` is given. Returns the number applied.
    #[pyo3(signature = (side, price, size, *, bounds = None, first = None, last = None, previous = None))]
    #[allow(clippy::too_many_arguments)]
    fn apply_deltas(
        &mut self,
        py: Python<'_>,
        side: PyReadonlyArray1<'_, i8>,
        price: PyReadonlyArray1<'_, f64>,
        size: PyReadonlyArray1<'_, f64>,
        bounds: Option<PyReadonlyArray1<'_, i64>>,
        first: Option<PyReadonlyArray1<'_, i64>>,
        last: Option<PyReadonlyArray1<'_, i64>>,
        previous: Option<PyReadonlyArray1<'_, i64>>,
    ) -> PyResult<usize> {
        let rows = Rows { side: side.as_slice()?, price: price.as_slice()?, size: size.as_slice()? };
        rows.check().map_err(PyValueError::new_err)?;
        let Some(bounds) = bounds else {
            if first.is_some() || last.is_some() || previous.is_some() {
                return Err(PyValueError::new_err("bounds: update ids need the bounds of their messages"));
            }
            let core = &mut self.core;
            py.detach(|| core.apply_levels(rows.side, rows.price, rows.size, 0)).map_err(PyValueError::new_err)?;
            return Ok(rows.side.len());
        };
        let (Some(first), Some(last)) = (first, last) else {
            return Err(PyValueError::new_err("first, last: messages need their first and last update ids"));
        };
        let messages = Messages {
            bounds: bounds.as_slice()?,
            first: first.as_slice()?,
            last: last.as_slice()?,
            previous: previous.as_ref().map(|array| array.as_slice()).transpose()?,
        };
        messages.check(rows.side.len()).map_err(PyValueError::new_err)?;
        let core = &mut self.core;
        py.detach(|| messages.apply(core, rows)).map_err(PyErr::from)
    }

    /// Best bid as (price, size).
    #[getter]
    fn best_bid(&self) -> Option<(f64, f64)> {
        self.core.best(Side::Bid).map(|level| self.quote(level))
    }

    /// Best ask as (price, size).
    #[getter]
    fn best_ask(&self) -> Option<(f64, f64)> {
        self.core.best(Side::Ask).map(|level| self.quote(level))
    }

    /// Halfway between best bid and best ask.
    #[getter]
    fn mid(&self) -> Option<f64> {
        self.core.mid_tick().map(|ticks| self.core.prices().scaled(ticks))
    }

    /// Best ask less best bid.
    #[getter]
    fn spread(&self) -> Option<f64> {
        self.core.spread_ticks().map(|ticks| self.core.prices().value(ticks))
    }

    /// Mid weighted by the opposite sides' sizes.
    #[getter]
    fn microprice(&self) -> Option<f64> {
        self.core.microprice_tick().map(|ticks| self.core.prices().scaled(ticks))
    }

    /// Best `n` levels of bids and asks, each an array of rows (price, size), best first.
    fn depth<'py>(&self, py: Python<'py>, n: usize) -> PyResult<(LevelRows<'py>, LevelRows<'py>)> {
        Ok((self.side_depth(py, Side::Bid, n)?, self.side_depth(py, Side::Ask, n)?))
    }

    /// Size at a price of a side; 0 where there is no level.
    fn size_at(&self, side: &str, price: f64) -> PyResult<f64> {
        let (side, tick) = (parse_side(side)?, self.tick(price)?);
        Ok(self.core.sizes().value(self.core.lots_at(side, tick)))
    }

    /// Number of levels of bids and asks.
    #[getter]
    fn level_count(&self) -> (usize, usize) {
        (self.core.level_count(Side::Bid), self.core.level_count(Side::Ask))
    }

    /// What a taker would get, no worse than `limit`, as (filled, average price, levels); the book stays as it is.
    #[pyo3(signature = (side, quantity, limit = None))]
    fn walk(&self, side: &str, quantity: f64, limit: Option<f64>) -> PyResult<(f64, f64, usize)> {
        let side = parse_side(side)?;
        if quantity.is_nan() || quantity < 0.0 {
            return Err(PyValueError::new_err(format!("quantity: {quantity} is not a number of 0 or more")));
        }
        let limit = limit.map(|limit| match side {
            Side::Bid => self.core.prices().floor(limit),
            Side::Ask => self.core.prices().ceil(limit),
        });
        let walk = self.core.walk(side, self.core.sizes().floor(quantity), limit);
        Ok((self.core.sizes().value(walk.lots), self.core.prices().scaled(walk.average_tick), walk.levels))
    }

    /// Rest an order behind the others at its price.
    fn add(&mut self, order_id: u64, side: &str, price: f64, size: f64) -> PyResult<()> {
        let (side, tick, lots) = (parse_side(side)?, self.tick(price)?, self.lots(size)?);
        self.core.add(order_id, side, tick, lots).map_err(PyValueError::new_err)
    }

    /// Change an order; a smaller size at the same price keeps its place, any other change puts it last.
    #[pyo3(signature = (order_id, size, price = None))]
    fn modify(&mut self, order_id: u64, size: f64, price: Option<f64>) -> PyResult<()> {
        let lots = self.lots(size)?;
        let tick = match (price, self.core.order(order_id)) {
            (Some(price), _) => self.tick(price)?,
            (None, order) => order.map_or(0, |order| order.tick),
        };
        self.core.modify(order_id, tick, lots).map_err(PyValueError::new_err)
    }

    /// Remove an order; returns the size it still had.
    fn cancel(&mut self, order_id: u64) -> PyResult<f64> {
        let order = self.core.cancel(order_id).map_err(PyValueError::new_err)?;
        Ok(self.core.sizes().value(order.lots))
    }

    /// Take a traded size off an order; returns what is left of it.
    fn execute(&mut self, order_id: u64, size: f64) -> PyResult<f64> {
        let left = self.core.execute(order_id, self.lots(size)?).map_err(PyValueError::new_err)?;
        Ok(self.core.sizes().value(left))
    }

    /// Match an incoming limit order; what is left rests when `tif` is "gtc". Returns (maker id, price, size) rows.
    #[pyo3(signature = (order_id, side, price, size, *, tif = "gtc"))]
    fn match_limit(&mut self, order_id: u64, side: &str, price: f64, size: f64, tif: &str) -> PyResult<Vec<FillRow>> {
        let (side, tick, lots) = (parse_side(side)?, self.tick(price)?, self.lots(size)?);
        let remainder = match tif {
            "gtc" => Remainder::Rests,
            "ioc" => Remainder::Dropped,
            "fok" => Remainder::Forbidden,
            other => return Err(PyValueError::new_err(format!("tif: {other:?} is not one of gtc, ioc, fok"))),
        };
        let fills = self.core.match_limit(order_id, side, tick, lots, remainder).map_err(PyValueError::new_err)?;
        Ok(self.rows(&fills))
    }

    /// Match an incoming market order as far as the book goes. Returns (maker id, price, size) rows.
    fn match_market(&mut self, side: &str, size: f64) -> PyResult<Vec<FillRow>> {
        let fills = self.core.match_market(parse_side(side)?, self.lots(size)?).map_err(PyValueError::new_err)?;
        Ok(self.rows(&fills))
    }

    /// A resting order as (side, price, size), None when it is not in the book.
    fn order(&self, order_id: u64) -> Option<(&'static str, f64, f64)> {
        let order = self.core.order(order_id)?;
        Some((side_word(order.side), self.core.prices().value(order.tick), self.core.sizes().value(order.lots)))
    }

    /// Number of resting orders.
    #[getter]
    fn order_count(&self) -> usize {
        self.core.order_count()
    }

    /// Orders and size ahead of an order at its price, None when it is not in the book.
    fn queue_position(&self, order_id: u64) -> Option<(usize, f64)> {
        let (orders, lots) = self.core.queue_position(order_id)?;
        Some((orders, self.core.sizes().value(lots)))
    }

    /// The book as bytes.
    fn save<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = sealed::seal(&self.core).map_err(|fact| PyValueError::new_err(format!("save: {fact}")))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The book of bytes that `save` gave.
    #[staticmethod]
    fn restore(data: &[u8]) -> PyResult<Self> {
        let core = sealed::open(data).map_err(|fact| {
            PyValueError::new_err(format!("restore: these bytes are not a saved order book ({fact})"))
        })?;
        Ok(Self { core })
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        Ok((slf.getattr("restore")?, (slf.borrow().save(slf.py())?,)))
    }

    fn __repr__(&self) -> String {
        let (bids, asks) = self.level_count();
        let side =
            |level: Option<(f64, f64)>| level.map_or("-".to_owned(), |(price, size)| format!("{price} x {size}"));
        format!("OrderBook(bid {}, ask {}, {bids} + {asks} levels)", side(self.best_bid()), side(self.best_ask()))
    }
}

impl PyOrderBook {
    fn tick(&self, price: f64) -> PyResult<i64> {
        self.core.tick(price).map_err(PyValueError::new_err)
    }

    fn lots(&self, size: f64) -> PyResult<i64> {
        self.core.lots(size).map_err(PyValueError::new_err)
    }

    fn quote(&self, level: Level) -> (f64, f64) {
        (self.core.prices().value(level.tick), self.core.sizes().value(level.lots))
    }

    fn rows(&self, fills: &[Fill]) -> Vec<FillRow> {
        let row = |fill: &Fill| (fill.maker, self.core.prices().value(fill.tick), self.core.sizes().value(fill.lots));
        fills.iter().map(row).collect()
    }

    fn side_depth<'py>(&self, py: Python<'py>, side: Side, n: usize) -> PyResult<LevelRows<'py>> {
        let flat: Vec<f64> =
            self.core.levels(side).take(n).map(|level| self.quote(level)).flat_map(|q| [q.0, q.1]).collect();
        let array = flat.to_pyarray(py);
        numpy::PyArrayMethods::reshape(&array, [flat.len() / 2, 2])
    }
}

fn parse_side(word: &str) -> PyResult<Side> {
    match word {
        "buy" => Ok(Side::Bid),
        "sell" => Ok(Side::Ask),
        _ => Err(PyValueError::new_err(format!("side: {word:?} is not one of buy, sell"))),
    }
}

const fn side_word(side: Side) -> &'static str {
    match side {
        Side::Bid => "buy",
        Side::Ask => "sell",
    }
}

/// Adds the order book and its error to the Python module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("SequenceGap", m.py().get_type::<SequenceGap>())?;
    m.add_class::<PyOrderBook>()
}
