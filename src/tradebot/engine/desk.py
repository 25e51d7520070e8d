"""From closed bars to orders in the books: asks strategies or the policy, sizes, and hands on to the native trader."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import tradebot_native as native

from tradebot.core.errors import StrategyError
from tradebot.core.event import EquityMarked, Severity, Signaled
from tradebot.core.instant import iso
from tradebot.engine.account import trader_of
from tradebot.engine.context import Context, decider_of
from tradebot.engine.decider import Conditions, Decider
from tradebot.engine.history import moments
from tradebot.engine.outbox import SECOND
from tradebot.engine.rules import check_form
from tradebot.engine.saving import give_memory, memory_of
from tradebot.engine.snapshot import LiveSnapshot
from tradebot.indicators import Frame
from tradebot.strategies import Bars, PortfolioPolicy, Strategy
from tradebot.strategies.failure import failure, setup_failures

if TYPE_CHECKING:
    from tradebot_native import Bar, Exit, Quote, Signal, Tick

    from tradebot.core.bar import BarArray
    from tradebot.core.protocols import Policy
    from tradebot.engine.outbox import Outbox
    from tradebot.engine.plan import Plan

    Said = Signal | Exit | Conditions | None

STEP: Final = "step"

P = TypeVar("P", bound="Policy")


class Desk:
    """Takes what feeds deliver and decides on it.

    Markets on one account are decided together, as in a backtest: a step waits until every market that is fresh has
    closed its bar, or patience ends.

    Parameters
    ----------
    plan : the run.
    books : the account.
    outbox : where records, notices and timers go.

    Attributes
    ----------
    native : the native half of the decision path.
    deciders : one for each market, by symbol.
    stale : markets whose data is not fresh.
    told : fills that strategies have heard of.
    """

    def __init__(self, plan: Plan, books: native.Books, outbox: Outbox) -> None:
        self._plan = plan
        self._books = books
        self._outbox = outbox
        strategy, self._sizer = decider_of(plan.strategy, plan.sizer, len(plan.instruments), plan.tf_roles)
        self.native, self._sizes_natively = trader_of(len(plan.instruments), self._sizer, plan.risk, plan.protection)
        template = strategy if isinstance(strategy, Strategy) else None
        form = check_form(template, plan.form) if template else "python"
        portfolio = books.portfolio
        self.deciders = {
            instrument.symbol: Decider(index, instrument, plan.bars, template, form, portfolio)
            for index, instrument in enumerate(plan.instruments)
        }
        self._policy = None if isinstance(strategy, Strategy) else self._bound(strategy)
        self.snapshot = LiveSnapshot(self.deciders)
        self.stale: set[str] = set()
        self._context = Context(plan.run_id, plan.markets)
        self.told = 0
        # Markets whose bar has closed in the step that waits for the others, and the time of its close.
        self._closed: list[Decider] = []
        self._step_ts = 0
        # Time of the last step that the policy was asked at.
        self._asked_ts = 0

    def _bound(self, policy: Policy) -> Policy:
        """The policy set up on the markets' bars to come, where it is one that sets itself up."""
        if not isinstance(policy, PortfolioPolicy):
            return policy
        frames = {symbol: Frame.live(self._plan.bars) for symbol in self.deciders}
        with setup_failures(policy):
            bound = policy.bind(
                {symbol: Bars(self.deciders[symbol].instrument, frame) for symbol, frame in frames.items()}
            )
        for symbol, frame in frames.items():
            self.deciders[symbol].stream(frame)
        return bound

    # What feeds deliver ----------------------------------------------------------------------------------------------

    def on_history(self, decider: Decider, bars: BarArray) -> None:
        """Bars that closed before: indicators take them, a policy hears of them at its next step, none decides."""
        goes_on = decider.last_open is not None
        for bar in bars:
            if decider.last_open is None or bar.ts > decider.last_open:
                if goes_on:
                    self._tell_gap(decider, bar)
                decider.take(bar)
        if (last := decider.bars.last) is not None:
            self._books.on_mark(decider.index, last.close, self._plan.bars.close_of(last.ts))

    def on_bar(self, decider: Decider, bar: Bar) -> None:
        """A bar that has closed. It counts once and in its order: feeds that reconnect repeat some."""
        if decider.last_open is not None and bar.ts <= decider.last_open:
            return
        close_ts = self._plan.bars.close_of(bar.ts)
        if self._closed and close_ts > self._step_ts:
            self.decide()
        if not self._is_sound(decider, lambda: self._books.on_bar(decider.index, bar, close_ts)):
            return
        self._tell_gap(decider, bar)
        self._watch(decider, bar.high, bar.low)
        decider.take(bar)
        self._closed.append(decider)
        self._step_ts = close_ts
        self.decide_if_whole()

    def _is_sound(self, decider: Decider, take: Callable[[], None]) -> bool:
        """Take a price; one that is none (zero, nan, crossed) is told and moves nothing."""
        try:
            take()
        except ValueError as error:
            self._outbox.notify(Severity.WARNING, f"{decider.instrument.symbol}: {error}; it is left out")
            return False
        return True

    def _tell_gap(self, decider: Decider, bar: Bar) -> None:
        """Of bars that are missing in a market that never closes; a driver fills gaps with ``History`` before."""
        if decider.last_open is None or decider.instrument.calendar is not None:
            return
        expected = self._plan.bars.close_of(decider.last_open)
        if bar.ts > expected:
            told = f"bars from {iso(expected)} to {iso(bar.ts)} are missing"
            self._outbox.notify(Severity.WARNING, f"{decider.instrument.symbol}: {told}")

    def _watch(self, decider: Decider, high: float, low: float) -> None:
        """Orders that the broker cannot hold meet the prices here."""
        self._books.touched(decider.index, high, low)

    def on_tick(self, decider: Decider, tick: Tick) -> None:
        """A trade print."""
        if self._is_sound(decider, lambda: self._books.on_tick(decider.index, tick)):
            self._watch(decider, tick.price, tick.price)
            self._ask(decider, lambda: decider.on_tick(tick))

    def on_quote(self, decider: Decider, quote: Quote) -> None:
        """A change of the best bid or ask."""
        if not self._is_sound(decider, lambda: self._books.on_quote(decider.index, quote)):
            return
        # Takers sell at the bid and buy at the ask.
        self._watch(decider, quote.ask, quote.bid)
        self.snapshot.quotes[decider.instrument.symbol] = quote
        self._ask(decider, lambda: decider.on_quote(quote))

    # Deciding --------------------------------------------------------------------------------------------------------

    def decide_if_whole(self) -> None:
        """Decide the step if no fresh market is still to close its bar; else see to it that it ends."""
        if not self._closed:
            return
        opened = max(decider.last_open or 0 for decider in self._closed)
        waits = any(
            symbol not in self.stale and (decider.last_open is None or decider.last_open < opened)
            for symbol, decider in self.deciders.items()
        )
        if not waits:
            self.decide()
        elif STEP not in self._outbox.timers:
            self._outbox.wake(self._step_ts + int(self._plan.patience.step * SECOND), STEP)

    def decide(self) -> None:
        """One step: what the account is worth, what has filled, and then what is wanted."""
        if not self._closed:
            return
        closed, self._closed = sorted(self._closed, key=lambda decider: decider.index), []
        self._outbox.timers.pop(STEP, None)
        portfolio = self._books.portfolio
        self.native.on_equity(self._step_ts, portfolio.equity)
        self._outbox.add(EquityMarked(ts=self._step_ts, cash=portfolio.cash, equity=portfolio.equity))
        for fill in self._books.fill_events(self.told):
            hearer = self.deciders[fill.symbol]
            self._guarded(hearer, lambda hearer=hearer, fill=fill: hearer.on_fill(fill))
            if isinstance(self._policy, PortfolioPolicy):
                self._ask_policy(self._policy, lambda policy, fill=fill: policy.on_fill(fill))
        self.told = self._books.fill_count
        for decider in closed:
            self._ask(decider, decider.decide)
        if self._policy is not None:
            self._tell_history(self._policy)
            self._ask_policy(self._policy, self._order)

    def _tell_history(self, policy: Policy) -> None:
        """Show a policy the moments since its last step at which it was not asked."""
        if isinstance(policy, PortfolioPolicy) and policy.implements("on_history"):
            for past in moments(self.deciders, self._plan.bars, self._asked_ts, self._step_ts):
                self._ask_policy(policy, lambda policy, past=past: policy.on_history(past))
        self._asked_ts = self._step_ts

    def _ask(self, decider: Decider, question: Callable[[], Said]) -> None:
        def ask_and_act() -> None:
            said = question()
            if said is not None:
                self._act(decider, said)

        if not decider.is_left_alone and self._guarded(decider, ask_and_act):
            decider.failures = 0

    def _guarded(self, decider: Decider, act: Callable[[], None]) -> bool:
        """Run a strategy's code; where it fails the strategy starts again from its bars, and positions stay."""
        try:
            act()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - it is told, and the run goes on
            decider.failures += 1
            told = failure(decider.strategy or self._plan.strategy, error, ts=self._step_ts or None)  # type: ignore[arg-type]
            symbol = decider.instrument.symbol
            if decider.is_left_alone:
                self._outbox.notify(Severity.CRITICAL, f"{told}. {symbol} is left alone; its exits go on.")
                return False
            self._outbox.notify(Severity.WARNING, f"{told}. Its strategy for {symbol} starts again from its bars.")
            decider.restart()
            return False
        return True

    def _act(self, decider: Decider, said: Signal | Exit | Conditions) -> None:
        first = self._books.order_count
        if isinstance(said, Conditions) and self._sizes_natively:
            self.native.follow(self._books, decider.index, said.holds, **said.levels)
        else:
            spoken = decider.as_signal(said) if isinstance(said, Conditions) else said
            if spoken is None:
                return
            said = spoken
            self.native.act(self._books, decider.index, spoken, self._size(decider, spoken))
        self._record(decider, said, first)

    def _size(self, decider: Decider, said: Signal | Exit) -> float | None:
        """A Python sizer's answer; where the native trader sizes, none."""
        if self._sizes_natively or not isinstance(said, native.Signal) or said.quantity is not None:
            return None
        price = said.entry if said.entry is not None else self._books.portfolio.position(decider.index).mark_price
        return self._sizer.size(said, self._books.portfolio, decider.instrument, price)

    def _record(self, decider: Decider, said: Signal | Exit | Conditions, first: int) -> None:
        """Keep what was said beside the order it led to: the last one, since a reversal closes first."""
        made = self._books.order_count > first
        order_id = self._books.order(self._books.order_count - 1).client_id if made else ""
        fields: dict[str, Any] = {"ts": self.snapshot.ts, "symbol": decider.instrument.symbol, "order_id": order_id}
        if isinstance(said, Conditions):
            exits = {name: said.levels.get(name) for name in ("stop_loss", "take_profit")}
            self._outbox.add(Signaled(action=said.action, confidence=said.confidence, **exits, **fields))
        elif isinstance(said, native.Signal):
            told = ("entry", "stop_loss", "take_profit", "confidence", "tag", "metadata")
            self._outbox.add(Signaled(action=said.side, **{name: getattr(said, name) for name in told}, **fields))
        else:
            self._outbox.add(Signaled(action="exit", tag=said.tag, **fields))

    def state(self) -> dict[str, Any]:
        """What the desk and what decides remember, as plain data."""
        return {
            "told": self.told,
            "closed": [decider.instrument.symbol for decider in self._closed],
            "step_ts": self._step_ts,
            "asked_ts": self._asked_ts,
            "stale": sorted(self.stale),
            "markets": {symbol: decider.state() for symbol, decider in self.deciders.items()},
            "policy": None if self._policy is None else memory_of(self._policy),
            "sizer": memory_of(self._sizer),
            "native": self.native.save(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take back what :meth:`state` gave."""
        self.told, self._step_ts, self._asked_ts = state["told"], state["step_ts"], state["asked_ts"]
        self.stale = set(state["stale"])
        for symbol, saved in state["markets"].items():
            self.deciders[symbol].restore(saved)
        self._closed = [self.deciders[symbol] for symbol in state["closed"]]
        if self._policy is not None:
            give_memory(self._policy, state["policy"])
        give_memory(self._sizer, state["sizer"])
        self.native.restore(state["native"])

    def _order(self, policy: Policy) -> None:
        for intent in policy.decide(self._books.portfolio, self.snapshot, self._context):
            self.native.order(self._books, intent)

    def _ask_policy(self, policy: P, act: Callable[[P], None]) -> None:
        """Run a policy's code; a failure is told, and the run goes on."""
        try:
            act(policy)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - it is told, and the run goes on
            told = error if isinstance(error, StrategyError) else failure(policy, error, ts=self._step_ts)
            self._outbox.notify(Severity.CRITICAL, f"{told}. It is asked again at the next bar.")
