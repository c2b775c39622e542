"""What a roster would change: each person matched against the database, each seat to its congress. Reads only.

A matched person keeps everything the file leaves blank; who cannot be told from a namesake is left out and doubtful.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from django.db.models import Exists, OuterRef

from accounts.models import ImportRow, Level, Region
from accounts.paths import ancestors, within
from deputies.models import Congress, Consent, Deputy, DeputyGroup, GroupMembership, Mandate, StationMembership
from deputies.roster import Identity, Roster, RosterRow, likeness
from stations.models import Station

SLICE = 500
V = ImportRow.Verdict
_ROW_FIELDS = [one.name for one in fields(RosterRow)]
_BLANK: tuple[object, ...] = ("", None, ())

FIELDS = {
    "sex": "性别",
    "ethnicity": "民族",
    "birth_year": "出生年",
    "birth_month": "出生月",
    "party": "政治面貌",
    "education": "文化程度",
    "work_unit": "工作单位及职务",
    "occupation": "职业",
    "phone": "联系电话",
}


@dataclass
class Seat:
    congress: Congress
    constituency: str = ""
    card_number: str = ""
    by_elected: bool = False
    mandate: Mandate | None = None
    changes: dict[str, str] = field(default_factory=dict)


@dataclass
class Person:
    """One person of the file, what the database knows of them, and what will be written."""

    lines: list[Line]
    name: str
    values: dict[str, Any]
    deputy: Deputy | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    seats: list[Seat] = field(default_factory=list)
    stations: list[Station] = field(default_factory=list)
    groups: list[DeputyGroup] = field(default_factory=list)
    consents: bool = False
    is_left_out: bool = False

    @property
    def identity(self) -> Identity:
        given = self.values
        return Identity.of(
            given.get("birth_year"), given.get("birth_month"), given.get("work_unit", ""), given.get("phone", "")
        )

    @property
    def new_seats(self) -> list[Seat]:
        return [seat for seat in self.seats if seat.mandate is None]

    @property
    def changed_seats(self) -> list[Seat]:
        return [seat for seat in self.seats if seat.changes]

    @property
    def verdict(self) -> str:
        if self.deputy is None:
            return V.NEW
        written = self.fields or self.new_seats or self.changed_seats or self.stations or self.groups or self.consents
        return V.CHANGED if written else V.SAME

    @property
    def summary(self) -> str:
        """What is new, for the preview. Old values are not repeated: they stand in `before`."""
        if self.deputy is None:
            return ""
        parts = ["更新" + "、".join(FIELDS[name] for name in self.fields)] if self.fields else []
        parts += [f"新增{Level(seat.congress.region.level).label}席位" for seat in self.new_seats]
        parts += [f"补记{Level(seat.congress.region.level).label}席位的选区或证号" for seat in self.changed_seats]
        parts += [f"进站：{station}" for station in self.stations] + [f"入组：{group}" for group in self.groups]
        parts += ["记录电话公开同意"] if self.consents else []
        return "；".join(parts) + "。" if parts else ""


@dataclass
class Line:
    """A sheet row with the doubts that the reader and the database have about it."""

    row: RosterRow
    person: int | None = None
    verdict: str = V.REFUSED
    why: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)

    def doubt(self, why: str) -> None:
        if not any(problem.why == why for problem in self.row.problems):
            self.row = self.row.doubt(why)

    @property
    def values(self) -> dict[str, Any]:
        """What the reader found, blanks left out: a stored batch holds no more than it must."""
        kept = {name: value for name in _ROW_FIELDS if (value := getattr(self.row, name)) not in _BLANK}
        kept["problems"] = [{"kind": problem.kind, "why": problem.why} for problem in self.row.problems]
        return kept | {"person": self.person}


@dataclass
class Plan:
    lines: list[Line]
    people: list[Person]
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def written(self) -> list[Person]:
        return [person for person in self.people if not person.is_left_out]

    @property
    def counts(self) -> dict[str, int]:
        """People and seats as they are or would be written, without refused rows; rows doubtful and refused."""
        verdicts = Counter(person.verdict for person in self.written)
        rows = Counter(line.verdict for line in self.lines)
        return {
            "people": len(self.written),
            "mandates": sum(len(person.seats) for person in self.written),
            "new": verdicts[V.NEW],
            "changed": verdicts[V.CHANGED],
            "same": verdicts[V.SAME],
            "doubtful": rows[V.DOUBTFUL],
            "refused": rows[V.REFUSED],
            "missing": len(self.missing),
        }


def plan(found: Roster, region: Region) -> Plan:
    """Match a roster against the database. Reads only."""
    lines = [Line(row) for row in found.rows]
    people = []
    for number, indexes in enumerate(found.people):
        for index in indexes:
            lines[index].person = number
        own = [lines[index] for index in indexes]
        people.append(Person(own, own[0].row.name, _merged(line.row for line in own)))
    known = _Known(region, {person.name for person in people})
    _match(people, known)
    for person in people:
        if person.is_left_out:
            continue
        _plan_fields(person, region)
        _plan_seats(person, known)
        if person.deputy is None and not person.seats:
            person.is_left_out = True
            continue
        _plan_ties(person, known)
    for line in lines:
        _judge(line, people)
    return Plan(lines, people, _missing(people, known), list(found.notes))


def _merged(rows: Iterable[RosterRow]) -> dict[str, Any]:
    """One person's facts over several rows: the first given of each, the most exact birth."""
    merged: dict[str, Any] = {}
    for row in rows:
        for name in FIELDS:
            value = getattr(row, "work_unit_and_post" if name == "work_unit" else name)
            if value and not merged.get(name):
                merged[name] = value
    return merged


