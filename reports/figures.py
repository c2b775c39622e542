"""The figures of a region or a station for any period, collected once; page, xlsx and json render the same object."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Substr

from accounts.calendar import in_words, today
from accounts.models import Region
from duties.progress import Gap, gaps
from duties.rules import STATION
from reports.chapters import CHAPTERS, REGISTRY
from reports.counting import Counted, Frame, Source, Subject
from reports.sources import overdue
from stations.models import Station


@dataclass(frozen=True)
class Figure:
    key: str
    label: str
    unit: str
    value: int
    definition: str


@dataclass(frozen=True)
class Rate:
    """Two figures and their relation. Nothing to divide by is said as such, never as nought or all."""

    key: str
    label: str
    numerator: int
    denominator: int
    definition: str
    part: str
    whole: str

    @property
    def share(self) -> float | None:
        return self.numerator / self.denominator if self.denominator else None

    @property
    def in_words(self) -> str:
        return "—" if self.share is None else f"{self.share:.1%}"


@dataclass(frozen=True)
class Section:
    key: str
    title: str
    figures: tuple[Figure, ...]
    rates: tuple[Rate, ...]


@dataclass(frozen=True)
class Line:
    """One line of a table. `code` tells what it is of: a region, a problem kind, an activity type; empty for the rest."""

    code: str
    name: str
    values: tuple[int, ...]


@dataclass(frozen=True)
class Table:
    """`columns` are pairs of key and label; the first column of a page or sheet is headed by `of`."""

    key: str
    title: str
    of: str
    columns: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    note: str = ""

    @property
    def totals(self) -> tuple[int, ...]:
        return tuple(sum(line.values[n] for line in self.lines) for n in range(len(self.columns)))


@dataclass(frozen=True)
class Report:
    subject: Subject
    start: date
    end: date
    counted_on: date
    sections: tuple[Section, ...]
    tables: tuple[Table, ...]

    @property
    def place(self) -> str:
        if isinstance(self.subject, Station):
            return f"{self.subject}（{self.subject.region}）"
        return str(self.subject)

    @property
    def is_whole_year(self) -> bool:
        return (self.start, self.end) == year_of(self.start.year)

    @property
    def period(self) -> str:
        return f"{in_words(self.start)}至{in_words(self.end)}"

    @property
    def title(self) -> str:
        return f"{self.place}{f'{self.start.year}年' if self.is_whole_year else ''}代表联络站工作报告"

    @property
    def figures(self) -> dict[str, Figure]:
        return {figure.key: figure for section in self.sections for figure in section.figures}

    @property
    def rates(self) -> dict[str, Rate]:
        return {rate.key: rate for section in self.sections for rate in section.rates}

    def as_dict(self) -> dict[str, Any]:
        """The report for other programs: names of keys stay, whatever the labels become."""
        figures, rates = self.figures, self.rates
        return {
            "subject": _as_dict(self.subject),
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "counted_on": self.counted_on.isoformat(),
            "figures": {key: figure.value for key, figure in figures.items()},
            "rates": {
                key: {"numerator": rate.numerator, "denominator": rate.denominator} for key, rate in rates.items()
            },
            "tables": {
                table.key: [
                    {"code": line.code, "name": line.name}
                    | {key: value for (key, _), value in zip(table.columns, line.values, strict=True)}
                    for line in table.lines
                ]
                for table in self.tables
            },
            "definitions": {key: figure.definition for key, figure in figures.items()}
            | {key: rate.definition for key, rate in rates.items()},
        }


def year_of(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _as_dict(subject: Subject) -> dict[str, str]:
    if isinstance(subject, Station):
        return {"kind": "station", "slug": subject.slug, "name": subject.name, "region": subject.region.code}
    return {"kind": "region", "code": subject.code, "name": subject.name, "level": subject.level}


def collect(subject: Subject, start: date, end: date) -> Report:
    """All figures of the subject from `start` to `end`, both included, as the rows stand now.

    What exists (站、代表、小组) is told as at `end`, what happened by its day in the period. Counts the whole subject
    whoever asks; who may open a report is the view's question.
    """
    frame = Frame(subject, start, end)
    values = _values(frame)
    sections = tuple(
        Section(
            chapter.key,
            chapter.title,
            tuple(Figure(c.key, c.label, c.unit, values[c.key], c.definition) for c in chapter.counted),
            tuple(
                Rate(r.key, r.label, values[r.part], values[r.whole], r.definition, r.part, r.whole)
                for r in chapter.ratios
            ),
        )
        for chapter in CHAPTERS
    )
    return Report(subject, start, end, today(), sections, _tables(frame))


def _values(frame: Frame) -> dict[str, int]:
    """One query for each source, whatever the number of its figures."""
    by_source: dict[Source, list[Counted]] = {}
    for counted in REGISTRY.values():
        by_source.setdefault(counted.source, []).append(counted)
    values: dict[str, int] = {}
    for source, figures in by_source.items():
        values |= source(frame).order_by().aggregate(**{counted.key: counted.measure() for counted in figures})
    return values


def _tables(frame: Frame) -> tuple[Table, ...]:
    tables = [_by_unit(frame), _solved_by_kind(frame), _activities_by_type(frame)]
    if isinstance(frame.subject, Region):
        tables.insert(0, _by_region(frame, frame.subject))
    if (frame.start, frame.end) == year_of(frame.start.year):
        tables.append(_owed(frame.subject, frame.start.year))
    return tuple(table for table in tables if table.lines)


# Short headings, so that a phone and a sheet of A4 hold them beside the names.
BY_REGION = {"stations": "站", "activities": "活动", "opinions": "意见", "solved": "解决"}
# The key of a `RegionKeyed` row at the length of a path.
KEYS = {2: "province", 4: "city", 6: "county"}


def _by_region(frame: Frame, region: Region) -> Table:
    """Each region below and, for what belongs to none of them, the region's own level: together the figure above."""
    children = {child.path: child for child in Region.objects.filter(parent=region).order_by("path")}
    lengths = sorted({len(path) for path in children}, reverse=True)
    found = {path: dict.fromkeys(BY_REGION, 0) for path in (*children, "")}
    for key in BY_REGION if children else ():
        for path, count in _counts(REGISTRY[key].rows(frame), lengths[0]):
            home = next((path[:length] for length in lengths if path[:length] in children), "")
            found[home][key] += count
    lines = [Line(child.code, child.name, tuple(found[path].values())) for path, child in children.items()]
    if any(found[""].values()):
        lines.append(Line("", f"{region}本级", tuple(found[""].values())))
    note = "；".join(f"{label}：{REGISTRY[key].label}（{REGISTRY[key].unit}）" for key, label in BY_REGION.items())
    return Table("by_region", "分区域情况", "区域", tuple(BY_REGION.items()), tuple(lines), note)


