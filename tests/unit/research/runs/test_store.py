"""The folder of kept runs: whole or not at all, found by a few letters, never silently wrong."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import polars as pl
import pytest

import tradebot
from tradebot.core.errors import DataError
from tradebot.feeds.mock import mock_bars, mock_ticks
from tradebot.research.result import BacktestResult
from tradebot.research.runs import Inputs, RunStore
from tradebot.strategies.library.sma_cross import SmaCross

from .conftest import a_result


def folders(store: RunStore) -> list[str]:
    return sorted(each.name for each in store.root.iterdir())


def test_a_kept_run_reads_back_as_it_was(store: RunStore, result: BacktestResult):
    kept = store.keep(result, request={"asked": "so"}, inputs=Inputs(SmaCross))
    read = store.record(str(result.id))
    assert read == kept
    assert read.request == {"asked": "so"}
    assert read.result == msgspec.json.decode(result.to_json())
    assert [(each.symbol, each.rows) for each in read.data] == [("MOCKUSDT", 2_000)]


def test_the_tables_are_plain_parquet_that_anything_can_query(store: RunStore, result: BacktestResult):
    kept = store.keep(result, request={})
    trades = pl.read_parquet(next(store.root.rglob("trades.parquet")))
    assert trades["pnl"].sum() == pytest.approx(result.trades["pnl"].sum(), rel=1e-12)
    assert set(trades["symbol"].cast(str)) == {"MOCKUSDT"}
    assert set(trades["side"].cast(str)) == {"long"}
    assert trades["exit_ts"].dtype == pl.Datetime("ns", "UTC")
    equity = store.table(kept, "equity")
    assert equity["equity"].to_list() == result.equity["equity"].to_list()
    assert equity["time"].to_list() == result.equity["time"].to_list()


def test_the_source_of_the_strategy_is_kept_word_for_word(store: RunStore, result: BacktestResult):
    kept = store.keep(result, request={}, inputs=Inputs(SmaCross))
    module = Path(sys.modules[SmaCross.__module__].__file__)
    assert store.source_texts(kept) == {"sma_cross.py": module.read_text()}
    assert kept.code.strategy_class == "SmaCross"


def test_a_strategy_without_a_source_is_kept_all_the_same(store: RunStore, result: BacktestResult):
    kept = store.keep(
        result, request={}, inputs=Inputs(type("Typed", (SmaCross,), {"__module__": "typed_into_a_session"}))
    )
    assert store.source_texts(kept) == {}
    assert kept.code.strategy_digest == ""


def test_a_run_is_not_kept_twice(store: RunStore, result: BacktestResult):
    first = store.keep(result, request={})
    assert store.keep(result, request={}) == first
    assert len(folders(store)) == 1


# Finding ---------------------------------------------------------------------------------------------------------


def test_a_run_is_found_by_its_first_letters_and_by_its_age(store: RunStore):
    old, new = (store.keep(a_result(fast), request={}) for fast in (10, 12))
    assert store.record(old.id.hex[:6]) == old
    assert store.record(str(old.id)[:13].upper()) == old
    assert store.record("latest") == new
    assert store.record("latest~1") == old
    assert [each.id for each in store.shelf().records] == [new.id, old.id]
    assert [each.id for each in store.shelf(limit=1).records] == [new.id]


@pytest.mark.parametrize("wanted", ["latest~2", "0123456789", "", "latest~", "../..", "~"])
def test_a_run_that_is_not_there_is_told_of(store: RunStore, result: BacktestResult, wanted: str):
    store.keep(result, request={})
    with pytest.raises(DataError, match="there is no such run. `tradebot runs list` shows"):
        store.record(wanted)


def test_letters_that_fit_several_runs_are_refused_with_their_ids(store: RunStore, result: BacktestResult):
    kept = store.keep(result, request={})
    folder = next(store.root.iterdir())
    twin = kept.id.hex[:10] + "0" * 22
    folder.with_name(f"{folder.name.partition('-')[0]}-{twin}").mkdir()
    with pytest.raises(DataError, match=f"2 runs begin so: .*{twin[:12]}.*Give more letters"):
        store.record(kept.id.hex[:8])


def test_runs_of_policies_and_ticks_are_kept_too(store: RunStore):
    class Half:
        def decide(self, portfolio, snapshot, context):
            return []

    policy = tradebot.backtest(Half(), mock_bars("MOCKUSDT", "1m", 100, 1))

    class OnTicks(tradebot.Strategy):
        def on_tick(self, tick):
            return None if self.position else self.long()

    ticks = tradebot.backtest(OnTicks(), mock_ticks(mock_bars("MOCKUSDT", "1m", 100, 1)))
    for result, kind in ((policy, Half), (ticks, OnTicks)):
        kept = store.keep(result, request={}, inputs=Inputs(kind))
        assert len(store.table(kept, "equity")) == len(result.outcome.ts)
        assert list(store.source_texts(kept)) == [Path(__file__).name]


def test_an_empty_store_has_no_run(store: RunStore):
    assert store.shelf().records == ()
    assert store.names() == []


# Whole or not at all ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failing", ["fills", "orders", "trades", "equity", "record"])
def test_a_full_disk_leaves_nothing_behind(
    store: RunStore, result: BacktestResult, monkeypatch: pytest.MonkeyPatch, failing: str
):
    before = store.keep(a_result(12), request={})

    def no_space(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    write_parquet = pl.DataFrame.write_parquet
    if failing == "record":
        monkeypatch.setattr(Path, "write_text", no_space)
    else:
        monkeypatch.setattr(
            pl.DataFrame,
            "write_parquet",
            lambda frame, file, **how: no_space() if file.stem == failing else write_parquet(frame, file, **how),
        )
    with pytest.raises(
        DataError, match=r"the run cannot be kept: No space left on device\. Make room there, .*--no-keep"
    ):
        store.keep(result, request={}, inputs=Inputs(SmaCross))
    monkeypatch.undo()
    assert len(folders(store)) == 1
    assert store.shelf().records == (before,)


KILLED = """
import os, sys
from pathlib import Path
import tradebot
from tradebot.feeds.mock import mock_bars
from tradebot.research.runs import Inputs, RunStore
result = tradebot.backtest("sma_cross", mock_bars("MOCKUSDT", "1m", 2000, 1))
sync, left = os.fsync, int(sys.argv[2])
def counted(handle):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), 9)
    sync(handle)
