//! Prices and sizes as whole numbers of their steps.

use serde::{Deserialize, Serialize};

/// Adding and subtracting 1.5 x 2^52 rounds a double below 2^51 to the nearest whole number without a call.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// Largest number of steps that converts both ways without loss.
const MOST_STEPS: f64 = 2_251_799_813_685_248.0;

/// A step size and its reciprocal where that is whole, so that decimal steps convert back without dust.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    step: f64,
    inverse: f64,
    whole_inverse: bool,
}

impl Grid {
    /// A grid of a positive, finite step; None for any other step.
    pub fn new(step: f64) -> Option<Grid> {
        if !(step.is_finite() && step > 0.0) {
            return None;
        }
        let inverse = 1.0 / step;
        let whole = inverse.round();
        let whole_inverse = whole >= 1.0 && (inverse - whole).abs() < 1e-9 * whole;
        Some(Grid { step, inverse: if whole_inverse { whole } else { inverse }, whole_inverse })
    }

    /// The step.
    pub const fn step(&self) -> f64 {
        self.step
    }

    /// Whole steps of a value; None when it lies between two steps, is not finite, or is beyond 2^51 steps.
    #[inline]
    pub fn steps(&self, value: f64) -> Option<i64> {
        let exact = value * self.inverse;
        let nearest = (exact + ROUNDER) - ROUNDER;
        // A double carries about 16 digits: many steps leave a proportional error. NaN fails the comparison.
        let on_grid = (exact - nearest).abs() <= 1e-6 + nearest.abs() * 1e-15 && nearest.abs() < MOST_STEPS;
        on_grid.then_some(nearest as i64)
    }

    /// Steps at or below a value (`steps` where it lies on the grid); saturates.
    pub fn floor(&self, value: f64) -> i64 {
        self.steps(value).unwrap_or_else(|| (value * self.inverse).floor() as i64)
    }

    /// Steps at or above a value (`steps` where it lies on the grid); saturates.
    pub fn ceil(&self, value: f64) -> i64 {
        self.steps(value).unwrap_or_else(|| (value * self.inverse).ceil() as i64)
    }

    /// Value of a number of steps, the double nearest to the decimal for decimal steps.
    #[inline]
    pub fn value(&self, steps: i64) -> f64 {
        self.scaled(steps as f64)
    }

    /// Value of a fractional number of steps (an average).
    #[inline]
    pub fn scaled(&self, steps: f64) -> f64 {
        if self.whole_inverse { steps / self.inverse } else { steps * self.step }
    }
}

#[cfg(test)]
mod tests {
    use super::Grid;

    #[test]
    fn decimal_values_survive_the_round_trip_bit_for_bit() {
        let cents = Grid::new(0.01).unwrap();
        for value in [0.01, 0.29, 1.15, 61_800.17, 99_999.99] {
            assert_eq!(cents.value(cents.steps(value).unwrap()), value);
        }
        let satoshi = Grid::new(1e-8).unwrap();
        assert_eq!(satoshi.value(satoshi.steps(0.123_456_78).unwrap()), 0.123_456_78);
    }

    #[test]
    fn steps_above_one_and_non_decimal_steps_work() {
        assert_eq!(Grid::new(5.0).unwrap().steps(35.0), Some(7));
        assert_eq!(Grid::new(0.25).unwrap().steps(-1.75), Some(-7));
        assert_eq!(Grid::new(2.5).unwrap().value(3), 7.5);
    }

    #[test]
    fn values_between_steps_and_non_numbers_are_refused() {
        let grid = Grid::new(0.1).unwrap();
        assert_eq!(grid.steps(0.15), None);
        assert_eq!(grid.steps(f64::NAN), None);
        assert_eq!(grid.steps(f64::INFINITY), None);
        assert_eq!(grid.steps(1e300), None);
        assert!(Grid::new(0.0).is_none() && Grid::new(f64::NAN).is_none() && Grid::new(-1.0).is_none());
    }

    #[test]
    fn floor_and_ceil_keep_values_that_lie_on_the_grid() {
        let grid = Grid::new(0.1).unwrap();
        assert_eq!((grid.floor(0.3), grid.ceil(0.3)), (3, 3));
        assert_eq!((grid.floor(0.35), grid.ceil(0.35)), (3, 4));
    }
}
