"""What Binance's markets let pass: instruments from exchangeInfo, and orders brought into their form before they leave.

Source: Binance Open Platform, USD-M futures, "Exchange Information", "Filters" and "Notional and Leverage Brackets".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Decimal
from typing import Any, Final

import msgspec

from tradebot.brokers.binance.rest import BinanceRest
from tradebot.core.asset_class import AssetClass
from tradebot.core.decimals import exact
from tradebot.core.errors import ConfigError, OrderError, did_you_mean
from tradebot.core.instrument import Instrument
from tradebot.core.margin import MarginTier
from tradebot.core.order import OrderType, Side

TRADING: Final = "TRADING"
_ZERO: Final = Decimal(0)
_AT_MARKET: Final = (OrderType.MARKET, OrderType.STOP, OrderType.TAKE_PROFIT, OrderType.TRAILING_STOP)


class MarketRules(msgspec.Struct, frozen=True, kw_only=True):
    """One market as Binance tells of it.

    Parameters
    ----------
    instrument : its steps, limits and costs.
    status : ``TRADING``, or why it does not trade.
    market_step, market_min, market_max : MARKET_LOT_SIZE, the bounds of what is executed at the market.
    above, below : PERCENT_PRICE, how far over and under the mark a limit may lie, as factors.
    max_notional : the most that an order with a price may be worth; zero for no such bound.
    """

    instrument: Instrument
    status: str
    market_step: Decimal
    market_min: Decimal
    market_max: Decimal
    above: Decimal
    below: Decimal
    max_notional: Decimal = _ZERO

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> MarketRules:
        """A symbol's row of exchangeInfo."""
        filters: dict[str, Mapping[str, Any]] = {each["filterType"]: each for each in row["filters"]}
        lot, market = filters["LOT_SIZE"], filters.get("MARKET_LOT_SIZE", filters["LOT_SIZE"])
        market_max = Decimal(market["maxQty"]) or Decimal(lot["maxQty"])
        band = filters.get("PERCENT_PRICE", {})
        notional = filters.get("MIN_NOTIONAL", {})
        instrument = Instrument(
            symbol=str(row["symbol"]),
            venue="binance_usdm",
            asset_class=AssetClass.PERPETUAL,
            base=str(row["baseAsset"]),
            quote=str(row["quoteAsset"]),
            tick_size=Decimal(filters["PRICE_FILTER"]["tickSize"]),
            lot_size=Decimal(lot["stepSize"]),
            min_quantity=Decimal(lot["minQty"]),
            # An order that rests may be larger, and the position that it opened could not be closed at once.
            max_quantity=market_max,
            min_notional=Decimal(notional.get("notional", 0)),
            liquidation_fee=Decimal(row.get("liquidationFee", 0)),
        )
        return cls(
            instrument=instrument,
            status=str(row["status"]),
            market_step=Decimal(market["stepSize"]) or instrument.lot_size,
            market_min=Decimal(market["minQty"]),
            market_max=market_max,
            above=Decimal(band.get("multiplierUp", 0)),
            below=Decimal(band.get("multiplierDown", 0)),
        )

    def with_margin(self, brackets: Sequence[Mapping[str, Any]], maker: Decimal, taker: Decimal) -> MarketRules:
        """The same with its ladder of leverage and the account's own fees."""
        tiers = tuple(
            MarginTier(
                Decimal(str(each["notionalFloor"])),
                Decimal(str(each["initialLeverage"])),
                Decimal(str(each["maintMarginRatio"])),
            )
            for each in sorted(brackets, key=lambda each: float(each["notionalFloor"]))
        )
        instrument = msgspec.structs.replace(
            self.instrument,
            margin_tiers=tiers,
            max_leverage=tiers[0].max_leverage if tiers else self.instrument.max_leverage,
            maker_fee=maker,
            taker_fee=taker,
        )
        return msgspec.structs.replace(self, instrument=instrument)

    def with_status(self, status: str) -> MarketRules:
        """The same in another status."""
        return msgspec.structs.replace(self, status=status)

    def check_status(self, *, reduces: bool) -> None:
        """Hold an order against the market's status: before a settlement only what closes is taken.

        Raises
        ------
        OrderError : the market does not take it.
        """
        if self.status != TRADING and not (reduces and self.status == "SETTLING"):
            raise OrderError(f"the market is {self.status}", place=f"order {self.instrument.symbol}")

    def quantity(self, wished: float, kind: OrderType, *, reduces: bool = False) -> Decimal:
        """A quantity on the step of its kind of order, never more than wished.

        Parameters
        ----------
        reduces : whether it closes or protects a position. That may have grown larger than one order may be: then it is
            as large as one may be.

        Raises
        ------
        OrderError : it lies outside the bounds.
        """
        at_market, instrument = kind in _AT_MARKET, self.instrument
        step = max(self.market_step, instrument.lot_size) if at_market else instrument.lot_size
        quantity = (exact(wished) / step).to_integral_value(ROUND_DOWN) * step
        least = max(instrument.min_quantity, self.market_min if at_market else _ZERO)
        most = min(instrument.max_quantity or quantity, self.market_max if at_market else quantity)
        place = f"order {instrument.symbol} quantity"
        if quantity < least or quantity <= 0:
            raise OrderError(f"{quantity} is below the minimum {least}", place=place)
        if quantity > most and reduces:
            return most // step * step
        if quantity > most:
            raise OrderError(f"{quantity} is above the maximum {most}", place=place, mend="Split it.")
        return quantity

    def limit(self, wished: float, side: Side) -> Decimal:
        """A limit on the tick, never worse than wished."""
        tick = self.instrument.tick_size
        rounding = ROUND_FLOOR if side is Side.BUY else ROUND_CEILING
        return max((exact(wished) / tick).to_integral_value(rounding) * tick, tick)

    def trigger(self, wished: float) -> Decimal:
        """A trigger on the tick."""
        return max(self.instrument.snap_price(wished), self.instrument.tick_size)

    def check_price(self, price: Decimal, side: Side, mark: Decimal) -> None:
        """Hold a limit against PERCENT_PRICE.

        Raises
        ------
        OrderError : it lies too far beyond the mark.
        """
        place = f"order {self.instrument.symbol} price"
        if side is Side.BUY and self.above and price > mark * self.above:
            raise OrderError(f"{price} lies above {self.above} of the mark {mark}", place=place)
        if side is Side.SELL and self.below and price < mark * self.below:
            raise OrderError(f"{price} lies below {self.below} of the mark {mark}", place=place)

    def check_notional(self, quantity: Decimal, price: Decimal) -> None:
        """Hold an order's worth against MIN_NOTIONAL, after rounding.

        Raises
        ------
        OrderError : it is worth too little.
        """
        worth, least = quantity * price, self.instrument.min_notional
        if worth < least:
            fact = f"{worth.normalize():f} {self.instrument.quote} is below the minimum {least}"
            raise OrderError(fact, place=f"order {self.instrument.symbol} notional")


