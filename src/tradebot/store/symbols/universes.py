"""Universes: which of a provider's markets are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from tradebot.core.asset_class import AssetClass
from tradebot.core.asset_facts import AssetFacts
from tradebot.core.errors import ConfigError, did_you_mean
from tradebot.store.symbols.standard import Filters

MODES: Final = ("popular", "all", "large", "mid", "small", "custom")
# Much traded US shares and funds, and coins against USDT; those a provider has are taken.
POPULAR: Final = (
    "SPY", "QQQ", "AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "META", "TSLA", "BRK.B", "AVGO", "JPM", "V", "MA", "UNH",
    "XOM", "JNJ", "PG", "HD", "COST", "LLY", "ABBV", "MRK", "KO", "PEP", "BAC", "ADBE", "CRM", "AMD", "NFLX", "IWM",
    "DIA", "INTC", "DIS", "WMT", "BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT", "XRPUSDT", "DOGEUSDT", "ADAUSDT",
    "MOCKUSDT",
)  # fmt: skip
# Usual bounds of the classes, in USD: large from 10 billion, mid from 2, small from 0.3.
_CLASSES: Final = {
    "large": (Decimal(10_000_000_000), Decimal("Infinity")),
    "mid": (Decimal(2_000_000_000), Decimal(10_000_000_000)),
    "small": (Decimal(300_000_000), Decimal(2_000_000_000)),
}


def universe(
    mode: str,
    assets: Sequence[AssetFacts],
    *,
    custom: Sequence[str] = (),
    limit: int | None = None,
    filters: Filters | None = None,
) -> list[AssetFacts]:
    """Markets of a universe, the largest first where sizes are known, else by symbol.

    Parameters
    ----------
    mode : one of :data:`MODES`.
    assets : the provider's list.
    custom : symbols of the custom universe.
    limit : most markets.

    Raises
    ------
    ConfigError : the mode is unknown, needs what the list does not tell, or names markets that are not in it.
    """
    if mode not in MODES:
        mend = did_you_mean(mode, MODES) or f"There are {', '.join(MODES)}."
        raise ConfigError(f'"{mode}" is no universe', place="symbols.mode", mend=mend)
    kept = [asset for asset in assets if (filters or Filters()).keep(asset)]
    if mode == "custom":
        found = _named(custom, kept, assets)
    elif mode == "popular":
        by_symbol = {asset.symbol: asset for asset in kept}
        found = [by_symbol[symbol] for symbol in POPULAR if symbol in by_symbol]
    elif mode == "all":
        found = sorted(kept, key=lambda asset: (-(asset.market_cap or 0), asset.symbol))
    else:
        found = _of_class(mode, kept)
    return found if limit is None else found[:limit]


def _named(custom: Sequence[str], kept: Sequence[AssetFacts], every: Sequence[AssetFacts]) -> list[AssetFacts]:
    if not custom:
        raise ConfigError("the custom universe has no markets", place="symbols.symbols", mend="Set SYMBOLS=AAPL,MSFT.")
    by_symbol = {asset.symbol: asset for asset in kept}
    known = {asset.symbol for asset in every}
    for symbol in custom:
        if symbol not in by_symbol:
            fact = "it is not tradable or filtered out" if symbol in known else "the provider does not have it"
            raise ConfigError(fact, place=f"symbol {symbol}", mend=did_you_mean(symbol, by_symbol))
    return [by_symbol[symbol] for symbol in custom]


def _of_class(mode: str, kept: Sequence[AssetFacts]) -> list[AssetFacts]:
    equities = [asset for asset in kept if asset.asset_class is AssetClass.EQUITY]
    sized = [asset for asset in equities if asset.market_cap is not None]
    if not sized:
        raise ConfigError(
            "the provider tells no market capitalisation",
            place=f"universe {mode}",
            mend="Choose popular, all or custom, or a provider that tells it.",
        )
    low, high = _CLASSES[mode]
    found = [asset for asset in sized if low <= (asset.market_cap or 0) < high]
    return sorted(found, key=lambda asset: (-(asset.market_cap or 0), asset.symbol))
