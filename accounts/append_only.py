"""Tables that only grow: the database itself refuses to change or delete their rows, whoever asks (security.md, T27)."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REFUSAL = "append-only"


def _sqlite(table: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{act} BEFORE {act.upper()} ON {table} BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for act in ("update", "delete")
    ]


def _postgresql(table: str) -> list[str]:
    return [
        "CREATE OR REPLACE FUNCTION portal_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$",
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION portal_append_only()",
    ]


def append_only(table: str) -> migrations.RunPython:
    """A migration step. SQLite rebuilds a table to alter it and loses its triggers then: repeat the step after that."""

    def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        statements = {"sqlite": _sqlite, "postgresql": _postgresql}[schema_editor.connection.vendor](table)
        for statement in statements:
            schema_editor.execute(statement)

    def backwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        names = [f"{table}_no_update", f"{table}_no_delete"]
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
            return
        for name in names:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")

    return migrations.RunPython(forwards, backwards)
