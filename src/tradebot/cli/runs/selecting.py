"""Naming a kept run on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from tradebot.research.runs import RunRecord, RunStore


class RunName(click.ParamType[str]):
    """Id of a kept run, the beginning of one, or ``latest``; shells complete it."""

    name = "run"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        records = open_store().shelf(limit=50).records
        found = [(record.short_id, f"{record.result['strategy']} on {record.result['symbol']}") for record in records]
        found.append(("latest", "the newest run"))
        return [CompletionItem(name, help=text) for name, text in found if name.startswith(incomplete)]


def open_store() -> RunStore:
    """The runs of this person."""
    from tradebot.research.runs import RunStore, runs_folder

    return RunStore(runs_folder())


def document_of(record: RunRecord) -> dict[str, Any]:
    """A record as plain values: the result's keys at the top, what it was made of beside them."""
    import msgspec

    plain = msgspec.to_builtins(record)
    return record.result | {name: plain[name] for name in ("kept_at", "request", "data", "code")}


def print_json(document: object) -> None:
    """Print one JSON document."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))