os.fsync = counted
RunStore(Path(sys.argv[1])).keep(result, request={})
"""


@pytest.mark.parametrize(("syncs", "kept"), [(0, 0), (3, 0), (5, 0), (6, 1)])
def test_a_kill_in_the_middle_leaves_no_half_run(store: RunStore, syncs: int, kept: int):
    # Five files and their folder reach the disk before the run takes its name; the last sync is that of the name.
    path = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, "-c", KILLED, str(store.root), str(syncs)]
    done = subprocess.run(command, env=os.environ | {"PYTHONPATH": path}, check=False, timeout=60)
    assert done.returncode == -9
    assert len(store.shelf().records) == kept
    assert store.shelf().broken == {}


KEEPS = """
import sys
from pathlib import Path
import tradebot
from tradebot.feeds.mock import mock_bars
from tradebot.research.runs import RunStore
bars = mock_bars("MOCKUSDT", "1m", 500, 1)
for _ in range(10):
    RunStore(Path(sys.argv[1])).keep(tradebot.backtest("sma_cross", bars), request={})
"""


def test_processes_that_keep_at_once_do_not_hinder_one_another(store: RunStore):
    path = os.pathsep.join(filter(None, sys.path))
    command = [sys.executable, "-c", KEEPS, str(store.root)]
    running = [subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path}) for _ in range(4)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0, 0]
    shelf = store.shelf()
    assert (len(shelf.records), shelf.broken) == (40, {})
    assert len(folders(store)) == 40


def test_what_a_killed_process_left_is_swept_when_it_is_old(store: RunStore, result: BacktestResult):
    old, young = store.root / ".draft-old", store.root / ".draft-young"
    for draft in (old, young):
        draft.mkdir(parents=True)
    os.utime(old, (0, 0))
    store.keep(result, request={})
    assert not old.exists()
    assert young.exists()


def test_a_folder_that_cannot_be_made_is_told_of_before_any_run(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="the run cannot be kept: Not a directory"):
        RunStore(tmp_path / "file" / "runs").prepare()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to the superuser")
def test_a_read_only_folder_is_told_of_before_any_run(store: RunStore):
    store.root.mkdir()
    store.root.chmod(0o500)
    with pytest.raises(DataError, match="the run cannot be kept: Permission denied"):
        store.prepare()


# Damage ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: text.replace('"tags"', '"tgas"'),
        lambda text: text.replace('"id": "', '"id": "x', 1),
    ],
)
def test_a_damaged_record_is_named_and_the_others_are_listed(store: RunStore, result: BacktestResult, damage):
    good, bad = store.keep(a_result(12), request={}), store.keep(result, request={})
    file = next(store.root.glob(f"*{bad.id.hex}")) / "record.json"
    file.write_text(damage(file.read_text()))
    shelf = store.shelf()
    assert shelf.records == (good,)
    (error,) = shelf.broken.values()
    assert str(file) in str(error)
    assert f"tradebot runs delete {bad.short_id}" in str(error)
    store.delete(bad.short_id)
    assert store.shelf().broken == {}


def test_the_record_of_another_run_is_not_taken_for_this_one(store: RunStore, result: BacktestResult):
    one, other = store.keep(a_result(12), request={}), store.keep(result, request={})
    this, that = (next(store.root.glob(f"*{each.id.hex}")) / "record.json" for each in (one, other))
    this.write_bytes(that.read_bytes())
    with pytest.raises(DataError, match=f"it is the record of {other.id}"):
        store.record(one.short_id)


def test_a_record_of_a_later_format_asks_for_an_update(store: RunStore, result: BacktestResult):
    kept = store.keep(result, request={})
    file = next(store.root.rglob("record.json"))
    file.write_text('{"format": 2, "id": 3}')
    with pytest.raises(DataError, match=r"in format 2 by a newer tradebot, and this one reads up to 1\. Update"):
        store.record(kept.short_id)


@pytest.mark.parametrize("content", [None, b"PAR1 no more"])
def test_a_damaged_table_is_named(store: RunStore, result: BacktestResult, content: bytes | None):
    kept = store.keep(result, request={})
    file = next(store.root.rglob("trades.parquet"))
    file.unlink() if content is None else file.write_bytes(content)
    with pytest.raises(DataError, match=r"trades\.parquet: cannot be read: .* tradebot runs delete"):
        store.columns(kept, "trades")


def test_a_deleted_run_is_gone_with_all_it_had(store: RunStore, result: BacktestResult):
    kept = store.keep(result, request={}, inputs=Inputs(SmaCross))
    assert store.delete("latest") == kept
    assert folders(store) == []
