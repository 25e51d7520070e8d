"""``tradebot data download`` and ``tradebot backfill``: history from a provider into the store."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tradebot.core.errors import ConfigError

if TYPE_CHECKING:
    from tradebot.config.markets import Symbols
    from tradebot.core.instrument import Instrument
    from tradebot.core.interval import Interval
    from tradebot.feeds.download import Fetched, Pace
    from tradebot.feeds.provider import Provider

_DAY_NS: Final = 86_400_000_000_000
_EXIT_FAILED: Final = 1
_DOWNLOAD: Final = """\b
Examples:
  tradebot data download --provider mock --symbols MOCKUSDT --interval 1h --start 2024-01-01 --end 2024-02-01
  tradebot data download --provider binance --symbols BTCUSDT,ETHUSDT --interval 1m --start 2024-01-01  # network
"""
_BACKFILL: Final = """\b
Examples:
  tradebot backfill --provider mock --symbols MOCKUSDT --interval 1d --days 30
  tradebot backfill --config bot.json  # network
"""
_PROVIDERS: Final = click.Choice(["binance", "yahoo", "alpaca", "polygon", "mock"])


@click.command(epilog=_DOWNLOAD, context_settings={"show_default": True})
@click.option("--provider", "name", required=True, type=_PROVIDERS, help="Where from.")
@click.option("--symbols", required=True, help="Markets, separated by commas.")
@click.option("--interval", required=True, help="Length of a bar, such as 1m or 1d.")
@click.option("--start", required=True, metavar="TIME", help="First bar, as 2025-05-04 or 2025-05-04T12:00.")
@click.option("--end", metavar="TIME", help="Bars before this time.  [default: now]")
@click.option("--market", type=click.Choice(["usdm", "spot"]), default="usdm", help="Market of Binance.")
@click.option("--concurrency", type=click.IntRange(1, 100), default=5, help="Requests under way at once.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def download_bars(name: str, symbols: str, interval: str, start: str, end: str | None, market: str,
                  concurrency: int, as_json: bool) -> None:  # fmt: skip
    """Fetch the bars that the store lacks; a download that was broken off goes on where it stood.

    Keys stand in the environment: APCA_API_KEY_ID and APCA_API_SECRET_KEY, POLYGON_API_KEY.
    """
    from tradebot.core.instant import to_ns
    from tradebot.core.interval import Interval

    length = Interval.parse(interval)
    span = (length.floor(to_ns(start)), None if end is None else length.floor(to_ns(end)))
    _fetch(name, symbols.split(","), length, span, market, {"concurrency": concurrency}, as_json=as_json)


@click.command(epilog=_BACKFILL, context_settings={"show_default": True})
@click.option("-c", "--config", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.json",
              help="Configuration whose markets are fetched.")  # fmt: skip
@click.option("--provider", "name", type=_PROVIDERS, help="Where from.  [default: the configuration's source]")
@click.option("--symbols", help="Markets, separated by commas.  [default: the configuration's]")
@click.option("--interval", help="Length of a bar.  [default: the configuration's]")
@click.option("--days", type=click.IntRange(1, 36_500), help="Days back from now.  [default: 90]")
@click.option("--market", type=click.Choice(["usdm", "spot"]), help="Market of Binance.  [default: usdm]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def backfill(file: Path | None, name: str | None, symbols: str | None, interval: str | None, days: int | None,
             market: str | None, as_json: bool) -> None:  # fmt: skip
    """Fetch the last days of the configured markets, or of those named.

    The configured markets are those that are traded, and the universe of the section symbols where it is given. Of the
    configuration, or of BACKFILL_BATCH_SIZE, BACKFILL_CONCURRENT_REQUESTS and RATE_LIMIT_DELAY alone, come the markets
    of a batch, the requests under way at once and the seconds between two requests.
    """
    from tradebot.core.interval import Interval

    given: dict[str, Any] = {"name": name, "symbols": symbols and symbols.split(","), "interval": interval}
    given |= {"market": market, "days": days}
    wish = _configured(file, name, are_named=symbols is not None)
    wish |= {key: value for key, value in given.items() if value is not None}
    for option, key in (("--provider", "name"), ("--symbols", "symbols"), ("--interval", "interval")):
        if not wish.get(key):
            raise ConfigError("is missing", place=option, mend="Give it, or a configuration by --config.")
    length = Interval.parse(wish["interval"])
    first = length.floor(time.time_ns() - int(wish["days"]) * _DAY_NS)
    chosen = wish.get("market", "usdm")
    _fetch(wish["name"], wish["symbols"], length, (first, None), chosen, wish["pace"], as_json=as_json)


def _configured(file: Path | None, name: str | None, *, are_named: bool) -> dict[str, Any]:
    """What is fetched and how by the configuration; without one, how alone, by the environment.

    Parameters
    ----------
    name : the provider, where an option names one.
    are_named : whether the markets are named by an option, so that no universe need be asked for.
    """
    from tradebot.config import load, load_backfill

    if file is None:
        backfill, markets = load_backfill(os.environ), dict[str, Any]()
    else:
        loaded = load(file, os.environ)
        found, backfill = loaded.configuration, loaded.configuration.backfill
        source = name or found.data.data_source
        has_universe = not are_named and any(key.startswith("symbols.") for key in loaded.origins)
        wanted = [*found.traded, *(_universe(found.symbols, source) if has_universe else ())]
        markets = {"name": source, "symbols": wanted, "interval": found.data.interval, "market": found.broker.market}
    pace = {
        "concurrency": backfill.concurrent_requests,
        "delay": float(backfill.rate_limit_delay),
        "batch": backfill.batch_size,
    }
    return markets | {"days": backfill.days, "pace": pace}


def _universe(wanted: Symbols, source: str) -> list[str]:
    """Markets of the section ``symbols``; the custom ones need no list of the provider."""
    if wanted.mode == "custom":
        return list(wanted.symbols or ())[: wanted.max_symbols]
    from tradebot.cli.assets import assets_of, tell_note
    from tradebot.store.symbols import universe

    known = assets_of(source)
    tell_note(known)
    return [asset.symbol for asset in universe(wanted.mode, known.assets, limit=wanted.max_symbols)]


def _fetch(
    name: str,
    symbols: list[str],
    interval: Interval,
    span: tuple[int, int | None],
    market: str,
    pace: dict[str, Any],
    *,
    as_json: bool,
) -> None:
    from tradebot.config.secrets import with_keyring
    from tradebot.core.instant import iso
    from tradebot.core.instrument import instrument_for
    from tradebot.feeds.download import Pace, final_until
    from tradebot.feeds.provider import KEYS, provider

    source = provider(name, with_keyring(os.environ, KEYS.get(name, ())), market=market)
    wanted = list(dict.fromkeys(filter(None, (symbol.strip().upper() for symbol in symbols))))
    if not wanted:
        raise ConfigError("names no market", place="--symbols", mend="Write SYMBOL or SYMBOL,SYMBOL.")
    instruments = [instrument_for(symbol, source.venue) for symbol in wanted]
    first, (last, latest) = span[0], (span[1], final_until(source, interval, time.time_ns()))
    end = latest if last is None else min(last, latest)
    if first >= end:
        fact = f"no bar from {iso(first)} on is final by {iso(end)}"
        raise ConfigError(fact, place="--start", mend="Begin earlier.")
    wish = Pace(*source.rate, **pace)
    record = f"{name}-{market}-requests" if name == "binance" else f"{name}-requests"
    done = asyncio.run(_download(source, instruments, interval, (first, end), wish, record, shown=not as_json))
    _show(done, interval, as_json=as_json)
    if any(each.failure for each in done):
        click.get_current_context().exit(_EXIT_FAILED)


async def _download(
    source: Provider,
    instruments: list[Instrument],
    interval: Interval,
    span: tuple[int, int],
    pace: Pace,
    record: str,
    *,
    shown: bool,
) -> list[Fetched]:
    import stamina

    from tradebot.cli.progress import progress_bar
    from tradebot.feeds.download import download
    from tradebot.store.bars import ParquetBarStore
    from tradebot.store.home import home

    # The table at the end counts the retries; a line for each would hide it.
    stamina.instrumentation.set_on_retry_hooks(())
    store = ParquetBarStore(home() / "bars")
    folder = home() / "cache"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    title = f"{interval} bars of {', '.join(each.symbol for each in instruments[:3])}"
    with progress_bar(title, 1, shown=shown) as advance:
        try:
            return await download(
                source, store, instruments, interval, *span, pace=pace, record=folder / record, progress=advance
            )
        finally:
            await source.close()


def _show(done: list[Fetched], interval: Interval, *, as_json: bool) -> None:
    import msgspec

    if as_json:
        document = {"interval": str(interval), "markets": done}
        click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold cyan", padding=(0, 2, 0, 0))
    for column in ("Market", "Bars", "Replaced", "Requests", "Retries", "Gaps"):
        table.add_column(column, justify="left" if column == "Market" else "right")
    for each in done:
        numbers = (each.bars, each.replaced, each.requests, each.retries, each.gaps)
        table.add_row(each.symbol, *(f"{number:,}" for number in numbers))
    console = Console()
    console.print(table)
    for each in done:
        if each.failure:
            console.print(Text(f"{each.symbol} was given up: {each.failure}", style="red"), soft_wrap=True)
    if all(each.requests == 0 and not each.failure for each in done):
        console.print("Everything was there already.")
