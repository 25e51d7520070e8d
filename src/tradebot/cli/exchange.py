"""``tradebot exchange``: a local exchange that any client of Binance can trade on."""

from __future__ import annotations

import json
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tradebot.cli.values import read_duration
from tradebot.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tradebot.core.bar import BarArray
    from tradebot.core.event import MarketEvent
    from tradebot.core.instrument import Instrument
    from tradebot.exchange.server import LocalExchange
    from tradebot.exchange.settings import ExchangeSettings

_EPILOG: Final = """\b
Examples:
  tradebot exchange --for 2s
  tradebot exchange --port 0 --json --for 1s
  tradebot exchange -s BTCUSDT -s ETHUSDT --speed 60 --port 0 --for 2s
  tradebot exchange --market spot --port 0 --for 1s
  tradebot exchange -d BTCUSDT-1m.parquet --past 1000 --speed max --port 0 --for 2s
  tradebot exchange -d BTCUSDT-1m.parquet --now --port 0 --for 2s
"""

_MOCK: Final = "mock"
_STORE: Final = "store:"


@click.command(epilog=_EPILOG, context_settings={"show_default": True})
@click.option("-d", "--data", multiple=True, default=(_MOCK,), metavar="mock|FILE|store:MARKET",
              help="The market: the built-in one, or recorded bars that are replayed; once per market.")  # fmt: skip
@click.option("-s", "--symbols", multiple=True, metavar="SYMBOL", help="Markets of the mock.  [default: BTCUSDT]")
@click.option("--market", type=click.Choice(("usdm", "spot")), default="usdm", help="USD-M futures, or spot.")
@click.option("--interval", help="Interval of the recorded bars, where it is not told.")
@click.option("--past", type=click.IntRange(0), default=1500, help="Bars that have closed before it opens.")
@click.option("--now", "from_now", is_flag=True,
              help="Date recorded bars anew: the first after the past opens now. A bot needs it.")  # fmt: skip
