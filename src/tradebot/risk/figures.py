"""What a denial says beside the name of its rule: the bound and the figure that broke it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tradebot_native import Order

    from tradebot.core.portfolio import Portfolio
    from tradebot.risk.limits import RiskLimits

_TEXTS: Final = {
    "size_too_small": "the size comes to less than the smallest order",
    "stop_too_small": "a stop of it would be worth less than the market's least order, so it could not be protected",
    "invalid_signal": "a stop or target is missing or lies on the wrong side of the entry",
    "insufficient_margin": "it needs more than the free margin of {portfolio.free_margin:.2f}",
    "max_order_quantity": "{order.quantity:g} units are more than {limits.max_order_quantity:g}",
    "max_order_notional": "{order.quantity:g} units are worth more than {limits.max_order_notional:g}",
    "max_exposure": "with {portfolio.gross_notional:.2f} held it would pass {limits.max_exposure:g} times the "
    "equity of {portfolio.equity:.2f}",
    "max_positions": "{limits.max_positions} positions are held or being opened",
    "max_daily_trades": "{limits.max_daily_trades} entries went out today",
    "max_daily_loss": "equity of {portfolio.equity:.2f} lies below the day's bound",
    "max_drawdown": "equity has fallen {limits.max_drawdown:.1%} from its highest",
}


def figures(order: Order, limits: RiskLimits | None, portfolio: Portfolio) -> str:
    """One clause on why the native limits denied an order; empty where its rule says it all."""
    text = _TEXTS.get(order.reason, "")
    try:
        return text.format(order=order, limits=limits, portfolio=portfolio)
    except (AttributeError, TypeError, ValueError):
        return ""
