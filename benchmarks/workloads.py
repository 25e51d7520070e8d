"""What is measured and by whom, and the answer each process must give."""

from __future__ import annotations

from dataclasses import dataclass, replace

OURS, FLOOR = "tradebot", "floor"
# Libraries the store is made of; they run in our own interpreter and are always there.
LIBRARIES = ("polars", "duckdb", "sqlite3")
USUAL_PEERS = ("vectorbt", "backtesting", "backtrader", "smartmoneyconcepts")
FURTHER_PEERS = ("basana", "nautilus")

# Trades and final equity. W1 and W3 are the floor's own, W4 (profit, not equity) is the peers' too.
W1 = (19_626, 9_118_440.93)
W1_100K = (1_952, 9_965_572.42)
W1_10M = (196_260, 1_184_409.32)
W3 = (3_747, 9_857_376.79)
W3_FROM_SIGNAL = (3_751, 9_855_472.32)
W4 = (19_476, -214_733.18)
# Bars and the sum of their closes; symbol-days and the volume-weighted price of all.
W7_READ = (5_260_320, 114_727_039_010.75)
W7_SQL = (700, 5_551.72)
# Structures, and the sum of their levels.
W9 = (434_836, 41_241_129_691.95)
W9_20K = (8_976, 334_140_799.74)
W9_FACTS = (472_376, 1_293_927_406.25)

# Orders of 4,000 bars.
W10_ORDERS = 3_991


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of measured process.

    Attributes
    ----------
    key : name of the figure.
    groups : the words of ``--only`` that choose it.
    by : ``tradebot``, ``floor``, a library's or a peer's name.
    command : module and arguments for Python, arguments for the floor.
    answer : trades and final equity it must give, the equity to ``tolerance``.
    unit : what its rate counts.
    most : most processes that are measured.
    """

    key: str
    groups: tuple[str, ...]
    by: str
    command: tuple[str, ...]
    answer: tuple[int, float]
    unit: str = "bars"
    tolerance: float = 0.01
    most: int = 99


def _ours(key: str, group: str, command: str, answer: tuple[int, float], unit: str = "bars") -> Case:
    module, *arguments = command.split()
    return Case(key, (group,), OURS, (f"benchmarks.ours.{module}", *arguments), answer, unit)


def _load(key: str, command: str) -> Case:
    # A minute each, of 1,800 orders; 18 of them make a p99, and what differs between processes counts too.
    return replace(_ours(key, "W11", command, (0, 0.0), "p99"), most=5)


def _peer(key: str, group: str, by: str, arguments: str, answer: tuple[int, float], tolerance: float = 0.01) -> Case:
    command = (f"benchmarks.peers.{by}_peer", *arguments.split())
    return Case(key, (group,), by, command, answer, tolerance=tolerance)


CASES = (
    _ours("W1 python", "W1", "w1 python", W1),
    _ours("W1 rules", "W1", "w1 rules", W1),
    _peer("W1 vectorbt", "W1", "vectorbt", "w1", W1),
    _peer("W1 backtesting.py", "W1", "backtesting", "w1", W1),
    _peer("W1 backtrader, 100,000 bars", "W1", "backtrader", "w1", W1_100K),
    _peer("W1 basana, 100,000 bars", "W1", "basana", "w1", W1_100K),
    # Its money is rounded to cents at every fee.
    _peer("W1 nautilus, 100,000 bars", "W1", "nautilus", "w1", W1_100K, tolerance=1.0),
    Case("W1 floor in C", ("W1", "W6"), FLOOR, ("w1",), W1),
    _ours("W3 python", "W3", "w3 python", W3),
    _ours("W3 rules", "W3", "w3 rules", W3),
    _peer("W3 vectorbt", "W3", "vectorbt", "w3", W3),
    _peer("W3 backtesting.py", "W3", "backtesting", "w3", W3_FROM_SIGNAL),
    Case("W3 floor in C", ("W3", "W6"), FLOOR, ("w3",), W3),
    _ours("W4 rules", "W4", "w4 rules", W4),
    _peer("W4 vectorbt", "W4", "vectorbt", "w4", W4),
    _ours("W5 ticks to Python", "W5", "ticks", (0, 1e7), "ticks"),
    _peer("W5 nautilus, ticks to Python", "W5", "nautilus", "ticks", (0, 1e7)),
    _ours("W5 book updates", "W5", "book", (0, 5e6), "updates"),
    _ours("W7 store to columns", "W7", "store read", W7_READ),
    _peer("W7 polars to columns", "W7", "polars", "read", W7_READ),
    _peer("W7 duckdb to columns", "W7", "duckdb", "read", W7_READ),
    _ours("W7 import of a CSV file", "W7", "store import", (1_000_000, 0.0), "rows"),
    _peer("W7 polars, CSV to Parquet", "W7", "polars", "import", (1_000_000, 0.0)),
    _ours("W7 SQL over 100 symbols", "W7", "store sql", W7_SQL),
    _peer("W7 duckdb over 100 symbols", "W7", "duckdb", "sql", W7_SQL),
    _ours("W8 durable journal entries", "W8", "journal", (5_000, 0.0), "entries"),
    _peer("W8 sqlite commits", "W8", "sqlite3", "commit", (5_000, 0.0)),
    _ours("W9 facts, 1,000,000 bars", "W9", "structures facts 1000000", W9_FACTS),
    _ours("W9 columns, 1,000,000 bars", "W9", "structures columns 1000000", W9),
    _ours("W9 columns, 20,000 bars", "W9", "structures columns 20000", W9_20K),
    _peer("W9 smartmoneyconcepts, 20,000 bars", "W9", "smartmoneyconcepts", "20000", W9_20K),
    _ours("W10 bar to order, p50", "W10", "latency 50", (W10_ORDERS, 0.0)),
    _ours("W10 bar to order, p99", "W10", "latency 99", (W10_ORDERS, 0.0)),
    _ours("W10 trader alone, p50", "W10", "latency 50 alone", (W10_ORDERS, 0.0)),
    _ours("W10 trader alone, p99", "W10", "latency 99 alone", (W10_ORDERS, 0.0)),
    _load("W11 bar to order", "load quiet"),
    _load("W11 bar to order, under load", "load busy"),
    _ours("bars: W1 python, 100,000", "bars", "w1 python 100000", W1_100K),
    _ours("bars: W1 python, 1,000,000", "bars", "w1 python 1000000 3", W1),
    _ours("bars: W1 python, 10,000,000", "bars", "w1 python 10000000 3", W1_10M),
    _ours("orders: 1,000 market", "orders", "orders round_trips 1000", (499, 9_990_049.29), "orders"),
    _ours("orders: 20,000 market", "orders", "orders round_trips 20000", (9_999, 9_814_328.96), "orders"),
    _ours("orders: 200,000 market", "orders", "orders round_trips 200000", (99_999, 7_970_535.31), "orders"),
    _ours("orders: 20,000 resting limits", "orders", "orders resting 20000", (20_000, 1e12), "orders"),
    _ours("orders: 200,000 resting limits", "orders", "orders resting 200000", (200_000, 1e12), "orders"),
)

HELP, YEAR = "tradebot --help", "tradebot backtest, 525,600 bars"
COMMAND_LINES = (HELP, YEAR)
GROUPS = tuple(dict.fromkeys([*(group for case in CASES for group in case.groups), "cli"]))
