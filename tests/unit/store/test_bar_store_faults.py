"""The bar store when disk, rights, other writers or the process itself fail: nothing is half, nothing is lost."""

import errno
import itertools
import json
import os
import signal
import subprocess
import tempfile
import threading
from pathlib import Path

import pytest

from stored_bars import BTC, HOUR, assert_same, bars, files, process
from tradebot.core.errors import DataError
from tradebot.store import durable
from tradebot.store.bars import ParquetBarStore
from tradebot.store.locks import writing


@pytest.fixture
def store(tmp_path: Path) -> ParquetBarStore:
    return ParquetBarStore(tmp_path / "bars")


@pytest.mark.parametrize(
    ("number", "says"),
    [(errno.ENOSPC, "the disk is full"), (errno.EDQUOT, "the disk is full"), (errno.EROFS, "may not be written")],
)
@pytest.mark.parametrize("call", range(1, 6))
def test_a_disk_that_fails_at_any_step_leaves_what_was_there(
    store: ParquetBarStore, monkeypatch: pytest.MonkeyPatch, number: int, says: str, call: int
):
    store.write(bars(seed=1))
    before, calls, real = files(store.archive.root), itertools.count(1), os.fsync

    def failing(descriptor: int) -> None:
        if next(calls) == call:
            raise OSError(number, os.strerror(number), "a file of the store")
        real(descriptor)

    monkeypatch.setattr(durable.os, "fsync", failing)
    with pytest.raises(DataError, match=f"a file of the store: {says}.*What was stored before is untouched"):
        store.write(bars(seed=2))
    monkeypatch.undo()
    assert files(store.archive.root) == before
    store.write(bars(seed=2))
    assert_same(store.read(BTC, HOUR), bars(seed=2))


LIMITED = """\
import resource, signal, sys
from pathlib import Path
sys.path[:0] = {path!r}
from stored_bars import bars
from tradebot.store.bars import ParquetBarStore
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
ParquetBarStore(Path({root!r})).write(bars(seed=2))
"""

WRITER = """\
import sys
from pathlib import Path
sys.path[:0] = {path!r}
from stored_bars import bars
from tradebot.store.bars import ParquetBarStore
store = ParquetBarStore(Path({root!r}))
for first in range({first}, 2_000, 200):
    store.write(bars()[first : first + 100])
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a limit on the size of files")
def test_a_real_limit_of_the_system_is_told_and_leaves_what_was_there(store: ParquetBarStore):
    store.write(bars(seed=1))
    before = files(store.archive.root)
    done = subprocess.run(
        process(LIMITED, root=str(store.archive.root)), capture_output=True, text=True, timeout=60, check=False
    )
    assert "the disk is full" in done.stderr, done.stderr
    assert files(store.archive.root) == before


READ_ONLY = """\
import os, sys
from pathlib import Path
sys.path[:0] = {path!r}
from stored_bars import bars
from tradebot.store.bars import ParquetBarStore
store, one = ParquetBarStore(Path({root!r})), bars(1)
# Everything is imported by this: afterwards the interpreter itself may be out of reach.
ParquetBarStore(Path({root!r} + "-warm")).write(one)
store.read(one.instrument, one.interval)
if os.geteuid() == 0:
    os.setuid(65534)
assert len(store.read(one.instrument, one.interval)) == 2_000
store.write(bars(seed=2))
"""


@pytest.mark.skipif(os.name != "posix", reason="needs the rights of files as POSIX has them")
def test_a_folder_that_may_only_be_read_can_be_read_and_is_told_when_written():
    # Not below pytest's own folder, which nobody but its owner may enter.
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "bars"
        ParquetBarStore(root).write(bars(seed=1))
        before = files(root)
        Path(f"{root}-warm").mkdir()
        for path in (Path(name), root, *root.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        command = process(READ_ONLY, root=str(root))
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd="/")
        for path in (Path(name), root, *root.rglob("*")):
            path.chmod(0o755)
        assert "DataError" in done.stderr, done.stderr
        assert "may not be written" in done.stderr
        assert files(root) == before


def test_two_processes_that_write_at_once_lose_nothing(store: ParquetBarStore):
    writers = [
        subprocess.Popen(process(WRITER, root=str(store.archive.root), first=first), stderr=subprocess.PIPE, text=True)
        for first in (0, 100)
    ]
    for writer in writers:
        assert writer.communicate(timeout=120)[1] == ""
        assert writer.returncode == 0
    assert_same(store.read(BTC, HOUR), bars())


def test_a_writer_that_does_not_finish_is_named(tmp_path: Path):
    store = ParquetBarStore(tmp_path, patience_s=0.05)
    store.write(bars(10))
    with writing(tmp_path), pytest.raises(DataError, match=rf"another process \({os.getpid()}\) has been writing"):
        store.write(bars(20))
    store.write(bars(20))


def test_readers_beside_a_writer_always_see_a_whole_state(store: ParquetBarStore):
    generations = [bars(300, seed=seed) for seed in range(1, 8)]
    known = {made.close.tobytes() for made in generations}
    store.write(generations[0])
    failures: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                assert store.read(BTC, HOUR).close.tobytes() in known
        except BaseException as error:  # noqa: BLE001 - handed to the test
            failures.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    for made in generations * 5:
        store.write(made)
    done.set()
    reader.join()
    assert failures == []


KILLED = """\
import os, signal, sys
from pathlib import Path
sys.path[:0] = {path!r}
from stored_bars import bars
from tradebot.store.bars import ParquetBarStore
from tradebot.store import durable
import pathlib
left = {steps}
def counted(real):
    def call(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)
    return call