def _counts(rows: QuerySet[Any], length: int) -> QuerySet[Any]:
    path: Any = Substr("region__path", 1, length) if rows.model is Station else F(KEYS.get(length, "region_path"))
    counts: QuerySet[Any] = rows.order_by().annotate(path_below=path).values_list("path_below").annotate(Count("pk"))
    return counts


# By unit, a case that several handle separately counts with each: the sum may be more than the region's own figure.
BY_UNIT = {"assigned": "承办", "returns": "申请退回", "returned": "同意退回", "unit_overdue": "逾期"}
UNITS_SHOWN = 30


def _by_unit(frame: Frame) -> Table:
    """Who gives back, and who is late: pushing around is seen (mission S4). Those who do so most come first."""
    found: dict[tuple[int, str], dict[str, int]] = {}
    for column, unit in (("assigned", "unit"), ("returns", "assignment__unit"), ("returned", "assignment__unit")):
        _add(found, column, REGISTRY[column].rows(frame), unit, Count("pk"))
    _add(found, "unit_overdue", overdue(frame), "unit", Count("suggestion", distinct=True))
    order = ("returns", "unit_overdue", "assigned")
    most = sorted(found.items(), key=lambda item: ([-item[1][column] for column in order], item[0]))
    lines = [Line(str(pk), name, tuple(counts.values())) for (pk, name), counts in most[:UNITS_SHOWN]]
    if others := [tuple(counts.values()) for _, counts in most[UNITS_SHOWN:]]:
        lines.append(Line("", f"其他{len(others)}个单位", tuple(map(sum, zip(*others, strict=True)))))
    note = "承办（件次）；申请退回、同意退回（次）；逾期未答复（件），几个单位分别办理的各计一件。"
    return Table("by_unit", "分承办单位情况", "承办单位", tuple(BY_UNIT.items()), tuple(lines), note)


def _add(found: dict[tuple[int, str], dict[str, int]], column: str, rows: Any, unit: str, measure: Count) -> None:
    for pk, name, count in rows.order_by().values_list(unit, f"{unit}__name").annotate(measure):
        found.setdefault((pk, name), dict.fromkeys(BY_UNIT, 0))[column] = count


def _solved_by_kind(frame: Frame) -> Table:
    solved = REGISTRY["solved"]
    kinds = ("problem_kind__code", "problem_kind__name", "problem_kind__order")
    counts = solved.rows(frame).order_by(F("problem_kind__order").asc(nulls_last=True), "problem_kind__code")
    lines = tuple(
        Line(code or "", name or "未分类", (count,))
        for code, name, _, count in counts.values_list(*kinds).annotate(Count("pk"))
    )
    return Table("solved_by_kind", "帮助解决的问题（按问题类型）", "问题类型", (("solved", "解决（个）"),), lines)


def _activities_by_type(frame: Frame) -> Table:
    types = ("type__code", "type__name", "type__order")
    counts = REGISTRY["activities"].rows(frame).order_by("type__order", "type__code")
    lines = tuple(
        Line(code, name, (count, outsiders))
        for code, name, _, count, outsiders in counts.values_list(*types).annotate(Count("pk"), Sum("outsiders"))
    )
    columns = (("activities", "场次"), ("outsiders", "参加群众（人次）"))
    return Table("activities_by_type", "各类活动（按类型）", "活动类型", columns, lines)


def _owed(subject: Subject, year: int) -> Table:
    """What the targets of the year ask for and nobody has done by its day (mission U2). A month not over is no gap."""
    region = subject if isinstance(subject, Region) else subject.region
    found: dict[str, list[Gap]] = {}
    for gap in gaps(region, year):
        if isinstance(subject, Region) or (gap.kind, gap.key) == (STATION, subject.pk):
            found.setdefault(gap.target, []).append(gap)
    lines = [Line("", target, (len({gap.key for gap in rows}), len(rows))) for target, rows in found.items()]
    columns = (("owing", "没有完成的（个、人）"), ("spans", "没有完成的期数"))
    note = "已经到期、没有达到的年度任务；名单在“履职—年度任务”里。"
    return Table("owed", "年度任务未完成情况", "年度任务", columns, tuple(lines), note)
