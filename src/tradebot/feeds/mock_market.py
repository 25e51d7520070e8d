"""The built-in market: seeded bars that trend, range and panic like real ones, at a million bars a second."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from tradebot.core.bar import BarArray
from tradebot.core.errors import DataError
from tradebot.core.instant import to_ns
from tradebot.core.instrument import Instrument
from tradebot.core.interval import DAY, MINUTE, MONTH, Interval
from tradebot.feeds.mock_ticks import LEAST_TRADES
from tradebot.feeds.random_streams import Floats, RandomStreams, on_grid

_YEAR: Final = 12 * MONTH
_BLOCK: Final = 256
_MOST_TRADES: Final = 1e9
_BOUNDS: Final = {
    "price": (1e-6, 1e9),
    "volatility": (0.001, 5.0),
    "reversion": (0.0, 0.9),
    "clustering": (0.1, 0.999),
    "clustering_scale": (0.0, 2.0),
    "gap_rate": (0.0, 1.0),
    "outage_rate": (0.0, 1.0),
    "volume": (1e-6, 1e12),
    "trade_size": (1e-9, 1e12),
}


class Regime(msgspec.Struct, frozen=True):
    """One mood of the market.

    Parameters
    ----------
    mean_bars : mean length of a stay, in bars.
    volatility : multiple of the market's volatility.
    drift : drift per bar in standard deviations of a bar; each stay draws its direction.
    """

    mean_bars: float
    volatility: float
    drift: float = 0.0


class MockMarket(msgspec.Struct, frozen=True, kw_only=True):
    """Character of the market.

    Parameters
    ----------
    price : first open, and the level the price is drawn back to over years.
    volatility : annual standard deviation of log returns.
    trend, range, panic : the three regimes.
    reversion : share of the deviation from the mean taken back each bar while the market ranges, in 0..0.9.
    clustering : autocorrelation of log volatility from bar to bar, in 0.1..0.999.
    clustering_scale : standard deviation of log volatility.
    gap_rate : chance that a bar opens away from the last close.
    outage_rate : chance that bars are missing before a bar.
    volume : mean volume of one minute.
    trade_size : mean size of one trade.

    Raises
    ------
    DataError : a field is out of its bounds; the message names it.
    """

    price: float = 100.0
    volatility: float = 0.6
    trend: Regime = Regime(mean_bars=300, volatility=0.9, drift=0.08)
    range: Regime = Regime(mean_bars=500, volatility=0.6)
    panic: Regime = Regime(mean_bars=90, volatility=2.4)
    reversion: float = 0.05
    clustering: float = 0.98
    clustering_scale: float = 0.35
    gap_rate: float = 0.002
    outage_rate: float = 0.0
    volume: float = 120.0
    trade_size: float = 2.0

    def __post_init__(self) -> None:
        for name, (low, high) in _BOUNDS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise DataError(
                    f"{value:g} is out of bounds", place=f"mock market {name}", mend=f"Choose {low:g}..{high:g}."
                )


def mock_bars(
    symbol: str = "MOCKUSDT",
    interval: Interval | str = "1m",
    count: int = 10_000,
    seed: int = 1,
    *,
    start: datetime | date | str | int = "2024-01-01",
    instrument: Instrument | None = None,
    market: MockMarket | None = None,
) -> BarArray:
    """Bars of the built-in market.

    The same arguments give the same bars on every machine, and a longer run begins with the shorter one.

    Parameters
    ----------
    symbol : name of the market; each symbol has a path of its own.
    interval : bar interval.
    count : number of bars; at least 1.
    seed : zero or more.
    start : open time of the first bar (moved down to a boundary of the interval).
    instrument : steps and fees; :meth:`Instrument.mock` of the symbol unless given, whose symbol then counts.
    market : character of the market; the default resembles a large crypto pair.

    Raises
    ------
    DataError : count or seed is out of bounds.

    Notes
    -----
    A regime (trend, range, panic) is a semi-Markov chain with geometric stays. The log price follows
    x_t = phi x_(t-1) + drift_t + s_t z_t with phi drawing it back to the first price over a year, and s_t a log-normal
    stochastic volatility (Taylor 1986, Modelling Financial Time Series, section 3.5) times the
    regime's and the hour's. High and low are drawn from the law of a Brownian bridge's maximum between open and close,
    m = (c + sqrt(c^2 - 2 s^2 ln U)) / 2 (Glasserman 2003, Monte Carlo Methods in Financial Engineering, section 6.4).
    Volume is U-shaped over the day and grows with the bar's range.
    """
    if count < 1:
        raise DataError(f"{count} bars are none", place="mock market count", mend="Ask for 1 or more.")
    traded = instrument or Instrument.mock(symbol)
    character = market or MockMarket()
    length = Interval.parse(interval)
    draw = RandomStreams(seed, traded.symbol)
    ts = _open_times(length, to_ns(start), count, character.outage_rate, draw)
    logs, excitement = _log_prices(ts, length, character, draw)
    open_, high, low, close = _snap(logs, character.price, traded)
    volume, trades = _activity(ts, length, excitement, float(traded.lot_size), character, draw)
    vwap = low + (high - low) * draw("vwap").uniform(0.3, 0.7, count)
    return BarArray(traded, length, ts, open_, high, low, close, volume, trades, vwap)


def _open_times(
    interval: Interval, start: int, count: int, outage_rate: float, draw: RandomStreams
) -> NDArray[np.int64]:
    """Open times with an outage of 1 to 29 bars before some of them."""
    outages = draw("outages").random(count) < outage_rate
    positions = np.arange(count) + np.cumsum(outages * draw("outage_lengths").integers(1, 30, count))
    first = interval.floor(start)
    if interval.is_fixed:
        return first + positions * interval.ns
    months = np.datetime64(first, "ns").astype("datetime64[M]") + positions * interval.count
    return months.astype("datetime64[ns]").view(np.int64)


def _log_prices(
    ts: NDArray[np.int64], interval: Interval, market: MockMarket, draw: RandomStreams
) -> tuple[tuple[Floats, Floats, Floats, Floats], Floats]:
    """Logs of open, high, low and close against the first price, and how wild each bar was (1 is usual)."""
    count = len(ts)
    regime, direction = _regimes(count, market, draw)
    kinds = (market.trend, market.range, market.panic)
    multiple = np.array([kind.volatility for kind in kinds])[regime]
    drift = np.array([kind.drift for kind in kinds])[regime] * direction
    reversion = np.array([0.0, market.reversion, 0.0])[regime]

    scale = market.clustering_scale * np.sqrt(1 - market.clustering**2)
    log_volatility = _autoregress(scale * draw("volatility").standard_normal(count), market.clustering)
    usual = market.volatility * np.sqrt(interval.ns / _YEAR)
    sigma = usual * multiple * np.exp(log_volatility) * np.sqrt(_u_shape(ts, interval))

    shocks = draw("returns").standard_normal(count)
    deviation = np.concatenate(([0.0], _autoregress(shocks, 1 - market.reversion)[:-1]))
    gaps = 4.0 * sigma * draw("gap_sizes").standard_normal(count) * (draw("gaps").random(count) < market.gap_rate)
    moves = sigma * (shocks + drift - reversion * deviation)
    close = _autoregress(moves + gaps, float(np.exp(-interval.ns / _YEAR)))
    open_ = np.concatenate(([0.0], close[:-1])) + gaps

    change = close - open_
    variance = 2.0 * sigma**2
    high = open_ + 0.5 * (change + np.sqrt(change**2 - variance * np.log1p(-draw("highs").random(count))))
    low = open_ + 0.5 * (change - np.sqrt(change**2 - variance * np.log1p(-draw("lows").random(count))))
    return (open_, high, low, close), (high - low) / (1.6 * usual)


def _regimes(count: int, market: MockMarket, draw: RandomStreams) -> tuple[NDArray[np.int64], Floats]:
    """Regime (0 trend, 1 range, 2 panic) and direction (+1 or -1) of each bar."""
    means = np.array([market.trend.mean_bars, market.range.mean_bars, market.panic.mean_bars])
    jumps, lengths, turns = draw("jumps"), draw("stays"), draw("directions")
    kinds, stays, directions = [np.array([1])], [np.array([0])], [np.array([1])]
    covered = 0
    while covered < count:
        # Leaving for the next or the next but one, never staying: the stay's length says how long it lasts.
        kind = (kinds[-1][-1] + np.cumsum(jumps.integers(1, 3, _BLOCK))) % len(means)
        stay = np.ceil(lengths.standard_exponential(_BLOCK) * means[kind]).astype(np.int64)
        kinds.append(kind)
        stays.append(stay)
        directions.append(turns.integers(0, 2, _BLOCK) * 2 - 1)
        covered += int(stay.sum())
    stays_of = np.concatenate(stays)
    regime = np.repeat(np.concatenate(kinds), stays_of)[:count]
    return regime, np.repeat(np.concatenate(directions), stays_of)[:count].astype(np.float64)


def _autoregress(shocks: Floats, phi: float) -> Floats:
    """x_t = phi x_(t-1) + shock_t with x_(-1) = 0, a block of bars at a time.

    Inside a block x_t = phi^t sum(shock_k phi^-k); blocks are short, so that phi^-k stays small.
    """
    blocks = -(-len(shocks) // _BLOCK)
    padded = np.zeros(blocks * _BLOCK)
    padded[: len(shocks)] = shocks
    powers = phi ** np.arange(_BLOCK)
    within = np.cumsum(padded.reshape(blocks, _BLOCK) / powers, axis=1) * powers
    carried = np.empty(blocks)
    state = 0.0
    for block, last in enumerate(within[:, -1].tolist()):
        carried[block] = state
        state = last + phi**_BLOCK * state
    within += carried[:, None] * (powers * phi)
    return within.ravel()[: len(shocks)]


def _u_shape(ts: NDArray[np.int64], interval: Interval) -> Floats:
    """Activity by time of day: twice the mean around midnight UTC, half of it at noon; flat for daily bars."""
    if interval.ns >= DAY:
        return np.ones(len(ts))
    phase = (ts % DAY) / DAY
    return 0.5 + 1.5 * (2.0 * phase - 1.0) ** 2


def _snap(logs: tuple[Floats, ...], price: float, instrument: Instrument) -> tuple[Floats, ...]:
    """Prices on the tick grid. Rounding is monotonic, so high and low keep open and close between them."""
    tick = float(instrument.tick_size)
    return tuple(on_grid(np.maximum(np.rint(price * np.exp(log) / tick), 1.0), tick) for log in logs)


def _activity(
    ts: NDArray[np.int64], interval: Interval, excitement: Floats, lot: float, market: MockMarket, draw: RandomStreams
) -> tuple[Floats, NDArray[np.int64]]:
    """Volume in whole lots, and the number of trades that made it."""
    count = len(ts)
    usual = market.volume * interval.ns / MINUTE * _u_shape(ts, interval)
    noise = np.exp(0.4 * draw("volume").standard_normal(count))
    volume = usual * (0.4 + 0.6 * excitement) * noise
    trades = LEAST_TRADES + draw("trades").poisson(np.minimum(volume / market.trade_size, _MOST_TRADES))
    lots = np.maximum(np.rint(volume / lot), trades)
    return on_grid(lots, lot), trades.astype(np.int64)
