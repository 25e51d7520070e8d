"""From a configuration to the options of `tradebot backtest` that say the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from tradebot.app.strategy import TRADE_QUANTITY, higher_roles, spelled, strategy_of

if TYPE_CHECKING:
    from tradebot.config import Configuration, Loaded

_VENUES: Final = {
    "yahoo": "us_equity",
    "alpaca": "us_equity",
    "polygon": "us_equity",
    "ibkr": "us_equity",
}


def options_of(loaded: Loaded) -> dict[str, Any]:
    """Options of the command by name; what the configuration leaves open is not among them.

    Raises
    ------
    ConfigurationError : the strategy, a mixin or a parameter is not as it must be.
    """
    configuration = loaded.configuration
    kind, params = strategy_of(loaded)
    found: dict[str, Any] = {
        "strategy": spelled(configuration),
        "params": tuple(f"{name}={value}" for name, value in params.items()),
        "tf_roles": tuple(f"{role}={interval}" for interval, role in higher_roles(configuration).items()),
        "cash": float(configuration.broker.initial_balance),
        "leverage": float(configuration.broker.leverage),
        "interval": configuration.data.interval,
        "limits": tuple(_limits(configuration)),
        "protections": tuple(_protections(configuration)),
        **_data(configuration),
    }
    if configuration.broker.commission is not None:
        found["fees"] = str(configuration.broker.commission)
    if configuration.broker.slippage_bps:
        found["slippage"] = f"bps:{configuration.broker.slippage_bps}"
    for name in ("start", "end"):
        if (time := getattr(configuration.data, name)) is not None:
            found[name] = time
    quantity = configuration.strategy.params.get(TRADE_QUANTITY)
    if quantity is not None and TRADE_QUANTITY not in kind.parameters:
        found["sizer"] = f"fixed:{quantity}"
    elif configuration.position_size is not None:
        found["sizer"] = f"fraction:{configuration.position_size}"
    return found


def _data(configuration: Configuration) -> dict[str, Any]:
    symbols, source = configuration.traded, configuration.data.data_source
    if source == "mock":
        return {"data": ("mock",), "symbols": symbols, "bars": configuration.data.lookback_bars}
    venue = f"binance_{configuration.broker.market}" if source == "binance" else _VENUES.get(source)
    stored = {"data": tuple(f"store:{symbol}" for symbol in symbols)}
    return stored | {"venue": venue} if venue else stored


def _limits(configuration: Configuration) -> Iterator[str]:
    trading, risk = configuration.trading, configuration.risk_management
    for name, value in (
        ("max_positions", trading.max_positions),
        ("max_exposure", trading.max_exposure),
        ("max_daily_trades", risk.max_daily_trades),
        ("max_daily_loss_amount", risk.max_daily_loss),
    ):
        if value is not None:
            yield f"{name}={value}"
    if trading.max_drawdown_pct is not None:
        yield f"max_drawdown={trading.max_drawdown_pct}%"


def _protections(configuration: Configuration) -> Iterator[str]:
    risk, trail = configuration.risk_management, configuration.risk_management.trailing_stop
    for name in ("stop_loss_pct", "take_profit_pct"):
        if (value := getattr(risk, name)) is not None:
            yield f"{name}={value}%"
    if trail.enabled:
        yield f"trailing_stop_pct={trail.trailing_pct}%"
        if trail.activation_pct is not None:
            yield f"trailing_activation_pct={trail.activation_pct}%"
