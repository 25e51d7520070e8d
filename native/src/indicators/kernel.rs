//! What an indicator is: a step function with memory. Running it over arrays is the same steps in a loop.

use std::array;

/// Most inputs a kernel takes.
pub const MOST_INPUTS: usize = 6;
/// Most outputs a kernel gives.
pub const MOST_OUTPUTS: usize = 8;

/// One indicator: `IN` values of a bar in, `OUT` values out.
pub trait Kernel<const IN: usize, const OUT: usize>: Send + Sync + 'static {
    /// Whether an input that is not a finite number makes the indicator start anew, giving nan until it is warm
    /// again. Kernels that do not restart see such values and decide for themselves.
    const RESTARTS: bool = true;

    /// Bars of input before the first value.
    fn lookback(&self) -> usize;

    /// Forgets every bar.
    fn reset(&mut self);

    /// Takes the next bar; nan until warm.
    fn step(&mut self, inputs: [f64; IN]) -> [f64; OUT];
}

/// A kernel whose numbers of inputs and outputs are known only at run time.
pub trait Runner: Send + Sync {
    /// Number of inputs.
    fn inputs(&self) -> usize;
    /// Number of outputs.
    fn outputs(&self) -> usize;
    /// Bars of input before the first value.
    fn lookback(&self) -> usize;
    /// One bar.
    fn step(&mut self, inputs: &[f64], outputs: &mut [f64]);
    /// Every bar, from a fresh start.
    fn run(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]]);
}

/// Makes a [`Runner`] of a [`Kernel`].
pub struct Adapter<K, const IN: usize, const OUT: usize>(K);

impl<K: Kernel<IN, OUT>, const IN: usize, const OUT: usize> Adapter<K, IN, OUT> {
    /// The kernel behind a pointer, ready to be kept beside others.
    pub fn boxed(kernel: K) -> Box<dyn Runner> {
        Box::new(Self(kernel))
    }

    #[inline]
    fn advance(&mut self, values: [f64; IN]) -> [f64; OUT] {
        if K::RESTARTS && values.iter().any(|value| !value.is_finite()) {
            self.0.reset();
            return [f64::NAN; OUT];
        }
        self.0.step(values)
    }
}

impl<K: Kernel<IN, OUT>, const IN: usize, const OUT: usize> Runner for Adapter<K, IN, OUT> {
    fn inputs(&self) -> usize {
        IN
    }

    fn outputs(&self) -> usize {
        OUT
    }

    fn lookback(&self) -> usize {
        self.0.lookback()
    }

    fn step(&mut self, inputs: &[f64], outputs: &mut [f64]) {
        outputs[..OUT].copy_from_slice(&self.advance(array::from_fn(|k| inputs[k])));
    }

    fn run(&mut self, inputs: &[&[f64]], outputs: &mut [&mut [f64]]) {
        self.0.reset();
        let inputs: [&[f64]; IN] = array::from_fn(|k| inputs[k]);
        for bar in 0..inputs[0].len() {
            let values = self.advance(array::from_fn(|k| inputs[k][bar]));
            for (output, value) in outputs.iter_mut().zip(values) {
                output[bar] = value;
            }
        }
    }
}

/// The last `length` values, oldest first from `oldest`.
#[derive(Clone)]
pub struct Window {
    values: Box<[f64]>,
    next: usize,
    count: usize,
}

impl Window {
    /// An empty window.
    pub fn new(length: usize) -> Self {
        Self { values: vec![f64::NAN; length].into(), next: 0, count: 0 }
    }

    /// Takes a value; gives back the one that falls out once the window is full.
    #[inline]
    pub fn push(&mut self, value: f64) -> Option<f64> {
        let gone = std::mem::replace(&mut self.values[self.next], value);
        self.next = if self.next + 1 == self.values.len() { 0 } else { self.next + 1 };
        if self.is_full() {
            return Some(gone);
        }
        self.count += 1;
        None
    }

    /// The oldest value, once the window is full.
    pub fn oldest(&self) -> Option<f64> {
        self.is_full().then(|| self.values[self.next])
    }

    /// Whether it holds as many values as it can.
    #[inline]
    pub fn is_full(&self) -> bool {
        self.count == self.values.len()
    }

    /// Whether the last push filled the last place: once every `length` pushes.
    #[inline]
    pub fn wrapped(&self) -> bool {
        self.next == 0
    }

    /// Values held now.
    #[inline]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Values held when full.
    #[inline]
    pub fn length(&self) -> usize {
        self.values.len()
    }

    /// The values in the order of their places; oldest first when the window has just wrapped.
    pub fn values(&self) -> &[f64] {
        &self.values[..self.count]
    }

    /// Forgets every value.
    pub fn clear(&mut self) {
        self.next = 0;
        self.count = 0;
    }
}