os.fsync = counted(os.fsync)
pathlib.Path.replace = counted(pathlib.Path.replace)
pathlib.Path.unlink = counted(pathlib.Path.unlink)
ParquetBarStore(Path({root!r})).write(bars(seed=2))
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
@pytest.mark.parametrize("steps", range(0, 20, 2))
def test_a_process_killed_at_any_step_leaves_the_old_state_or_the_new(
    store: ParquetBarStore, tmp_path: Path, steps: int
):
    old, new = bars(seed=1), bars(seed=2)
    store.write(old)
    command = process(KILLED, root=str(store.archive.root), steps=steps)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    found = store.read(BTC, HOUR)
    assert found.close.tobytes() in (old.close.tobytes(), new.close.tobytes())
    # Whatever the crash has left is swept by the next write, and the store is what it would have been without.
    store.write(new)
    untouched = ParquetBarStore(tmp_path / "untouched")
    untouched.write(new)
    assert files(store.archive.root) == files(untouched.archive.root)


def test_a_changed_byte_is_found_and_a_lost_file_is_named(store: ParquetBarStore):
    store.write(bars())
    path = store.archive.files(store.series()[0])[1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert store.archive.damaged(store.series()[0]) == [f"{path}: its bytes have changed since it was written"]
    path.unlink()
    assert store.archive.damaged(store.series()[0]) == [f"{path}: No such file or directory"]
    with pytest.raises(DataError, match=f"{path.name}: the file is gone"):
        store.read(BTC, HOUR)


def test_a_damaged_file_is_told_and_its_time_can_be_deleted_and_written_again(store: ParquetBarStore):
    whole = bars()
    store.write(whole)
    series = store.series()[0]
    part, path = series.parts[1], store.archive.files(series)[1]
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match="a stored file is damaged: .*tradebot data delete"):
        store.read(BTC, HOUR)
    assert store.archive.delete(series.key, part.first, part.last + 1) == part.rows
    store.write(whole)
    assert_same(store.read(BTC, HOUR), whole)


def test_a_lost_file_is_told_to_writers_and_its_time_can_be_deleted_and_written_again(store: ParquetBarStore):
    whole = bars()
    store.write(whole)
    series = store.series()[0]
    part, path = series.parts[1], store.archive.files(series)[1]
    path.unlink()
    with pytest.raises(DataError, match=f"{path.name}: the file is gone. `tradebot data delete` its time"):
        store.write(whole)
    with pytest.raises(DataError, match=f"{path.name}: the file is gone"):
        store.archive.delete(series.key, part.first + 1)
    assert store.archive.delete(series.key, part.first, part.last + 1) == part.rows
    store.write(whole)
    assert_same(store.read(BTC, HOUR), whole)


def test_what_somebody_else_has_put_into_the_folder_stays(store: ParquetBarStore):
    store.write(bars(10))
    theirs = store.archive.files(store.series()[0])[0].with_name("notes.parquet")
    theirs.write_text("theirs")
    store.write(bars(20))
    assert theirs.read_text() == "theirs"


def test_a_manifest_that_is_damaged_or_of_the_future_is_refused(store: ParquetBarStore):
    store.write(bars(10))
    manifest = store.archive.root / "manifest.json"
    document = json.loads(manifest.read_text())
    manifest.write_text(manifest.read_text()[:-20])
    with pytest.raises(DataError, match="the manifest is damaged"):
        store.read(BTC, HOUR)
    manifest.write_text(json.dumps(document | {"version": 99}))
    with pytest.raises(DataError, match="a later version of tradebot"):
        store.write(bars(10))
