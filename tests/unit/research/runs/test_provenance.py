"""Which code made a run, down to the file and the commit."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
import tradebot_native

import tradebot
from tradebot.research.runs import provenance
from tradebot.research.runs.provenance import provenance_of
from tradebot.strategies.files import load_file
from tradebot.strategies.library.sma_cross import SmaCross

STRATEGY = "from tradebot import Strategy\n\nclass Mine(Strategy):\n    def on_bar(self, bar):\n        pass\n"


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *who, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "mine.py").write_text(STRATEGY)
    (folder / ".gitignore").write_text("ignored/\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def code_of(file: Path):
    return provenance_of(load_file(file)["mine"]).code


def test_the_commit_is_that_of_the_strategys_repository(repository: Path):
    code = code_of(repository / "mine.py")
    assert (code.commit, code.modified) == (git(repository, "rev-parse", "HEAD"), False)


def test_a_changed_or_new_file_is_told_from_its_commit(repository: Path):
    with (repository / "mine.py").open("a") as file:
        file.write("# changed\n")
    assert code_of(repository / "mine.py").modified
    (repository / "new.py").write_text(STRATEGY)
    code = code_of(repository / "new.py")
    assert (code.commit, code.modified) == (git(repository, "rev-parse", "HEAD"), True)


def test_an_ignored_file_belongs_to_no_commit(repository: Path):
    (repository / "ignored").mkdir()
    (repository / "ignored" / "mine.py").write_text(STRATEGY)
    code = code_of(repository / "ignored" / "mine.py")
    assert (code.commit, code.modified) == (None, False)


def test_without_git_there_is_no_commit(repository: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    assert code_of(repository / "mine.py").commit is None


def test_a_git_that_hangs_is_not_waited_for(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(provenance, "_GIT_TIMEOUT_S", 0.05)
    assert code_of(repository / "mine.py").commit is None


def test_neighbours_are_kept_and_installed_packages_are_not(tmp_path: Path):
    (tmp_path / "near_by_levels.py").write_text("LEVEL = 1\n")
    (tmp_path / "near_by").mkdir()
    (tmp_path / "near_by" / "__init__.py").write_text("")
    (tmp_path / "near_by" / "deep.py").write_text("DEPTH = 2\n")
    (tmp_path / "unused.py").write_text("")
    (tmp_path / "mine.py").write_text(f"import json, numpy, near_by_levels\nfrom near_by.deep import DEPTH\n{STRATEGY}")
    try:
        made = provenance_of(load_file(tmp_path / "mine.py")["mine"])
    finally:
        for name in [each for each in sys.modules if each.startswith("near_by")]:
            del sys.modules[name]
    assert made.code.sources == ("mine.py", "near_by/__init__.py", "near_by/deep.py", "near_by_levels.py")
    assert made.texts["near_by/deep.py"] == "DEPTH = 2\n"


def test_a_strategy_of_ours_is_kept_alone():
    assert provenance_of(SmaCross).code.sources == ("sma_cross.py",)


def test_the_digest_of_the_strategy_changes_with_any_of_its_files(tmp_path: Path):
    (tmp_path / "mine.py").write_text(STRATEGY)
    first = code_of(tmp_path / "mine.py").strategy_digest
    assert code_of(tmp_path / "mine.py").strategy_digest == first
    (tmp_path / "mine.py").write_text(STRATEGY + "\n")
    assert code_of(tmp_path / "mine.py").strategy_digest != first


def test_the_native_core_is_told_by_its_library():
    library = next(file for file in Path(tradebot_native.__file__).parent.glob("tradebot_native*.so"))
    assert provenance_of(None).code.engine_digest == hashlib.sha256(library.read_bytes()).hexdigest()


def test_the_package_is_told_by_every_file_of_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    digest = provenance.package_digest.__wrapped__
    monkeypatch.setattr(tradebot, "__file__", str(tmp_path / "__init__.py"))
    (tmp_path / "__init__.py").write_text("")
    found = [digest()]
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.py").write_text("1")
    found.append(digest())
    (tmp_path / "deep" / "a.py").rename(tmp_path / "deep" / "b.py")
    found.append(digest())
    (tmp_path / "deep" / "b.py").write_text("2")
    found.append(digest())
    (tmp_path / "deep" / "notes.txt").write_text("no source")
    assert digest() == found[-1]
    assert len(set(found)) == 4
