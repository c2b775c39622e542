"""A lower app never names a row of an upper one, not even in a lookup string (architecture.md, rule 5)."""

import re
from pathlib import Path

from django.apps import apps
from django.db.models import ForeignObjectRel

ROOT = Path(__file__).resolve().parent.parent
LADDER = ("accounts", "stations", "deputies", "activities", "suggestions", "duties", "reports", "liaison")

# The exceptions that rule 5 allows, in `visible_to` only: (lower app, lookup).
ALLOWED: set[tuple[str, str]] = set()


def upward_names(app: str) -> set[str]:
    """What the models of the upper apps are called from this app's models."""
    upper = LADDER[LADDER.index(app) + 1 :]
    return {
        str(field.name)
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.get_fields(include_hidden=False)
        if isinstance(field, ForeignObjectRel) and field.related_model._meta.app_label in upper
    }


def test_lookups_that_climb_the_ladder_are_listed() -> None:
    found = set()
    for app in LADDER:
        own = {field.name for model in apps.get_app_config(app).get_models() for field in model._meta.get_fields()}
        for name in upward_names(app):
            pattern = re.compile(
                rf"\b{re.escape(name)}__|[\"'(]{re.escape(name)}=|\.{re.escape(name)}\.(?:all|filter|exclude|count|exists)\("
            )
            for path in (ROOT / app).rglob("*.py"):
                if "migrations" not in path.parts and pattern.search(path.read_text()) and name in own:
                    found.add((app, name))
    assert found == ALLOWED


def test_the_search_above_knows_the_names_it_looks_for() -> None:
    assert {"memberships", "activities", "suggestions"} <= upward_names("stations")
    assert {"deputy", "posts"} <= upward_names("accounts")
