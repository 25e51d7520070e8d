"""One market of a live run: its bars so far, the indicators on them, and the strategy that decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tradebot.engine.rules import CONDITIONS, LEVELS
from tradebot.engine.tape import Tape
from tradebot.indicators import Frame, Node
from tradebot.indicators.streaming import Streaming
from tradebot.strategies.failure import setup_failures

if TYPE_CHECKING:
    import tradebot_native as native
    from tradebot_native import Bar, ExecutionEvent, Exit, Quote, Signal, Tick

    from tradebot.core.instrument import Instrument
    from tradebot.core.interval import Interval
    from tradebot.strategies import Strategy

# As many as a live series keeps values of.
KEPT: Final = 65_536
# Failures in a row after which a strategy starts again: a bar that it cannot take, or a fault that passes, ends
# nothing; one that fails on every bar says so four times, not at every bar for good.
_MOST_FAILURES: Final = 3


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the rules of a strategy say of a bar: the four conditions, and the exits and trust an entry carries."""

    holds: tuple[bool, bool, bool, bool]
    levels: dict[str, float]
    confidence: float = 1.0

    @property
    def side(self) -> str:
        """``long`` or ``short`` for an entry; an exit takes back one to the same side, and two cancel out."""
        enter_long, exit_long, enter_short, exit_short = self.holds
        long, short = enter_long and not exit_long, enter_short and not exit_short
        return "" if long == short else "long" if long else "short"

    @property
    def action(self) -> str:
        """``long``, ``short`` or ``exit``."""
        return self.side or "exit"


