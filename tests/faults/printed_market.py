"""A market that prints a trade of each symbol every few milliseconds, or stands still when it is told to."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence

import msgspec
import numpy as np
from tradebot_native import Tick

from local_exchange import INSTRUMENT
from tradebot.core.bar import BarArray
from tradebot.core.event import MarketEvent, TickSeen
from tradebot.core.instrument import Instrument
from tradebot.core.interval import MINUTE, Interval

_EVERY_S = 0.004
_STEPS = (-0.2, -0.1, -0.1, 0.0, 0.1, 0.1, 0.2)
_PAST = 5


class PrintedMarket:
    """Prices that walk around 100 in the machine's own time.

    Parameters
    ----------
    symbols : its markets.
    draw : where the steps come from.
    listed : what they are like.

    Attributes
    ----------
    moves : whether it prints; any thread may set it.
    """

    def __init__(self, symbols: Sequence[str], draw: random.Random, listed: Instrument = INSTRUMENT) -> None:
        self.moves = True
        self.start = time.time_ns() // MINUTE * MINUTE
        self.instruments = [msgspec.structs.replace(listed, symbol=name, base=name[:-4]) for name in symbols]
        self._draw = draw
        self._prices = dict.fromkeys(symbols, 100.0)

    async def events(self) -> AsyncIterator[MarketEvent]:
        """Prints without end."""
        while True:
            for symbol, price in self._prices.items():
                await asyncio.sleep(_EVERY_S / len(self._prices))
                if self.moves:
                    self._prices[symbol] = price = round(min(max(price + self._draw.choice(_STEPS), 90.0), 110.0), 1)
                    yield TickSeen(symbol, Tick(time.time_ns(), price, 1_000.0))

    def history(self) -> dict[str, BarArray]:
        """The minutes before the start, in which nothing moved."""
        return {instrument.symbol: self._minutes(instrument) for instrument in self.instruments}

    def _minutes(self, instrument: Instrument) -> BarArray:
        ts = self.start + np.arange(-_PAST, 0) * MINUTE
        return BarArray(instrument, Interval(1, "m"), ts, *[np.full(_PAST, 100.0)] * 4, np.full(_PAST, 1.0))
