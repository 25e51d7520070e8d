"""Messages of the user data stream.

Source of the shapes: Binance Open Platform, USD-M futures, "User Data Streams" (order, balance and position, algo order
and account configuration updates, trade lite, margin call, expiry).
``E`` is when the message was sent, ``T`` when it happened in the market.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tradebot.exchange.account import Account, Income, TradeRow
from tradebot.exchange.orders import ZERO, Algo, Order
from tradebot.exchange.wire import amount, ms, text

Message = dict[str, Any]


def order_update(order: Order, execution: str, trade: TradeRow | None, asset: str, ts: int, now: int) -> Message:
    """ORDER_TRADE_UPDATE; ``execution`` is what happened: NEW, TRADE, CANCELED, EXPIRED, AMENDMENT or CALCULATED."""
    body: Message = {
        "s": order.symbol,
        "c": order.client_id,
        "S": order.side,
        "o": order.kind,
        "f": order.tif,
        "q": text(order.quantity),
        "p": text(order.price),
        "ap": text(order.average_price),
        "sp": text(order.stop_price),
        "x": execution,
        "X": order.status,
        "i": order.order_id,
        "l": text(trade.quantity) if trade else "0",
        "z": text(order.executed),
        "L": text(trade.price) if trade else "0",
    }
    if trade:
        body |= {"n": amount(trade.fee), "N": asset}
    body |= {
        "T": ms(ts),
        "t": trade.trade_id if trade else 0,
        "b": "0",
        "a": "0",
        "m": trade.maker if trade else False,
        "R": order.reduce_only,
        "wt": order.working_type,
        "ot": order.original_kind,
        "ps": "BOTH",
        "cp": order.close_position,
    }
    if order.original_kind == "TRAILING_STOP_MARKET":
        body |= {"AP": text(order.activate_price), "cr": text(order.callback_rate)}
    body |= {
        "pP": order.price_protect,
        "si": 0,
        "ss": 0,
        "rp": amount(trade.realized if trade else ZERO),
        "V": order.self_trade,
        "pm": "NONE",
        "gtd": order.good_till,
        "er": order.expiry_reason,
    }
    return {"e": "ORDER_TRADE_UPDATE", "T": ms(ts), "E": now, "o": body}


def trade_lite(trade: TradeRow, ts: int, now: int) -> Message:
    """TRADE_LITE: the same execution in fewer words, sent ahead of ORDER_TRADE_UPDATE."""
    order = trade.order
    return {
        "e": "TRADE_LITE",
        "E": now,
        "T": ms(ts),
        "s": order.symbol,
        "q": text(order.quantity),
        "p": text(order.price),
        "m": trade.maker,
        "c": order.client_id,
        "S": order.side,
        "L": text(trade.price),
        "l": text(trade.quantity),
        "t": trade.trade_id,
        "i": order.order_id,
    }


def account_update(
    account: Account,
    reason: str,
    symbols: Iterable[str],
    change: Decimal,
    asset: str,
    marks: dict[str, Decimal],
    margin_types: dict[str, str],
    ts: int,
    now: int,
) -> Message:
    """ACCOUNT_UPDATE: the balance, and the positions that changed; ``change`` is money that came without a trade."""
    balance = {"a": asset, "wb": amount(account.wallet), "cw": amount(account.wallet), "bc": amount(change)}
    positions = [_position(account, symbol, marks[symbol], margin_types[symbol], asset) for symbol in symbols]
    return {"e": "ACCOUNT_UPDATE", "T": ms(ts), "E": now, "a": {"B": [balance], "P": positions, "m": reason}}


def funding_update(update: Message, income: Income) -> Message:
    """An ACCOUNT_UPDATE of a funding payment, which names the symbol (since August 2026)."""
    update["a"]["S"] = income.symbol
    return update


def _position(account: Account, symbol: str, mark: Decimal, margin_type: str, asset: str) -> Message:
    position = account.positions[symbol]
    return {
        "s": symbol,
        "pa": text(position.quantity),
        "ep": text(position.entry),
        "cr": amount(position.realized),
        "up": amount(account.unrealized(symbol, mark)),
        "mt": margin_type,
        "iw": "0",
        "ps": "BOTH",
        "ma": asset,
        "bep": text(position.entry),
    }


def algo_update(algo: Algo, status: str, ts: int, now: int) -> Message:
    """ALGO_UPDATE of a conditional order."""
    order = algo.order
    return {
        "e": "ALGO_UPDATE",
        "T": ms(ts),
        "E": now,
        "o": {
            "caid": algo.client_id,
            "aid": algo.algo_id,
            "at": "CONDITIONAL",
            "o": algo.kind,
            "s": algo.symbol,
            "S": algo.side,
            "ps": "BOTH",
            "f": algo.tif,
            "q": text(algo.quantity),
            "X": status,
            "ai": str(order.order_id) if order else "",
            "ap": text(order.average_price) if order else "0.00000",
            "aq": text(order.executed) if order else "0.00000",
            "act": order.kind if order else "0",
            "tp": text(algo.trigger),
            "p": text(algo.price),
            "V": algo.self_trade,
            "wt": algo.working_type,
            "pm": "NONE",
            "cp": algo.close_position,
            "pP": algo.price_protect,
            "R": algo.reduce_only,
            "tt": ms(algo.trigger_time),
            "gtd": algo.good_till,
            "rm": algo.reason,
        },
    }


def leverage_update(symbol: str, leverage: int, ts: int, now: int) -> Message:
    """ACCOUNT_CONFIG_UPDATE of a symbol's leverage."""
    return {"e": "ACCOUNT_CONFIG_UPDATE", "E": now, "T": ms(ts), "ac": {"s": symbol, "l": leverage}}


def margin_call(account: Account, marks: dict[str, Decimal], maintenance: dict[str, Decimal], now: int) -> Message:
    """MARGIN_CALL: positions near their liquidation."""
    return {
        "e": "MARGIN_CALL",
        "E": now,
        "cw": amount(account.wallet),
        "p": [
            {
                "s": symbol,
                "ps": "BOTH",
                "pa": text(position.quantity),
                "mt": "CROSSED",
                "iw": "0",
                "mp": text(marks[symbol]),
                "up": amount(account.unrealized(symbol, marks[symbol])),
                "mm": amount(maintenance[symbol]),
            }
            for symbol, position in account.positions.items()
            if position.quantity
        ],
    }


def listen_key_expired(key: str, now: int) -> Message:
    """The end of a listenKey: nothing follows on its streams."""
    return {"e": "listenKeyExpired", "E": now, "listenKey": key}
