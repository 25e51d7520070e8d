//! The tables of a finished run lend their memory to the next one: in a sweep no run waits for fresh pages.

use std::sync::Mutex;

use super::{Exchange, Fill, Trade};
use crate::order::Order;

/// Rows made room for at the start; memory is taken only as it is written.
const ROOM: usize = 1 << 16;

/// Tables that grew beyond this many rows are given back instead.
const MOST: usize = 1 << 18;

/// Empty tables with room.
pub(super) struct Tables {
    pub orders: Vec<Order>,
    pub fills: Vec<Fill>,
    pub trades: Vec<Trade>,
}

static SPARE: Mutex<Option<Tables>> = Mutex::new(None);

impl Tables {
    /// The spare tables, or new ones.
    pub fn take() -> Self {
        let spare = SPARE.lock().ok().and_then(|mut spare| spare.take());
        spare.unwrap_or_else(|| Self {
            orders: Vec::with_capacity(ROOM),
            fills: Vec::with_capacity(ROOM),
            trades: Vec::with_capacity(ROOM),
        })
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.orders.room() > MOST || self.orders.room() < ROOM {
            return;
        }
        let mut tables =
            Tables { orders: self.orders.take_room(), fills: self.fills.take_room(), trades: self.trades.take_room() };
        tables.orders.clear();
        tables.fills.clear();
        tables.trades.clear();
        if let Ok(mut spare) = SPARE.lock() {
            *spare = Some(tables);
        }
    }
}
