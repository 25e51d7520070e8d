"""What is written down of a run, beside its rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

FORMAT: Final = 1


class MarketPrint(msgspec.Struct, frozen=True, kw_only=True):
    """What tells one market's data of a run from any other.

    Attributes
    ----------
    instrument : steps, fees and margin rules it was traded under.
    first, last : open times of the first and the last bar, int64 ns UTC.
    digest : SHA-256 of the columns, of ``rows`` bars.
    funding : number of funding payments; ``funding_digest`` is empty where there are none.
    finer : number and interval of the finer bars that told the path inside the bars, as ``600 of 1m``; empty, as
        ``finer_digest`` is, where there were none.
    """

    symbol: str
    venue: str
    interval: str
    first: int
    last: int
    rows: int
    digest: str
    instrument: dict[str, Any]
    funding: int = 0
    funding_digest: str = ""
    finer: str = ""
    finer_digest: str = ""


class CodePrint(msgspec.Struct, frozen=True, kw_only=True):
    """Which code a run was made by.

    Attributes
    ----------
    versions : Python, tradebot, and the packages a result may hang on.
    package_digest : SHA-256 of tradebot's own source.
    engine_digest : SHA-256 of the native core.
    strategy_digest : SHA-256 of the strategy's source; empty where it has none (typed into a session).
    strategy_class : name of the class in that source.
    sources : files of the strategy, kept with the run: its own first (the model, where that is all of it), then the
        neighbours it imports.
    commit : git commit of the repository that holds the strategy, if one does; ``modified`` says that the strategy's
        file differs from it.
    """

    versions: dict[str, str]
    package_digest: str
    engine_digest: str
    strategy_digest: str
    strategy_class: str
    sources: tuple[str, ...]
    commit: str | None
    modified: bool


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One kept backtest.

    Attributes
    ----------
    request : what was asked for, enough to ask again.
    data : the markets, in instrument order.
    result : the result as ``BacktestResult.to_dict`` gives it.
    tags : texts of the tag codes of the rows.
    """

    id: UUID
    kept_at: datetime
    request: dict[str, Any]
    code: CodePrint
    data: tuple[MarketPrint, ...]
    result: dict[str, Any]
    tags: tuple[str, ...]
    format: int = FORMAT

    @property
    def short_id(self) -> str:
        """The first letters of the id, enough for a person."""
        return self.id.hex[:8]
