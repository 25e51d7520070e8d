"""``tradebot model show``: what a model has learnt from, and how well it judged what came after."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from tradebot.strategies.model import TrainedModel

_EPILOG: Final = """\b
Examples:
  tradebot model show btc.model
  tradebot model show btc.model --json
"""


@click.command(epilog=_EPILOG)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def show(file: Path, as_json: bool) -> None:
    """Show the model FILE: its features and target, and for each fit its bars and its score out of sample.

    The score is the correlation of what was predicted with what came, over the bars the fit judged in training.
    """
    from tradebot.strategies.model import read_model

    print_model(file, read_model(file), as_json=as_json)


def print_model(file: Path, model: TrainedModel, *, as_json: bool) -> None:
    """Tell of a model, to a person or a machine."""
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(_as_dict(model)), indent=2))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from tradebot.core.instant import iso

    click.echo(click.style(f"{file.stem}  {model.digest[:8]}", bold=True))
    facts = {
        "Model": f"{model.estimator}, {model.library} {model.library_version}",
        "Bars": f"{model.symbol} {model.interval}",
        "Features": ", ".join(model.features),
        "Predicts": f"{model.target}, {model.horizon} bars ahead; embargo of {model.embargo}",
    }
    grid = Table.grid(padding=(0, 2, 0, 0))
    for name, fact in facts.items():
        grid.add_row(Text(name, style="dim"), Text(fact))
    table = Table(box=None, header_style="bold cyan", padding=(0, 2, 0, 0))
    for column in ("Judges from", "Has seen bars up to", "Learnt from", "Score"):
        table.add_column(column, justify="right" if column in ("Learnt from", "Score") else "left")
    for fold in model.folds:
        score = "--" if fold.score is None else f"{fold.score:+.3f}"
        table.add_row(iso(fold.usable_from), iso(fold.trained_to), f"{fold.rows:,} bars", score)
    console = Console()
    console.print(grid)
    console.print()
    console.print(table)


def _as_dict(model: TrainedModel) -> dict[str, Any]:
    import msgspec

    document: dict[str, Any] = msgspec.to_builtins(model)
    for fold in document["folds"]:
        del fold["learnt"]
    return document