class _Known:
    """What the database holds that this file could touch, in a fixed number of queries per 500 names."""

    def __init__(self, region: Region, names: set[str]) -> None:
        self.region = region
        sitting = Congress.objects.sitting().filter(region__path__in=ancestors(region.path)).select_related("region")
        self.congresses: dict[str, Congress] = {congress.region.level: congress for congress in sitting}
        coming = Congress.objects.coming().filter(region__path__in=ancestors(region.path)).select_related("region")
        self.coming: dict[str, Congress] = {congress.region.level: congress for congress in coming}
        at = [*self.congresses.values(), *self.coming.values()]
        self.deputies: dict[str, list[Deputy]] = defaultdict(list)
        self.mandates: dict[tuple[int, int], list[Mandate]] = defaultdict(list)
        self.memberships: dict[int, list[StationMembership]] = defaultdict(list)
        self.grouped: set[tuple[int, int]] = set()
        self.consenting: set[int] = set()
        in_reach = Deputy.objects.of_region(region.path) | Deputy.objects.filter(
            Exists(Mandate.objects.filter(congress__in=at, deputy=OuterRef("pk")))
        )
        for some in slices(sorted(names)):
            deputies = in_reach.filter(name__in=some).select_related("region").order_by("pk")
            for deputy in deputies:
                self.deputies[deputy.name].append(deputy)
        keys = [deputy.pk for same_name in self.deputies.values() for deputy in same_name]
        for part in slices(keys):
            for mandate in Mandate.objects.filter(deputy__in=part, congress__in=at).select_related("constituency"):
                self.mandates[mandate.deputy_id, mandate.congress_id].append(mandate)
            for membership in StationMembership.objects.sitting().filter(deputy__in=part):
                self.memberships[membership.deputy_id].append(membership)
            groups = GroupMembership.objects.filter(deputy__in=part, ended_on__isnull=True)
            self.grouped.update(groups.values_list("deputy_id", "group_id"))
            consents = Consent.objects.given().filter(deputy__in=part, field=Consent.Field.PHONE)
            self.consenting.update(consents.values_list("deputy_id", flat=True))
        self._stations: dict[str, list[Station]] | None = None
        self._groups: dict[str, list[DeputyGroup]] | None = None

    def congress_of(self, level: str, ordinal: int | None = None) -> Congress | None:
        """The sitting congress, or the one elected and not yet met where the roster says so by its 届次."""
        coming = self.coming.get(level or self.region.level)
        if coming is not None and coming.ordinal == ordinal:
            return coming
        return self.congresses.get(level or self.region.level)

    def stations(self, name: str) -> list[Station]:
        if self._stations is None:
            self._stations = defaultdict(list)
            for station in Station.objects.filter(within(self.region.path)).exclude(life=Station.Life.CLOSED):
                self._stations[station.name].append(station)
        return self._stations.get(name, [])

    def groups(self, name: str) -> list[DeputyGroup]:
        if self._groups is None:
            self._groups = defaultdict(list)
            for group in DeputyGroup.objects.active().filter(within(self.region.path)):
                self._groups[group.name].append(group)
        return self._groups.get(name, [])


