"""What all tests share."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

from replays import differences_in

if TYPE_CHECKING:
    from local_exchange import Running

# No test depends on how fast the machine is. A gate gives one answer for one commit; everywhere else hypothesis looks
# for new examples on every run.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("gate", settings.get_profile("search"), derandomize=True)
settings.load_profile("gate" if os.environ.get("CI") else "search")


@pytest.fixture(scope="session", autouse=True)
def home_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What a test keeps (runs, bars, caches) never lands among what the person who runs it has kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRADEBOT_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session", autouse=True)
def every_run_is_replayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever bots have run in the tests, a fresh trader decides each of their runs again as it is on record."""
    yield
    assert not differences_in(tmp_path_factory.getbasetemp())


@pytest.fixture
def exchange() -> Iterator["Running"]:
    """A local exchange whose one market stands still at 100."""
    from local_exchange import running

    with running() as started:
        yield started
