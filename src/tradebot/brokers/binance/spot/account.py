"""What must be so before spot is traded: what the key may do, and the markets with the account's own fees.

Sources: Binance Open Platform, "API Key Permission" (wallet), and Spot, "Exchange Information", "Filters" and "Query
Commission Rates".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec

from tradebot.brokers.binance.account import check_rights
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.rules import MarketRules, rules_of
from tradebot.core.asset_class import AssetClass
from tradebot.core.errors import ConfigError
from tradebot.core.instrument import Instrument
from tradebot.venues.binance import BinanceHost

INFO: Final = Endpoint("publicGetExchangeInfo", 20)
_COMMISSION: Final = Endpoint("privateGetAccountCommission", 20)
_BNB: Final = "BNB"
_PARTS: Final = ("standardCommission", "specialCommission", "taxCommission")


async def checked(
    rest: BinanceRest, host: BinanceHost, symbols: Sequence[str], *, opens: bool
) -> dict[str, MarketRules]:
    """The markets, once the key is known to be fit for a bot.

    Parameters
    ----------
    opens : whether positions are to be opened in them, for which the account's own fees are asked.

    Raises
    ------
    ConfigError : as :func:`market_rules`, :func:`check_key` and :func:`with_fees` do.
    """
    rules = await market_rules(rest, symbols)
    if host.account:
        await check_key(rest)
    return await with_fees(rest, rules) if opens else rules


async def check_key(rest: BinanceRest) -> None:
    """Hold the key's rights against what a bot needs.

    Raises
    ------
    ConfigError : it can move money out, cannot trade spot, or works from any address.
    """
    await check_rights(rest, "enableSpotAndMarginTrading", "spot")


async def market_rules(rest: BinanceRest, symbols: Sequence[str]) -> dict[str, MarketRules]:
    """The markets as exchangeInfo tells them; the budget takes its limits from there.

    Raises
    ------
    ConfigError : one of them is not listed, or has no pairs of orders to hold its exits.
    """
    info: Mapping[str, Any] = await rest.ask(INFO)
    rest.budget.set_limits(info["rateLimits"])
    rows = {str(row["symbol"]): row for row in info["symbols"]}
    for symbol in symbols:
        row = rows.get(symbol, {})
        if row and not (row["ocoAllowed"] and "STOP_LOSS" in row["orderTypes"]):
            mend = "Trade another market."
            raise ConfigError(f"Binance holds no stops in {symbol}", place="trading.symbols", mend=mend)
    return rules_of(info, symbols, market="spot markets", of=rules_of_row)


def check_fees(symbol: str, base: str, discount: Mapping[str, Any]) -> None:
    """Refuse a market whose coins pay the account's fees: what they take would be missing to its exits.

    Raises
    ------
    ConfigError : the account pays its fees in BNB, and BNB is what the market trades.
    """
    if base == _BNB and discount["enabledForAccount"]:
        fact = f"{symbol}: the account pays its fees in BNB, from the coins that the bot would hold there"
        mend = "Turn off paying fees in BNB at Binance, or trade another market."
        raise ConfigError(fact, place="trading.symbols", mend=mend)


async def with_fees(rest: BinanceRest, rules: Mapping[str, MarketRules]) -> dict[str, MarketRules]:
    """The markets with the account's own fees.

    Raises
    ------
    ConfigError : one of them trades the coins that pay the fees.
    """
    found: dict[str, MarketRules] = {}
    for symbol, each in rules.items():
        told: Mapping[str, Any] = await rest.ask(_COMMISSION, {"symbol": symbol})
        check_fees(symbol, each.instrument.base, told["discount"])
        reduced = told["discount"]["enabledForAccount"] and told["discount"]["enabledForSymbol"]
        # The discount of those who pay in BNB is taken from the standard part alone.
        factors = (Decimal(told["discount"]["discount"]) if reduced else Decimal(1), Decimal(1), Decimal(1))
        maker, taker = (
            sum((Decimal(told[part][name]) * factor for part, factor in zip(_PARTS, factors, strict=True)), Decimal(0))
            for name in ("maker", "taker")
        )
        instrument = msgspec.structs.replace(each.instrument, maker_fee=maker, taker_fee=taker)
        found[symbol] = msgspec.structs.replace(each, instrument=instrument)
    return found


def rules_of_row(row: Mapping[str, Any]) -> MarketRules:
    """A spot symbol's row of exchangeInfo."""
    filters: dict[str, Mapping[str, Any]] = {each["filterType"]: each for each in row["filters"]}
    lot, market = filters["LOT_SIZE"], filters.get("MARKET_LOT_SIZE", filters["LOT_SIZE"])
    market_max = Decimal(market["maxQty"]) or Decimal(lot["maxQty"])
    band = filters.get("PERCENT_PRICE_BY_SIDE", {})
    notional = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL") or {}
    instrument = Instrument(
        symbol=str(row["symbol"]),
        venue="binance_spot",
        asset_class=AssetClass.SPOT,
        base=str(row["baseAsset"]),
        quote=str(row["quoteAsset"]),
        tick_size=Decimal(filters["PRICE_FILTER"]["tickSize"]).normalize(),
        lot_size=Decimal(lot["stepSize"]).normalize(),
        min_quantity=Decimal(lot["minQty"]).normalize(),
        # An order that rests may be larger, and the position that it opened could not be closed at once.
        max_quantity=market_max.normalize(),
        min_notional=Decimal(notional.get("minNotional", 0)).normalize(),
        shortable=False,
    )
    return MarketRules(
        instrument=instrument,
        status=str(row["status"]),
        market_step=Decimal(market["stepSize"]) or instrument.lot_size,
        market_min=Decimal(market["minQty"]),
        market_max=market_max,
        # Each side has bounds of its own, in both directions; the narrower of them serve both.
        above=min(Decimal(band.get(f"{side}MultiplierUp", 0)) for side in ("bid", "ask")),
        below=max(Decimal(band.get(f"{side}MultiplierDown", 0)) for side in ("bid", "ask")),
        max_notional=Decimal(notional.get("maxNotional", 0)),
    )
