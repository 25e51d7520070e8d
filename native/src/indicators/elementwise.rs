//! Operators between series, bar by bar, and the masks that rules run on.

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Runs `$body` with `$f` standing for the operator of that name: one loop is compiled for each.
macro_rules! with_operator {
    ($name:expr, $f:ident => $body:expr) => {
        match $name {
            "add" => {
                let $f = |a: f64, b: f64| a + b;
                Ok($body)
            }
            "sub" => {
                let $f = |a: f64, b: f64| a - b;
                Ok($body)
            }
            "mul" => {
                let $f = |a: f64, b: f64| a * b;
                Ok($body)
            }
            "div" => {
                let $f = |a: f64, b: f64| a / b;
                Ok($body)
            }
            "maximum" => {
                let $f = |a: f64, b: f64| known(a, b, if a > b { a } else { b });
                Ok($body)
            }
            "minimum" => {
                let $f = |a: f64, b: f64| known(a, b, if a < b { a } else { b });
                Ok($body)
            }
            "neg" => {
                let $f = |a: f64, _: f64| -a;
                Ok($body)
            }
            "abs" => {
                let $f = |a: f64, _: f64| a.abs();
                Ok($body)
            }
            "lt" => {
                let $f = |a: f64, b: f64| known(a, b, truth(a < b));
                Ok($body)
            }
            "le" => {
                let $f = |a: f64, b: f64| known(a, b, truth(a <= b));
                Ok($body)
            }
            "gt" => {
                let $f = |a: f64, b: f64| known(a, b, truth(a > b));
                Ok($body)
            }
            "ge" => {
                let $f = |a: f64, b: f64| known(a, b, truth(a >= b));
                Ok($body)
            }
            "and" => {
                let $f = |a: f64, b: f64| known(a, b, truth(a != 0.0 && b != 0.0));
                Ok($body)
            }
            "or" => {
                let $f = |a: f64, b: f64| known(a, b, truth(a != 0.0 || b != 0.0));
                Ok($body)
            }
            "not" => {
                let $f = |a: f64, b: f64| known(a, b, truth(a == 0.0));
                Ok($body)
            }
            other => Err(PyValueError::new_err(format!("no operator {other}"))),
        }
    };
}

#[inline]
fn truth(condition: bool) -> f64 {
    f64::from(u8::from(condition))
}

/// nan where either operand is nan: what is not known decides nothing.
#[inline]
fn known(a: f64, b: f64, result: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { result }
}

/// A series, or a number that stands for the same value at every bar.
#[derive(FromPyObject)]
enum Operand<'py> {
    Series(PyReadonlyArray1<'py, f64>),
    Number(f64),
}

/// An operand that the loops read.
#[derive(Clone, Copy)]
enum Values<'a> {
    Series(&'a [f64]),
    Number(f64),
}

impl Operand<'_> {
    fn values(&self) -> PyResult<Values<'_>> {
        Ok(match self {
            Self::Series(array) => Values::Series(array.as_slice()?),
            Self::Number(number) => Values::Number(*number),
        })
    }
}

/// The number of bars of two operands, of which one at least is a series.
fn bars(a: Values<'_>, b: Values<'_>) -> PyResult<usize> {
    match (a, b) {
        (Values::Series(a), Values::Series(b)) if a.len() != b.len() => {
            Err(PyValueError::new_err("operands differ in length"))
        }
        (Values::Series(series), _) | (_, Values::Series(series)) => Ok(series.len()),
        _ => Err(PyValueError::new_err("one operand must be a series")),
    }
}

/// Fills `out` from the pairs of operands.
#[inline]
fn fill<T>(out: &mut [T], a: Values<'_>, b: Values<'_>, f: impl Fn(f64, f64) -> T) {
    match (a, b) {
        (Values::Series(a), Values::Series(b)) => {
            out.iter_mut().zip(a).zip(b).for_each(|((out, a), b)| *out = f(*a, *b));
        }
        (Values::Series(a), Values::Number(b)) => out.iter_mut().zip(a).for_each(|(out, a)| *out = f(*a, b)),
        (Values::Number(a), Values::Series(b)) => out.iter_mut().zip(b).for_each(|(out, b)| *out = f(a, *b)),
        (Values::Number(a), Values::Number(b)) => out.iter_mut().for_each(|out| *out = f(a, b)),
    }
}

/// One operator at one bar; unary ones ignore `b`.
#[pyfunction]
#[pyo3(signature = (name, a, b=0.0))]
fn apply(name: &str, a: f64, b: f64) -> PyResult<f64> {
    with_operator!(name, f => f(a, b))
}

/// One operator at every bar.
#[pyfunction]
#[pyo3(signature = (name, a, b=None))]
fn elementwise<'py>(
    py: Python<'py>,
    name: &str,
    a: Operand<'py>,
    b: Option<Operand<'py>>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let b = b.unwrap_or(Operand::Number(0.0));
    let (a, b) = (a.values()?, b.values()?);
    let result = PyArray1::zeros(py, bars(a, b)?, false);
    let mut guard = result.readwrite();
    let out = guard.as_slice_mut()?;
    py.detach(|| with_operator!(name, f => fill(out, a, b, f)))?;
    drop(guard);
    Ok(result)
}

