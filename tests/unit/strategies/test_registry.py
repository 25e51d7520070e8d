"""Where strategies are found, and what happens to a file that does not load."""

import os
import py_compile
import sys
from pathlib import Path

import pytest

from tradebot.core.errors import StrategyError
from tradebot.strategies import registry

GOOD = '''
"""A strategy of my own."""
from tradebot import Strategy, param

class {name}(Strategy):
    """Buys the dip.

    At length.
    """
    version = "2.1"
    timeframes = ("4h",)
    window: int = param(20, ge=2, le=100, step=2, doc="Bars back.")

    def on_bar(self, bar):
        return None
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty user folder."""
    monkeypatch.setenv("TRADEBOT_STRATEGIES", str(tmp_path))
    return tmp_path


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text)
    return file


def sentence(wanted: object) -> str:
    with pytest.raises(StrategyError) as caught:
        registry.find(str(wanted))
    return str(caught.value)


def listing(name: str) -> registry.Listing:
    return next(listing for listing in registry.catalog().strategies if listing.name == name)


def test_the_library_is_listed_with_forms_parameters_and_docs(folder: Path):
    cross = listing("sma_cross")
    assert (cross.origin, cross.version, cross.forms) == ("library", "1.0", ("python", "rules"))
    assert [(param.name, param.default, param.bounds) for param in cross.params] == [
        ("fast", 10, "2..200"),
        ("slow", 30, "3..400"),
    ]
    assert cross.summary.startswith("Long when the fast average crosses above")
    names = [listing.name for listing in registry.catalog().strategies]
    assert names == sorted(names)
    assert {"buy_and_hold", "simple_test", "sma_cross"} <= set(names)


def test_every_library_strategy_is_found_by_its_file_name_and_is_documented(folder: Path):
    for found in registry.catalog().strategies:
        strategy = registry.find(found.name)
        assert strategy.__module__.endswith(f".{found.name}")
        assert strategy().forms()
        assert found.docs
        assert all(param.doc for param in found.params)


def test_a_name_is_found_in_large_and_small_letters(folder: Path):
    assert registry.find("SIMPLE_TEST").name == "simple_test"


def test_the_user_folder_is_searched(folder: Path):
    file = write(folder, "dip.py", GOOD.format(name="BuyDip"))
    found = listing("buy_dip")
    assert (found.origin, found.location, found.version) == ("folder", str(file), "2.1")
    assert (found.summary, found.timeframes, found.params[0].step) == ("Buys the dip.", ("4h",), 2)
    assert registry.find("buy_dip").parameters["window"].le == 100


def test_a_broken_file_in_the_folder_is_named_and_skipped(folder: Path):
    broken = write(folder, "broken.py", "import tradebot\n\nimport no_such_package\n")
    write(folder, "dip.py", GOOD.format(name="BuyDip"))
    catalog = registry.catalog()
    assert "buy_dip" in [listing.name for listing in catalog.strategies]
    assert list(catalog.broken) == [str(broken)]
    assert str(catalog.broken[str(broken)]).startswith(f"{broken}:3: ModuleNotFoundError: No module named")
    assert registry.find("buy_dip").name == "buy_dip"


def test_a_broken_file_asked_for_by_name_says_which_line(folder: Path):
    write(folder, "broken.py", "x = 1\ny = 1 / 0\n")
    assert sentence("broken") == f"{folder}/broken.py:2: ZeroDivisionError: division by zero. Correct the file."


@pytest.mark.parametrize(
    ("text", "line", "fact"),
    [
        ("import no_such_package\n", 1, "ModuleNotFoundError: No module named 'no_such_package'. Install the package"),
        ("x = 1\ndef broken(:\n", 2, "SyntaxError: invalid syntax"),
        ("\n\nraise SystemExit('bye')\n", 3, "SystemExit: bye"),
        ("from tradebot import Stratgy\n", 1, "ImportError: cannot import name 'Stratgy'"),
        (
            "from tradebot import Strategy, param\nclass Wide(Strategy):\n    window: int = param(9, le=5)\n",
            2,
            "wide.window: 9 is above the maximum 5",
        ),
    ],
)
def test_a_file_that_does_not_import_says_where_and_why(folder: Path, text: str, line: int, fact: str):
    file = write(folder, "mine.py", text)
    assert sentence(file).startswith(f"{file}:{line}: {fact}")


def test_an_error_in_a_neighbour_points_at_the_line_that_imports_it(folder: Path):
    write(folder, "_shared.py", "WINDOW = int('ten')\n")
    file = write(folder, "mine.py", "\nfrom _shared import WINDOW\n")
    assert sentence(file).startswith(f"{file}:2: ValueError: invalid literal")


def test_a_file_may_import_its_neighbour(folder: Path):
    write(folder, "_neighbour.py", "WINDOW = 7\n")
    file = write(folder, "mine.py", "from _neighbour import WINDOW\n" + GOOD.format(name="Mine"))
    assert registry.find(str(file)).name == "mine"


@pytest.mark.parametrize("edited", ["stale.py", "stale_neighbour.py", "stale_package/inner.py"])
def test_a_file_edited_within_the_second_to_the_same_size_runs_as_it_stands(folder: Path, edited: str):
    (folder / "stale_package").mkdir()
    text = f"from stale_neighbour import A\nfrom stale_package.inner import B\nWINDOW = 7\n{GOOD.format(name='Stale')}"
    write(folder, "stale.py", text.replace("20", "WINDOW * A * B"))
    write(folder, "stale_package/__init__.py", "")
    write(folder, "stale_neighbour.py", "A = 2  # 7\n")
    write(folder, "stale_package/inner.py", "B = 2  # 7\n")
    file, before = folder / edited, (folder / edited).stat()
    py_compile.compile(str(file))
    file.write_text(file.read_text().replace("7", "9").replace("2  #", "3  #"))
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size
    expected = {"stale.py": 36, "stale_neighbour.py": 42, "stale_package/inner.py": 42}[edited]
    try:
        assert registry.find(str(folder / "stale.py"))().params == {"window": expected}
    finally:
        for name in [name for name in sys.modules if name.startswith("stale_")]:
            del sys.modules[name]


def test_no_bytecode_is_left_beside_a_persons_files(folder: Path):
    write(folder, "clean_neighbour.py", "WINDOW = 7\n")
    file = write(folder, "mine.py", "import clean_neighbour\n" + GOOD.format(name="Mine"))
    registry.find(str(file))
    assert sorted(path.name for path in folder.iterdir()) == ["clean_neighbour.py", "mine.py"]


def test_a_file_is_found_by_its_path(tmp_path: Path):
    file = write(tmp_path, "mine.py", GOOD.format(name="Mine"))
    assert registry.find(str(file))(window=30).params == {"window": 30}


def test_a_file_with_several_strategies_needs_a_name(tmp_path: Path):
    file = write(tmp_path, "mine.py", GOOD.format(name="First") + GOOD.format(name="Second"))
    assert sentence(file) == f"{file}: the file defines 2 strategies. Name one of them: {file}:first or {file}:second."
    assert registry.find(f"{file}:second").name == "second"
    assert registry.find(f"{file}:First").name == "first"
    assert sentence(f"{file}:secnd").endswith('called "secnd". Did you mean "second"?')


def test_a_file_without_a_strategy_says_what_to_write(tmp_path: Path):
    file = write(tmp_path, "empty.py", "from tradebot import Strategy\n")
    assert sentence(file).startswith(f"{file}: the file defines no strategy. Derive a class from tradebot.Strategy")


def test_an_absent_file_is_named(tmp_path: Path):
    assert sentence(tmp_path / "absent.py") == f"{tmp_path}/absent.py: there is no such file. Check the path."


def test_an_unknown_name_offers_the_nearest(folder: Path):
    assert sentence("by_and_hold") == 'strategy: no strategy is called "by_and_hold". Did you mean "buy_and_hold"?'
    assert "`tradebot strategies` lists them" in sentence("zzzzzz")


def test_a_name_that_is_taken_does_not_replace_the_library(folder: Path):
    file = write(folder, "mine.py", GOOD.format(name="SmaCross"))
    catalog = registry.catalog()
    assert 'the name "sma_cross" is taken by tradebot.strategies.library.sma_cross' in str(catalog.broken[str(file)])
    assert registry.find("sma_cross").version == "1.0"


def test_a_file_is_read_anew_each_time(tmp_path: Path):
    file = write(tmp_path, "mine.py", GOOD.format(name="Mine"))
    registry.find(str(file))
    write(tmp_path, "mine.py", GOOD.format(name="Renamed"))
    assert registry.find(str(file)).name == "renamed"


def test_installed_packages_bring_strategies_by_entry_points(folder: Path, monkeypatch: pytest.MonkeyPatch):
    from importlib.metadata import EntryPoint, EntryPoints

    points = EntryPoints(
        [
            EntryPoint("ours", "tradebot.strategies.library.buy_and_hold:BuyAndHold", registry.ENTRY_POINT_GROUP),
            EntryPoint("gone", "no_such_package:Thing", registry.ENTRY_POINT_GROUP),
            EntryPoint("text", "json:dumps", registry.ENTRY_POINT_GROUP),
        ]
    )
    monkeypatch.setattr(registry, "entry_points", lambda group: points.select(group=group))
    broken = registry.catalog().broken
    assert "is taken by" in str(broken["tradebot.strategies.library.buy_and_hold:BuyAndHold"])
    assert "No module named 'no_such_package'" in str(broken["no_such_package:Thing"])
    assert "json:dumps: this is not a strategy" in str(broken["json:dumps"])
