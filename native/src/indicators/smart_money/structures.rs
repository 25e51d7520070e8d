//! The Python face: all structures of some bars as columns, or bar by bar.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::bars::{Bar, Side};
use super::blocks::Blocks;
use super::breaks::Breaks;
use super::facts::{Event, Fact};
use super::gaps::Gaps;
use super::liquidity::{Liquidity, Reach};
use super::retracement;
use super::swings::Swings;
use super::tracker::{Followed, SwingFacts};

type Both<T> = (T, T);
type All = (SwingFacts, (Breaks, (Both<Blocks>, (Gaps, Both<Liquidity>))));

/// A fact in the order of the columns of `facts`.
type Row = (u8, i8, usize, usize, f64, f64, f64, f64, usize, Option<usize>, Option<usize>, Option<usize>);

/// Every structure, bar by bar.
#[pyclass(module = "tradebot_native")]
pub struct SmartMoney {
    followed: Followed<All>,
    count: usize,
}

#[pymethods]
impl SmartMoney {
    /// `reach_bars` 0 takes `reach` for a distance in price, else for a share of the range of so many bars.
    #[new]
    fn new(
        swing_length: usize,
        close_break: bool,
        close_mitigation: bool,
        join_consecutive: bool,
        reach: f64,
        reach_bars: usize,
    ) -> PyResult<Self> {
        if swing_length == 0 {
            return Err(PyValueError::new_err("swing_length must be at least 1"));
        }
        let reach =
            if reach_bars == 0 { Reach::Fixed(reach) } else { Reach::Recent { share: reach, bars: reach_bars } };
        let blocks = |side| Blocks::new(side, close_mitigation);
        let pools = |side| Liquidity::new(side, reach, swing_length);
        let zones = (Gaps::new(join_consecutive), (pools(Side::Up), pools(Side::Down)));
        let all = (SwingFacts::default(), (Breaks::new(close_break), ((blocks(Side::Up), blocks(Side::Down)), zones)));
        Ok(Self { followed: Followed::new(Swings::new(swing_length, true), all), count: 0 })
    }

    /// Takes a bar; what became known with it: the event, and the fact as it then is.
    fn update(&mut self, open: f64, high: f64, low: f64, close: f64, volume: f64) -> Vec<(&'static str, Row)> {
        self.followed.step(Bar { time: self.count as f64, open, high, low, close, volume });
        self.count += 1;
        let facts = &self.followed.facts;
        facts.news.iter().map(|&(id, event)| (event_word(event), row(&facts.rows[id]))).collect()
    }

    /// Takes many bars at once.
    fn extend(
        &mut self,
        py: Python<'_>,
        open: PyReadonlyArray1<'_, f64>,
        high: PyReadonlyArray1<'_, f64>,
        low: PyReadonlyArray1<'_, f64>,
        close: PyReadonlyArray1<'_, f64>,
        volume: PyReadonlyArray1<'_, f64>,
    ) -> PyResult<()> {
        let columns = [open.as_slice()?, high.as_slice()?, low.as_slice()?, close.as_slice()?, volume.as_slice()?];
        if columns.iter().any(|column| column.len() != columns[0].len()) {
            return Err(PyValueError::new_err("columns differ in length"));
        }
        py.detach(|| {
            for bar in 0..columns[0].len() {
                let [open, high, low, close, volume] = columns.map(|column| column[bar]);
                self.followed.step(Bar { time: self.count as f64, open, high, low, close, volume });
                self.count += 1;
            }
        });
        Ok(())
    }

    /// Takes the last bar for a swing, as the package does.
    fn close(&mut self) {
        self.followed.close();
    }

    /// Every fact so far as columns by name; bars by number, -1 for what has not happened.
    fn facts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows = &self.followed.facts.rows;
        let columns = PyDict::new(py);
        let numbers = |of: fn(&Fact) -> i64| PyArray1::from_iter(py, rows.iter().map(of));
        let prices = |of: fn(&Fact) -> f64| PyArray1::from_iter(py, rows.iter().map(of));
        columns.set_item("kind", numbers(|fact| fact.kind as i64))?;
        columns.set_item("side", numbers(|fact| fact.side.sign() as i64))?;
        columns.set_item("start", numbers(|fact| fact.start as i64))?;
        columns.set_item("end", numbers(|fact| fact.end as i64))?;
        columns.set_item("top", prices(|fact| fact.top))?;
        columns.set_item("bottom", prices(|fact| fact.bottom))?;
        columns.set_item("volume", prices(|fact| fact.volume))?;
        columns.set_item("strength", prices(|fact| fact.strength))?;
        columns.set_item("known_at", numbers(|fact| fact.known_at as i64))?;
        columns.set_item("mitigated_at", numbers(|fact| or_none(fact.mitigated_at)))?;
        columns.set_item("ended_at", numbers(|fact| or_none(fact.ended_at)))?;
        columns.set_item("superseded_at", numbers(|fact| or_none(fact.superseded_at)))?;
        Ok(columns)
    }
}

fn row(fact: &Fact) -> Row {
    let Fact { start, end, top, bottom, volume, strength, known_at, mitigated_at, ended_at, superseded_at, .. } = *fact;
    let (kind, side) = (fact.kind as u8, fact.side.sign() as i8);
    (kind, side, start, end, top, bottom, volume, strength, known_at, mitigated_at, ended_at, superseded_at)
}

fn or_none(bar: Option<usize>) -> i64 {
    bar.map_or(-1, |bar| bar as i64)
}

fn event_word(event: Event) -> &'static str {
    match event {
        Event::Known => "known",
        Event::Mitigated => "mitigated",
        Event::Ended => "ended",
        Event::Superseded => "superseded",
    }
}

/// The package's retracement columns on swings given by bar, side (1 or -1) and level, in the order of the bars.
#[pyfunction]
fn retracement_columns<'py>(
    py: Python<'py>,
    high: PyReadonlyArray1<'py, f64>,
    low: PyReadonlyArray1<'py, f64>,
    swings: Vec<(usize, i8, f64)>,
) -> PyResult<[Bound<'py, PyArray1<f64>>; 3]> {
    let (high, low) = (high.as_slice()?, low.as_slice()?);
    let bars: Vec<Bar> = high
        .iter()
        .zip(low)
        .map(|(&high, &low)| Bar { time: 0.0, open: high, high, low, close: low, volume: 0.0 })
        .collect();
    let side = |sign| if sign > 0 { Side::Up } else { Side::Down };
    let swings: Vec<_> = swings.into_iter().map(|(bar, sign, level)| (bar, side(sign), level)).collect();
    Ok(retracement::columns(&bars, &swings).map(|column| PyArray1::from_vec(py, column)))
}

/// Adds this module's classes and functions to the Python module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<SmartMoney>()?;
    m.add_function(wrap_pyfunction!(retracement_columns, m)?)
}
