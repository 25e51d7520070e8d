"""Every backtest that was kept: its record, its rows, and how it is compared, drawn again and repeated."""

from tradebot.research.runs.inputs import Inputs
from tradebot.research.runs.record import RunRecord
from tradebot.research.runs.store import RunStore, runs_folder

__all__ = ["Inputs", "RunRecord", "RunStore", "runs_folder"]