@click.option("--speed", default="1", metavar="N|max", help="Multiple of real time at which the market runs.")
@click.option("--stepped", is_flag=True, help="The market moves when POST /control/step asks it to.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, help="Port on the loopback; 0 takes a free one.")
@click.option("--cash", type=float, default=10_000.0, help="Money at the start.")
@click.option("--seed", type=click.IntRange(0), default=1, help="Of the mock market and of the faults' chances.")
@click.option("--funding-rate", type=float, default=0.0001, help="Paid every eight hours; 0 pays none.")
@click.option("--faults", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE.json",
              help="What goes wrong from the start; see docs/local-exchange.md.")  # fmt: skip
@click.option("--for", "length", metavar="DURATION", help="Stop after a time, such as 90s or 10m.  [default: never]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def exchange(**options: Any) -> None:
    """Run a local exchange that speaks Binance, USD-M futures or spot, REST and websockets, on this machine alone."""
    import asyncio

    seconds = read_duration(options["length"])
    built = _build(options)
    try:
        asyncio.run(_serve(built, seconds, as_json=options["as_json"]))
    except OSError as error:
        raise ConfigError(
            f"port {options['port']} cannot be opened", place="--port", mend="Choose another, or 0 for a free one."
        ) from error


async def _serve(exchange: LocalExchange, seconds: float | None, *, as_json: bool) -> None:
    import asyncio
    import contextlib

    async with exchange:
        _tell(exchange, seconds, as_json=as_json)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await exchange.ended()


def _tell(exchange: LocalExchange, seconds: float | None, *, as_json: bool) -> None:
    settings = exchange.venue.state.settings
    told = {"rest": exchange.url, "websockets": exchange.ws_url, "key": settings.key, "secret": settings.secret}
    symbols = list(exchange.venue.state.markets)
    if as_json:
        click.echo(json.dumps(told | {"symbols": symbols}))
        return
    for name, value in (told | {"markets": ", ".join(symbols)}).items():
        click.echo(f"{name:<12}{value}")
    click.echo("Stop it with Ctrl+C." if seconds is None else f"It stops after {seconds:g} seconds.")


def _build(options: dict[str, Any]) -> LocalExchange:
    from tradebot.exchange.pacing import Pacer
    from tradebot.exchange.server import LocalExchange
    from tradebot.exchange.venue import Venue

    speed, is_mock = _speed(options["speed"]), _MOCK in options["data"]
    start, instruments, past, events = (_mock if is_mock else _replayed)(options)
    settings = _settings(options, instruments, past, start)
    venue = Venue(settings, start, {bars.symbol: bars for bars in past})
    # A market at the present moment when the exchange opens: at real time its clock is the machine's.
    origin = time.time_ns() if is_mock or options["from_now"] else None
    pacer = Pacer(venue.tape, events, speed=speed, origin=origin)
    return LocalExchange(venue, pacer, port=options["port"], stepped=options["stepped"])


def _settings(
    options: dict[str, Any], instruments: Sequence[Instrument], past: Sequence[BarArray], start: int
) -> ExchangeSettings:
    from tradebot.exchange.faults import read_faults
    from tradebot.exchange.settings import ExchangeSettings, FundingSchedule

    file: Path | None = options["faults"]
    rate: float = options["funding_rate"]
    schedule = FundingSchedule.constant(start, rate) if rate and options["market"] == "usdm" else None
    return ExchangeSettings(
        instruments=tuple(instruments),
        cash=Decimal(repr(options["cash"])),
        interval=past[0].interval,
        matching="next_price" if options["stepped"] else "at_once",
        funding={each.symbol: schedule for each in instruments} if schedule else {},
        seed=options["seed"],
        faults=tuple(read_faults(file.read_bytes(), str(file))) if file else (),
    )


_Market = tuple[int, list["Instrument"], list["BarArray"], "AsyncIterator[MarketEvent]"]


def _mock(options: dict[str, Any]) -> _Market:
    """The built-in market, live from now on: trades and quotes, or minute bars where it is stepped."""
    import asyncio

    from tradebot.core.instrument import Instrument
    from tradebot.core.interval import MINUTE, Interval
    from tradebot.feeds.mock import MockFeed

    if len(options["data"]) > 1:
        raise ConfigError("mock does not mix with files", place="--data", mend="Name several markets by --symbols.")
    listed = Instrument.binance_spot if options["market"] == "spot" else Instrument.mock
    instruments = [listed(symbol) for symbol in options["symbols"] or ("BTCUSDT",)]
    minute = Interval(1, "m")
    now = minute.floor(time.time_ns())
    begins = now - max(options["past"], 1) * MINUTE
    feed = MockFeed(seed=options["seed"], start=begins, live_from=now)

    async def closed() -> list[BarArray]:
        return [await feed.history(instrument, minute, begins, now) for instrument in instruments]

    past = asyncio.run(closed())
    return now, instruments, past, feed.stream(instruments, minute if options["stepped"] else None)


def _replayed(options: dict[str, Any]) -> _Market:
    """Recorded bars: the first of them are the past, the others come one by one."""
    from tradebot.exchange.replaying import bars_in_order, dated_anew

    if options["symbols"]:
        raise ConfigError(
            "recorded bars name their markets", place="--symbols", mend="Leave it out, or use --data mock."
        )
    venue = f"binance_{options['market']}"
    markets = [_recorded(text, venue, options["interval"]) for text in options["data"]]
    if len({market.interval for market in markets}) > 1:
        raise ConfigError("the files have different intervals", place="--data", mend="Resample them to one.")
    if min(map(len, markets)) <= options["past"]:
        fewest = min(map(len, markets))
        raise ConfigError(
            f"{options['past']} past bars leave nothing of {fewest}", place="--past", mend="Choose a smaller number."
        )
    opens = max(int(market.ts[options["past"]]) for market in markets)
    if options["from_now"]:
        markets, opens = dated_anew(markets, opens, time.time_ns())
    past = [market.between(None, opens) for market in markets]
    coming = [market.between(opens, None) for market in markets]
    return opens, [market.instrument for market in markets], past, bars_in_order(coming)


def _recorded(text: str, venue: str, interval: str | None) -> BarArray:
    """Bars of a file, or of a stored market."""
    from tradebot.store.files import read_bars
    from tradebot.store.library import Library
    from tradebot.store.reading import stored_bars

    if text.startswith(_STORE):
        return stored_bars(Library(), text.removeprefix(_STORE), interval).bars
    return read_bars(text, venue=venue, interval=interval)


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise ConfigError(f'"{text}" is no speed', place="--speed", mend="Write 1 for real time, 60, or max.")
    return speed
