"""Which code makes a run: versions, digests, and the source of the strategy itself."""

from __future__ import annotations

import hashlib
import inspect
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import tradebot_native

import tradebot
from tradebot.research.runs.record import CodePrint
from tradebot.strategies.mixins.composition import is_composed

_PACKAGES: Final = ("tradebot-native", "numpy", "ta-lib")
_GIT_TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Provenance:
    """The code of a run: its print, and the text of the files the print names."""

    code: CodePrint
    texts: dict[str, str]


def provenance_of(strategy: type | None) -> Provenance:
    """Print of the code that is running, and of a strategy class (or policy class) with its source.

    Parameters
    ----------
    strategy : what decided; ``None`` where it is not known.
    """
    file = None if strategy is None else _file_of(strategy)
    texts = {} if strategy is None or file is None else _texts(file, _files(strategy, file))
    texts = _documents(strategy) | texts if _is_ours(strategy) else texts | _documents(strategy)
    commit, modified = (None, False) if file is None else _commit_of(file)
    code = CodePrint(
        versions=_versions(),
        package_digest=package_digest(),
        engine_digest=_engine_digest(),
        strategy_digest=_digest_of(texts) if texts else "",
        strategy_class="" if strategy is None else strategy.__qualname__,
        sources=tuple(texts),
        commit=commit,
        modified=modified,
    )
    return Provenance(code, texts)


def own_sources(strategy: type) -> dict[str, str]:
    """Text of the files a strategy is made of, by name, but for those of tradebot itself."""
    file = _file_of(strategy)
    if file is None:
        return _documents(strategy)
    theirs = [each for each in _files(strategy, file) if not each.is_relative_to(_package_folder())]
    return _texts(file, theirs) | _documents(strategy)


@cache
def package_digest() -> str:
    """SHA-256 of tradebot's own source, as it was when this process first asked."""
    root, digest = _package_folder(), hashlib.sha256()
    for file in sorted(root.rglob("*.py")):
        digest.update(f"{file.relative_to(root).as_posix()}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _documents(strategy: type | None) -> dict[str, str]:
    """What a strategy is made of beside its source, such as the model it trades."""
    return getattr(strategy, "documents", dict[str, str])()


def _is_ours(strategy: type | None) -> bool:
    return strategy is not None and strategy.__module__.startswith("tradebot.")


def _digest_of(texts: dict[str, str]) -> str:
    digest = hashlib.sha256()
    for name, text in texts.items():
        digest.update(f"{name}\0{text}\0".encode())
    return digest.hexdigest()


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "machine": platform.machine(), "tradebot": tradebot.__version__}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found


def _package_folder() -> Path:
    return Path(tradebot.__file__).resolve().parent


@cache
def _engine_digest() -> str:
    # The package's own file is a line of Python where the compiled library lies beside it.
    loaded = sys.modules.get("tradebot_native.tradebot_native", tradebot_native)
    return hashlib.sha256(Path(str(loaded.__file__)).read_bytes()).hexdigest()


def _file_of(strategy: type) -> Path | None:
    try:
        found = inspect.getsourcefile(strategy)
    except TypeError:  # typed into a session
        return None
    file = None if found is None else Path(found).resolve()
    return file if file is not None and file.is_file() else None


def _files(strategy: type, file: Path) -> list[Path]:
    """The strategy's file, the other half's where two mixins make it, then the modules beside it."""
    files = [file]
    if is_composed(strategy):
        files += [half for kind in strategy.__bases__ if (half := _file_of(kind)) not in (None, *files)]
    if not _is_ours(strategy):
        files += sorted(set(_neighbours(file.parent)) - {*files})
    return files


def _texts(file: Path, files: list[Path]) -> dict[str, str]:
    return {_name_beside(file, each): each.read_text(encoding="utf-8") for each in files}


def _name_beside(file: Path, other: Path) -> str:
    return (other.relative_to(file.parent) if other.is_relative_to(file.parent) else Path(other.name)).as_posix()


def _neighbours(folder: Path) -> list[Path]:
    """Files of loaded modules that were imported from a folder by their plain name."""
    found: list[Path] = []
    beside = {entry.stem for entry in folder.iterdir()} - {"tradebot"}
    for name, module in list(sys.modules.items()):
        given = getattr(module, "__file__", None)
        if not isinstance(given, str) or name.partition(".")[0] not in beside:
            continue
        plain, file = folder.joinpath(*name.split(".")), Path(given).resolve()
        if file in (plain.with_suffix(".py"), plain / "__init__.py"):
            found.append(file)
    return found


def _commit_of(file: Path) -> tuple[str | None, bool]:
    """Commit checked out where the file lies, and whether the file differs from it; none for an ignored file."""
    commit = _git(file.parent, "rev-parse", "HEAD")
    state = None if commit is None else _git(file.parent, "status", "--porcelain", "--ignored", "--", file.name)
    if commit is None or state is None or state.startswith("!!"):
        return None, False
    return commit, bool(state)


def _git(folder: Path, *arguments: str) -> str | None:
    command = ["git", "-C", str(folder), *arguments]
    environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command on a folder, no shell
            command, capture_output=True, text=True, timeout=_GIT_TIMEOUT_S, check=True, env=environment
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