/// Where a comparison or logical operator holds, as 0 and 1; nan counts as 0.
#[pyfunction]
fn elementwise_mask<'py>(
    py: Python<'py>,
    name: &str,
    a: Operand<'py>,
    b: Operand<'py>,
) -> PyResult<Bound<'py, PyArray1<u8>>> {
    let (a, b) = (a.values()?, b.values()?);
    let result = PyArray1::zeros(py, bars(a, b)?, false);
    let mut guard = result.readwrite();
    let out = guard.as_slice_mut()?;
    py.detach(|| fill_mask(name, out, a, b))?;
    drop(guard);
    Ok(result)
}

fn fill_mask(name: &str, out: &mut [u8], a: Values<'_>, b: Values<'_>) -> PyResult<()> {
    // A comparison with nan is false by itself; the other operators must be asked.
    match name {
        "lt" => fill(out, a, b, |a, b| u8::from(a < b)),
        "le" => fill(out, a, b, |a, b| u8::from(a <= b)),
        "gt" => fill(out, a, b, |a, b| u8::from(a > b)),
        "ge" => fill(out, a, b, |a, b| u8::from(a >= b)),
        _ => return with_operator!(name, f => fill(out, a, b, |a, b| u8::from(f(a, b) == 1.0))),
    }
    Ok(())
}

/// A condition, one byte a bar.
type Mask<'py> = Bound<'py, PyArray1<u8>>;

/// Where `a` crosses above and where it crosses below `b`, one byte a bar: rules tend to want both.
#[pyfunction]
fn cross_masks<'py>(py: Python<'py>, a: Operand<'py>, b: Operand<'py>) -> PyResult<(Mask<'py>, Mask<'py>)> {
    let (a, b) = (a.values()?, b.values()?);
    let bars = bars(a, b)?;
    // SAFETY: `mark_crosses` writes every element.
    let (above, below) = unsafe { (PyArray1::<u8>::new(py, bars, false), PyArray1::<u8>::new(py, bars, false)) };
    let (mut rises, mut falls) = (above.readwrite(), below.readwrite());
    let (up, down) = (rises.as_slice_mut()?, falls.as_slice_mut()?);
    py.detach(|| match (a, b) {
        (Values::Series(a), Values::Series(b)) => {
            let (a, b) = (&a[..bars], &b[..bars]);
            mark_crosses(&mut up[..bars], &mut down[..bars], |i| a[i], |i| b[i]);
        }
        (Values::Series(a), Values::Number(b)) => mark_crosses(up, down, |i| a[i], |_| b),
        (Values::Number(a), Values::Series(b)) => mark_crosses(up, down, |_| a, |i| b[i]),
        (Values::Number(a), Values::Number(b)) => mark_crosses(up, down, |_| a, |_| b),
    });
    drop((rises, falls));
    Ok((above, below))
}

/// Bars whose comparison is kept between the two passes of `mark_crosses`.
const BLOCK: usize = 1024;

/// A cross above: not above one bar ago, above now; nan is neither above nor below.
///
/// Values are compared once, to a byte that says "at or above" and "at or below"; the bytes of neighbours then tell the crosses
/// many at a time.
#[inline]
fn mark_crosses(up: &mut [u8], down: &mut [u8], a: impl Fn(usize) -> f64, b: impl Fn(usize) -> f64) {
    const ABOVE: u8 = 1;
    const BELOW: u8 = 2;
    // The first bar has none before it: nan compares to neither.
    let mut sides = [0; BLOCK + 1];
    for (block, (up, down)) in up.chunks_mut(BLOCK).zip(down.chunks_mut(BLOCK)).enumerate() {
        let start = block * BLOCK;
        for (offset, side) in sides[1..=up.len()].iter_mut().enumerate() {
            let (a, b) = (a(start + offset), b(start + offset));
            *side = (u8::from(a >= b) * ABOVE) | (u8::from(a <= b) * BELOW);
        }
        for ((pair, up), down) in sides.windows(2).zip(up.iter_mut()).zip(down.iter_mut()) {
            *up = u8::from(pair[0] & BELOW != 0) & u8::from(pair[1] == ABOVE);
            *down = u8::from(pair[0] & ABOVE != 0) & u8::from(pair[1] == BELOW);
        }
        sides[0] = sides[up.len()];
    }
}

/// Adds this module's functions to the Python module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(apply, m)?)?;
    m.add_function(wrap_pyfunction!(elementwise, m)?)?;
    m.add_function(wrap_pyfunction!(elementwise_mask, m)?)?;
    m.add_function(wrap_pyfunction!(cross_masks, m)?)
}
