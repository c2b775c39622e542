"""What a duty file is made of: a period, and blocks of facts and lines. Plain values, so that a file can be frozen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from accounts.calendar import in_words, today
from deputies.models import Congress

# The shape of `as_dict`: a frozen file says by which it was written.
FORM = 1


@dataclass(frozen=True)
class Period:
    """A calendar year, or a term; `until` is how far the records of a running one reach."""

    label: str
    start: date
    end: date

    @property
    def until(self) -> date:
        return min(self.end, today())

    @property
    def is_year(self) -> bool:
        return (self.start.month, self.start.day, self.end) == (1, 1, date(self.start.year, 12, 31))

    @property
    def years(self) -> range:
        return range(self.start.year, self.end.year + 1)


def year_period(year: int) -> Period:
    return Period(f"{year}年", date(year, 1, 1), date(year, 12, 31))


def term_period(congress: Congress) -> Period:
    """From the first meeting to the day before the next congress first meets (代表法 art. 2): no day is in two terms."""
    end = congress.ended_on - timedelta(1) if congress.ended_on else today()
    start = congress.first_met_on or end
    return Period(str(congress), start, max(start, end))


@dataclass(frozen=True)
class Fact:
    """One figure or word of a block. `key` is what other code asks for, `label` and `unit` are what people read."""

    key: str
    label: str
    value: int | str
    unit: str = ""


@dataclass(frozen=True)
class Line:
    """One record. `record` and `key` name the row it was built from, so that it can be opened; `on` orders the lines."""

    day: str
    text: str
    detail: str = ""
    record: str = ""
    key: str = ""
    on: str = ""


def dated(day: date, text: str, detail: str = "", record: str = "", key: object = "") -> Line:
    return Line(in_words(day), text, detail, record, str(key), day.isoformat())


def in_order(*lines: Line) -> tuple[Line, ...]:
    return tuple(sorted(lines, key=lambda line: line.on))


@dataclass(frozen=True)
class Block:
    key: str
    title: str
    facts: tuple[Fact, ...] = ()
    lines: tuple[Line, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class File:
    """What page, PDF, Word draft and frozen file are all made from."""

    title: str
    name: str
    region: str
    period: str
    start: str
    end: str
    blocks: tuple[Block, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain lists, dicts, texts and numbers: equal before and after a journey through JSON."""
        content = _plain(asdict(self))
        return {"form": FORM, **content}

    def without(self, key: str) -> File:
        kept = tuple(block for block in self.blocks if block.key != key)
        return File(self.title, self.name, self.region, self.period, self.start, self.end, kept)

    def block(self, key: str) -> Block:
        return next(block for block in self.blocks if block.key == key)

    def fact(self, key: str) -> int | str:
        return next(fact.value for block in self.blocks for fact in block.facts if fact.key == key)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value


def heading(period: Period) -> dict[str, str]:
    return {"period": period.label, "start": in_words(period.start), "end": in_words(period.end)}


def total(numbers: Iterable[int | None]) -> int:
    return sum(number or 0 for number in numbers)
