"""Strategy files: importing a ``.py`` a person wrote, and finding the strategies in it."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

from tradebot.core.errors import StrategyError
from tradebot.strategies.failure import import_failure
from tradebot.strategies.portfolio_policy import PortfolioPolicy
from tradebot.strategies.strategy import Strategy

FOLDER_VARIABLE: Final = "TRADEBOT_STRATEGIES"
_MODULE_PREFIX: Final = "tradebot_user_"

# A class that decides: for one market, or for all of them.
Kind = type[Strategy] | type[PortfolioPolicy]


def user_folder() -> Path:
    """Folder of a person's own strategies: ``TRADEBOT_STRATEGIES``, else ``~/.config/tradebot/strategies``."""
    if given := os.environ.get(FOLDER_VARIABLE):
        return Path(given).expanduser()
    config = os.environ.get("XDG_CONFIG_HOME")
    return (Path(config) if config else Path.home() / ".config") / "tradebot" / "strategies"


def user_files() -> list[Path]:
    """Strategy files of the user folder, in order of name; those that begin with an underscore are left out."""
    folder = user_folder()
    return sorted(file for file in folder.glob("*.py") if not file.name.startswith("_")) if folder.is_dir() else []


def strategies_in(module: ModuleType) -> dict[str, Kind]:
    """Strategies and policies a module itself defines and that decide something, by their registry name."""
    classes = (member for _, member in inspect.getmembers(module, inspect.isclass))
    return {
        member.name: member
        for member in classes
        if issubclass(member, (Strategy, PortfolioPolicy)) and member.__module__ == module.__name__ and member.forms()
    }


def file_of(strategy: Kind) -> Path | None:
    """The file a strategy was loaded from; ``None`` for one of a package."""
    if not strategy.__module__.startswith(_MODULE_PREFIX):
        return None
    return Path(str(sys.modules[strategy.__module__].__file__))


def load_file(file: Path) -> dict[str, Kind]:
    """Import a file anew and return its strategies by name; a file may hold several, or none.

    Raises
    ------
    StrategyError : the file is absent or does not import; the message names file, line and reason.
    """
    return strategies_in(load_module(file))


def load_module(file: Path) -> ModuleType:
    """Import a file anew.

    Raises
    ------
    StrategyError : the file is absent or does not import; the message names file, line and reason.
    """
    file = file.expanduser().resolve()
    if not file.is_file():
        raise StrategyError("there is no such file", place=str(file), mend="Check the path.")
    digest = hashlib.sha256(str(file).encode()).hexdigest()[:8]
    name = f"{_MODULE_PREFIX}{file.stem}_{digest}"
    if file.suffix != ".py":
        raise StrategyError("this is not a Python file", place=str(file), mend="Give a file that ends in .py.")
    loader = _SourceAlone(name, str(file))
    spec = ModuleSpec(name, loader, origin=str(file))
    spec.has_location = True
    module = importlib.util.module_from_spec(spec)
    # Registered before it runs: dataclasses and typing look a class's module up by name.
    sys.modules[name] = module
    try:
        with _neighbours(file.parent):
            loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise import_failure(file, error) from error
    return module


class _SourceAlone(SourceFileLoader):
    """Compiles the source each time.

    Python takes bytecode for current where the source has the size it had and was changed in the same second: a file
    that was edited and run at once would run as it was.
    """

    def get_code(self, fullname: str) -> CodeType:
        """Code of the source as it stands."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


class _Neighbours:
    """Finds what is imported as ever, and has the modules of a folder compiled from their source."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Spec of a module of the folder; ``None`` for any other."""
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None or not isinstance(spec.loader, SourceFileLoader):
            return None
        if not Path(spec.origin).parent.resolve().is_relative_to(self._folder):
            return None
        spec.loader = _SourceAlone(fullname, spec.origin)
        return spec


@contextmanager
def _neighbours(folder: Path) -> Generator[None]:
    """Let a file import its neighbours; at the end of the path, so that they never hide an installed package."""
    finder = _Neighbours(folder)
    sys.path.append(str(folder))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        sys.path.remove(str(folder))
