from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from served_api import keep_bars, served, services_in


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A client of the interface on loopback, with a market in the store and no bot."""
    folder: Path = tmp_path_factory.mktemp("home")
    keep_bars(folder)
    with served(services_in(folder)) as client:
        yield client
