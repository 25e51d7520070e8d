//! Between timeframes, and the gaps in a series.

use numpy::{PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Values tested together before any is looked at alone.
const BLOCK: usize = 1024;

/// Values of a higher timeframe as each base bar sees them: `visible` is the last closed higher bar, -1 for none.
#[pyfunction]
fn take_visible<'py>(
    py: Python<'py>,
    values: PyReadonlyArray1<'py, f64>,
    visible: PyReadonlyArray1<'py, i64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (values, visible) = (values.as_slice()?, visible.as_slice()?);
    let see = |&bar: &i64| usize::try_from(bar).ok().and_then(|bar| values.get(bar)).copied().unwrap_or(f64::NAN);
    Ok(PyArray1::from_iter(py, visible.iter().map(see)))
}

/// Sum of each segment, added in order; segment k runs from `starts[k]` to `starts[k + 1]` or the end.
#[pyfunction]
fn segment_sums<'py>(
    py: Python<'py>,
    values: PyReadonlyArray1<'py, f64>,
    starts: PyReadonlyArray1<'py, i64>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let (values, starts) = (values.as_slice()?, starts.as_slice()?);
    let ends = starts.iter().skip(1).copied().chain(std::iter::once(values.len() as i64));
    let sums = starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| values.get(start as usize..end as usize).map(|part| part.iter().fold(0.0, |a, b| a + b)))
        .collect::<Option<Vec<f64>>>()
        .ok_or_else(|| PyValueError::new_err("segment starts must rise and lie within the values"))?;
    Ok(PyArray1::from_vec(py, sums))
}

/// The stretches in which every series is a finite number, as (first bar, bar after the last).
#[pyfunction]
fn finite_runs(py: Python<'_>, series: Vec<PyReadonlyArray1<'_, f64>>) -> PyResult<Vec<(usize, usize)>> {
    let series = series.iter().map(|array| array.as_slice()).collect::<Result<Vec<_>, _>>()?;
    let bars = series.first().map_or(0, |values| values.len());
    if series.iter().any(|values| values.len() != bars) {
        return Err(PyValueError::new_err("series differ in length"));
    }
    Ok(py.detach(|| find_runs(&series, bars)))
}

fn find_runs(series: &[&[f64]], bars: usize) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut start = None;
    for block in (0..bars).step_by(BLOCK) {
        let end = (block + BLOCK).min(bars);
        if series.iter().all(|values| all_finite(&values[block..end])) {
            start.get_or_insert(block);
            continue;
        }
        for bar in block..end {
            if series.iter().all(|values| values[bar].is_finite()) {
                start.get_or_insert(bar);
            } else if let Some(start) = start.take() {
                runs.push((start, bar));
            }
        }
    }
    runs.extend(start.map(|start| (start, bars)));
    runs
}

/// Zero times a finite number is zero, times any other nan; eight sums at once let the compiler use wide registers.
fn all_finite(values: &[f64]) -> bool {
    let mut sums = [0.0; 8];
    let mut chunks = values.chunks_exact(8);
    for chunk in &mut chunks {
        for (sum, value) in sums.iter_mut().zip(chunk) {
            *sum += value * 0.0;
        }
    }
    sums.iter().all(|sum| *sum == 0.0) && chunks.remainder().iter().all(|value| value.is_finite())
}

/// Adds this module's functions to the Python module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(take_visible, m)?)?;
    m.add_function(wrap_pyfunction!(segment_sums, m)?)?;
    m.add_function(wrap_pyfunction!(finite_runs, m)?)
}
