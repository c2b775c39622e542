"""What the reader gives back: a row with its problems, and the workbook's rows grouped into people.

A row is *refused* when it cannot be a deputy (no name, no such sex, month or level) and *doubtful* when it can be
written but a person should look at it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["refused", "doubtful"]


@dataclass(frozen=True, slots=True)
class Problem:
    kind: Kind
    why: str


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One data row; `row` is the sheet's own number, from 1. No identity number, no home address is taken over."""

    sheet: str
    row: int
    name: str = ""
    sex: str = ""
    ethnicity: str = ""
    birth_year: int | None = None
    birth_month: int | None = None
    party: str = ""
    education: str = ""
    work_unit_and_post: str = ""
    occupation: str = ""
    levels: tuple[str, ...] = ()
    ordinal: int | None = None
    constituency: str = ""
    delegation: str = ""
    phone: str = ""
    phone_consent: bool | None = None
    station: str = ""
    group: str = ""
    card_number: str = ""
    by_elected: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def is_refused(self) -> bool:
        return any(problem.kind == "refused" for problem in self.problems)

    @property
    def is_doubtful(self) -> bool:
        return bool(self.problems) and not self.is_refused

    @property
    def why(self) -> str:
        kind = "refused" if self.is_refused else "doubtful"
        return "".join(problem.why for problem in self.problems if problem.kind == kind)

    def doubt(self, why: str) -> RosterRow:
        return replace(self, problems=(*self.problems, Problem("doubtful", why)))


@dataclass(frozen=True)
class Roster:
    """What a workbook says. `people` are the rows, by index, that tell of one person; refused rows belong to nobody."""

    name: str
    rows: tuple[RosterRow, ...]
    people: tuple[tuple[int, ...], ...]
    notes: tuple[str, ...] = ()

    @property
    def refused(self) -> list[RosterRow]:
        return [row for row in self.rows if row.is_refused]

    @property
    def doubtful(self) -> list[RosterRow]:
        return [row for row in self.rows if row.is_doubtful]

    @property
    def mandates(self) -> int:
        """Seats: each person once per level; a person without a level named holds one seat."""
        seats = ({level for index in person for level in self.rows[index].levels or ("",)} for person in self.people)
        return sum(map(len, seats))
