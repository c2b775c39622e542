from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from liaison.demo.build import build, summary


@pytest.fixture(scope="package")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """The demo, built once for all tests of this folder inside a transaction that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        build(lambda line: None)
        # Once here: deferred checks of all these rows would run again at the end of every test.
        connection.check_constraints()
        yield summary()
        transaction.set_rollback(True)
