from __future__ import annotations

import os
import shutil
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import settings

from accounts.models import User
from tests.cast import ROLES, FullWorld, World, build_full_world, build_world
from tests.kept import Kept

# Two cores under load are slow, not wrong; in CI the same examples each time, so that red means changed code.
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("REQUIRE_ALL")))
settings.load_profile("house")

_world, _full_world = Kept(build_world), Kept(build_full_world)


@pytest.fixture
def world(db: None) -> World:
    return _world()


@pytest.fixture
def full_world(db: None) -> FullWorld:
    return _full_world()


@pytest.fixture
def as_(world: World) -> Any:
    """`as_("county_staff")` or `as_(user)`: a client logged in as that part of the cast; "anonymous" is nobody."""

    def client_of(who: str | User) -> Client:
        client = Client()
        if isinstance(who, User):
            client.force_login(who)
        elif who != "anonymous":
            assert who in ROLES, who
            client.force_login(world.users[who])
        return client

    return client_of


# What takes longest goes first, so that all workers end together; a folder that shares a portal is one worker's.
SHARED = ("tests/journeys/", "tests/demo/")
FIRST = (*SHARED, "tests/races/", "tests/test_crawl", "tests/test_access", "tests/reports/", "tests/suggestions/")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What only PostgreSQL can show (SQLite lets one write at a time) is left out elsewhere, and asked for there."""
    items.sort(key=lambda item: next((n for n, place in enumerate(FIRST) if item.nodeid.startswith(place)), len(FIRST)))
    if connection.vendor == "postgresql":
        return
    there = [item for item in items if item.get_closest_marker("postgres")]
    config.hook.pytest_deselected(items=there)
    items[:] = [item for item in items if item not in there]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from xdist.scheduler import LoadFileScheduling

    class ByPlace(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return next((place for place in SHARED if nodeid.startswith(place)), super()._split_scope(nodeid))

    config.option.loadscopereorder = False
    return ByPlace(config, log)


def needs(program: str, package: str) -> None:
    """Skip where a Debian package is missing, except in CI, where nothing is skipped."""
    if shutil.which(program):
        return
    sentence = f"没有{program}：请先运行 apt-get install {package}"
    if os.environ.get("REQUIRE_ALL"):
        pytest.fail(sentence)
    pytest.skip(sentence)
