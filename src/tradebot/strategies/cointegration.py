"""Whether two series wander together: the two-step test of Engle and Granger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]

# Response surfaces of the test with a constant and two variables: value at infinity, then terms in 1/T, 1/T^2, 1/T^3.
# MacKinnon (2010), Critical values for cointegration tests, Queen's Economics Department working paper 1227, table 2.
_SURFACES: Final = {
    0.01: (-3.89644, -10.9519, -33.527, 0.0),
    0.05: (-3.33613, -6.1101, -6.823, 0.0),
    0.1: (-3.04445, -4.2412, -2.720, 0.0),
}
LEVELS: Final = tuple(_SURFACES)


@dataclass(frozen=True, slots=True)
class Cointegration:
    """A linear relation ``y = intercept + hedge * x + residual``, and how sure it is that the residual comes back.

    Attributes
    ----------
    hedge : units of ``x`` that hedge one of ``y``.
    deviation : standard deviation of the residual.
    statistic : augmented Dickey-Fuller statistic of the residual; the lower, the surer.
    count : values of each series.
    """

    intercept: float
    hedge: float
    deviation: float
    statistic: float
    count: int

    def holds(self, level: float) -> bool:
        """Whether "no cointegration" is refused at a level of significance: 0.01, 0.05 or 0.1."""
        return self.statistic < critical_value(level, self.count - 1)


def engle_granger(y: Series, x: Series, lags: int = 1) -> Cointegration | None:
    """Regress ``y`` on ``x`` and test the residual for a unit root.

    Engle and Granger (1987), Co-integration and error correction, Econometrica 55.

    Parameters
    ----------
    y, x : equally long series, such as log prices.
    lags : lagged differences in the Dickey-Fuller regression.

    Returns
    -------
    ``None`` where there is no relation to estimate: ``x`` or the residual does not move.
    """
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    off_x, off_y = x - x.mean(), y - y.mean()
    hedge = float(off_x @ off_y) / float(off_x @ off_x)
    residual = off_y - hedge * off_x
    deviation = float(residual.std())
    if deviation <= 1e-12 * float(np.ptp(y)):
        return None
    intercept = float(y.mean()) - hedge * float(x.mean())
    return Cointegration(intercept, hedge, deviation, dickey_fuller(residual, lags), len(y))


def dickey_fuller(series: Series, lags: int = 1) -> float:
    """Augmented Dickey-Fuller statistic of a series about zero, as the residual of a regression is.

    The t-value of ``rho`` in ``d(u)_t = rho u_{t-1} + sum_i gamma_i d(u)_{t-i} + e_t``. Said and Dickey (1984), Testing
    for unit roots in autoregressive-moving average models of unknown order, Biometrika 71.
    """
    steps = np.diff(series)
    columns = [series[lags:-1], *(steps[lags - lag : len(steps) - lag] for lag in range(1, lags + 1))]
    design, wanted = np.column_stack(columns), steps[lags:]
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ (design.T @ wanted)
    errors = wanted - design @ coefficients
    variance = float(errors @ errors) / (len(wanted) - design.shape[1])
    return float(coefficients[0] / np.sqrt(variance * inverse[0, 0]))


def critical_value(level: float, count: int) -> float:
    """Statistic below which "no cointegration" of two series is refused (MacKinnon 2010).

    Parameters
    ----------
    level : 0.01, 0.05 or 0.1.
    count : observations.
    """
    return float(sum(term / count**power for power, term in enumerate(_SURFACES[level])))
