"""`Strategy`: what a person writes to trade an idea."""

from __future__ import annotations

import copy
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Self, TypedDict, Unpack, dataclass_transform

from tradebot_native import Exit, Signal

from tradebot.core.errors import StrategyError, did_you_mean
from tradebot.core.interval import Interval
from tradebot.strategies.bars import Bars
from tradebot.strategies.idea import Idea
from tradebot.strategies.param import param
from tradebot.strategies.roles import BASE, check_against_base, checked_roles, rebound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tradebot_native import Bar, ExecutionEvent, Quote, Tick

    from tradebot.core.instrument import Instrument
    from tradebot.core.portfolio import Portfolio
    from tradebot.indicators import Frame
    from tradebot.strategies.rules import Rules

# Signals are frozen and most carry nothing, so the plain ones are made once.
_LONG: Final = Signal("long")
_SHORT: Final = Signal("short")
_EXIT: Final = Exit()


class SignalFields(TypedDict, total=False):
    """What :meth:`Strategy.long` and :meth:`Strategy.short` take; all optional.

    Prices are absolute. A ``*_pct`` is a fraction (0.01 is one percent) of the entry's fill price, and
    ``trailing_stop`` a distance in price; with ``trailing_activation_pct`` it follows from that gain on.
    ``confidence`` lies in 0..1, ``quantity`` overrides the sizer, ``add`` enters although the side is held (another
    unit with exits of its own), ``type`` is ``market``, ``limit`` (at ``limit``) or ``stop`` (at ``stop``), ``tag``
    names the trades.
    """

    entry: float
    stop_loss: float
    take_profit: float
    stop_loss_pct: float
    take_profit_pct: float
    trailing_stop: float
    trailing_stop_pct: float
    trailing_activation_pct: float
    confidence: float
    quantity: float
    add: bool
    type: str
    limit: float
    stop: float
    tag: str
    metadata: dict[str, Any]


