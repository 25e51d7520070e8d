"""``tradebot symbols``: the markets of a provider, by universe."""

from __future__ import annotations

import asyncio
import json
import os
import time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import click

from tradebot.cli.assets import PROVIDERS, assets_of, tell_note
from tradebot.core.errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tradebot.core.asset_facts import AssetFacts

_PROVIDERS: Final = click.Choice(PROVIDERS)
_MODE: Final = click.Choice(["popular", "all", "large", "mid", "small", "custom"])
_EPILOG: Final = """\b
Examples:
  tradebot symbols list popular --provider mock
  tradebot symbols samples --folder configurations
"""
_EXIT_FAILED: Final = 1
# US companies of far more than 10 billion USD, by name: no provider's list tells what its companies are worth.
_LARGE_COMPANIES: Final = [
    "AAPL", "MSFT", "NVDA", "AMZN", "GOOGL", "META", "TSLA", "BRK.B", "AVGO", "JPM", "V", "MA", "UNH", "XOM", "JNJ",
    "PG", "HD", "COST", "LLY", "ABBV",
]  # fmt: skip


@click.group(epilog=_EPILOG)
def symbols() -> None:
    """Choose markets by universe; a provider's list is kept for a day.

    SYMBOL_MODE, SYMBOLS and MAX_SYMBOLS in the environment stand for the mode, the custom markets and the limit.
    """


@symbols.command("list", epilog="\b\nExamples:\n  tradebot symbols list large --provider mock --limit 10\n"
                                "  tradebot symbols list custom --symbols MOCKUSDT --provider mock --json")  # fmt: skip
@click.argument("mode", type=_MODE, required=False)
@click.option("--provider", type=_PROVIDERS, default="mock", show_default=True, help="Whose markets.")
@click.option("--limit", type=click.IntRange(min=1), help="Most markets.  [default: MAX_SYMBOLS, or all]")
@click.option("--symbols", "custom", help="Markets of the custom universe, separated by commas.  [default: SYMBOLS]")
@click.option("--min-price", help="Leave out what costs less.")
@click.option("--max-price", help="Leave out what costs more.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def list_symbols(mode: str | None, provider: str, limit: int | None, custom: str | None, min_price: str | None,
                 max_price: str | None, as_json: bool) -> None:  # fmt: skip
    """List the markets of the universe MODE."""
    known = assets_of(provider)
    chosen = _universe(
        mode, known.assets, limit, custom, _price("--min-price", min_price), _price("--max-price", max_price)
    )
    tell_note(known)
    if as_json:
        _print_json({"provider": provider, "count": len(chosen), "symbols": [_as_dict(asset) for asset in chosen]})
        return
    from rich.table import Table

    from tradebot.cli.tables import print_whole

    table = Table(box=None, header_style="bold cyan", padding=(0, 2, 0, 0))
    for column in ("Symbol", "Name", "Exchange", "Price", "Capitalisation"):
        table.add_column(column, justify="right" if column in ("Price", "Capitalisation") else "left")
    for asset in chosen:
        price = "" if asset.price is None else f"{asset.price:,}"
        size = "" if asset.market_cap is None else f"{asset.market_cap / 1_000_000:,.0f} M"
        table.add_row(asset.symbol, asset.name, asset.venue, price, size)
    print_whole(table)
    click.echo(f"{len(chosen):,} markets")


