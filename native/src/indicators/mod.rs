//! Indicators of our own: each is one step function, from which both the batch and the streaming form are made.

mod correlation;
mod elementwise;
mod events;
mod extremes;
mod frames;
mod kernel;
mod moments;
mod ranks;
mod shifts;
mod slope;
mod smart_money;
mod sums;
mod supertrend;
mod vwap;

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use kernel::{Adapter, Runner};

/// An indicator with its memory: values in, one step a bar, or whole arrays at once.
#[pyclass(module = "tradebot_native")]
pub struct Kernel {
    runner: Box<dyn Runner>,
}

#[pymethods]
impl Kernel {
    #[new]
    fn new(name: &str, params: Vec<f64>) -> PyResult<Self> {
        build(name, &params)
            .map(|runner| Self { runner })
            .ok_or_else(|| PyValueError::new_err(format!("no kernel {name} with parameters {params:?}")))
    }

    /// Inputs that must have had a value before the first value comes out.
    #[getter]
    fn lookback(&self) -> usize {
        self.runner.lookback()
    }

    /// One bar: a value of each input in, a value of each output back.
    #[pyo3(signature = (*values))]
    fn step<'py>(&mut self, values: &Bound<'py, PyTuple>) -> PyResult<Bound<'py, PyTuple>> {
        let mut inputs = [0.0; kernel::MOST_INPUTS];
        let count = self.check_inputs(values.len())?;
        for (slot, value) in inputs.iter_mut().zip(values.iter()) {
            *slot = value.extract()?;
        }
        let mut outputs = [f64::NAN; kernel::MOST_OUTPUTS];
        self.runner.step(&inputs[..count], &mut outputs);
        PyTuple::new(values.py(), &outputs[..self.runner.outputs()])
    }

    /// Every bar at once, from a fresh start: equal-length arrays in, one array an output back.
    fn batch<'py>(
        &mut self,
        py: Python<'py>,
        inputs: Vec<PyReadonlyArray1<'py, f64>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        self.check_inputs(inputs.len())?;
        let inputs = inputs.iter().map(|array| array.as_slice()).collect::<Result<Vec<_>, _>>()?;
        let bars = inputs.first().map_or(0, |values| values.len());
        if inputs.iter().any(|values| values.len() != bars) {
            return Err(PyValueError::new_err("input arrays differ in length"));
        }
        let arrays: Vec<_> = (0..self.runner.outputs()).map(|_| PyArray1::<f64>::zeros(py, bars, false)).collect();
        let mut guards: Vec<_> = arrays.iter().map(|array| array.readwrite()).collect();
        let mut outputs = guards.iter_mut().map(|guard| guard.as_slice_mut()).collect::<Result<Vec<_>, _>>()?;
        let runner = &mut self.runner;
        py.detach(|| runner.run(&inputs, &mut outputs));
        drop(guards);
        PyTuple::new(py, arrays)
    }
}

impl Kernel {
    fn check_inputs(&self, given: usize) -> PyResult<usize> {
        let needed = self.runner.inputs();
        if given == needed {
            return Ok(needed);
        }
        Err(PyValueError::new_err(format!("{needed} inputs are needed, {given} were given")))
    }
}

/// The kernel of that name, or none if the name or its parameters are unknown.
fn build(name: &str, params: &[f64]) -> Option<Box<dyn Runner>> {
    let length = |value: f64| (value >= 1.0 && value.fract() == 0.0).then_some(value as usize);
    let runner: Box<dyn Runner> = match (name, params) {
        ("sum", &[n]) => Adapter::boxed(moments::Sum::new(length(n)?)),
        ("mean", &[n]) => Adapter::boxed(moments::Mean::new(length(n)?)),
        ("var", &[n, ddof]) => Adapter::boxed(moments::Spread::variance(length(n)?, ddof)),
        ("std", &[n, ddof]) => Adapter::boxed(moments::Spread::deviation(length(n)?, ddof)),
        ("zscore", &[n, ddof]) => Adapter::boxed(moments::Spread::score(length(n)?, ddof)),
        ("skew", &[n]) => Adapter::boxed(moments::Skew::new(length(n)?)),
        ("max", &[n]) => Adapter::boxed(extremes::Extreme::<true>::value(length(n)?)),
        ("min", &[n]) => Adapter::boxed(extremes::Extreme::<false>::value(length(n)?)),
        ("max_age", &[n]) => Adapter::boxed(extremes::Extreme::<true>::age(length(n)?)),
        ("min_age", &[n]) => Adapter::boxed(extremes::Extreme::<false>::age(length(n)?)),
        ("quantile", &[n, q]) => Adapter::boxed(ranks::Quantile::new(length(n)?, q)),
        ("rank", &[n]) => Adapter::boxed(ranks::Rank::new(length(n)?)),
        ("correlation", &[n]) => Adapter::boxed(correlation::Correlation::new(length(n)?)),
        ("slope", &[n]) => Adapter::boxed(slope::Slope::new(length(n)?)),
        ("shift", &[n]) => Adapter::boxed(shifts::Lagged::shift(length(n)?)),
        ("change", &[n]) => Adapter::boxed(shifts::Lagged::change(length(n)?)),
        ("pct_change", &[n]) => Adapter::boxed(shifts::Lagged::pct_change(length(n)?)),
        ("cross_above", &[]) => Adapter::boxed(events::Cross::<true>::new()),
        ("cross_below", &[]) => Adapter::boxed(events::Cross::<false>::new()),
        ("bars_since", &[]) => Adapter::boxed(events::BarsSince::new()),
        ("value_when", &[occurrence]) => Adapter::boxed(events::ValueWhen::new(length(occurrence + 1.0)?)),
        ("supertrend", &[n, multiplier]) => Adapter::boxed(supertrend::SuperTrend::new(length(n)?, multiplier)),
        ("vwap", &[]) => Adapter::boxed(vwap::Vwap::new()),
        _ => return smart_money::build(name, params),
    };
    Some(runner)
}

/// Adds this module's classes to the Python module.
pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Kernel>()?;
    elementwise::register(m)?;
    frames::register(m)?;
    smart_money::register(m)
}
