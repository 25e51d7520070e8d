"""``tradebot live``: who may trade what for real, and until when."""

from __future__ import annotations

import getpass
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from tradebot.cli.account.reading import json_option
from tradebot.cli.rehearse import rehearse

if TYPE_CHECKING:
    from tradebot.app.approving import Counterparty
    from tradebot.config import Configuration, Loaded
    from tradebot.store.approvals import Approval

_DAY_NS: Final = 86_400_000_000_000
_LENGTH: Final = re.compile(r"(\d+)([hd])")
_TITLES: Final = {
    "live": "This will trade REAL MONEY",
    "demo": "This will trade on the exchange's demo, without real money",
    "local": "This will trade on a local exchange, without real money",
}
_APPROVE_EPILOG: Final = """\b
Examples:
  tradebot live approve live.json --for 12h --symbols BTCUSDT
  tradebot live approve live.json --symbols BTCUSDT --json
"""
_REVOKE_EPILOG: Final = """\b
Examples:
  tradebot live revoke live.json
"""
_LIST_EPILOG: Final = """\b
Examples:
  tradebot live list
  tradebot live list --all --json
"""


@click.group(epilog="\b\nExamples:\n  tradebot live list")
def live() -> None:
    """Rehearse configurations, approve them for live trading, end approvals, list them."""


live.add_command(rehearse)


@live.command(epilog=_APPROVE_EPILOG)
@click.argument("config", type=click.Path(path_type=Path), metavar="CONFIG")
@click.option(
    "--for", "length", default="30d", show_default=True, metavar="DURATION", help="How long it holds: 12h, 30d."
)
@click.option("--symbols", metavar="A,B", help="The symbols, typed by you, where nobody can be asked.")
@json_option
def approve(config: Path, length: str, symbols: str | None, *, as_json: bool) -> None:
    """Allow exactly this configuration to trade real money.

    It asks the exchange whether the key works and the symbols are listed, shows what will be traded, where, and what
    may be lost, and asks for the symbols to be typed. Any change of the configuration, or of the strategy's file where
    it is your own, needs a new approval.
    """
    import asyncio

    from tradebot.app.account import account_of
    from tradebot.app.approval import configuration_hash
    from tradebot.app.approving import counterparty_of
    from tradebot.core.errors import ConfigError
    from tradebot.store.approvals import Approvals

    loaded = _live(config)
    configuration, valid = loaded.configuration, _length(length)
    counterparty = asyncio.run(counterparty_of(configuration, os.environ))
    if not as_json:
        _show_terms(loaded, counterparty)
    expected = ",".join(configuration.traded)
    if (typed := _typed(expected, symbols)) != expected:
        raise ConfigError(
            f'"{typed}" is not "{expected}"', place="symbols", mend="Nothing was approved: type them as shown."
        )
    now = time.time_ns()
    approval = Approvals().approve(
        configuration_hash(loaded),
        operator=getpass.getuser(),
        now=now,
        expires=now + valid,
        account=account_of(loaded),
        symbols=configuration.traded,
    )
    _tell(approval, config, counterparty, as_json=as_json)


@live.command(epilog=_REVOKE_EPILOG)
@click.argument("config", type=click.Path(path_type=Path), metavar="CONFIG")
@json_option
def revoke(config: Path, *, as_json: bool) -> None:
    """End the approval of a configuration. A bot that trades by it halts before its next order, and keeps its exits."""
    from tradebot.app.approval import configuration_hash
    from tradebot.store.approvals import Approvals

    digest = configuration_hash(_live(config))
    Approvals().revoke(digest, operator=getpass.getuser(), now=time.time_ns())
    if as_json:
        _print({"revoked": digest})
    else:
        click.echo("Revoked. It trades for real no more: a bot that runs is halted, and keeps its exits.")


@live.command(name="list", epilog=_LIST_EPILOG)
@click.option("--all", "every", is_flag=True, help="Every approval and revocation there was.")
@json_option
def list_(*, every: bool, as_json: bool) -> None:
    """List the approvals that hold, and the rehearsals."""
    import msgspec

    from tradebot.app.rehearsal import standard
    from tradebot.core.instant import iso
    from tradebot.store.approvals import Approvals
    from tradebot.store.rehearsals import Rehearsals

    kept, now, wanted = Approvals(), time.time_ns(), standard()
    found = kept.history() if every else kept.holding(now)
    rehearsals = Rehearsals().all()
    if as_json:
        _print({"approvals": msgspec.to_builtins(found), "rehearsals": msgspec.to_builtins(rehearsals)})
        return
    if not found:
        click.echo("No approval holds. `tradebot live approve CONFIG` gives one.")
    for each in found:
        until = f"until {iso(each.expires)}" if each.action == "approve" else f"at {iso(each.ts)}"
        what = f"{each.action} {each.configuration_hash[:12]}"
        click.echo(f"{what}  {each.account}  {', '.join(each.symbols)}  by {each.operator}  {until}")
    for receipt in rehearsals:
        counts = (
            f"does not count: {fault}"
            if (fault := receipt.fault(now, wanted))
            else f"counts until {iso(receipt.expires)}"
        )
        click.echo(f"rehearsed {receipt.market} on {receipt.host}  {receipt.symbol}  {counts}")


