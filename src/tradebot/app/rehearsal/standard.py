"""What a rehearsal must be of today: this code, and every act there is."""

from __future__ import annotations

from tradebot import __version__
from tradebot.app.rehearsal.acts import ACTS
from tradebot.research.runs.provenance import package_digest
from tradebot.store.rehearsals import Standard


def standard() -> Standard:
    """What the code that is running asks of a rehearsal."""
    return Standard(version=__version__, digest=package_digest(), acts=tuple(act.name for act in ACTS))
