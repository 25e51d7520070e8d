"""Errors a person can act on: each names the place, the fact and the mend."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class TradebotError(Exception):
    """Base of every error tradebot raises on purpose.

    The command line prints ``str(error)`` and exits with code 2; anything that is not a
    ``TradebotError`` is a defect of the program and keeps its traceback.

    Parameters
    ----------
    fact : what is wrong, as a clause without a final full stop.
    place : where it is wrong: a file and row, a configuration key, a parameter name.
    mend : what to do about it, as a whole sentence.

    Examples
    --------
    >>> str(ConfigError("500 is not in 0..100", place="risk_management.stop_loss_pct", mend="Did you mean 5.0?"))
    'risk_management.stop_loss_pct: 500 is not in 0..100. Did you mean 5.0?'
    """

    def __init__(self, fact: str, *, place: str = "", mend: str = "") -> None:
        super().__init__(fact)
        self.fact = fact
        self.place = place
        self.mend = mend

    def __str__(self) -> str:
        text = f"{self.place}: {self.fact}" if self.place else self.fact
        if not self.mend:
            return text
        return f"{text.rstrip('.')}. {self.mend}"

    def __reduce__(self) -> tuple[object, ...]:
        # Exception pickles by positional arguments alone; worker processes must return the whole sentence.
        return _rebuild, (type(self), self.fact, self.place, self.mend)


class ConfigError(TradebotError):
    """A configuration file, key or environment variable is wrong."""


class DataError(TradebotError):
    """Market data is missing, malformed or contradicts itself."""


class NoBarsError(DataError):
    """No bar lies in the time that was asked for: the market's own gap, and no failure of whoever was asked."""


class StrategyError(TradebotError):
    """A strategy does not load, or raised while it was deciding."""


class SignalError(TradebotError):
    """A signal breaks its contract (side, price order, confidence)."""


class OrderError(TradebotError):
    """An order breaks the instrument's rules or its own state machine."""


class SizingError(TradebotError):
    """A position size cannot be computed from what was given."""


class RiskError(TradebotError):
    """A risk limit is ill-defined or was violated."""


class ParameterError(TradebotError):
    """A strategy parameter is unknown, of the wrong type or out of bounds."""


class JournalError(TradebotError):
    """The journal or its ledger cannot be opened, written or believed; whoever gets it sends nothing."""


class IndicatorError(TradebotError):
    """An indicator was given an impossible input or period."""


def _rebuild(kind: type[TradebotError], fact: str, place: str, mend: str) -> TradebotError:
    return kind(fact, place=place, mend=mend)


def did_you_mean(word: str, choices: Iterable[str], *, limit: int = 3) -> str:
    """Sentence that offers the names nearest to a mistyped one.

    Parameters
    ----------
    word : the name as it was written.
    choices : the valid names.
    limit : most names to offer.

    Returns
    -------
    ``'Did you mean "a" or "b"?'``; empty when nothing is near, so that it can be passed on as a mend.
    """
    by_folded = {choice.casefold(): choice for choice in choices}
    near = get_close_matches(word.casefold(), by_folded, n=limit)
    if not near:
        return ""
    quoted = [f'"{by_folded[name]}"' for name in near]
    return f"Did you mean {' or '.join(quoted)}?"
