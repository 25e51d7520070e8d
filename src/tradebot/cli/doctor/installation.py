"""What is installed: Python, tradebot, its native core, its extras."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path
from typing import Final

from tradebot import __version__
from tradebot.cli.doctor.finding import Finding

_OLDEST: Final = (3, 11)
_EXTRA_OF: Final = re.compile(r"""extra\s*==\s*["'](?P<extra>[^"']+)["']""")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def installation_findings() -> Iterator[Finding]:
    """Versions and extras; nothing here touches the network or a folder of the person's."""
    yield _python()
    yield _package()
    yield _native_core()
    yield from _extras()


def _python() -> Finding:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}, {sys.executable}"
    if sys.version_info < _OLDEST:
        return Finding("Python", "problem", found, "Use Python 3.11 or later.")
    return Finding("Python", "ok", found)


def _package() -> Finding:
    place = Path(__file__).parents[2]
    return Finding("tradebot", "ok", f"{__version__} in {place}")


def _native_core() -> Finding:
    mend = "Install tradebot again: its native core belongs to it, version by version."
    try:
        import tradebot_native
    except ImportError as error:
        return Finding("Native core", "problem", f"it does not load: {error}", mend)
    try:
        found = version("tradebot-native")
    except PackageNotFoundError:
        return Finding("Native core", "note", f"not installed as a package: {tradebot_native.__file__}", mend)
    if found != __version__:
        return Finding("Native core", "problem", f"it is {found} and tradebot is {__version__}", mend)
    return Finding("Native core", "ok", found)


def _extras() -> Iterator[Finding]:
    try:
        extras = metadata("tradebot").get_all("Provides-Extra") or []
        requirements = requires("tradebot") or []
    except PackageNotFoundError:
        mend = "Install it with pip; from a checkout, `make run` does."
        yield Finding("Extras", "note", "unknown, for tradebot is not installed as a package", mend)
        return
    for extra in extras:
        packages = [
            match[0]
            for text in requirements
            if (of := _EXTRA_OF.search(text)) and of["extra"] == extra and (match := _NAME.match(text))
        ]
        # The one that gathers all others says nothing of its own.
        if extra != "all":
            yield _extra(extra, packages)


def _extra(extra: str, packages: list[str]) -> Finding:
    found: list[str] = []
    missing: list[str] = []
    for package in packages:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    topic = f"Extra {extra}"
    if missing:
        mend = f"If it is wanted: pip install 'tradebot[{extra}]'."
        return Finding(topic, "note", f"without {', '.join(missing)}", mend)
    return Finding(topic, "ok", ", ".join(found))
