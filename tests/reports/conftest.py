from __future__ import annotations

import pytest

from tests.cast import World
from tests.reports.rich import Rich, build


@pytest.fixture
def rich(world: World) -> Rich:
    return build(world)
