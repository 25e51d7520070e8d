"""The backtest: past bars through the decision path and the simulated exchange, in the native run loops."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import msgspec
import tradebot_native as native

from tradebot.core.errors import ConfigError, StrategyError, TradebotError
from tradebot.engine.account import Simulation, check_leverage, config_errors, costs_of, trader_of
from tradebot.engine.arguments import check_bars, check_settings
from tradebot.engine.context import Context, decider_of, role_notes
from tradebot.engine.market import FundingRates, Market, exchange_of, markets_of
from tradebot.engine.outcome import Records, RunOutcome
from tradebot.engine.rules import check_form, check_policy_form
from tradebot.engine.saving import SavedRun, fingerprint, give_memory, memory_of, opened
from tradebot.engine.seats import bound_policy, compiled_rules, seat_of
from tradebot.strategies import PortfolioPolicy, Strategy
from tradebot.strategies.failure import failure, setup_failures

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from tradebot_native import Signal

    from tradebot.core.bar import BarArray
    from tradebot.core.protocols import Policy, Sizer
    from tradebot.risk import Protection, RiskLimits
    from tradebot.strategies import SignalPolicy

Progress = Callable[[int, int], None]


class Backtest:
    """One run of a strategy or policy over past bars; may be stopped, saved and taken up again at any bar.

    Parameters
    ----------
    strategy : a :class:`Strategy`, a :class:`SignalPolicy` (strategy and sizer), or a :class:`Policy` for the whole
        portfolio.
    bars : one market or several of the same interval, on one account.
    cash : equity before the first bar.
    sizer : turns signals into quantities; 95 % of equity, shared by the markets, unless given.
    risk : limits on every opening order; none unless given.
    protection : exits of entries that bring none; none unless given.
    fill : ``next_open``, or ``this_close``.
    path : how the unknown path inside a bar is resolved: ``pessimistic``, ``optimistic`` or ``adaptive``.
    magnify : finer bars of the markets, which tell the path inside the bars they make up; ``path`` then says how the
        finer ones are resolved.
    touch : whether a limit order fills when the price only touches it.
    participation : largest share of a bar's volume fills may take, in (0, 1]; ``None``: no cap.
    slippage : model of what takers pay beyond the market price; none unless given.
    leverage : leverage of perpetuals; 1 or more.
    funding : funding payments by symbol.
    form : ``python``, ``rules``, or ``auto``: rules where the strategy has them. A policy has its own alone.
    tf_roles : role by interval, such as ``{"1d": "HTF"}``, in the place of the intervals the strategy declares.

    Raises
    ------
    TradebotError : something does not fit; the message names it and the mend.
    """

    def __init__(
        self,
        strategy: Strategy | SignalPolicy | Policy,
        bars: BarArray | Sequence[BarArray],
        *,
        cash: float = 10_000.0,
        sizer: Sizer | None = None,
        risk: RiskLimits | None = None,
        protection: Protection | None = None,
        fill: str = "next_open",
        path: str = "pessimistic",
        magnify: BarArray | Sequence[BarArray] | None = None,
        touch: bool = True,
        participation: float | None = None,
        slippage: native.Slippage | None = None,
        leverage: float = 1.0,
        funding: Mapping[str, FundingRates] | None = None,
        form: str = "auto",
        tf_roles: Mapping[str, str] | None = None,
    ) -> None:
        check_bars("bars", bars)
        if magnify is not None:
            check_bars("magnify", magnify)
        check_settings(cash=cash, sizer=sizer, risk=risk, protection=protection, slippage=slippage)
        self.id: UUID = uuid4()
        self._markets = markets_of(bars, magnify)
        self._strategy, self._sizer = decider_of(strategy, sizer, len(self._markets), tf_roles)
        self._cash = cash
        self._limits = (risk, protection)
        self._simulation = Simulation(fill, path, touch, participation, slippage or native.Slippage.none(), leverage)
        check_leverage(leverage, [market.bars.instrument for market in self._markets])
        with config_errors():
            self._exchange = exchange_of(self._markets, funding or {}, self._simulation, cash, self.id.hex[:12])
            self._trader, sizes_natively = trader_of(len(self._markets), self._sizer, risk, protection)
        self._runner = native.Runner(self._exchange, self._trader, [market.data for market in self._markets])
        self._bound: list[Strategy] = []
        self._failed = False
        self._form = "python"
        self._go: Callable[[int | None, Progress | None], None] = self._prepare(form, sizes_natively=sizes_natively)

    # Preparing -------------------------------------------------------------------------------------------------------

    def _prepare(self, form: str, *, sizes_natively: bool) -> Callable[[int | None, Progress | None], None]:
        if not isinstance(self._strategy, Strategy):
            self._form = check_policy_form(self._strategy, form)
            return self._policy_loop(self._strategy)
        self._form = check_form(self._strategy, form)
        runner, portfolio = self._runner, self._exchange.portfolio
        for index, market in enumerate(self._markets):
            with setup_failures(self._strategy):
                bound = self._strategy.bind(index, market.bars.instrument, portfolio, market.frame)
            self._bound.append(bound)
        if self._form == "rules" and sizes_natively and not self._strategy.implements("on_fill"):
            sets = [compiled_rules(bound, market) for bound, market in zip(self._bound, self._markets, strict=True)]
            return lambda until, progress: runner.run_rules(sets, until, progress)
        sizers = [None if sizes_natively else self._python_sizer(market) for market in self._markets]
        seats = [
            seat_of(bound, market, form=self._form, size=size)
            for bound, market, size in zip(self._bound, self._markets, sizers, strict=True)
        ]
        return lambda until, progress: runner.run_python(seats, None, until, progress)

    def _python_sizer(self, market: Market) -> Callable[[Signal, float], float]:
        sizer, portfolio, instrument = self._sizer, self._exchange.portfolio, market.bars.instrument
        return lambda signal, price: sizer.size(signal, portfolio, instrument, price)

    def _policy_loop(self, policy: Policy) -> Callable[[int | None, Progress | None], None]:
        instruments = {market.bars.symbol: market.bars.instrument for market in self._markets}
        context = Context(self.id.hex[:12], instruments)
        runner, portfolio, snapshot = self._runner, self._exchange.portfolio, self._runner.snapshot
        hears = None
        if isinstance(policy, PortfolioPolicy):
            # The bound copy decides and remembers.
            self._strategy = policy = bound_policy(policy, self._markets)
            hears = policy.on_fill if policy.implements("on_fill") else None
        seats = [
            native.Seat(on_fill=hears, timelines=[frame.timeline for frame in market.frame.frames])
            for market in self._markets
        ]

        def decide() -> Sequence[native.OrderIntent]:
            return policy.decide(portfolio, snapshot, context)

        return lambda until, progress: runner.run_python(seats, decide, until, progress)

    # Running ---------------------------------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        """Steps (distinct bar closes) done."""
        return self._runner.step

    @property
    def total(self) -> int:
        """Steps of the whole run."""
        return self._runner.total

    def advance(self, until: int | None = None, progress: Progress | None = None) -> None:
        """Run on to step ``until``, or to the end.

        Parameters
        ----------
        progress : called now and then with the steps done and the steps in all.

        Raises
        ------
        StrategyError : the strategy raised; the message names its line and the bar.
        """
        if self._failed:
            raise StrategyError("the run has failed before", place=_name(self._strategy), mend="Start a new one.")
        try:
            self._go(until, progress)
        except (Exception, SystemExit) as error:
            # A strategy that exits must not take the process with it.
            self._failed = True
            raise self._blame(error) from error

    def run(self, progress: Progress | None = None) -> RunOutcome:
        """Run to the end and report."""
        self.advance(progress=progress)
        return self.outcome()

    def _blame(self, error: BaseException) -> TradebotError:
        failed = self._runner.failure
        if isinstance(self._strategy, Strategy):
            return failure(self._strategy, error, ts=failed[1] if failed else None)
        if isinstance(error, TradebotError) and not isinstance(error, StrategyError):
            return error
        times = self._runner.times()
        return failure(self._strategy, error, ts=int(times[self.step - 1]) if self.step else None)

    # Saving ----------------------------------------------------------------------------------------------------------

    def save(self) -> bytes:
        """The whole state of the run, for :meth:`restore` on a backtest made with the same arguments.

        Raises
        ------
        StrategyError : strategy, policy or sizer keeps something that cannot be saved.
        """
        deciders = [memory_of(decider) for decider in self._remembering()]
        strategies = [bound.state() for bound in self._bound]
        return msgspec.msgpack.encode(SavedRun(self._fingerprint(), self._runner.save(), strategies, deciders))

    def restore(self, state: bytes) -> None:
        """Take up a saved run; from there on it gives the same to the bit.

        Raises
        ------
        ConfigError : the state is damaged, or not one of this run.
        """
        saved = opened(state, self._fingerprint())
        try:
            self._runner.restore(saved.runner)
        except ValueError as error:
            raise ConfigError(str(error), place="state", mend="Give what save() returned.") from error
        for bound, remembered in zip(self._bound, saved.strategies, strict=True):
            bound.restore(remembered)
        for decider, memory in zip(self._remembering(), saved.deciders, strict=True):
            give_memory(decider, memory)

    def _remembering(self) -> list[object]:
        """What decides beside the bound strategies: the policy and the sizer."""
        return [self._sizer] if isinstance(self._strategy, Strategy) else [self._strategy, self._sizer]

    def _fingerprint(self) -> str:
        decider = self._strategy
        made_with = (_name(decider), getattr(decider, "version", ""), getattr(decider, "params", {}), self._form)
        roles = getattr(decider, "role_intervals", {})
        bars = [market.bars for market in self._markets]
        return fingerprint(
            bars, *made_with, roles, self._cash, self._simulation, type(self._sizer).__name__, self._limits
        )

    def decided(self) -> dict[str, NDArray[Any]]:
        """Every order so far with the exits it brought: the columns of ``SimExchange.orders`` and ``brackets``."""
        return self._exchange.orders() | self._exchange.brackets()

    # Reporting -------------------------------------------------------------------------------------------------------

    def outcome(self) -> RunOutcome:
        """What the run has left behind so far; its rows are read when they are first asked for."""
        exchange, equity = self._exchange, self._runner.equity()
        portfolio = exchange.portfolio
        return RunOutcome(
            strategy=_name(self._strategy),
            version=str(getattr(self._strategy, "version", "")),
            params=dict(getattr(self._strategy, "params", {})),
            symbols=tuple(market.bars.symbol for market in self._markets),
            initial_cash=self._cash,
            final_equity=float(equity[-1]) if len(equity) else self._cash,
            equity=equity,
            records=Records(self._runner.times, exchange.fills, exchange.orders, exchange.trades, exchange.tags),
            costs=costs_of(portfolio),
            ambiguous_bars=exchange.ambiguous_bars,
            end_positions={position.symbol: position.quantity for position in portfolio.positions()},
            assumptions=self._simulation.assumptions(
                [each.bars.instrument for each in self._markets],
                self._form,
                magnified=[each.magnified.note for each in self._markets if each.magnified],
                notes=role_notes(self._strategy, self._markets[0].bars.interval),
            ),
            bars=tuple(market.bars for market in self._markets),
            halted=self._trader.halted,
            id=self.id,
        )


def _name(decider: object) -> str:
    return str(getattr(decider, "name", type(decider).__name__))
