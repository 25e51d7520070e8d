"""The reference of features, ``docs/features.md``: ``python -m tradebot.features.page > docs/features.md``."""

from __future__ import annotations

import inspect
import sys
from typing import Any

from tradebot.features.catalogue import formulas
from tradebot.features.feature import Formula
from tradebot.features.vpin import Vpin

_HEAD = """\
# Features

The usual inputs for research and models. Each is one formula with two faces: a Polars expression for a frame of bars,
and an indicator node, with its batch and its streaming form, for a strategy.

```python
from tradebot import features

frame.with_columns(features.parkinson(20).expr, features.log_return(5).expr)
features.table(bars, [features.parkinson(20), features.hour_sin()])  # of a BarArray
self.width = features.parkinson(20).on(bars)  # in a strategy's setup
```

Written as text, a feature is its name and parameters: `parkinson:20`, `zscore:50:volume`. So models list it, and so
the column of the expression is called. At a bar a feature knows that bar and earlier ones; the tests hold every one
of them to what `tradebot verify` asks. Volatilities are those of one bar, as fractions of the price, unless said
otherwise. What is not known is null in an expression and nan in a node. This page is written by
`python -m tradebot.features.page`.
"""
_TICKS = """\
## On trades

`features.vpin(ticks, bucket, window)` gives the whole series, `features.Vpin(bucket, window).update(size, side)` the
same trade by trade, for `on_tick`.

"""


def page() -> str:
    """The whole page, from the definitions."""
    parts = [
        _HEAD,
        *(_section(each) for each in formulas().values()),
        _TICKS + _text(Vpin).partition("\nParameters")[0],
    ]
    return "\n".join(parts)


def _section(formula: Formula[Any]) -> str:
    parameters = ":".join([formula.name, *map(_parameter, formula.parameters.values())])
    return f"## {formula.name}\n\n`{parameters}`\n\n{_text(formula)}\n"


def _parameter(parameter: inspect.Parameter) -> str:
    return parameter.name.upper() if parameter.default is inspect.Parameter.empty else f"[{parameter.default}]"


def _text(documented: object) -> str:
    return inspect.cleandoc(documented.__doc__ or "").replace("``", "`")


if __name__ == "__main__":
    sys.stdout.write(page())