def slices(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (items[start : start + SLICE] for start in range(0, len(items), SLICE))


# --- who is who ------------------------------------------------------------------------------------------------------


def _match(people: list[Person], known: _Known) -> None:
    """Each person of the file to at most one deputy and back; who cannot be told is left out and doubtful."""
    claimed: set[int] = set()
    for is_certain in (True, False):
        for person in people:
            if person.deputy is not None or person.is_left_out or person.name not in known.deputies:
                continue
            best, are_tied = _best(person, known, claimed, is_certain)
            if are_tied:
                person.is_left_out = True
                for line in person.lines:
                    line.doubt(
                        "库中有同名代表，凭出生年月和单位分不清是不是同一人，本行没有导入；"
                        "请在后台补全库中代表的出生年月和单位后重新导入。"
                    )
            elif best is not None:
                person.deputy = best
                claimed.add(best.pk)


def _best(person: Person, known: _Known, claimed: set[int], is_certain: bool) -> tuple[Deputy | None, bool]:
    """The likeliest deputy, and whether two are equally likely or the only one cannot be told."""
    congresses = {known.congress_of(level) for line in person.lines for level in line.row.levels or ("",)}
    ranked: list[tuple[tuple[bool, bool], Deputy]] = []
    for deputy in known.deputies[person.name]:
        if deputy.pk in claimed:
            continue
        other = Identity.of(deputy.birth_year, deputy.birth_month, deputy.work_unit, deputy.phone)
        alike = likeness(person.identity, other)
        sits = any(congress and (deputy.pk, congress.pk) in known.mandates for congress in congresses)
        if person.identity == other and (alike == "same" or sits):
            alike = "same"
        if alike == ("same" if is_certain else "unclear"):
            ranked.append(((person.identity == other, sits), deputy))
    if not ranked:
        return None, False
    top = max(rank for rank, _ in ranked)
    first = [deputy for rank, deputy in ranked if rank == top]
    if len(first) > 1:
        return None, True
    return (first[0], False) if is_certain or _is_enough(person, first[0], sits=top[1]) else (None, True)


def _is_enough(person: Person, deputy: Deputy, *, sits: bool) -> bool:
    """The only namesake, and something differs or is unknown: a new unit or a corrected birth, not a stranger?"""
    given = person.identity
    same_birth = given.birth_is_known and (given.birth_year, given.birth_month) == (
        deputy.birth_year,
        deputy.birth_month,
    )
    same_phone = bool(given.phone) and given.phone == deputy.phone
    if same_phone and not same_birth:
        for line in person.lines:
            line.doubt("姓名和电话与库中代表相同，出生年月不同，按同一人更新，请核对。")
    return same_birth or same_phone or sits


# --- what changes ----------------------------------------------------------------------------------------------------


def _plan_fields(person: Person, region: Region) -> None:
    """A blank in the file never erases; the region that keeps the file alone edits it."""
    deputy = person.deputy
    given = person.values
    if deputy is None:
        person.fields = dict(given)
        return
    differing = {name: value for name, value in given.items() if getattr(deputy, name) != value}
    if not differing:
        return
    if deputy.region.path.startswith(region.path):
        person.fields = differing
        return
    labels = "、".join(FIELDS[name] for name in differing)
    person.lines[0].doubt(f"档案由{deputy.region}保管，{labels}与名册不同，没有改；请由{deputy.region}修改。")


def _plan_seats(person: Person, known: _Known) -> None:
    planned: dict[int, Seat] = {}
    for line in person.lines:
        levels = line.row.levels or ("",)
        for level in levels:
            congress = known.congress_of(level, line.row.ordinal)
            label = Level(level or known.region.level).label
            if congress is None:
                line.doubt(f"{known.region}及其上级没有在任的{label}人大，席位没有记；请先在后台“届次”中登记。")
                continue
            if line.row.ordinal not in (None, congress.ordinal):
                line.doubt(
                    f"名册写第{line.row.ordinal}届，{congress.region}在任的是第{congress.ordinal}届，席位没有记。"
                )
                continue
            if congress.pk in planned:
                continue
            is_lowest = level == levels[-1]  # 选区 and card are of the seat that voters give
            seat = Seat(
                congress,
                line.row.constituency if is_lowest else "",
                line.row.card_number if is_lowest else "",
                line.row.by_elected,
            )
            if _seat_stands(person, seat, line, known):
                planned[congress.pk] = seat
    person.seats = list(planned.values())


def _seat_stands(person: Person, seat: Seat, line: Line, known: _Known) -> bool:
    """Compare with the seats held in this congress. An ended seat is not revived by a roster that still lists it."""
    label = Level(seat.congress.region.level).label
    held = known.mandates.get((person.deputy.pk, seat.congress.pk), []) if person.deputy else []
    seat.mandate = next((mandate for mandate in held if mandate.ended_on is None), None)
    if seat.mandate is None:
        if held and not seat.by_elected:
            line.doubt(f"本届{label}职务已终止（{held[-1].get_reason_display()}），名册仍列入，没有恢复；请核对。")
            return False
        if seat.by_elected:
            line.doubt("补选的任职日期名册没有写，暂记本届首次会议日期，请在后台改正。")
        return True
    constituency = seat.mandate.constituency.name if seat.mandate.constituency else ""
    for name, old, new in (
        ("constituency", constituency, seat.constituency),
        ("card_number", seat.mandate.card_number, seat.card_number),
    ):
        if new and new != old:
            if not old or seat.congress.region.path.startswith(known.region.path):
                seat.changes[name] = old
            else:
                line.doubt(f"{label}席位的选区或证号与库中不同，没有改；请由{seat.congress.region}修改。")
    return True


def _plan_ties(person: Person, known: _Known) -> None:
    """Stations, groups and the consent that the file carries. Who only waits for the first meeting enters none yet."""
    waits = person.seats and all(seat.congress.first_met_on is None for seat in person.seats)
    waits = waits and (person.deputy is None or not person.deputy.is_in_office)
    pk = person.deputy.pk if person.deputy else 0
    sitting = known.memberships.get(pk, [])
    taken = {membership.kind for membership in sitting}
    inside = {membership.station_id for membership in sitting}
    for line in person.lines:
        row = line.row
        if waits and (row.station or row.group):
            line.doubt("下一届还没有开会，进站、入组没有记；办理换届以后把这份名册再导入一次。")
            continue
        if row.station:
            stations = known.stations(row.station)
            if len(stations) != 1:
                line.doubt(f"没有找到唯一的联络站“{row.station[:30]}”，没有记进站；请核对站名。")
            elif stations[0].pk not in inside:
                if membership_kind(stations[0]) in taken:
                    line.doubt(f"已在另一个同类联络站，没有改到“{stations[0]}”；请先在后台结束原进站。")
                else:
                    person.stations.append(stations[0])
                    inside.add(stations[0].pk)
                    taken.add(membership_kind(stations[0]))
        if row.group:
            groups = known.groups(row.group)
            if len(groups) != 1:
                line.doubt(f"没有找到唯一的代表小组“{row.group[:30]}”，没有记入组；请核对组名。")
            elif (pk, groups[0].pk) not in known.grouped and groups[0] not in person.groups:
                person.groups.append(groups[0])
        if row.phone_consent and pk not in known.consenting:
            is_ours = person.deputy is None or person.deputy.region.path.startswith(known.region.path)
            person.consents = is_ours and bool(person.values.get("phone") or (person.deputy and person.deputy.phone))
        elif row.phone_consent is False and pk in known.consenting:
            line.doubt("名册写不同意公开电话，库中有同意记录；请向本人核实，需要时在后台结束这条同意。")


def membership_kind(station: Station) -> str:
    regional = station.kind == Station.Kind.REGIONAL
    return StationMembership.Kind.HOME if regional else StationMembership.Kind.SECTOR


def _judge(line: Line, people: list[Person]) -> None:
    row = line.row
    if row.is_refused or line.person is None:
        line.verdict, line.why = V.REFUSED, row.why
        return
    person = people[line.person]
    line.verdict = V.DOUBTFUL if row.is_doubtful else person.verdict
    line.why = row.why or person.summary
    if line is not person.lines[0] or person.is_left_out:
        return
    if person.verdict == V.SAME:
        return
    deputy = person.deputy
    line.before = {"fields": {name: getattr(deputy, name) for name in person.fields} if deputy else {}}
    line.after = {"fields": dict(person.fields), "created": deputy is None}


def _missing(people: list[Person], known: _Known) -> list[str]:
    """Sitting deputies of the region's own congress whom the file does not name: told, never ended."""
    congress = known.congress_of("")
    if congress is None or not any(seat.congress == congress for person in people for seat in person.seats):
        return []
    there = {person.deputy.pk for person in people if person.deputy}
    held = Mandate.objects.held().filter(congress=congress).order_by("deputy__name", "deputy_id")
    return [name for pk, name in held.values_list("deputy_id", "deputy__name") if pk not in there]
