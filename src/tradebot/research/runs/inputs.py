"""What a run is made of, beside its bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tradebot.core.bar import BarArray
    from tradebot.engine.market import FundingRates


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a result does not tell of its own run.

    Attributes
    ----------
    strategy : the class that decided; ``None`` where it is not known.
    funding : funding payments, by symbol.
    finer : finer bars that told the path inside the bars.
    """

    strategy: type | None = None
    funding: Mapping[str, FundingRates] | None = None
    finer: Sequence[BarArray] | None = None
