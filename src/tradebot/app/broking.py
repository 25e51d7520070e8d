"""From a configuration to its broker: paper, or for real where a person has approved exactly that."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import tradebot_native as native

from tradebot.app.coins import holdings_of, record_of
from tradebot.app.connecting import connected, settings_of
from tradebot.app.halting import Venue, note_venue
from tradebot.brokers.paper import PaperBroker
from tradebot.core.errors import ConfigError
from tradebot.core.holdings import Holdings
from tradebot.core.instrument import Instrument
from tradebot.engine.account import Simulation
from tradebot.store.approvals import Approvals

if TYPE_CHECKING:
    from tradebot.app.markets import Markets
    from tradebot.brokers.binance import BinanceBroker, BinanceSpotBroker
    from tradebot.config import Configuration


class Broker(msgspec.Struct, frozen=True):
    """A broker that is connected, and its word on the markets.

    Parameters
    ----------
    engine : the broker.
    instruments : the markets, by its rules.
    skew : its clock less this machine's, ns.
    holdings : its count of the run's coins; ``None`` where positions are the account's.
    """

    engine: PaperBroker | BinanceBroker | BinanceSpotBroker
    instruments: tuple[Instrument, ...]
    skew: int = 0
    holdings: Holdings | None = None


@asynccontextmanager
async def broker_of(
    configuration: Configuration,
    digest: str,
    markets: Markets,
    run_id: str,
    folder: Path,
    environment: Mapping[str, str],
    since: int | None,
) -> AsyncGenerator[Broker]:
    """The broker of a configuration, connected for the block.

    Parameters
    ----------
    digest : hash of the configuration; it must have been approved where it trades for real.
    folder : folder of the account.
    environment : where addresses and keys stand.
    since : a real broker tells what happened after it, int64 ns UTC; ``None`` tells only what is to come.

    Raises
    ------
    ConfigError : live trading was not approved for this configuration, or its broker does not trade.
    TradebotError : the broker cannot be reached, or key or account are not fit for a bot.
    """
    if configuration.engine.mode != "live":
        yield Broker(PaperBroker(markets.instruments, _exchange(configuration, markets, run_id)), markets.instruments)
        return
    Approvals().require(digest, time.time_ns())
    kind = configuration.broker.type
    if kind != "binance":
        raise ConfigError(f'"{kind}" does not trade for real', place="broker.type", mend='Use "binance".')
    async with _binance(configuration, run_id, folder, environment, since) as broker:
        yield broker


@asynccontextmanager
async def _binance(
    configuration: Configuration, run_id: str, folder: Path, environment: Mapping[str, str], since: int | None
) -> AsyncGenerator[Broker]:
    from tradebot.app.markets import binance_host

    host = binance_host(configuration, environment)
    settings = settings_of(configuration)
    symbols = configuration.traded
    # What a halt must know has to be there before the first order.
    venue = Venue(broker="binance", host=host.mode, market=host.market, symbols=symbols, run_id=run_id)
    note_venue(folder, venue)
    options: dict[str, Any] = {"prefixes": (f"{run_id}-",), "since": since}
    if host.market == "spot":
        # What works or trades of earlier runs, and what a halt has sold, is the account's too.
        recorded = record_of(folder, symbols)
        options = {"prefixes": (f"{run_id}-", *recorded.prefixes), "since": recorded.since}
        # Coins of earlier runs are not this one's to sell.
        options["holdings"] = holdings_of(folder, (run_id,))
        options["recorded"] = {symbol: recorded.of_run(run_id, symbol) for symbol in symbols}
    async with connected(host, environment, symbols, settings=settings, **options) as broker:
        yield Broker(broker, broker.instruments(symbols), broker.skew, options.get("holdings"))


def _exchange(configuration: Configuration, markets: Markets, run_id: str) -> native.SimExchange:
    broker = configuration.broker
    slippage = native.Slippage.bps(float(broker.slippage_bps)) if broker.slippage_bps else native.Slippage.none()
    simulation = Simulation(slippage=slippage, leverage=float(broker.leverage))
    specs = [instrument.native() for instrument in markets.instruments]
    return simulation.exchange(specs, float(broker.initial_balance), run_id)
