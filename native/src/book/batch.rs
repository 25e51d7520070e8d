//! Level updates as Python gives them: pairs, or columns for whole batches.

use numpy::PyReadonlyArray2;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use super::{Gap, Ids, OrderBook, Verdict};

/// (price, size) pairs: an array of two columns, or any sequence of pairs.
#[derive(FromPyObject)]
pub enum Levels<'py> {
    /// Rows of price and size.
    #[pyo3(transparent)]
    Array(PyReadonlyArray2<'py, f64>),
    /// Pairs of price and size.
    #[pyo3(transparent)]
    Pairs(Vec<(f64, f64)>),
}

impl Levels<'_> {
    /// The pairs; refuses an array of another width.
    pub fn pairs(self) -> PyResult<Vec<(f64, f64)>> {
        match self {
            Levels::Pairs(pairs) => Ok(pairs),
            Levels::Array(array) if array.as_array().ncols() == 2 => {
                Ok(array.as_array().outer_iter().map(|row| (row[0], row[1])).collect())
            }
            Levels::Array(array) => Err(PyValueError::new_err(format!(
                "levels: an array needs the 2 columns price and size, not {}",
                array.as_array().ncols()
            ))),
        }
    }
}

/// Columns of level updates.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// +1 for a bid, -1 for an ask.
    pub side: &'a [i8],
    /// Prices.
    pub price: &'a [f64],
    /// Sizes; 0 removes a level.
    pub size: &'a [f64],
}

impl Rows<'_> {
    /// Refuses columns of different lengths.
    pub fn check(&self) -> Result<(), String> {
        let (sides, prices, sizes) = (self.side.len(), self.price.len(), self.size.len());
        if sides == prices && sides == sizes {
            return Ok(());
        }
        Err(format!("side, price, size: lengths {sides}, {prices} and {sizes} differ"))
    }
}

/// Columns of diff messages; message i holds the rows `bounds[i]..bounds[i + 1]`.
pub struct Messages<'a> {
    /// Offsets of the messages' rows: one more than there are messages.
    pub bounds: &'a [i64],
    /// First update id of each message.
    pub first: &'a [i64],
    /// Last update id of each message.
    pub last: &'a [i64],
    /// Last update id of the message before each, where the venue gives it.
    pub previous: Option<&'a [i64]>,
}

impl Messages<'_> {
    /// Refuses offsets that do not cover `rows` rows in order.
    pub fn check(&self, rows: usize) -> Result<(), String> {
        let count = self.first.len();
        if self.last.len() != count || self.previous.is_some_and(|previous| previous.len() != count) {
            return Err("first, last, previous: lengths differ".to_owned());
        }
        let spans_all = self.bounds.first() == Some(&0) && self.bounds.last() == Some(&(rows as i64));
        if self.bounds.len() != count + 1 || !spans_all || !self.bounds.is_sorted() {
            return Err(format!(
                "bounds: {count} messages of {rows} rows need {} ascending offsets from 0 to {rows}",
                count + 1
            ));
        }
        Ok(())
    }

    /// Applies the messages that follow, skips the stale ones, stops at a gap. Returns the number of rows applied.
    pub fn apply(&self, core: &mut OrderBook, rows: Rows<'_>) -> Result<usize, MessageError> {
        let mut applied = 0;
        for (index, (&first, &last)) in self.first.iter().zip(self.last).enumerate() {
            let ids = Ids { first, last, previous: self.previous.map(|previous| previous[index]) };
            if core.sequence.check(ids).map_err(MessageError::Gap)? == Verdict::Stale {
                continue;
            }
            let (start, end) = (self.bounds[index] as usize, self.bounds[index + 1] as usize);
            core.apply_levels(&rows.side[start..end], &rows.price[start..end], &rows.size[start..end], start)
                .map_err(MessageError::Row)?;
            core.sequence.advance(ids);
            applied += end - start;
        }
        Ok(applied)
    }
}

/// Why a batch of messages stopped.
pub enum MessageError {
    /// A message was lost before this one.
    Gap(Gap),
    /// A row is not on the book's grid.
    Row(String),
}
