from __future__ import annotations

import pytest

from tests.cast import World
from tests.kept import Kept
from tests.reports.rich import Rich, build

_rich = Kept(build)


@pytest.fixture
def rich(world: World) -> Rich:
    return _rich(world)
