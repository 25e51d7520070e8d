"""One market of a run: its bars as the native core and as indicators see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import tradebot_native as native

from tradebot.core.errors import DataError
from tradebot.engine.magnify import Magnified, by_symbol, magnify
from tradebot.engine.sessions import sessions_of
from tradebot.indicators import Frame

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tradebot.core.bar import BarArray
    from tradebot.engine.account import Simulation


class FundingRates(Protocol):
    """Funding payments of one perpetual."""

    @property
    def ts(self) -> NDArray[np.int64]:
        """Payment times, int64 ns UTC, rising."""
        ...

    @property
    def rate(self) -> NDArray[np.float64]:
        """Fractions of the notional that longs pay."""
        ...

    @property
    def mark(self) -> NDArray[np.float64]:
        """Mark prices at the payments; NaN where unknown."""
        ...


@dataclass(frozen=True, slots=True)
class Market:
    """Bars of one instrument with their two views.

    Attributes
    ----------
    data : the columns the run loops walk, shared with ``bars`` without a copy.
    frame : the same bars as indicator nodes.
    magnified : the finer bars inside them; ``None`` where there are none.
    """

    bars: BarArray
    data: native.MarketData
    frame: Frame
    magnified: Magnified | None = None

    @classmethod
    def of(cls, bars: BarArray, finer: BarArray | None = None) -> Market:
        """Prepare the bars of one instrument."""
        if len(bars) == 0:
            raise DataError("there are no bars", place=f"bars of {bars.symbol}")
        if finer is None:
            return cls(bars, _columns(bars), Frame.batch(bars))
        magnified = magnify(bars, finer)
        data = _columns(bars, (_columns(finer), magnified.starts, magnified.ends))
        return cls(bars, data, Frame.batch(bars), magnified)


def _columns(
    bars: BarArray, finer: tuple[native.MarketData, NDArray[np.int64], NDArray[np.int64]] | None = None
) -> native.MarketData:
    closes = bars.interval.ns if bars.interval.is_fixed else bars.close_ts
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume, bars.trades, bars.vwap)
    return native.MarketData(bars.ts, closes, *columns, finer=finer)


def markets_of(
    bars: BarArray | Sequence[BarArray], finer: BarArray | Sequence[BarArray] | None = None
) -> tuple[Market, ...]:
    """The markets of a run, with the finer bars that magnify some of them.

    Raises
    ------
    DataError : there are none, a symbol comes twice, or the intervals differ.
    """
    arrays = tuple(bars) if isinstance(bars, Sequence) else (bars,)
    if not arrays:
        raise DataError("no bars are given", place="bars", mend="Give a BarArray for each instrument.")
    symbols = [array.symbol for array in arrays]
    for symbol in symbols:
        if symbols.count(symbol) > 1:
            raise DataError(
                "the symbol comes twice", place=f"bars of {symbol}", mend="Join its bars into one BarArray."
            )
    intervals = {str(array.interval) for array in arrays}
    if len(intervals) > 1:
        raise DataError(
            f"the intervals differ: {', '.join(sorted(intervals))}",
            place="bars",
            mend="Resample them to one; a strategy reads longer intervals with self.bars.",
        )
    inside = by_symbol(finer, symbols)
    return tuple(Market.of(array, inside.get(array.symbol)) for array in arrays)


def exchange_of(
    markets: Sequence[Market], funding: Mapping[str, FundingRates], simulation: Simulation, cash: float, run_id: str
) -> native.SimExchange:
    """The simulated exchange that trades the markets.

    Raises
    ------
    DataError : funding is given for a symbol that is not traded.
    """
    specs = [market.bars.instrument.native(sessions=sessions_of(market.bars)) for market in markets]
    exchange = simulation.exchange(specs, cash, run_id)
    starts = {market.bars.symbol: int(market.bars.ts[0]) for market in markets}
    for symbol, payments in funding.items():
        if symbol not in starts:
            raise DataError(f"{symbol} is not traded", place="funding", mend=f"Known: {', '.join(starts)}.")
        exchange.set_funding(symbol, payments.ts, payments.rate, payments.mark)
        exchange.skip_funding_before(symbol, starts[symbol])
    return exchange
