"""Every row of docs/reliability.md names tests that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`([^`]+)`(?: \((\d+)\))?")


def rows() -> Iterator[tuple[str, str]]:
    """What goes wrong, and the cell with its tests."""
    for line in (ROOT / "docs/reliability.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if len(cells) == 3 and not cells[0].startswith(("what", "---")):
            yield cells[0], cells[2]


def found(file: Path, name: str) -> list[str]:
    """The tests of a file that a name means; one that ends in dots means all that begin so."""
    tests: list[str] = re.findall(r"def test_(\w+)", file.read_text())
    return [test for test in tests if test == name or (name.endswith("...") and test.startswith(name[:-3]))]


@pytest.mark.parametrize("cell", [pytest.param(cell, id=what) for what, cell in rows()])
def test_the_tests_of_a_row_are_there(cell: str) -> None:
    file: Path | None = None
    for name, count in NAMED.findall(cell):
        if "/" in name:
            folder, _, last = name.rpartition("/")
            named = ROOT / "tests" / folder / f"test_{last}.py"
            assert named.is_file(), name
            file = named
        else:
            assert file is not None, name
            tests = found(file, name)
            assert tests if not count else len(tests) == int(count), (name, tests)
    assert file is not None, "no test is named"