async def renew(
    rest: BinanceRest,
    rules: dict[str, MarketRules],
    read: Callable[[BinanceRest, Sequence[str]], Awaitable[Mapping[str, MarketRules]]],
) -> None:
    """Take the markets' present status.

    Parameters
    ----------
    rest : the requests.
    rules : the markets, by symbol; changed.
    read : asks for them.
    """
    now = await read(rest, tuple(rules))
    for symbol, known in list(rules.items()):
        rules[symbol] = known.with_status(now[symbol].status)


def rules_of(
    info: Mapping[str, Any],
    symbols: Sequence[str],
    *,
    market: str = "futures",
    of: Callable[[Mapping[str, Any]], MarketRules] = MarketRules.of,
) -> dict[str, MarketRules]:
    """Rules of some markets out of exchangeInfo; ``of`` reads the row of one.

    Raises
    ------
    ConfigError : Binance does not list one of them.
    """
    rows = {str(row["symbol"]): row for row in info["symbols"]}
    missing = next((symbol for symbol in symbols if symbol not in rows), None)
    if missing is not None:
        raise ConfigError(
            f'Binance {market} do not list "{missing}"',
            place="trading.symbols",
            mend=did_you_mean(missing, rows) or "Write it as BTCUSDT.",
        )
    return {symbol: of(rows[symbol]) for symbol in symbols}
