"""What must be so before anything is traded: what the key may do, the account's modes, leverage, and the markets.

Sources: Binance Open Platform, "API Key Permission" (wallet), and USD-M futures, "Account" and "Trade".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Literal

from tradebot.brokers.binance.refusals import NOTHING_TO_CHANGE, Refused
from tradebot.brokers.binance.rest import BinanceRest, Endpoint
from tradebot.brokers.binance.rules import MarketRules, rules_of
from tradebot.core.errors import ConfigError

MarginType = Literal["CROSSED", "ISOLATED"]

INFO: Final = Endpoint("fapiPublicGetExchangeInfo")
_RESTRICTIONS: Final = Endpoint("sapiGetAccountApiRestrictions")
_MODE: Final = Endpoint("fapiPrivateGetPositionSideDual", 30)
_ASSETS: Final = Endpoint("fapiPrivateGetMultiAssetsMargin", 30)
_BRACKETS: Final = Endpoint("fapiPrivateGetLeverageBracket")
_COMMISSION: Final = Endpoint("fapiPrivateGetCommissionRate", 20)
_SETTINGS: Final = Endpoint("fapiPrivateGetSymbolConfig", 5)
_LEVERAGE: Final = Endpoint("fapiPrivatePostLeverage")
_MARGIN: Final = Endpoint("fapiPrivatePostMarginType", repeats=False)
# What a trading bot must not be able to do with a key that may be stolen.
_FORBIDDEN: Final = {
    "enableWithdrawals": "withdraw",
    "enableInternalTransfer": "transfer to other accounts",
    "permitsUniversalTransfer": "transfer between wallets",
}


async def check_key(rest: BinanceRest) -> None:
    """Hold the key's rights against what a bot needs.

    Raises
    ------
    ConfigError : it can move money out, cannot trade futures, or works from any address.
    """
    await check_rights(rest, "enableFutures", "futures")


async def check_rights(rest: BinanceRest, needed: str, what: str) -> None:
    """Hold the key's rights against what a bot needs; ``needed`` is the right to trade ``what``.

    Raises
    ------
    ConfigError : it can move money out, cannot trade that, or works from any address.
    """
    told: Mapping[str, Any] = await rest.ask(_RESTRICTIONS)
    rights = [words for name, words in _FORBIDDEN.items() if told.get(name)]
    if rights:
        mend = f"Make a key that may read and trade {what}, and nothing else."
        raise ConfigError(f"it may {' and '.join(rights)}", place="the key", mend=mend)
    if not told.get(needed):
        raise ConfigError(f"it may not trade {what}", place="the key", mend=f"Enable {what} for it at Binance.")
    if not told.get("ipRestrict"):
        mend = "Restrict it to this machine's address at Binance."
        raise ConfigError("it works from any address", place="the key", mend=mend)


async def check_mode(rest: BinanceRest) -> None:
    """Hold the account's modes against those that are traded.

    Raises
    ------
    ConfigError : it is in another one.
    """
    if fault := await mode_fault(rest):
        raise ConfigError(fault, place="the account", mend="Change it at Binance.")


async def mode_fault(rest: BinanceRest) -> str:
    """Why the account's mode is none that this broker trades in; empty where it is one."""
    if _is_true((await rest.ask(_MODE))["dualSidePosition"]):
        return "the account is in hedge mode, and one-way mode is the one that is traded"
    if _is_true((await rest.ask(_ASSETS))["multiAssetsMargin"]):
        return "the account is in multi-assets mode, and single-asset mode is the one that is traded"
    return ""


async def market_rules(rest: BinanceRest, symbols: Sequence[str]) -> dict[str, MarketRules]:
    """The markets as exchangeInfo tells them; the budget takes its limits from there.

    Raises
    ------
    ConfigError : one of them is not listed.
    """
    info: Mapping[str, Any] = await rest.ask(INFO)
    rest.budget.set_limits(info["rateLimits"])
    return rules_of(info, symbols)


async def with_costs(rest: BinanceRest, rules: Mapping[str, MarketRules]) -> dict[str, MarketRules]:
    """The markets with the account's own fees and their ladders of leverage."""
    brackets: list[Mapping[str, Any]] = await rest.ask(_BRACKETS)
    ladders = {row["symbol"]: row["brackets"] for row in brackets}
    found: dict[str, MarketRules] = {}
    for symbol, each in rules.items():
        fees = await rest.ask(_COMMISSION, {"symbol": symbol})
        maker, taker = Decimal(fees["makerCommissionRate"]), Decimal(fees["takerCommissionRate"])
        found[symbol] = each.with_margin(ladders.get(symbol, ()), maker, taker)
    return found


async def set_leverage(
    rest: BinanceRest, symbols: Sequence[str], leverage: int | None, margin_type: MarginType | None
) -> None:
    """Give every market the leverage and margin type that were asked for, where it has others.

    Raises
    ------
    ConfigError : Binance does not allow it, such as a change of the margin type of an open position.
    """
    rows: list[Mapping[str, Any]] = await rest.ask(_SETTINGS)
    now = {row["symbol"]: row for row in rows}
    for symbol in symbols:
        has = now.get(symbol, {})
        try:
            if margin_type is not None and has.get("marginType") != margin_type:
                await rest.ask(_MARGIN, {"symbol": symbol, "marginType": margin_type})
            if leverage is not None and int(has.get("leverage", 0)) != leverage:
                await rest.ask(_LEVERAGE, {"symbol": symbol, "leverage": leverage})
        except Refused as refusal:
            if refusal.code not in NOTHING_TO_CHANGE:
                raise ConfigError(str(refusal.fact), place=f"broker.leverage of {symbol}") from refusal


def _is_true(told: Any) -> bool:
    return str(told).lower() == "true"
