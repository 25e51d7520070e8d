"""From a configuration to what decides: strategy, sizer, limits, protection, and the plan of a run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from tradebot.app.strategy import TRADE_QUANTITY, strategy_of
from tradebot.engine.context import with_roles
from tradebot.engine.plan import Plan
from tradebot.risk import OrderRate, PriceCollar, Protection, RepeatedOrders, RiskLimits
from tradebot.sizing import FixedQuantity, FractionOfEquity

if TYPE_CHECKING:
    from tradebot.config import Configuration, Loaded
    from tradebot.core.instrument import Instrument
    from tradebot.core.protocols import BrokerAbilities, RiskManager, Sizer
    from tradebot.strategies import PortfolioPolicy, Strategy

_MINUTE_S: Final = 60


def idea_of(loaded: Loaded) -> Strategy | PortfolioPolicy:
    """What decides, as configured, bound to nothing yet.

    Raises
    ------
    TradebotError : something of the configuration does not fit; the message names it.
    """
    kind, params = strategy_of(loaded)
    return with_roles(kind(**params), loaded.configuration.data.tf_roles or {})


def plan_of(loaded: Loaded, run_id: str, instruments: Sequence[Instrument], abilities: BrokerAbilities) -> Plan:
    """What a live run is made from.

    Raises
    ------
    TradebotError : something of the configuration does not fit; the message names it.
    """
    configuration = loaded.configuration
    idea = idea_of(loaded)
    return Plan(
        run_id=run_id,
        instruments=instruments,
        interval=configuration.data.interval,
        strategy=idea,
        cash=float(configuration.broker.initial_balance),
        leverage=float(configuration.broker.leverage),
        sizer=_sizer(configuration, has_quantity=TRADE_QUANTITY in type(idea).parameters),
        risk=_limits(configuration),
        protection=_protection(configuration),
        rules=_rules(configuration),
        abilities=abilities,
    )


def _sizer(configuration: Configuration, *, has_quantity: bool) -> Sizer | None:
    quantity = configuration.strategy.params.get(TRADE_QUANTITY)
    if quantity is not None and not has_quantity:
        return FixedQuantity(float(quantity))
    return None if configuration.position_size is None else FractionOfEquity(configuration.position_size)


def _limits(configuration: Configuration) -> RiskLimits:
    trading, risk = configuration.trading, configuration.risk_management
    return RiskLimits(
        max_positions=trading.max_positions,
        max_exposure=None if trading.max_exposure is None else float(trading.max_exposure),
        max_drawdown=None if trading.max_drawdown_pct is None else float(trading.max_drawdown_pct / 100),
        max_daily_trades=risk.max_daily_trades,
        max_daily_loss_amount=None if risk.max_daily_loss is None else float(risk.max_daily_loss),
    )


def _rules(configuration: Configuration) -> list[RiskManager]:
    risk = configuration.risk_management
    return [
        PriceCollar(float(risk.price_collar_pct / 100)),
        OrderRate(risk.max_orders_per_minute, _MINUTE_S),
        RepeatedOrders(risk.max_repeated_orders, _MINUTE_S),
    ]


def _protection(configuration: Configuration) -> Protection | None:
    risk, trail = configuration.risk_management, configuration.risk_management.trailing_stop
    exits = {
        "stop_loss_pct": risk.stop_loss_pct,
        "take_profit_pct": risk.take_profit_pct,
        "trailing_stop_pct": trail.trailing_pct if trail.enabled else None,
        "trailing_activation_pct": trail.activation_pct if trail.enabled else None,
    }
    given = {name: float(value / 100) for name, value in exits.items() if value is not None}
    return Protection(**given) if given else None
