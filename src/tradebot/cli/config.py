"""``tradebot config``: write a configuration, check it, look at what holds, and teach an editor its keys."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import click

if TYPE_CHECKING:
    from tradebot.config import Loaded, Problem

_EPILOG: Final = """\b
Examples:
  tradebot config init bot.json
  tradebot config validate bot.json
  tradebot backtest --config bot.json -d BTCUSDT-1h.parquet
"""
_FILE: Final = click.Path(path_type=Path, dir_okay=False)


@click.group(epilog=_EPILOG)
def config() -> None:
    """Write, check and show configurations: one JSON file that says everything of a bot.

    Environment variables override its keys: TRADING_BOT__RISK_MANAGEMENT__STOP_LOSS_PCT=3.
    """


@config.command(epilog="\b\nExamples:\n  tradebot config validate bot.json\n  tradebot config validate bot.json --json")
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def validate(file: Path, as_json: bool) -> None:
    """Check FILE: its keys, its values, and whether they contradict each other."""
    from tradebot.config import ConfigurationError

    problems: list[Problem] = []
    notes: list[Problem] = []
    try:
        notes = _checked(file).notes
    except ConfigurationError as error:
        if not as_json:
            raise
        problems = list(error.problems)
    if as_json:
        _print_json({"file": str(file), "valid": not problems, "problems": _listed(problems), "notes": _listed(notes)})
        if problems:
            click.get_current_context().exit(2)
        return
    for note in notes:
        click.echo(f"{click.style('Note:', fg='yellow')} {note}")
    click.echo(f"{file} is a valid configuration.")


@config.command(epilog="\b\nExamples:\n  tradebot config show bot.json\n  tradebot config show bot.json --json")
@click.argument("file", type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def show(file: Path, as_json: bool) -> None:
    """Show every key that holds, with where it comes from: the file, a variable, or the default."""
    loaded = _checked(file)
    document = loaded.configuration.model_dump(mode="json")
    if as_json:
        _print_json({"configuration": document, "origins": dict(loaded.origins)})
        return
    from rich.table import Table
    from rich.text import Text

    from tradebot.cli.tables import print_whole

    table = Table(box=None, header_style="bold cyan", padding=(0, 2, 0, 0))
    for column in ("Key", "Value", "From"):
        table.add_column(column, overflow="fold")
    for path, value in _flat(document):
        origin = loaded.origins.get(path, "")
        table.add_row(
            path, Text("" if value is None else str(value)), Text(origin or "default", style="" if origin else "dim")
        )
    print_whole(table)


@config.command(epilog="\b\nExamples:\n  tradebot config schema\n  tradebot config schema -o bot.schema.json")
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Write it to a file.")
@click.option("--json", "as_json", is_flag=True, help="It is JSON anyway.")
def schema(output: Path | None, as_json: bool) -> None:
    """Print the JSON Schema of a configuration, by which editors complete and check it."""
    import json

    from tradebot.config.schema import json_schema

    text = json.dumps(json_schema(), indent=2)
    if output is None:
        click.echo(text)
    else:
        _write(output, text)
        click.echo(f"Written: {output}")


@config.command(
    epilog="\b\nExamples:\n  tradebot config init my-bot.json\n  tradebot config init other.json --strategy sma_cross"
)
@click.argument("file", type=_FILE)
@click.option("--strategy", help="A strategy by name.  [default: an entry and an exit mixin]")
@click.option("--symbol", default="BTCUSDT", show_default=True, help="The market.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def init(file: Path, strategy: str | None, symbol: str, as_json: bool) -> None:
    """Write a configuration to start from; a file that exists is left alone."""
    import json

    from tradebot.core.errors import ConfigError

    if file.exists():
        raise ConfigError("the file exists", place=str(file), mend="Choose another name, or remove it.")
    document = _starter(strategy, symbol)
    _write(file, json.dumps(document, indent=2))
    if as_json:
        _print_json({"file": str(file)})
    else:
        click.echo(f"Written: {file}\nNext: tradebot config validate {file}")


def _checked(file: Path) -> Loaded:
    from tradebot.cli.configured import options_of
    from tradebot.config import load

    loaded = load(file, os.environ)
    options_of(loaded)
    return loaded


def _starter(strategy: str | None, symbol: str) -> dict[str, Any]:
    chosen: dict[str, Any] = {
        "type": "custom",
        "entry_logic": {"name": "RSIBBVolumeEntryMixin", "params": {"e_rsi_period": 14, "e_rsi_oversold": 30}},
        "exit_logic": {"name": "RSIBBExitMixin", "params": {"x_rsi_period": 14, "x_rsi_overbought": 70}},
    }
    return {
        "description": f"A first bot on {symbol}",
        "version": "1.0",
        "broker": {"type": "binance_paper", "initial_balance": 1000.0, "commission": 0.0005},
        "trading": {"symbol": symbol, "position_size": 0.1, "max_drawdown_pct": 20.0},
        "data": {"data_source": "binance", "interval": "1h"},
        "strategy": chosen if strategy is None else {"type": strategy, "params": {}},
        "risk_management": {"stop_loss_pct": 5.0, "take_profit_pct": 10.0, "max_daily_trades": 10},
        "logging": {"level": "INFO"},
    }


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n", encoding="utf-8")


def _listed(problems: list[Problem]) -> list[dict[str, str]]:
    return [problem._asdict() for problem in problems]


def _flat(document: dict[str, Any], above: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in document.items():
        below = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        found += _flat(below, f"{above}{key}.") if below else [(f"{above}{key}", value)]
    return found


def _print_json(document: dict[str, Any]) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