@dataclass_transform(kw_only_default=True, field_specifiers=(param,))
class Strategy(Idea):
    """An idea that looks at closed bars and says when to be long, short or flat.

    Subclass it, declare parameters with :func:`~tradebot.strategies.param.param`, declare indicators in
    :meth:`setup`, and decide in :meth:`on_bar`, or give the same decision as :meth:`rules`. One instance holds the
    parameters; the engine makes a bound copy of it per instrument.

    Parameters
    ----------
    **values : the parameters by name; those not given take their defaults.

    Attributes
    ----------
    name : registry name; the class name in snake case unless set.
    version : of the idea; reports carry it.
    timeframes : intervals the strategy reads by :meth:`bars`, for whoever must supply them; empty means
        undeclared.
    roles : interval by role, such as ``{"HTF": "4h", "LTF": "15m"}``, which a run may give others; ``LTF`` is the
        bars the run trades on.
    parameters : the declared parameters, by name.
    instrument : the instrument a bound copy trades.
    portfolio : the account a bound copy trades on.

    Raises
    ------
    ParameterError : a parameter is unknown, of the wrong type or out of bounds.
    StrategyError : the class decides nothing (neither ``on_bar`` nor ``rules`` nor a tick or quote hook).
    """

    _bound = ("_index", "_frame", "_tf_roles", "instrument", "portfolio")
    _wanting = "on_bar(self, bar) or rules(self, bars)"

    instrument: Instrument
    portfolio: Portfolio
    _index: int
    _frame: Frame
    # Interval by role, of those the run has given other intervals than the class declares.
    _tf_roles: Mapping[str, str] = MappingProxyType({})

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.roles = MappingProxyType(checked_roles(cls.name, cls.roles))

    # What a strategy overrides ---------------------------------------------------------------------------------------

    def setup(self, bars: Bars) -> None:
        """Declare indicators and initial state; called once per instrument before the first bar.

        Parameters
        ----------
        bars : the instrument's bars as indicator nodes; higher timeframes come from :meth:`bars`.
        """

    def on_bar(self, bar: Bar) -> Signal | Exit | None:
        """Decide on a bar that has just closed; called only once every indicator is warm.

        Returns
        -------
        :meth:`long`, :meth:`short` or :meth:`exit`; ``None`` leaves everything as it is.
        """

    def rules(self, bars: Bars) -> Rules:
        """The same decision as conditions, which run without Python per bar; called once after :meth:`setup`."""
        raise NotImplementedError

    def on_fill(self, fill: ExecutionEvent) -> None:
        """Learn of a fill of this instrument, before the bar it lies in is decided."""

    def on_tick(self, tick: Tick) -> Signal | Exit | None:
        """Decide on a trade tick, where the run is driven by ticks."""

    def on_quote(self, quote: Quote) -> Signal | Exit | None:
        """Decide on a change of the best bid or ask, where the run is driven by quotes."""

    # What a strategy says and sees -----------------------------------------------------------------------------------

    def long(self, **fields: Unpack[SignalFields]) -> Signal:
        """Signal to hold a long position; fields as in :class:`SignalFields`."""
        return Signal("long", **fields) if fields else _LONG

    def short(self, **fields: Unpack[SignalFields]) -> Signal:
        """Signal to hold a short position; fields as in :class:`SignalFields`."""
        return Signal("short", **fields) if fields else _SHORT

    def exit(self, fraction: float = 1.0, tag: str = "") -> Exit:
        """Close the position, or a fraction of it in (0, 1]."""
        return _EXIT if fraction == 1.0 and not tag else Exit(fraction, tag)

    def bars(self, timeframe: str | None = None) -> Bars:
        """The instrument's bars at another interval; without one, those it trades on.

        A higher bar is visible only once it has closed.

        Parameters
        ----------
        timeframe : an interval such as ``"4h"``, or one of the strategy's roles such as ``"HTF"``.

        Raises
        ------
        StrategyError : there is no such role, or the strategy declares its timeframes and this is not among them.
        IndicatorError : the run's bars do not fill bars of that interval.
        """
        if timeframe is None or (timeframe == BASE and BASE in self.roles):
            return Bars(self.instrument, self._frame)
        if timeframe in self.roles:
            return Bars(self.instrument, self._frame.higher(self.role_intervals[timeframe]))
        if timeframe.isalpha():
            known = did_you_mean(timeframe, self.roles) or f'Declare it: roles = {{"{timeframe}": "4h"}}.'
            raise StrategyError(f'there is no role "{timeframe}"', place=f"{self.name}.bars", mend=known)
        if self.timeframes and timeframe not in self.timeframes:
            declared = ", ".join(self.timeframes)
            raise StrategyError(
                f"{timeframe} is not among the declared timeframes {declared}",
                place=f"{self.name}.bars",
                mend=f'Add "{timeframe}" to timeframes.',
            )
        return Bars(self.instrument, self._frame.higher(timeframe))

    @property
    def role_intervals(self) -> dict[str, str]:
        """Interval by role: the one the run gives, else the declared one."""
        return {role: self._tf_roles.get(role, declared) for role, declared in self.roles.items()}

    @property
    def position(self) -> float:
        """Signed quantity held of the instrument: positive long, negative short, zero where it is dust."""
        return self.portfolio.open_quantity(self._index)

    # What the engine calls -------------------------------------------------------------------------------------------

    @classmethod
    def forms(cls) -> tuple[str, ...]:
        """Forms the strategy carries: ``python`` (a hook decides), ``rules``, or both."""
        python = any(map(cls.implements, ("on_bar", "on_tick", "on_quote")))
        return ("python",) * python + ("rules",) * cls.implements("rules")

    def with_roles(self, tf_roles: Mapping[str, str]) -> Self:
        """Copy whose roles have other intervals than the declared ones.

        Parameters
        ----------
        tf_roles : role by interval, such as ``{"1d": "HTF", "1h": "LTF"}``; roles left out keep their intervals.

        Raises
        ------
        StrategyError : the strategy has no such role.
        ConfigError : an interval is none, or a role is given two.
        """
        copied = copy.copy(self)
        copied._tf_roles = {**self._tf_roles, **rebound(self.name, self.roles, tf_roles)}
        return copied

    def check_timeframes(self, base: Interval) -> None:
        """Refuse bars that cannot fill the strategy's roles.

        Raises
        ------
        StrategyError : a role's interval is not above that of the bars, or they do not fill it.
        """
        check_against_base(self.name, self.role_intervals, self._tf_roles, base)

    def bind(self, index: int, instrument: Instrument, portfolio: Portfolio, frame: Frame) -> Self:
        """Copy with the same parameters that trades one instrument, set up and ready for its first bar.

        Parameters
        ----------
        index : the instrument's number in the run.
        instrument, portfolio : what the copy sees of the world.
        frame : the instrument's bars, on which the copy declares its indicators.

        Raises
        ------
        StrategyError : a role's interval is not above that of the bars, or they do not fill it.
        """
        self.check_timeframes(Interval.parse(frame.interval))
        bound = copy.deepcopy(self)
        bound._index = index
        bound._frame = frame
        bound.instrument = instrument
        bound.portfolio = portfolio
        bound.setup(bound.bars())
        return bound
