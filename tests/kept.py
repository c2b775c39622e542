"""What many tests begin with is built once; later tests get the same rows, as they were, and a copy of the objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Model

T = TypeVar("T")
Rows = dict[type[Model], dict[Any, str]]


class Kept(Generic[T]):
    """Around a function that writes rows, given what it was given before, and returns objects."""

    def __init__(self, build: Callable[..., T]) -> None:
        self._build = build
        self._era = 0

    def __call__(self, *given: Any) -> T:
        # A test that commits ends with a flush, which numbers the content types anew; rows of the audit log refer to them.
        era = ContentType.objects.get_for_model(ContentType).pk
        if self._era != era:
            before = _rows()
            made = self._build(*given)
            self._era = era
            self._statements = list(_between(before, _rows()))
            self._given, self._made = deepcopy((given, made))
            return made
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in self._statements:
                cursor.execute(statement)
        # A world in the copy is the world of this test.
        return deepcopy(self._made, {id(kept): new for kept, new in zip(self._given, given, strict=True)})


def _columns(model: type[Model]) -> list[str]:
    return [f'"{field.column}"' for field in model._meta.local_concrete_fields if not field.generated]


def _rows() -> Rows:
    """Every row by its key, in the database's own literals."""
    quote = {"sqlite": "quote", "postgresql": "quote_nullable"}[connection.vendor]
    found: Rows = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            values = " || ', ' || ".join(f"{quote}({column})" for column in _columns(model))
            cursor.execute(f'SELECT "{model._meta.pk.column}", {values} FROM "{model._meta.db_table}"')
            found[model] = dict(cursor.fetchall())
    return found


def _between(before: Rows, after: Rows) -> Iterator[str]:
    """The statements that lead from one to the other."""
    for model, rows in after.items():
        old, columns = before[model], _columns(model)
        assert old.keys() <= rows.keys(), f"rows of {model._meta.label} are gone"
        new = [values for key, values in rows.items() if key not in old]
        changed = [values for key, values in rows.items() if key in old and old[key] != values]
        assign = ", ".join(f"{column} = excluded.{column}" for column in columns)
        for values, otherwise in (
            (new, ""),
            (changed, f' ON CONFLICT ("{model._meta.pk.column}") DO UPDATE SET {assign}'),
        ):
            if values:
                listed = ", ".join(f"({row})" for row in values)
                yield f'INSERT INTO "{model._meta.db_table}" ({", ".join(columns)}) VALUES {listed}{otherwise}'
