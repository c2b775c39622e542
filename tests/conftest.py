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

# Two cores under load are slow, not wrong; in CI the same examples each time, so that red means changed code.
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("REQUIRE_ALL")))
settings.load_profile("house")


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture
def full_world(db: None) -> FullWorld:
    return build_full_world()


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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What only PostgreSQL can show (SQLite lets one write at a time) is left out elsewhere, and asked for there."""
    if connection.vendor == "postgresql":
        return
    there = [item for item in items if item.get_closest_marker("postgres")]
    config.hook.pytest_deselected(items=there)
    items[:] = [item for item in items if item not in there]


def needs(program: str, package: str) -> None:
    """Skip where a Debian package is missing, except in CI, where nothing is skipped."""
    if shutil.which(program):
        return
    sentence = f"没有{program}：请先运行 apt-get install {package}"
    if os.environ.get("REQUIRE_ALL"):
        pytest.fail(sentence)
    pytest.skip(sentence)
