"""What is measured, by whom, and the bounds the figures are held against."""

from __future__ import annotations

from dataclasses import dataclass

W1 = (19_626, 9_118_440.93)
W1_100K = (1_952, 9_965_572.42)
W3 = (3_747, 9_857_376.79)
W3_FROM_SIGNAL = (3_751, 9_855_472.32)
W4 = (19_476, -214_733.18)


@dataclass(frozen=True, slots=True)
class Case:
    """One measured process.

    Attributes
    ----------
    key : name of the figure.
    group : workload it belongs to (``--only``).
    side : ``ours``, ``peer`` or ``floor``.
    module, arguments : what the process runs.
    answer : trades and final equity it must give; ``None`` where the workload trades nothing.
    """

    key: str
    group: str
    side: str
    module: str
    arguments: tuple[str, ...]
    answer: tuple[int, float] | None = None


def ours(key: str, group: str, *arguments: str, answer: tuple[int, float] | None = None) -> Case:
    return Case(key, group, "ours", "benchmarks.ours", arguments, answer)


def peer(key: str, group: str, module: str, *arguments: str, answer: tuple[int, float] | None = None) -> Case:
    return Case(key, group, "peer", f"benchmarks.peers.{module}", arguments, answer)


CASES = (
    ours("W1 python", "W1", "w1-python", answer=W1),
    ours("W1 rules", "W1", "w1-rules", answer=W1),
    peer("W1 vectorbt", "W1", "vectorbt_py", "w1", answer=W1),
    peer("W1 backtesting.py", "W1", "backtesting_py", "w1", answer=W1),
    peer("W1 backtrader, 100,000 bars", "W1", "backtrader_py", "w1", answer=W1_100K),
    Case("W1 floor in C", "W1", "floor", "w1", (), W1),
    ours("W3 python", "W3", "w3-python", answer=W3),
    ours("W3 rules", "W3", "w3-rules", answer=W3),
    peer("W3 vectorbt", "W3", "vectorbt_py", "w3", answer=W3),
    peer("W3 backtesting.py", "W3", "backtesting_py", "w3", answer=W3_FROM_SIGNAL),
    Case("W3 floor in C", "W3", "floor", "w3", (), W3),
    ours("W4 rules", "W4", "w4-rules", answer=W4),
    peer("W4 vectorbt", "W4", "vectorbt_py", "w4", answer=W4),
    ours("W5 ticks to Python", "W5", "w5-ticks"),
    ours("W5 book updates", "W5", "w5-book"),
    ours("memory: W1 python, one call", "scale", "w1-python", "1000000", "0", answer=W1),
    ours("memory: W1 rules, one call", "scale", "w1-rules", "1000000", "0", answer=W1),
    ours("bars: W1 python, 100,000", "scale", "w1-python", "100000", "3", answer=W1_100K),
    ours("bars: W1 python, 10,000,000", "scale", "w1-python", "10000000", "1"),
    ours("orders: 20,000", "scale", "orders", "20000", "5"),
    ours("orders: 200,000", "scale", "orders", "200000", "3"),
)


@dataclass(frozen=True, slots=True)
class Bound:
    """A ratio of two figures, or one figure, and what it must reach.

    Attributes
    ----------
    text : what is promised.
    numerator, denominator : keys of cases; the ratio is of time per unit. Without a denominator the figure counts.
    figure : ``time`` (seconds per unit), ``rate`` (units a second), ``memory`` (MB) or ``wall`` (seconds).
    limit, at_least : the bound and its direction.
    """

    text: str
    numerator: str
    denominator: str | None
    figure: str
    limit: float
    at_least: bool = True


BOUNDS = (
    Bound("W1 python at least 10 x backtesting.py", "W1 backtesting.py", "W1 python", "time", 10),
    Bound("W1 python at least 100 x backtrader", "W1 backtrader, 100,000 bars", "W1 python", "time", 100),
    Bound("W1 rules at least 12 x vectorbt", "W1 vectorbt", "W1 rules", "time", 12),
    Bound("W1 rules within 5 x of the floor", "W1 rules", "W1 floor in C", "time", 5, at_least=False),
    Bound("W3 python at least 8 x backtesting.py", "W3 backtesting.py", "W3 python", "time", 8),
    Bound("W3 rules at least 6 x vectorbt", "W3 vectorbt", "W3 rules", "time", 6),
    Bound("W4 rules at least 6 x vectorbt", "W4 vectorbt", "W4 rules", "time", 6),
    Bound("W5 at least 1.5 million ticks/s to Python", "W5 ticks to Python", None, "rate", 1.5e6),
    Bound("W5 at least 5 million book updates/s", "W5 book updates", None, "rate", 5e6),
    Bound("W1 python peak memory at most 250 MB", "memory: W1 python, one call", None, "memory", 250, at_least=False),
    Bound("W1 rules peak memory at most 250 MB", "memory: W1 rules, one call", None, "memory", 250, at_least=False),
    Bound(
        "cost of a bar at 10,000,000 at most 1.5 x that at 100,000",
        "bars: W1 python, 10,000,000",
        "bars: W1 python, 100,000",
        "time",
        1.5,
        at_least=False,
    ),
    Bound(
        "cost of an order at 200,000 at most 1.5 x that at 20,000",
        "orders: 200,000",
        "orders: 20,000",
        "time",
        1.5,
        False,
    ),
    Bound("tradebot --help at most 200 ms", "tradebot --help", None, "wall", 0.2, at_least=False),
    Bound(
        "tradebot backtest of a year of minutes at most 1.5 s",
        "tradebot backtest, 525,600 bars",
        None,
        "wall",
        1.5,
        False,
    ),
)