class Decider:
    """Binds a strategy to one market and asks it bar by bar.

    The indicators are their streaming nodes, which give to the bit what a backtest computes over the whole series.

    Parameters
    ----------
    index : the instrument's number in the run.
    instrument : the market.
    interval : its bars.
    strategy : instance that holds the parameters; ``None`` where a policy decides for the whole portfolio.
    form : ``python`` or ``rules``.
    portfolio : the account.

    Attributes
    ----------
    bars : the last bars, oldest first, those of the history included: 65,536, and never fewer than it takes for every
        indicator to leave its warm-up again, on whatever timeframe.
    taken : bars taken in all.
    failures : failures in a row.
    """

    def __init__(
        self,
        index: int,
        instrument: Instrument,
        interval: Interval,
        strategy: Strategy | None,
        form: str,
        portfolio: native.Portfolio,
    ) -> None:
        self.index = index
        self.instrument = instrument
        self.bars = Tape()
        # Bars without which no restart would find every indicator warm; not known before they are.
        self._needed: int | None = None
        self.taken = 0
        self.failures = 0
        self._interval = interval
        self._template = strategy
        self._form = form
        self._portfolio = portfolio
        self._bind()

    def _bind(self) -> None:
        self.strategy: Strategy | None = None
        self._streaming: Streaming | None = None
        self._conditions: list[Node | None] = []
        self._levels: dict[str, Node | float] = {}
        self._confidence: Node | float = 1.0
        if self._template is None:
            return
        frame = Frame.live(self._interval)
        with setup_failures(self._template):
            self.strategy = self._template.bind(self.index, self.instrument, self._portfolio, frame)
            nodes = self._declare_rules(self.strategy) if self._form == "rules" else None
        self._streaming = Streaming(frame, nodes)

    def _declare_rules(self, strategy: Strategy) -> list[Node]:
        rules = strategy.rules(strategy.bars())
        conditions = (getattr(rules, name) for name in CONDITIONS)
        self._conditions = [None if node is None else node.on_base() for node in conditions]
        levels = {name: value for name in LEVELS if (value := getattr(rules, name)) is not None}
        self._levels = {name: _on_base(value) for name, value in levels.items()}
        self._confidence = 1.0 if rules.confidence is None else _on_base(rules.confidence)
        members = (*self._conditions, *self._levels.values(), self._confidence)
        return [member for member in members if isinstance(member, Node)]

    @property
    def is_left_alone(self) -> bool:
        """Whether its strategy has failed too often in a row to be asked again."""
        return self.failures > _MOST_FAILURES

    def stream(self, frame: Frame) -> None:
        """Keep the indicators that a policy has declared on the market's bars up with them."""
        self._streaming = Streaming(frame)

    def restart(self) -> None:
        """Begin anew from the bars so far, as after a failure: positions stay, what the strategy remembered is gone."""
        if self._template is not None:
            self._bind()
            self._catch_up()

    def _catch_up(self) -> None:
        if self._streaming is not None:
            for bar in self.bars:
                self._streaming.update(bar)

    @property
    def last_open(self) -> int | None:
        """Open time of the latest bar, int64 ns UTC."""
        return None if self.bars.last is None else self.bars.last.ts

    def take(self, bar: Bar) -> None:
        """The next closed bar: every indicator then shows its value."""
        self.bars.append(bar)
        self.taken += 1
        if self._streaming is not None:
            self._streaming.update(bar)
            if self._needed is None and self.is_warm:
                # The first of the longest bars may be cut by the beginning, and the last is still growing.
                self._needed = self.taken + 2 * self._streaming.longest
        if len(self.bars) > KEPT and (self._streaming is None or self._needed is not None):
            self.bars.keep(max(KEPT, self._needed or 0))

    @property
    def is_warm(self) -> bool:
        """Whether every indicator has left its warm-up."""
        return self._streaming is not None and self._streaming.is_warm

    def decide(self) -> Signal | Exit | Conditions | None:
        """What the strategy says of the latest bar."""
        bar = self.bars.last
        if self.strategy is None or bar is None or not self.is_warm:
            return None
        if self._form != "rules":
            return self.strategy.on_bar(bar)
        holds = tuple(node is not None and _holds(node) for node in self._conditions)
        if not any(holds):
            return None
        levels = {name: _now(value) for name, value in self._levels.items()}
        return Conditions(holds, levels, _now(self._confidence))  # type: ignore[arg-type]

    def as_signal(self, conditions: Conditions) -> Signal | Exit | None:
        """Conditions as a signal, for a sizer that is written in Python and needs one to look at."""
        if self.strategy is None:
            return None
        fields: Any = {**conditions.levels, "confidence": conditions.confidence}
        if conditions.side:
            return self.strategy.long(**fields) if conditions.side == "long" else self.strategy.short(**fields)
        _, exit_long, _, exit_short = conditions.holds
        held = self.strategy.position
        return self.strategy.exit() if (held > 0 and exit_long) or (held < 0 and exit_short) else None

    def on_tick(self, tick: Tick) -> Signal | Exit | None:
        """What the strategy says of a trade print."""
        hears = self.strategy is not None and self.strategy.implements("on_tick")
        return self.strategy.on_tick(tick) if self.strategy is not None and hears else None

    def on_quote(self, quote: Quote) -> Signal | Exit | None:
        """What the strategy says of a quote."""
        hears = self.strategy is not None and self.strategy.implements("on_quote")
        return self.strategy.on_quote(quote) if self.strategy is not None and hears else None

    def on_fill(self, fill: ExecutionEvent) -> None:
        """Tell the strategy of a fill."""
        if self.strategy is not None and self.strategy.implements("on_fill"):
            self.strategy.on_fill(fill)

    def state(self) -> dict[str, Any]:
        """Bars and what the strategy remembers, as plain data."""
        return {
            "bars": self.bars.state(),
            "needed": self._needed,
            "taken": self.taken,
            "failures": self.failures,
            "memory": None if self.strategy is None else self.strategy.state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what :meth:`state` gave, before the first bar: indicators are computed anew from the bars."""
        self.bars.restore(state["bars"])
        self._catch_up()
        self._needed, self.taken, self.failures = state["needed"], state["taken"], state["failures"]
        if self.strategy is not None:
            self.strategy.restore(state["memory"])


def _on_base(value: Node | float) -> Node | float:
    return value.on_base() if isinstance(value, Node) else float(value)


def _now(value: Node | float) -> float:
    return value.now if isinstance(value, Node) else value


def _holds(node: Node) -> bool:
    # 1 where it holds, 0 where it does not, nan where that is not known.
    return node.now == 1.0
