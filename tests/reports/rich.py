"""One small world in which every figure of the report has something to count, and something it must leave out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.calendar import today
from accounts.models import Organization, Region
from activities.models import (
    Activity,
    ActivityType,
    Adoption,
    Attendance,
    DutyReport,
    Mediation,
    ResearchReport,
    Visit,
)
from deputies.models import Congress, Deputy, DeputyGroup, GroupEntry, Mandate, Pairing, StationMembership
from stations.models import Station
from suggestions import services
from suggestions.models import Assignment, OpinionAdoption, ProblemKind, Suggestion
from tests.cast import STAGES, World, a_paper, a_suggestion
from tests.reports.handled import add_handled, handle

DAY = timedelta(days=1)

# What the rich world holds for 郸城县 in the year of today.
EXPECTED = {
    "stations": 3,
    "industry_stations": 1,
    "regional_stations": 1,
    "professional_stations": 1,
    "industry_deputies": 2,
    "members": 3,
    "both_stations": 1,
    "deputies": 5,
    "seats": 6,
    "regional_groups": 1,
    "professional_groups": 3,
    "professional_categories": 2,
    "industry_groups": 1,
    "entered_groups": 1,
    "pairings": 3,
    "assisting_deputies": 2,
    "assisted_villages": 1,
    "activities": 7,
    "station_activities": 4,
    "surveys": 2,
    "industry_group_surveys": 1,
    "trainings": 1,
    "trainees": 40,
    "talks": 1,
    "director_visits": 1,
    "attendances": 3,
    "participants": 2,
    "visits": 2,
    "visited_households": 8,
    "visited_people": 30,
    "duty_reports": 2,
    "reporting_deputies": 2,
    "research": 2,
    "mediations": 5,
    "decisive_reports": 1,
    "absorbed_reports": 1,
    "absorbed_opinions": 2,
    "decisive_opinions": 1,
    # The nine stages, then: spot, rehandled, returned, proxied, late, owed, direct; and 18 of handled.py.
    "opinions": 34,
    "matters": 29,
    "merged": 5,
    "raised": 2,
    "proposals": 4,
    "accepted": 22,
    "answered": 1,
    "declined": 1,
    "handed_over": 20,
    # replied, reviewing, tracking, closed; spot, rehandled, late; two proposals; merged, raised, five promises, told.
    "replied": 17,
    "on_time": 16,
    "overdue": 1,
    "rehandled": 2,
    "solved": 12,
    # Each once more when handled again or given to the next, twice where two units answer apart.
    "assigned": 24,
    "returns": 3,
    "returned": 1,
    "pushed": 1,
    "extensions": 1,
    "extended": 1,
    "proxied": 4,
    "proxied_signatures": 2,
    "proxied_replies": 1,
    "reminders": 1,
    "supervised": 1,
    "consultations": 1,
    "informed": 1,
    "published": 1,
    "promises": 6,
    "promises_kept": 1,
    "promises_explained": 1,
    "promises_open": 3,
    "promises_overdue": 1,
    # reviewing, tracking, closed; two promises, merged, raised, told; one proposal.
    "rated": 9,
    "unrated": 8,
    "dissatisfied": 1,
    # Two of the merged beside their parent; the third and the two raised are silent.
    "opinions_rated": 9,
    "opinions_satisfied": 8,
    "opinions_unrated": 10,
    "proposals_rated": 2,
    "proposals_satisfied": 2,
    "proposals_unrated": 1,
    "phone_ratings": 2,
    "livelihood_opinions": 3,
    "livelihood_clues": 1,
}


@dataclass
class Rich:
    world: World
    direct: Suggestion
    professional: Station
    roster: dict[str, Deputy]
    handled: dict[str, Suggestion]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked of a copy that has no world yet
            raise AttributeError(name)
        return getattr(self.world, name)


def build(world: World) -> Rich:
    professional = _stations(world)
    roster = _deputies(world)
    groups = _groups(world)
    _activities(world, roster, groups)
    direct = _cases(world)
    _results(world, roster, groups)
    return Rich(world, direct, professional, roster, handle(world))


def _stations(world: World) -> Station:
    def station(slug: str, **fields: Any) -> Station:
        return Station.objects.create(slug=slug, name=slug, region=world.county, **fields)

    year_ago = today().replace(month=1, day=1) - DAY
    station("closed", kind="industry", life="closed", opened_on=year_ago - DAY, closed_on=year_ago)
    station("planned", kind="industry", life="planned")
    return station("professional", kind="professional", life="pilot", opened_on=today())


def _deputies(world: World) -> dict[str, Deputy]:
    since = world.congress.first_met_on
    township = Congress.objects.create(region=world.township, ordinal=9, first_met_on=since)
    other = Congress.objects.create(region=world.other_county, ordinal=16, first_met_on=since)

    def deputy(name: str, region: Any, *seats: Congress, **seat: Any) -> Deputy:
        person = Deputy.objects.create(region=region, name=name)
        for congress in seats:
            Mandate.objects.create(deputy=person, congress=congress, since=since, **seat)
        return person

    found = {
        "double": deputy("双席代表", world.township, world.congress, township),
        "by_station": deputy("外县进站代表", world.other_county, other, status="suspended", reason="detained"),
        "by_congress": deputy("外县档案代表", world.other_county, world.congress),
        "ended": deputy("已终止代表", world.county, world.congress, status="ended", reason="moved", ended_on=today()),
        "elsewhere": deputy("外县代表", world.other_county, other),
    }
    for key, station, kind, ended_on in (
        ("double", world.station, "sector", None),
        ("by_station", world.county_station, "home", None),
        ("ended", world.station, "sector", today()),
        ("elsewhere", world.other_station, "home", None),
    ):
        StationMembership.objects.create(deputy=found[key], station=station, kind=kind, since=since, ended_on=ended_on)
    return found


def _groups(world: World) -> dict[str, DeputyGroup]:
    def group(name: str, kind: str, region: Any = world.county, **fields: Any) -> DeputyGroup:
        return DeputyGroup.objects.create(
            region=region, name=name, kind=kind, level="county", since=world.congress.first_met_on, **fields
        )

    found = {"regional": group("第一小组", "regional"), "industry": group("养殖产业小组", "industry")}
    for name, category in (("财经一组", "finance"), ("财经二组", "finance"), ("教育组", "education")):
        group(name, "professional", category=category)
    group("撤销的小组", "regional", ended_on=today())
    group("沈丘小组", "regional", world.other_county)
    GroupEntry.objects.create(group=found["industry"], station=world.station, since=world.congress.first_met_on)
    GroupEntry.objects.create(
        group=found["regional"], station=world.station, since=world.congress.first_met_on, ended_on=today()
    )
    return found


def an_activity(code: str, owner: Station | DeputyGroup, **fields: Any) -> Activity:
    link = {"station": owner} if isinstance(owner, Station) else {"group": owner}
    fields = {"held_on": today(), "title": f"{owner}活动"} | link | fields
    return Activity.objects.create(type=ActivityType.objects.get(code=code), region=owner.region, **fields)


def _activities(world: World, roster: dict[str, Deputy], groups: dict[str, DeputyGroup]) -> None:
    training = an_activity("training", world.station, outsiders=40)
    director = an_activity("director_visit", world.station, status="published", outsiders=5)
    an_activity("survey", world.station)
    an_activity("survey", groups["regional"])
    an_activity("survey", groups["industry"])
    an_activity("discussion", world.county_station)
    an_activity("survey", world.station, status="planned")
    an_activity("training", world.station, status="cancelled", outsiders=99)
    an_activity("training", world.station, held_on=today().replace(month=1, day=1) - DAY, outsiders=99)
    an_activity("training", world.other_station, outsiders=99)
    for activity, deputy, presence in (
        (training, world.deputy, "present"),
        (training, roster["double"], "present"),
        (training, roster["by_station"], "leave"),
        (director, world.deputy, "present"),
    ):
        Attendance.objects.create(activity=activity, deputy=deputy, presence=presence)

    def visit(station: Station, *, confirmed: bool = True, **fields: Any) -> None:
        at = timezone.now() if confirmed else None
        Visit.objects.create(station=station, region=station.region, visited_on=today(), confirmed_at=at, **fields)

    visit(world.station, deputy=world.deputy, households=3, people=10)
    visit(world.county_station, group=groups["regional"], households=5, people=20)
    visit(world.station, deputy=world.deputy, confirmed=False, households=50, people=50)
    visit(world.other_station, deputy=roster["elsewhere"], households=50, people=50)


def _results(world: World, roster: dict[str, Deputy], groups: dict[str, DeputyGroup]) -> None:
    """Pairings, 述职, reports, mediations and what was taken up of them; of each something next door or of last year."""
    last_year = today().replace(month=1, day=1) - DAY
    villages = [
        Organization.objects.create(region=region, name=f"{region}刘庄村委会", kind="village_committee")
        for region in (world.township, world.other_county)
    ]

    def pair(deputy: Deputy, **fields: Any) -> None:
        Pairing.objects.create(deputy=deputy, since=last_year, **fields)

    pair(world.deputy, kind="village", village=villages[0], is_assistance=True)
    pair(roster["double"], kind="village", village=villages[0], is_assistance=True)
    pair(world.deputy, kind="household", household="刘庄村三组养殖户")
    pair(world.deputy, kind="household", household="刘庄村五组种植户", ended_on=last_year)
    pair(roster["elsewhere"], kind="village", village=villages[1], is_assistance=True)

    meeting = an_activity("duty_report", world.station)
    for deputy in (world.deputy, roster["double"]):
        DutyReport.objects.create(activity=meeting, deputy=deputy, voters=50, satisfied=45, dissatisfied=1)
    DutyReport.objects.create(activity=an_activity("duty_report", world.other_station), deputy=roster["elsewhere"])

    def report(owner: Station | DeputyGroup, **fields: Any) -> ResearchReport:
        link = {"station": owner} if isinstance(owner, Station) else {"group": owner}
        fields = {"finished_on": today(), "title": f"{owner}调研报告"} | link | fields
        return ResearchReport.objects.create(region=owner.region, **fields)

    taken = report(groups["regional"])
    old = report(world.station, finished_on=last_year)
    report(world.station)
    report(world.other_station)

    def adopted(use: str, on: Any = None, **of: Any) -> None:
        model = Adoption if "report" in of else OpinionAdoption
        model.objects.create(use=use, adopted_on=on or today(), adopted_by="县委", document=f"文{use}", **of)

    adopted("decision", report=taken)
    adopted("supervision", report=old)
    adopted("decision", last_year, report=old)
    opinions = Suggestion.objects.filter(region=world.county, kind="opinion", direct=False).order_by("pk")
    adopted("legislation", suggestion=opinions[0])
    adopted("supervision", suggestion=opinions[0])
    adopted("supervision", suggestion=opinions[1])
    adopted("decision", suggestion=opinions[1])
    adopted("legislation", last_year, suggestion=opinions[2])

    def mediation(station: Station, **fields: Any) -> None:
        fields = {"mediated_on": today(), "kind": "land"} | fields
        Mediation.objects.create(station=station, region=station.region, **fields)

    mediation(world.station, times=4)
    mediation(world.county_station)
    mediation(world.station, mediated_on=last_year, times=9)
    mediation(world.other_station, times=9)


def _cases(world: World) -> Suggestion:
    staff = world.county_staff
    for stage in STAGES:
        a_suggestion(world, stage)

    spot = a_suggestion(world)
    services.answer(spot, text="已当场说明。", by=staff)

    again = a_suggestion(world, "reviewing")
    services.rehandle(again, reason="请到现场查清。", by=staff)
    services.reply(again, result_class="A", text="已换成合适容量的。", by=world.unit_head)

    pushed = a_suggestion(world, "handling")
    services.request_return(pushed, reason="不是本单位职责。", to=world.roads, by=world.unit_clerk)

    proxied = a_suggestion(world, "accepted")
    services.transfer(proxied, to=world.roads, by=staff)
    services.sign_for(proxied, by=staff, source="来件登记3号", paper=a_paper())

    late = a_suggestion(world, "replied")
    owed = a_suggestion(world, "transferred")
    for case in (late, owed):
        Assignment.objects.filter(suggestion=case).update(assigned_on=today() - 9 * DAY, due_on=today() - DAY)

    direct = services.submit(
        services.Statement(text="联络站工作人员态度不好。", direct=True), form_key="direct", station=world.station
    )
    withdrawn = a_suggestion(world)
    Suggestion.objects.filter(pk=withdrawn.pk).update(status="withdrawn")
    services.submit(services.Statement(text="沈丘的事。"), form_key="elsewhere", station=world.other_station)
    last_year = a_suggestion(world)
    Suggestion.objects.filter(pk=last_year.pk).update(submitted_on=today().replace(month=1, day=1) - DAY)

    a_proposal(world, "closed", result_class="A", rating="basically", replied_on=today(), problem_kind=None)
    a_proposal(world, "replied", result_class="C", replied_on=today())
    a_proposal(world, "submitted")
    a_proposal(world, "draft")
    a_proposal(world, "withdrawn")
    return direct


def a_proposal(world: World, status: str, **fields: Any) -> Suggestion:
    number = f"90{Suggestion.objects.count():06d}"
    values = {"submitted_at": timezone.now(), "submitted_on": today(), "congress": world.congress} | fields
    return Suggestion.objects.create(
        number=number,
        kind="proposal",
        status=status,
        title="关于改造电网的建议",
        text="建议改造电网。",
        region=world.county,
        holder=world.county_organ,
        lead=world.deputy,
        **values,
    )


def add_round(world: World, start: int) -> None:
    """Three more rows of every kind, with regions, types and problem kinds of their own."""
    for n in range(start, start + 3):
        town = Region.objects.create(code=f"411625{200 + n}000", name=f"新镇{n}", level="township", parent=world.county)
        station = Station.objects.create(
            slug=f"town-{n}", name=f"新镇{n}站", region=town, kind="industry", life="formal", opened_on=today()
        )
        kind = ActivityType.objects.create(code=f"kind-{n}", name=f"新活动{n}")
        deputy = Deputy.objects.create(region=town, name=f"新代表{n}")
        Mandate.objects.create(deputy=deputy, congress=world.congress, since=today())
        StationMembership.objects.create(deputy=deputy, station=station, kind="sector", since=today())
        activity = an_activity(kind.code, station, outsiders=3)
        Attendance.objects.create(activity=activity, deputy=deputy)
        group = DeputyGroup.objects.create(
            region=town, name=f"新组{n}", kind="regional", level="township", since=today()
        )
        GroupEntry.objects.create(group=group, station=station, since=today())
        Visit.objects.create(
            station=station, region=town, deputy=deputy, visited_on=today(), confirmed_at=timezone.now()
        )
        problem = ProblemKind.objects.create(code=f"problem-{n}", name=f"新问题{n}")
        case = a_suggestion(world, "closed")
        Suggestion.objects.filter(pk=case.pk).update(problem_kind=problem)
        pushed = a_suggestion(world, "handling")
        services.request_return(pushed, reason="不是本单位职责。", to=world.roads, by=world.unit_clerk)
        proxied = a_suggestion(world, "accepted")
        services.transfer(proxied, to=world.roads, by=world.county_staff)
        services.sign_for(proxied, by=world.county_staff, source="来件", paper=a_paper())
        add_handled(world)
