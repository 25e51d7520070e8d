"""What a live run trades, with what money and within which bounds: all that a trader is made from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tradebot.core.errors import ConfigError
from tradebot.core.interval import Interval
from tradebot.core.protocols import BrokerAbilities

if TYPE_CHECKING:
    from tradebot.core.instrument import Instrument
    from tradebot.core.protocols import Policy, RiskManager, Sizer
    from tradebot.risk import Protection, RiskLimits
    from tradebot.strategies import SignalPolicy, Strategy

_MOST_DOUBLINGS: Final = 32
# Client ids begin with it: Binance takes these characters and 36 of them, and a suffix comes on top.
_RUN_ID: Final = re.compile(r"[.A-Z:/a-z0-9_-]{1,20}")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a trader waits for what should come, in seconds of event time.

    Parameters
    ----------
    step : for the bars of the other markets once one has closed; those that are stale are not waited for.
    answer : for an answer to what was sent, before the broker is asked.
    first_query : before an order whose fate is not known is asked about; the time doubles with every query.
    longest_query : most seconds between two queries.
    grace : for as long "not found" may mean "not yet".
    queries : least number of "not found" before an order is taken for absent.
    closing : in the place of the two, for an order at the market that closes a whole position of a perpetual; longer
        than a venue takes one after it was sent. It is held to the position there: sent twice it closes no more.
    alarm : after which an order that is still unresolved is a critical notice.
    watch : between two looks at unanswered orders and at the protection of positions.
    protection : for which a position may lack its resting stop while one is being placed.
    """

    step: float = 2.0
    answer: float = 10.0
    first_query: float = 1.0
    longest_query: float = 60.0
    grace: float = 60.0
    queries: int = 5
    closing: float = 15.0
    alarm: float = 300.0
    watch: float = 1.0
    protection: float = 1.0

    def after(self, times: int) -> float:
        """Seconds until a question or an exit goes out again that has been in vain so many times."""
        # It may go on so for days: twofold without end leaves the range of a double.
        return min(self.first_query * 2.0 ** min(times, _MOST_DOUBLINGS), self.longest_query)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One live run.

    Parameters
    ----------
    run_id : prefix of every client order id, never used by another run on the account; 1 to 20 characters of
        ``.A-Z:/a-z0-9_-``.
    instruments : the markets, on one account, in the order in which they are decided.
    interval : bars that are decided on.
    strategy : a ``Strategy``, a ``SignalPolicy`` (strategy and sizer), or a ``Policy`` for the whole portfolio.
    cash : money the run begins with, in the quote currency.
    leverage : leverage of perpetuals; 1 or more.
    sizer, risk, protection : as in a backtest.
    rules : rules of live trading that every opening order is held against, beside ``risk``.
    form : ``python``, ``rules``, or ``auto``: rules where the strategy has them.
    tf_roles : role by interval, in the place of the intervals the strategy declares.
    abilities : what the broker can hold.
    patience : how long is waited for what should come.

    Raises
    ------
    ConfigError : a value is impossible; the message names it.
    """

    run_id: str
    instruments: Sequence[Instrument]
    interval: Interval | str
    strategy: Strategy | SignalPolicy | Policy
    cash: float
    leverage: float = 1.0
    sizer: Sizer | None = None
    risk: RiskLimits | None = None
    protection: Protection | None = None
    rules: Sequence[RiskManager] = ()
    form: str = "auto"
    tf_roles: Mapping[str, str] | None = None
    abilities: BrokerAbilities = field(default_factory=BrokerAbilities)
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        object.__setattr__(self, "interval", Interval.parse(self.interval))
        object.__setattr__(self, "instruments", tuple(self.instruments))
        if not _RUN_ID.fullmatch(self.run_id):
            mend = "Use 1 to 20 letters, digits, or characters of . : / _ -"
            raise ConfigError(f'"{self.run_id}" is no name for client order ids', place="run_id", mend=mend)
        if not self.instruments:
            raise ConfigError("no market is given", place="instruments", mend="Give at least one.")

    @property
    def bars(self) -> Interval:
        """The interval, parsed."""
        return Interval.parse(self.interval)

    @property
    def markets(self) -> Mapping[str, Instrument]:
        """The instruments by symbol."""
        return {instrument.symbol: instrument for instrument in self.instruments}
