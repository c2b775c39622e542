"""Region paths: the statistics code cut to 0/2/4/6/9 digits, so that a subtree is one half-open range."""

from django.db.models import Q

LENGTHS = {"nation": 0, "province": 2, "city": 4, "county": 6, "township": 9}


def path_of(code: str, level: str) -> str:
    return code[: LENGTHS[level]]


def after(path: str) -> str:
    """The first path beyond the subtree. Digits only: a database collation may sort other characters as it likes."""
    return str(int(path) + 1).zfill(len(path))


def within(path: str, field: str = "region__path") -> Q:
    """Rows of a subtree as `path <= field < after(path)`: the one form an index serves on SQLite and PostgreSQL alike."""
    if not path:
        # Not an empty Q: that would vanish from an "or" and let the nation see nothing.
        return Q(**{f"{field}__gte": ""})
    return Q(**{f"{field}__gte": path, f"{field}__lt": after(path)})


def in_keyed(path: str, prefix: str = "") -> Q:
    """Rows of a `RegionKeyed` model in a subtree, by equality where a key exists: newest first then needs no sort."""
    if not path:
        return within(path, f"{prefix}region_path")
    key = {2: "province", 4: "city", 6: "county"}.get(len(path), "region_path")
    return Q(**{f"{prefix}{key}": path})


def ancestors(path: str) -> list[str]:
    """The path itself and those above it, nearest first."""
    return [path[:length] for length in (9, 6, 4, 2, 0) if length <= len(path)]
