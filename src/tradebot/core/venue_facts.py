"""What venues document of their markets: steps, fees and margin ladders, as plain facts.

They serve research and paper trading out of the box. A venue changes them; a live session asks the venue
and replaces them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final, NamedTuple

from tradebot.core.margin import MarginTier, ladder


class Steps(NamedTuple):
    """Price step, quantity step and least notional of a market."""

    tick_size: Decimal
    lot_size: Decimal
    min_notional: Decimal


class Rates(NamedTuple):
    """Maker and taker fee as fractions of the notional."""

    maker: Decimal
    taker: Decimal


def _steps(tick_size: str, lot_size: str, min_notional: str) -> Steps:
    return Steps(Decimal(tick_size), Decimal(lot_size), Decimal(min_notional))


# A step too fine does no harm and one too coarse distorts prices, so unlisted markets get fine ones.
UNLISTED: Final = _steps("0.0000001", "0.001", "5")

# Binance USD-M futures, exchangeInfo filters PRICE_FILTER, LOT_SIZE and MIN_NOTIONAL.
PERPETUAL_STEPS: Final = {
    "BTCUSDT": _steps("0.10", "0.001", "100"),
    "ETHUSDT": _steps("0.01", "0.001", "20"),
    "SOLUSDT": _steps("0.01", "0.01", "5"),
}
# Binance fee schedule, regular user (VIP 0), without discounts.
PERPETUAL_FEES: Final = Rates(Decimal("0.0002"), Decimal("0.0005"))
SPOT_FEES: Final = Rates(Decimal("0.001"), Decimal("0.001"))
# Binance USD-M futures charge 1.25 % (BTC, ETH 1 %) of the notional to the insurance fund on liquidation.
LIQUIDATION_FEES: Final = {"BTCUSDT": Decimal("0.01"), "ETHUSDT": Decimal("0.01")}
UNLISTED_LIQUIDATION_FEE: Final = Decimal("0.0125")

# Binance spot, exchangeInfo filters PRICE_FILTER, LOT_SIZE and NOTIONAL.
SPOT_STEPS: Final = {
    "BTCUSDT": _steps("0.01", "0.00001", "5"),
    "ETHUSDT": _steps("0.01", "0.0001", "5"),
    "SOLUSDT": _steps("0.01", "0.001", "5"),
}
UNLISTED_SPOT: Final = _steps("0.00000001", "0.00001", "5")

# Coinbase Advanced: products endpoint (quote_increment, base_increment, min_market_funds) and entry fee tier.
COINBASE_STEPS: Final = {
    "BTC-USD": _steps("0.01", "0.00000001", "1"),
    "ETH-USD": _steps("0.01", "0.00000001", "1"),
    "SOL-USD": _steps("0.01", "0.00000001", "1"),
}
UNLISTED_COINBASE: Final = _steps("0.00000001", "0.00000001", "1")
COINBASE_FEES: Final = Rates(Decimal("0.004"), Decimal("0.006"))

# SEC Rule 612: a quote of a stock at a dollar or more moves by the cent.
EQUITY_STEPS: Final = _steps("0.01", "1", "0")
# Interactive Brokers, fixed pricing of US stocks: 0.005 a share, 1.00 an order at least.
EQUITY_FEE_PER_SHARE: Final = Decimal("0.005")
EQUITY_MIN_FEE: Final = Decimal("1.00")
# Interactive Brokers' indicative rate of an easy-to-borrow stock, a year.
EQUITY_BORROW_RATE: Final = Decimal("0.0025")
# Regulation T: an initial margin of one half.
EQUITY_MAX_LEVERAGE: Final = Decimal(2)

_BTC_LADDER: Final = ladder(
    (0, "125", "0.004"),
    (300_000, "100", "0.005"),
    (800_000, "75", "0.0065"),
    (3_000_000, "50", "0.01"),
    (12_000_000, "25", "0.02"),
    (70_000_000, "20", "0.025"),
    (100_000_000, "10", "0.05"),
    (230_000_000, "5", "0.10"),
    (480_000_000, "4", "0.125"),
    (600_000_000, "3", "0.15"),
    (800_000_000, "2", "0.25"),
    (1_200_000_000, "1", "0.50"),
)
_ETH_LADDER: Final = ladder(
    (0, "125", "0.004"),
    (300_000, "100", "0.005"),
    (800_000, "75", "0.0065"),
    (3_000_000, "50", "0.01"),
    (12_000_000, "25", "0.02"),
    (50_000_000, "20", "0.025"),
    (65_000_000, "10", "0.05"),
    (150_000_000, "5", "0.10"),
    (320_000_000, "4", "0.125"),
    (400_000_000, "3", "0.15"),
    (530_000_000, "2", "0.25"),
    (800_000_000, "1", "0.50"),
)
# Binance, Leverage and Margin of USD-M Futures, notional brackets.
MARGIN_LADDERS: Final[dict[str, tuple[MarginTier, ...]]] = {"BTCUSDT": _BTC_LADDER, "ETHUSDT": _ETH_LADDER}
# Tighter than any ladder Binance gives a liquid market, so that an unlisted one is liquidated early rather than late.
UNLISTED_LADDER: Final = ladder(
    (0, "50", "0.01"),
    (50_000, "20", "0.025"),
    (250_000, "10", "0.05"),
    (1_000_000, "5", "0.10"),
    (2_500_000, "2", "0.25"),
    (5_000_000, "1", "0.50"),
)

QUOTES: Final = ("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "EUR", "USD", "BTC", "ETH", "BNB")


def split_pair(symbol: str) -> tuple[str, str]:
    """Base and quote of a pair: ``BTCUSDT``, ``BTC-USD`` and ``BTC/USD`` alike; an unknown quote is empty."""
    for separator in "-/_":
        base, found, quote = symbol.partition(separator)
        if found:
            return base, quote
    for quote in QUOTES:
        if symbol.endswith(quote) and len(symbol) > len(quote):
            return symbol.removesuffix(quote), quote
    return symbol, ""