@symbols.command(epilog="\b\nExamples:\n  tradebot symbols fetch --provider mock")
@click.option("--provider", type=_PROVIDERS, default="mock", show_default=True, help="Whose markets.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def fetch(provider: str, as_json: bool) -> None:
    """Ask the provider for its list now, and keep it for a day."""
    known = assets_of(provider, fresh=True)
    tell_note(known)
    if as_json:
        _print_json({"provider": provider, "assets": len(known.assets)})
    else:
        click.echo(f"{provider}: {len(known.assets):,} markets")


@symbols.command("test", epilog="\b\nExamples:\n  tradebot symbols test popular --provider mock")
@click.argument("mode", type=_MODE, required=False)
@click.option("--provider", type=_PROVIDERS, default="mock", show_default=True, help="Whose markets.")
@click.option("--limit", type=click.IntRange(min=1), default=5, show_default=True, help="Most markets tried.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def try_symbols(mode: str | None, provider: str, limit: int, as_json: bool) -> None:
    """Ask for the last daily bars of the markets of a universe, and tell which have none."""
    from tradebot.config.secrets import with_keyring
    from tradebot.core.instrument import instrument_for
    from tradebot.core.interval import Interval
    from tradebot.feeds.faults import Retriable
    from tradebot.feeds.provider import KEYS
    from tradebot.feeds.provider import provider as provider_of

    known = assets_of(provider)
    chosen = _universe(mode, known.assets, limit, None, None, None)
    day = Interval.parse("1d")
    end = day.floor(time.time_ns())

    async def ask() -> dict[str, str]:
        source = provider_of(provider, with_keyring(os.environ, KEYS.get(provider, ())))
        found: dict[str, str] = {}
        try:
            for asset in chosen:
                try:
                    market = instrument_for(asset.symbol, source.venue)
                    bars = await source.history(market, day, end - 10 * day.ns, end)
                    found[asset.symbol] = "" if len(bars) else "no bars of the last ten days"
                except (DataError, Retriable) as error:
                    found[asset.symbol] = str(error)
        finally:
            await source.close()
        return found

    answers = asyncio.run(ask())
    if as_json:
        _print_json({"provider": provider, "markets": answers})
    else:
        for symbol, fault in answers.items():
            click.echo(f"{symbol:<12}{click.style('ok', fg='green') if not fault else click.style(fault, fg='red')}")
    if any(answers.values()):
        click.get_current_context().exit(_EXIT_FAILED)


@symbols.command(epilog="\b\nExamples:\n  tradebot symbols benchmark --provider mock")
@click.option("--provider", type=_PROVIDERS, default="mock", show_default=True, help="Whose markets.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def benchmark(provider: str, as_json: bool) -> None:
    """Time the fetching of the list, its reading from the cache, and each universe."""
    from tradebot.store.symbols import MODES

    seconds: dict[str, float] = {}

    def timed(name: str, act: Any) -> Any:
        began = time.perf_counter()
        try:
            return act()
        finally:
            seconds[name] = time.perf_counter() - began

    timed("fetch", lambda: assets_of(provider, fresh=True))
    known = timed("cache", lambda: assets_of(provider))
    for mode in MODES:
        if mode != "custom":
            try:
                timed(mode, lambda mode=mode: _universe(mode, known.assets, None, None, None, None))
            except ConfigError:
                # The provider tells no sizes: there is nothing to time.
                del seconds[mode]
    if as_json:
        _print_json({"provider": provider, "assets": len(known.assets), "seconds": seconds})
        return
    for name, lasted in seconds.items():
        click.echo(f"{name:<10}{lasted * 1000:10.2f} ms")


@symbols.command(epilog="\b\nExamples:\n  tradebot symbols samples --folder configurations")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), default=Path("configurations"),
              show_default=True, help="Where they are written.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def samples(folder: Path, as_json: bool) -> None:
    """Write ready configurations: popular, all stocks, large cap, testing."""
    written: list[str] = []
    texts = {folder / f"{name}.json": json.dumps(document, indent=2) + "\n" for name, document in _samples().items()}
    for file in texts:
        if file.exists():
            raise ConfigError("the file exists", place=str(file), mend="Choose another folder, or remove it.")
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in texts.items():
        file.write_text(text, encoding="utf-8")
        written.append(str(file))
    if as_json:
        _print_json({"files": written})
    else:
        for file in written:
            click.echo(f"Written: {file}")


def _samples() -> dict[str, dict[str, Any]]:
    def document(description: str, mode: str, most: int, symbol: str = "SPY", source: str = "alpaca") -> dict[str, Any]:
        return {
            "description": description,
            "version": "1.0",
            "broker": {"type": "mock", "initial_balance": 100_000.0},
            "trading": {"symbol": symbol, "position_size": 0.05, "max_drawdown_pct": 20.0},
            "data": {"data_source": source, "interval": "1d"},
            "strategy": {"type": "sma_cross", "params": {"fast": 20, "slow": 100}},
            "symbols": {"mode": mode, "max_symbols": most},
        }

    large = document("Large US companies, by name", "custom", len(_LARGE_COMPANIES), "AAPL")
    large["symbols"]["symbols"] = _LARGE_COMPANIES
    return {
        "popular": document("The most traded US shares and funds", "popular", 50),
        "all-stocks": document("Every ordinary US share", "all", 10_000),
        "large-cap": large,
        "testing": document("The built-in market, to see everything work", "popular", 5, "MOCKUSDT", "mock"),
    }


def _universe(
    mode: str | None,
    assets: Sequence[AssetFacts],
    limit: int | None,
    custom: str | None,
    low: Decimal | None,
    high: Decimal | None,
) -> list[AssetFacts]:
    from tradebot.store.symbols import Filters, universe

    chosen = mode or os.environ.get("SYMBOL_MODE", "popular")
    given = custom if custom is not None else os.environ.get("SYMBOLS", "")
    named = [symbol.strip().upper() for symbol in given.split(",") if symbol.strip()]
    most = limit if limit is not None else _whole("MAX_SYMBOLS")
    return universe(chosen, assets, custom=named, limit=most, filters=Filters(lowest_price=low, highest_price=high))


def _whole(variable: str) -> int | None:
    text = os.environ.get(variable)
    if text is None:
        return None
    if not text.isdigit() or int(text) < 1:
        raise ConfigError(f'"{text}" is not a whole number of 1 or more', place=variable, mend="Correct it.")
    return int(text)


def _price(option: str, text: str | None) -> Decimal | None:
    from tradebot.cli.values import read_number

    return None if text is None else read_number(option, text)


def _as_dict(asset: AssetFacts) -> dict[str, Any]:
    import msgspec

    return cast("dict[str, Any]", msgspec.to_builtins(asset))


def _print_json(document: dict[str, Any]) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
