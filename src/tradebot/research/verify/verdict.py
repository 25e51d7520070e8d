"""What a verification found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One check and what it found.

    Attributes
    ----------
    name : ``look-ahead``, ``start``, ``forms``, ``streaming``, ``costs`` or ``delay``.
    passed : whether it holds; ``None`` where the check only informs, or does not apply.
    fact : one sentence that says what was found.
    rows : figures behind it, for a table.
    """

    name: str
    passed: bool | None
    fact: str
    rows: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """All checks of one strategy on one market."""

    strategy: str
    symbol: str
    interval: str
    bars: int
    checks: tuple[Check, ...]

    @property
    def passed(self) -> bool:
        """Whether no check failed."""
        return all(check.passed is not False for check in self.checks)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {"passed": self.passed, **asdict(self)}
