"""What hangs on the wall: the public page of one station or one deputy, read in two statements (performance.md, bar 1).

Django writes the SQL once for each database; a page then only puts its slug in. Everything of one page that is a list
comes as rows of one union, told apart by their first column, so that the number of rows changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import CharField, Count, Exists, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, Concat

from accounts.calendar import in_words, today
from accounts.models import Level
from activities.models import Activity, ActivityPhoto, Attendance, DutyReport, PlanItem, Visit
from deputies.models import (
    Consent,
    Deputy,
    DeputyGroup,
    GroupEntry,
    GroupMembership,
    Mandate,
    StationMembership,
)
from duties.rules import RULES
from stations.models import Station, StationPhoto, StationPost

# Stands in the prepared statement where the slug of a page will stand; no slug has a space.
SLUG = "the slug"
# The same for the first day of the running year.
NEW_YEAR = date(1, 1, 1)
RECENT = 6

LEVELS = {str(level.value): order for order, level in enumerate(Level)}
CONGRESS = {Level.NATION: "全国", Level.PROVINCE: "省", Level.CITY: "市", Level.COUNTY: "县", Level.TOWNSHIP: "乡镇"}
POSTS = {post.value: (order, post.label) for order, post in enumerate(StationPost.Post)}
SIDES = {side.value: (order, side.label) for order, side in enumerate(StationPost.Side)}

Row = tuple[Any, ...]


@cache
def _prepared(statement: Callable[[], QuerySet[Any, Any]], vendor: str) -> tuple[str, tuple[Any, ...]]:
    return statement().query.sql_with_params()


def _read(statement: Callable[[], QuerySet[Any, Any]], slug: str) -> list[Row]:
    sql, params = _prepared(statement, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [_put_in(value, slug) for value in params])
        return list(cursor.fetchall())


def _put_in(value: Any, slug: str) -> Any:
    if value in (NEW_YEAR, NEW_YEAR.isoformat()):
        return date(today().year, 1, 1).isoformat() if isinstance(value, str) else date(today().year, 1, 1)
    return slug if value == SLUG else value


def _lines(kind: str, rows: QuerySet[Any], *columns: Any) -> QuerySet[Any, Any]:
    """One branch of the union: its kind and six texts."""
    texts = [Cast(column, CharField()) if isinstance(column, str) else column for column in columns]
    texts += [Value("", CharField())] * (6 - len(texts))
    return rows.order_by().values_list(Value(kind, CharField()), *texts)


@dataclass(frozen=True)
class Happening:
    day: str
    title: str
    kind: str
    photo: str = ""


def _happenings(rows: list[Row]) -> list[Happening]:
    newest = sorted(rows, key=lambda row: (row[0], int(row[4])), reverse=True)
    return [
        Happening(in_words(date.fromisoformat(day[:10])), title, kind, f"/a/{pk}/photos/{photo}/" if photo else "")
        for day, title, kind, photo, pk, *_ in newest
    ]


def _activities(kind: str, newest: QuerySet[Any]) -> QuerySet[Any, Any]:
    photo = Subquery(ActivityPhoto.objects.filter(activity=OuterRef("pk")).order_by("pk").values("pk")[:1])
    found = Activity.objects.filter(pk__in=newest.order_by("-held_on", "-pk").values("pk")[:RECENT])
    photo_text = Coalesce(Cast(photo, CharField()), Value(""), output_field=CharField())
    return _lines(kind, found, "held_on", "title", "type__name", photo_text, "pk")


# A station


@dataclass(frozen=True)
class Post:
    label: str
    name: str
    title: str
    duty: str


@dataclass
class Member:
    slug: str
    name: str
    level: str
    seats: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        return "，".join(self.seats)


@dataclass(frozen=True)
class StationPage:
    slug: str
    name: str
    life: str
    kind: str
    region: str
    about: list[tuple[str, str]]
    phone: str
    introduction: str
    duties: str
    posts: list[Post] = field(default_factory=list)
    levels: list[tuple[str, list[Member]]] = field(default_factory=list)
    groups: list[tuple[str, str, str]] = field(default_factory=list)
    activities: list[Happening] = field(default_factory=list)
    photos: list[tuple[str, str]] = field(default_factory=list)
    # 年度活动计划: of this year, else of the newest year that is published.
    plan_year: int = 0
    plan: list[tuple[str, str]] = field(default_factory=list)

    @property
    def members(self) -> int:
        return sum(len(members) for _, members in self.levels)

    @property
    def has_two_heads(self) -> bool:
        return sum(post.label == StationPost.Post.HEAD.label for post in self.posts) > 1


# 双站长各司其职: who answers for what (the bulletin, 新乡).
HEAD_DUTIES = {
    StationPost.Side.CONGRESS: "负责活动的组织、保障和联络，邀请政府部门进站，搭建部门与企业沟通的桥梁",
    StationPost.Side.ENTERPRISE: "发挥专业优势，联系产业代表，引领带动产业发展",
    StationPost.Side.GOVERNMENT: "协调部门进站，推动意见办理",
}


def _station() -> QuerySet[Any, Any]:
    return Station.objects.filter(slug=SLUG).values_list(
        "life",
        "name",
        "kind",
        "region__name",
        "region__parent__name",
        "host_kind",
        "host_name",
        "enterprise__name",
        "bases",
        "address",
        "hours",
        "phone",
        "introduction",
        "duties",
    )


def _station_lines() -> QuerySet[Any, Any]:
    sitting = StationMembership.objects.sitting().filter(station__slug=SLUG)
    seats = Mandate.objects.in_office().filter(deputy__in=sitting.values("deputy"))
    entries = GroupEntry.objects.filter(station__slug=SLUG, ended_on__isnull=True, group__ended_on__isnull=True)
    leads = GroupMembership.objects.filter(group=OuterRef("group"), is_leader=True, ended_on__isnull=True)
    leader = Coalesce(Subquery(leads.values("deputy__name")[:1]), Value(""), output_field=CharField())
    where = Coalesce("constituency__name", Value(""), output_field=CharField())
    house = Coalesce("enterprise__name", "organization__name", Value(""), output_field=CharField())
    planned = PlanItem.objects.filter(plan__station__slug=SLUG, plan__published_on__isnull=False)
    return _lines(
        "member", seats, "deputy__slug", "deputy__name", "congress__region__level", "congress__region__name", where
    ).union(
        _lines(
            "post", StationPost.objects.sitting().filter(station__slug=SLUG), "post", "side", "name", "title", house
        ),
        _lines("group", entries, "group__name", "group__kind", leader),
        _lines("chain", Station.chains.through.objects.filter(station__slug=SLUG), "industrychain__name"),
        _lines("photo", StationPhoto.objects.filter(station__slug=SLUG), "pk", "caption"),
        _lines("plan", planned, "plan__year", "month", "title", "pk"),
        _activities("activity", Activity.objects.public().filter(station__slug=SLUG)),
        all=True,
    )


def read_station(slug: str) -> StationPage | None:
    """The page of a station by its slug, whatever its life; without its lists where it is not public."""
    found = _read(_station, slug)
    if not found:
        return None
    life, name, kind, region, parent, host_kind, host, enterprise, bases, address, hours, phone, text, duties = found[0]
    lines: dict[str, list[Row]] = {}
    if life in Station.AT_WORK:
        for what, *rest in _read(_station_lines, slug):
            lines.setdefault(what, []).append(tuple(rest))
    about = [
        ("类型", f"{Station.Kind(kind).label}{'（试点）' if life == Station.Life.PILOT else ''}"),
        ("所属区域", f"{parent or ''}{region}"),
        ("地址", address),
        ("开放时间", hours),
        ("依托单位", f"{host}（{Station.HostKind(host_kind).label}）" if host else ""),
        ("联系企业", enterprise or ""),
        ("服务产业链", "、".join(row[0] for row in lines.get("chain", []))),
        ("服务基地", bases),
    ]
    plan_year, plan = _plan(lines.get("plan", []))
    return StationPage(
        slug=slug,
        name=name,
        life=life,
        kind=Station.Kind(kind).label,
        region=region,
        about=[(label, value) for label, value in about if value],
        phone=phone,
        introduction=text,
        duties=duties,
        posts=_posts(lines.get("post", [])),
        levels=_by_level(lines.get("member", [])),
        groups=_groups(lines.get("group", [])),
        activities=_happenings(lines.get("activity", [])),
        photos=[(f"/s/{slug}/photos/{pk}/", caption) for pk, caption, *_ in lines.get("photo", [])],
        plan_year=plan_year,
        plan=plan,
    )


def _plan(rows: list[Row]) -> tuple[int, list[tuple[str, str]]]:
    years = {int(row[0]) for row in rows}
    if not years:
        return 0, []
    year = today().year if today().year in years else max(years)
    items = sorted((int(month), int(pk), title) for of, month, title, pk, *_ in rows if int(of) == year)
    return year, [(f"{month}月", title) for month, _, title in items]


def _posts(rows: list[Row]) -> list[Post]:
    rows = sorted(rows, key=lambda row: (POSTS[row[0]][0], SIDES[row[1]][0], row[2]))
    heads = sum(row[0] == StationPost.Post.HEAD for row in rows)
    return [
        Post(
            POSTS[post][1],
            name,
            title or house,
            HEAD_DUTIES[StationPost.Side(side)] if post == StationPost.Post.HEAD and heads > 1 else "",
        )
        for post, side, name, title, house, *_ in rows
    ]


def seat_in_words(level: str, region: str, constituency: str) -> str:
    """全国人大代表; 郸城县人大代表（宁平镇第一选区）."""
    seat = "全国人大代表" if level == Level.NATION else f"{region}人大代表"
    return f"{seat}（{constituency}）" if constituency else seat


def _by_level(rows: list[Row]) -> list[tuple[str, list[Member]]]:
    """People under the highest of their seats, once each, with all their seats."""
    people: dict[str, Member] = {}
    for slug, name, level, region, constituency, *_ in sorted(rows, key=lambda row: (LEVELS[row[2]], row[3])):
        person = people.setdefault(slug, Member(slug, name, level))
        person.seats.append(seat_in_words(level, region, constituency))
    levels: dict[str, list[Member]] = {}
    for person in sorted(people.values(), key=lambda person: (LEVELS[person.level], person.name, person.slug)):
        levels.setdefault(person.level, []).append(person)
    return [(f"{CONGRESS[Level(level)]}人大代表", members) for level, members in levels.items()]


def _groups(rows: list[Row]) -> list[tuple[str, str, str]]:
    kinds = {kind.value: kind.label for kind in DeputyGroup.Kind}
    return [(name, kinds[kind], leader) for name, kind, leader, *_ in sorted(rows)]


# A deputy


@dataclass(frozen=True)
class Membership:
    slug: str
    name: str
    phone: str
    hours: str
    address: str
    kind: str


@dataclass(frozen=True)
class DeputyPage:
    slug: str
    pk: int
    name: str
    region: str
    work_unit: str
    phone: str
    has_photo: bool
    activities: int
    visits: int
    proposals: int
    activities_this_year: int
    visits_this_year: int
    proposals_this_year: int
    year: int
    seats: list[str]
    stations: list[Membership]
    groups: list[tuple[str, str]]
    recent: list[Happening]
    reports: list[tuple[str, str]]  # 述职: day and result, of public activities only

    @property
    def is_in_office(self) -> bool:
        return bool(self.seats)


def _consented(name: str) -> Exists:
    return Exists(Consent.objects.given().filter(deputy=OuterRef("pk"), field=name))


def _counted(rows: QuerySet[Any], whose: str = "deputy", **condition: Any) -> Subquery:
    rows = rows.filter(**{whose: OuterRef("pk")}, **condition).order_by()
    return Subquery(rows.values(whose).annotate(total=Count("pk")).values("total"))


def _deputy() -> QuerySet[Any, Any]:
    public = Attendance.objects.filter(presence=Attendance.Presence.PRESENT, activity__status=Activity.Status.PUBLISHED)
    proposals = RULES["proposals"].source()
    return Deputy.objects.filter(slug=SLUG).values_list(
        "pk",
        "name",
        "region__name",
        "work_unit",
        _consented(Consent.Field.WORK_UNIT),
        "phone",
        _consented(Consent.Field.PHONE),
        "photo",
        _consented(Consent.Field.PHOTO),
        _counted(public),
        _counted(Visit.objects.confirmed()),
        _counted(proposals, "lead"),
        _counted(public, activity__held_on__gte=NEW_YEAR),
        _counted(Visit.objects.confirmed(), visited_on__gte=NEW_YEAR),
        _counted(proposals, "lead", submitted_on__gte=NEW_YEAR),
    )


def _deputy_lines() -> QuerySet[Any, Any]:
    seats = Mandate.objects.in_office().filter(deputy__slug=SLUG)
    where = Coalesce("constituency__name", Value(""), output_field=CharField())
    open_stations = Station.objects.public().values("pk")
    stations = StationMembership.objects.sitting().filter(deputy__slug=SLUG, station__in=open_stations)
    groups = GroupMembership.objects.filter(deputy__slug=SLUG, ended_on__isnull=True, group__ended_on__isnull=True)
    attended = Attendance.objects.filter(deputy__slug=SLUG, presence=Attendance.Presence.PRESENT)
    reported = DutyReport.objects.filter(deputy__slug=SLUG, activity__status=Activity.Status.PUBLISHED)
    place = Concat("station__address", Value("\n"), "station__phone", output_field=CharField())
    return _lines("seat", seats, "congress__region__level", "congress__region__name", where, "congress__ordinal").union(
        _lines("station", stations, "station__slug", "station__name", "kind", "station__hours", place),
        _lines("group", groups, "group__name", "group__kind", Cast(F("is_leader"), CharField())),
        _activities("activity", Activity.objects.public().filter(pk__in=attended.values("activity"))),
        _lines("report", reported, "activity__held_on", "voters", "satisfied", "basically", "dissatisfied"),
        all=True,
    )


def _reports(rows: list[Row]) -> list[tuple[str, str]]:
    found = []
    for day, *numbers, _ in sorted(rows, reverse=True)[:RECENT]:
        voters, satisfied, basically, dissatisfied = map(int, numbers)
        ballot = DutyReport(voters=voters, satisfied=satisfied, basically=basically, dissatisfied=dissatisfied)
        found.append((in_words(date.fromisoformat(day[:10])), ballot.in_words))
    return found


def read_deputy(slug: str) -> DeputyPage | None:
    """The page of a deputy by its slug; without a sitting seat it says nothing but that."""
    found = _read(_deputy, slug)
    if not found:
        return None
    pk, name, region, unit, unit_given, phone, phone_given, photo, photo_given, *counts = found[0]
    activities, visits, proposals, *this_year = (count or 0 for count in counts)
    lines: dict[str, list[Row]] = {}
    for what, *rest in _read(_deputy_lines, slug):
        lines.setdefault(what, []).append(tuple(rest))
    seats = sorted(lines.get("seat", []), key=lambda row: LEVELS[row[0]])
    kinds = {kind.value: kind.label for kind in StationMembership.Kind}
    return DeputyPage(
        slug=slug,
        pk=pk,
        name=name,
        region=region,
        work_unit=unit if unit_given else "",
        phone=phone if phone_given else "",
        has_photo=bool(photo and photo_given),
        activities=activities,
        visits=visits,
        proposals=proposals,
        activities_this_year=this_year[0],
        visits_this_year=this_year[1],
        proposals_this_year=this_year[2],
        year=today().year,
        seats=[f"{seat_in_words(level, place, where)}，第{number}届" for level, place, where, number, *_ in seats],
        stations=[
            Membership(station, title, place.partition("\n")[2], hours, place.partition("\n")[0], kinds[kind])
            for station, title, kind, hours, place, *_ in sorted(lines.get("station", []), key=lambda row: row[2])
        ],
        groups=[
            (group, "组长" if leader in ("1", "t", "true", "True") else "成员")
            for group, _, leader, *_ in sorted(lines.get("group", []))
        ],
        recent=_happenings(lines.get("activity", [])),
        reports=_reports(lines.get("report", [])),
    )
