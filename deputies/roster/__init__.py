"""The roster reader: `read(file, name)` makes people, seats and verdicts of a county's spreadsheet. No database.

Law: the identity number and the home address are never taken over (个人信息保护法 art. 6, 28). Mission row C5.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from deputies.roster import opening
from deputies.roster.people import Identity, identity, likeness
from deputies.roster.reading import roster
from deputies.roster.rows import Problem, Roster, RosterRow

__all__ = ["Identity", "Problem", "Roster", "RosterRow", "identity", "likeness", "read"]


def read(file: bytes | Path, name: str = "", *, today: date | None = None) -> Roster:
    """Read .xlsx or .csv. Raises Refused if the file as a whole cannot be read; a row's problem stays with the row."""
    if today is None:
        from accounts.calendar import today as local_today

        today = local_today()
    content = file if isinstance(file, bytes) else file.read_bytes()
    shown = name or (file.name if isinstance(file, Path) else "名册")
    return roster(opening.sheets(content, shown), shown, today)
