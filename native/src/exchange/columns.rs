//! What an exchange has on record, as columns of numpy arrays.

use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::python::SimExchange;
use crate::order::NONE;

/// One value of each row.
fn column<T, V>(rows: &[(usize, &T)], get: impl Fn(&T) -> V) -> Vec<V> {
    rows.iter().map(|&(_, row)| get(row)).collect()
}

#[pymethods]
impl SimExchange {
    /// Texts of the tag codes.
    fn tags(&self) -> Vec<String> {
        let tags = &self.exchange.tags;
        (0..tags.len()).map(|index| tags.get(index).cloned().unwrap_or_default()).collect()
    }

    /// The executions, as columns.
    fn fills<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows: Vec<_> = self.exchange.fills.iter().collect();
        let columns = PyDict::new(py);
        columns.set_item("id", rows.iter().map(|&(id, _)| id as i64).collect::<Vec<_>>().into_pyarray(py))?;
        macro_rules! column {
            ($name:literal, $get:expr) => {
                columns.set_item($name, column(&rows, $get).into_pyarray(py))?
            };
        }
        column!("order", |row| i64::from(row.order));
        column!("instrument", |row| i64::from(row.instrument));
        column!("ts", |row| row.ts);
        column!("index", |row| row.index);
        column!("side", |row| row.side);
        column!("price", |row| row.price);
        column!("quantity", |row| row.quantity);
        column!("fee", |row| row.fee);
        column!("slippage", |row| row.slippage);
        column!("liquidity", |row| i8::from(row.maker));
        Ok(columns)
    }

    /// The closed trades, as columns.
    fn trades<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows: Vec<_> = self.exchange.trades.iter().collect();
        let columns = PyDict::new(py);
        macro_rules! column {
            ($name:literal, $get:expr) => {
                columns.set_item($name, column(&rows, $get).into_pyarray(py))?
            };
        }
        column!("instrument", |row| i64::from(row.instrument));
        column!("side", |row| row.side);
        column!("quantity", |row| row.quantity);
        column!("entry_ts", |row| row.entry_ts);
        column!("exit_ts", |row| row.exit_ts);
        column!("entry_index", |row| row.entry_index);
        column!("exit_index", |row| row.exit_index);
        column!("entry_price", |row| row.entry_price);
        column!("exit_price", |row| row.exit_price);
        column!("pnl", |row| row.pnl);
        column!("fees", |row| row.fees);
        column!("entry_order", |row| i64::from(row.entry_order));
        column!("exit_order", |row| i64::from(row.exit_order));
        column!("tag", |row| i64::from(row.tag));
        Ok(columns)
    }

    /// The orders, as columns.
    fn orders<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows: Vec<_> = self.exchange.orders.iter().collect();
        let columns = PyDict::new(py);
        columns.set_item("id", rows.iter().map(|&(id, _)| id as i64).collect::<Vec<_>>().into_pyarray(py))?;
        macro_rules! column {
            ($name:literal, $get:expr) => {
                columns.set_item($name, column(&rows, $get).into_pyarray(py))?
            };
        }
        column!("instrument", |row| i64::from(row.intent.instrument));
        column!("type", |row| row.intent.kind as i8);
        column!("side", |row| row.intent.side.sign() as i8);
        column!("tif", |row| row.intent.tif as i8);
        column!("quantity", |row| row.intent.quantity);
        column!("filled", |row| row.filled);
        column!("price", |row| row.intent.price);
        column!("trigger", |row| row.intent.trigger);
        column!("state", |row| row.state as i8);
        column!("created_ts", |row| row.created_ts);
        column!("final_ts", |row| row.final_ts);
        column!("parent", |row| if row.intent.parent == NONE { -1 } else { i64::from(row.intent.parent) });
        column!("reason", |row| row.reason as i8);
        column!("tag", |row| i64::from(row.intent.tag));
        Ok(columns)
    }

    /// The exits each order brought, as columns beside those of `orders`; NaN where it brought none.
    fn brackets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows: Vec<_> = self.exchange.orders.iter().collect();
        let columns = PyDict::new(py);
        macro_rules! column {
            ($($name:ident),*) => {
                $(columns.set_item(
                    stringify!($name),
                    column(&rows, |row| row.intent.bracket.$name).into_pyarray(py),
                )?;)*
            };
        }
        column!(stop_loss, take_profit, stop_loss_pct, take_profit_pct, trailing_stop, trailing_stop_pct);
        column!(trailing_activation_pct);
        Ok(columns)
    }
}
