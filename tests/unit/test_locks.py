"""The lock files hold what pyproject.toml asks for, each with its hash and none with a host."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT_LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock")
LOCKS = (*PROJECT_LOCKS, "requirements-uv.lock")
OURS = {"tradebot", "tradebot-native"}


def asked_for(lock: str) -> list[Requirement]:
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, groups = document["project"], document["dependency-groups"]
    extras = [text for extra in project["optional-dependencies"].values() for text in extra]
    texts = {
        "requirements.lock": project["dependencies"],
        "requirements-dev.lock": [*project["dependencies"], *extras, *groups["dev"]],
        "requirements-bench.lock": groups["bench"],
    }[lock]
    requirements = [Requirement(text) for text in texts]
    return [each for each in requirements if canonicalize_name(each.name) not in OURS]


def pins(lock: str) -> list[tuple[str, str, str]]:
    """Name, version and the rest (marker and hashes) of each locked package."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return re.findall(r"^([\w.-]+)==([^\s;]+)(.*)$", text, flags=re.MULTILINE)


@pytest.mark.parametrize("lock", PROJECT_LOCKS)
def test_what_the_project_asks_for_is_locked_at_a_version_it_allows(lock: str) -> None:
    locked: dict[str, list[str]] = {}
    for name, version, _ in pins(lock):
        locked.setdefault(canonicalize_name(name), []).append(version)
    for requirement in asked_for(lock):
        versions = locked.get(canonicalize_name(requirement.name), [])
        assert versions, f"{lock} lacks {requirement}: run make lock"
        for version in versions:
            assert requirement.specifier.contains(version), f"{lock} has {version} for {requirement}: run make lock"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock: str) -> None:
    assert pins(lock)
    assert [name for name, _, rest in pins(lock) if "--hash=sha256:" not in rest] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_a_host(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


def test_environments_share_the_versions_of_what_a_user_runs() -> None:
    runtime = {(name, version) for name, version, _ in pins("requirements.lock")}
    assert runtime <= {(name, version) for name, version, _ in pins("requirements-dev.lock")}
