"""The page of the library, ``docs/strategies.md``: ``python -m tradebot.strategies.page > docs/strategies.md``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable

from tradebot.strategies import mixins, registry
from tradebot.strategies.param import Param

_HEAD = """\
# The strategies that come with tradebot

```console
$ tradebot strategies list
$ tradebot strategies show donchian_breakout
$ tradebot backtest donchian_breakout -d BTCUSDT-1m.parquet -p entry=55 -p leave=20
$ tradebot verify donchian_breakout -d BTCUSDT-1m.parquet
$ tradebot backtest fixed_weights -d SPY-1d.csv -d TLT-1d.csv -p weights=SPY=0.6,TLT=0.4
```

They are ideas to start from and yardsticks to measure by, not promises. Each passes `tradebot verify`. One that carries
both forms runs as rules, without Python per bar, and trades the same in Python. A policy trades all markets of a run
together and sizes its own orders. This page is written by
`python -m tradebot.strategies.page`, and the pictures are drawn by `make pictures`: one backtest on recorded bars with
the venue's fees, the prices above and the equity below.
"""
_MIXINS = """\
# Entries and exits

Any entry goes with any exit, by name: `RSIBBEntryMixin+ATRExitMixin`, or `entry_logic` and `exit_logic` of a
[configuration](configuration.md). One of your own is a class in a file of the user folder:
[writing a strategy](writing-a-strategy.md#an-entry-or-exit-of-your-own).

![RSIBBEntryMixin with RSIBBExitMixin on recorded bars](images/strategies/mixins.svg)
"""


def page() -> str:
    """The whole page, from the registry."""
    ours = [listing for listing in registry.catalog().strategies if listing.origin == "library"]
    parts = [_HEAD]
    for listing in ours:
        picture = f"![{listing.name} on recorded bars](images/strategies/{listing.name}.svg)"
        facts = f"Version {listing.version}; {' and '.join(listing.forms)}."
        parts.append(_section(listing.name, f"{listing.docs}\n\n{facts}\n\n{picture}", listing.params))
    parts.append(_MIXINS)
    for half in ("entry", "exit"):
        for name in mixins.names(half):
            kind = mixins.find(name, half)
            parts.append(_section(name, inspect.cleandoc(kind.__doc__ or ""), kind.parameters.values()))
    return "\n".join(parts)


def _section(name: str, text: str, params: Iterable[Param]) -> str:
    rows = [
        f"| `{param.name}` | {param.default} | {param.bounds.replace('|', 'or')} | {param.doc} |" for param in params
    ]
    table = ["", "| parameter | default | bounds | what it is |", "| --- | --- | --- | --- |", *rows] if rows else []
    return "\n".join([f"## {name}", "", text.replace("``", "`"), *table, ""])


if __name__ == "__main__":
    sys.stdout.write(page())
