"""Smart money concepts: ``from tradebot.indicators import smc``.

Swing highs and lows, break of structure and change of character, order blocks, fair value gaps, liquidity,
retracements, sessions and the range of the period before, each defined as the package smartmoneyconcepts 0.0.27 does
(Joshua Attridge, https://github.com/joshyattridge/smart-money-concepts). The package marks a structure at its own bar,
though later bars had to be seen; here each is known from the bar on at which it could be.

For strategies there are nodes (``smc.structure(bars, 10)``), which show what is known at the bar; for charts and
reports tables of facts (:func:`structures`), the same bar by bar (:class:`Stream`), and the package's own columns of a
whole series (:func:`package_columns`).
"""

from __future__ import annotations

from tradebot.indicators.smc.clock import SESSIONS, PreviousRange, SessionRange, previous_high_low, session
from tradebot.indicators.smc.facts import Fact, News, Settings, Stream, Structures, structures
from tradebot.indicators.smc.nodes import (
    Levels,
    Retracement,
    Structure,
    Swings,
    Zones,
    gaps,
    liquidity,
    order_blocks,
    premium_discount,
    retracement,
    structure,
    swings,
)
from tradebot.indicators.smc.package import PackageColumns, package_columns

__all__ = [
    "SESSIONS",
    "Fact",
    "Levels",
    "News",
    "PackageColumns",
    "PreviousRange",
    "Retracement",
    "SessionRange",
    "Settings",
    "Stream",
    "Structure",
    "Structures",
    "Swings",
    "Zones",
    "gaps",
    "liquidity",
    "order_blocks",
    "package_columns",
    "premium_discount",
    "previous_high_low",
    "retracement",
    "session",
    "structure",
    "structures",
    "swings",
]
