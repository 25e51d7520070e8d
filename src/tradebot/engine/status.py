"""A live run at a glance, as plain data: what ``get_status()`` and the terminal show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import tradebot_native as native

    from tradebot.engine.desk import Desk
    from tradebot.engine.orders import OrderManager
    from tradebot.engine.plan import Plan

_ACCOUNT: Final = (
    "cash", "equity", "realized_pnl", "fees", "funding", "borrow", "gross_notional", "margin_used", "free_margin",
)  # fmt: skip
_POSITION: Final = ("symbol", "quantity", "entry_price", "mark_price", "unrealized_pnl", "notional", "is_dust")
_ORDER: Final = (
    "client_id", "symbol", "side", "type", "state", "quantity", "filled", "price", "trigger", "reduce_only", "tag",
    "created_ts",
)  # fmt: skip


def account_of(books: native.Books) -> dict[str, Any]:
    """Money, positions and open orders."""
    portfolio = books.portfolio
    return {
        **{name: getattr(portfolio, name) for name in _ACCOUNT},
        "positions": [
            {name: getattr(each, name) for name in _POSITION}
            | {"liquidation_price": books.liquidation_price(each.symbol)}
            for each in portfolio.positions()
        ],
        "orders": [{name: getattr(each, name) for name in _ORDER} for each in books.open_orders()],
    }


def performance_of(books: native.Books, plan: Plan) -> dict[str, Any]:
    """What the run has made so far; ``return`` is a fraction of the money it began with."""
    trades, wins = books.closed_trades
    return {
        "return": books.portfolio.equity / plan.cash - 1.0,
        "trades": trades,
        "wins": wins,
        "win_rate": wins / trades if trades else None,
        "fills": books.fill_count,
    }


def markets_of(desk: Desk, orders: OrderManager) -> list[dict[str, Any]]:
    """The data of each market, and what keeps it from trading."""
    return [
        {
            "symbol": symbol,
            "bars": decider.taken,
            "last_bar_ts": decider.last_open,
            "is_warm": decider.is_warm,
            "is_fresh": symbol not in desk.stale,
            "failures": decider.failures,
            "unresolved": orders.inquiries.concerns(symbol),
            "quarantined": symbol in orders.quarantine.symbols,
        }
        for symbol, decider in desk.deciders.items()
    ]