def _live(config: Path) -> Loaded:
    from tradebot.app.strategy import strategy_of
    from tradebot.config import load

    # What is approved is this document in live mode, whatever it says itself.
    loaded = load(config, os.environ, mode="live")
    strategy_of(loaded)
    return loaded


def _length(text: str) -> int:
    from tradebot.core.errors import ConfigError

    match = _LENGTH.fullmatch(text)
    if match is None or not int(match[1]):
        raise ConfigError(f'"{text}" is no length of time', place="--for", mend="Write it as 12h or 30d.")
    return int(match[1]) * (_DAY_NS if match[2] == "d" else _DAY_NS // 24)


def _show_terms(loaded: Loaded, counterparty: Counterparty) -> None:
    from rich.console import Console
    from rich.table import Table

    from tradebot.app.account import account_of

    table = Table(title=_TITLES[counterparty.mode], show_header=False, title_justify="left")
    for name, value in _terms(loaded.configuration, account_of(loaded), counterparty):
        table.add_row(name, value)
    Console(stderr=True).print(table)


def _terms(configuration: Configuration, account: str, counterparty: Counterparty) -> list[tuple[str, str]]:
    trading, risk, broker = configuration.trading, configuration.risk_management, configuration.broker
    none = "no limit"

    def limit(value: Any, unit: str = "") -> str:
        return none if value is None else f"{value}{unit}"

    money = ", ".join(f"{total:,f} {currency}" for currency, total in counterparty.balances.items()) or "no money"
    held = f"{counterparty.positions} positions and {counterparty.orders} orders open"
    return [
        ("Account", account),
        ("Exchange", f"{counterparty.broker} {counterparty.mode}, {counterparty.address}"),
        ("There", f"{money}; {held}"),
        *([("Coins there", _COINS[counterparty.positions > 0])] if broker.market == "spot" else []),
        ("Broker", f"{broker.type}, {broker.market}, leverage {broker.leverage}"),
        ("Rehearsed", _rehearsed(broker.market)),
        ("Symbols", ",".join(configuration.traded)),
        (
            "Size of an entry",
            "set by the strategy"
            if configuration.position_size is None
            else f"{configuration.position_size:.0%} of equity",
        ),
        ("Worst daily loss", limit(risk.max_daily_loss, " in quote currency")),
        ("Entries a day", limit(risk.max_daily_trades)),
        ("Entries a minute", f"{risk.max_orders_per_minute}, {risk.max_repeated_orders} of one kind"),
        ("Price of an entry", f"within {risk.price_collar_pct} % of the last"),
        ("Largest drawdown", limit(trading.max_drawdown_pct, " %")),
        ("Largest exposure", limit(trading.max_exposure, " x equity")),
        (
            "Stop of an entry",
            limit(risk.stop_loss_pct, " %") if risk.stop_loss_pct is not None else "the strategy's own, if any",
        ),
    ]


_COINS: Final = {
    True: "the account holds coins of the traded markets; a sub-account without yours keeps them out of reach",
    False: "none of the traded markets; keep it so: a sub-account that never gets coins of yours is best",
}


def _rehearsed(market: Literal["usdm", "spot"]) -> str:
    from tradebot.app.rehearsal import standard
    from tradebot.core.instant import iso
    from tradebot.store.rehearsals import Rehearsals

    receipt = Rehearsals().of(market)
    if receipt is None:
        return "never on Binance's demo; better do it first: tradebot live rehearse CONFIG"
    if fault := receipt.fault(time.time_ns(), standard()):
        return f"{fault}; better do it again: tradebot live rehearse CONFIG"
    return f"{receipt.symbol} on Binance's demo, at {iso(receipt.ts)}"


def _typed(expected: str, given: str | None) -> str:
    from tradebot.core.errors import ConfigError

    if given is not None:
        return given.replace(" ", "").upper()
    if not sys.stdin.isatty():
        raise ConfigError("nobody is there to confirm it", place="live approve", mend=f"Add --symbols {expected}.")
    return click.prompt("Type the symbols to approve it", err=True).replace(" ", "").upper()


def _tell(approval: Approval, config: Path, counterparty: Counterparty, *, as_json: bool) -> None:
    import msgspec

    from tradebot.core.instant import iso

    if as_json:
        _print(msgspec.to_builtins(approval))
    else:
        trades = {"live": "for real", "demo": "on the demo", "local": "on the local exchange"}[counterparty.mode]
        click.echo(f"Approved until {iso(approval.expires)}. `tradebot run {config} --mode live` trades it {trades}.")


def _print(document: Any) -> None:
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
