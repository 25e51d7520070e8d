"""How a broker at Binance works."""

from __future__ import annotations

import msgspec

from tradebot.brokers.binance.account import MarginType
from tradebot.brokers.binance.user_stream import UserStreamPatience


class BinanceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the broker works.

    Parameters
    ----------
    leverage, margin_type : what every market is set to at the start; ``None`` leaves it as it is.
    timeout_s : longest wait for an answer; then the outcome is unknown.
    stream : how the user stream is held open.
    income_s : time between two looks for money that moved without a trade.
    rules_s : time between two looks at the markets' rules.
    dead_man_s : time after which Binance cancels a flat market's orders unless this process is heard of; ``None`` for
        never. While a position is open it is off: it might take the position's stop with it.
    """

    leverage: int | None = None
    margin_type: MarginType | None = None
    timeout_s: float = 10.0
    stream: UserStreamPatience = UserStreamPatience()
    income_s: float = 60.0
    rules_s: float = 600.0
    dead_man_s: float | None = None
