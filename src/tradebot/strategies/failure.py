"""From an exception in a person's code to one sentence that names the line and the moment."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tradebot.core.errors import StrategyError, TradebotError
from tradebot.core.instant import iso

if TYPE_CHECKING:
    from tradebot.core.protocols import Policy
    from tradebot.strategies.portfolio_policy import PortfolioPolicy
    from tradebot.strategies.strategy import Strategy

_OURS = str(Path(__file__).resolve().parents[1])


@contextmanager
def setup_failures(strategy: Strategy | PortfolioPolicy) -> Generator[None]:
    """Turn what a strategy's ``setup`` or ``rules`` raises into :func:`failure`.

    A :class:`StrategyError` that did not come out of a person's code already says what it has to.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, StrategyError) and not _comes_from(strategy, error):
            raise
        raise failure(strategy, error, stage="in setup") from error


def _comes_from(strategy: Strategy | PortfolioPolicy, error: StrategyError) -> bool:
    """Whether a strategy that is not one of ours raised the error itself."""
    file = _file_of(strategy)
    return file is not None and not file.startswith(_OURS) and bool(blamed_line(error, file, strictly=True))


def failure(
    strategy: Strategy | Policy, error: BaseException, *, ts: int | None = None, stage: str = ""
) -> StrategyError:
    """The error a run ends with when a strategy raised.

    Parameters
    ----------
    strategy : whose code raised.
    error : what it raised, with its traceback.
    ts : close time (int64 ns UTC) of the bar that was being decided, where one was.
    stage : what was going on where no bar was being decided, such as ``in setup``.

    Returns
    -------
    An error such as ``sma_cross (my.py:12) at 2025-05-04T00:31:00Z: ZeroDivisionError: division by zero``; raise it
    ``from error``.
    """
    line = blamed_line(error, _file_of(strategy))
    name = str(getattr(strategy, "name", type(strategy).__name__))
    where = f"{name} ({line})" if line else name
    when = f"at {iso(ts)}" if ts is not None else stage
    mend = error.mend if isinstance(error, TradebotError) else ""
    return StrategyError(_fact(error), place=f"{where} {when}".rstrip(), mend=mend)


def import_failure(file: Path, error: BaseException) -> StrategyError:
    """The error that says why a strategy file cannot be imported, with the line at fault."""
    if isinstance(error, SyntaxError) and error.filename:
        place = f"{_shown(error.filename)}:{error.lineno}"
    else:
        place = blamed_line(error, str(file)) or _shown(str(file))
    if isinstance(error, ModuleNotFoundError):
        mend = f'Install the package that provides "{error.name}", or correct the import.'
    else:
        mend = error.mend if isinstance(error, TradebotError) else "Correct the file."
    return StrategyError(_fact(error), place=place, mend=mend)


def blamed_line(error: BaseException, file: str | None, *, strictly: bool = False) -> str:
    """``file:line`` to look at: the innermost in ``file``, else (unless ``strictly``) in code that is not ours.

    Empty where there is none.
    """
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if file is not None and frame.filename == file]
    outside = [] if strictly else [frame for frame in frames if not frame.filename.startswith(_OURS)]
    for candidates in (inside, outside):
        if candidates:
            return f"{_shown(candidates[-1].filename)}:{candidates[-1].lineno}"
    return ""


def _file_of(strategy: Strategy | Policy) -> str | None:
    return getattr(sys.modules.get(type(strategy).__module__), "__file__", None)


def _fact(error: BaseException) -> str:
    if isinstance(error, TradebotError):
        return f"{error.place}: {error.fact}" if error.place else error.fact
    # SyntaxError carries the file and line in its text as well; the place has them already.
    text = str(error.msg if isinstance(error, SyntaxError) else error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _shown(file: str) -> str:
    """The path relative to the working directory where it lies below it."""
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
