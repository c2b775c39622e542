"""What is owed and done: targets, plans, the point scheme of two places, a year settled, the year end. By the services."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from django.core.files.base import ContentFile

from accounts.models import Region, User
from accounts.paths import within
from activities.models import Activity, ActivityType, PlanItem
from activities.services.planned import plan_activity
from activities.services.plans import begin_plan, publish_plan, write_plan
from deputies.models import Deputy, DeputyGroup
from duties.models import Award, Declaration, PointEntry, PointItem, YearOpinion
from duties.seeds import ship_scheme
from duties.services.awards import record_award
from duties.services.declaring import decide, declare
from duties.services.objecting import object_to
from duties.services.schemes import adopt
from duties.services.settling import settle
from duties.services.year_end import draw_spot_check, give_notices, record_result, write_opinion
from duties.target_seeds import ship_targets
from liaison.demo.stage import Stage
from stations.models import Station, StationPost

CITY, COUNTY = "4111", "411625"
NOTIFIED = 12
MONTHS = (
    (1, "station_meeting", "联络站例会：安排全年工作"),
    (3, "survey", "春季生产调研"),
    (4, "director_visit", "局长进站：现场答复产业问题"),
    (5, "reception", "代表接待日"),
    (7, "skills_training", "技能培训"),
    (9, "survey", "秋季视察：政策落实情况"),
    (10, "voter_contact", "走访种养农户"),
    (11, "duty_report", "代表述职"),
    (12, "station_meeting", "联络站例会：总结全年工作"),
)


def build(stage: Stage) -> None:
    for path in (CITY, COUNTY, "4107"):
        for year in (stage.year, stage.today.year):
            ship_targets(stage.region(path), year)
    for path in (CITY, COUNTY):
        for year in (stage.year, stage.today.year):
            _scored(stage, path, year)
    deputy = Deputy.objects.get(user__username="deputy")
    officer = User.objects.get(username="station_officer")
    _plans(stage, officer)
    _coming(stage, deputy, officer)
    _declarations(stage, deputy)
    _year_end(stage)


def _staff(stage: Stage, path: str) -> User:
    return stage.places.by_path[path].staff


def _scored(stage: Stage, path: str, year: int) -> None:
    region = stage.region(path)
    adopt(ship_scheme(region, year), by=_staff(stage, path), basis=f"主任会议纪要〔{year}〕1号")
    settle(region, year)


def _plans(stage: Stage, officer: User) -> None:
    """The station's plan of this year hangs on its wall, the county's is told to everybody (代表法 art. 43)."""
    types = {kind.code: kind for kind in ActivityType.objects.all()}

    def plan(by: User, introduction: str, *, region: Region | None = None, station: Station | None = None) -> None:
        begun = begin_plan(year=stage.today.year, by=by, region=region, station=station)
        items = [PlanItem(month=month, type=types[code], title=title) for month, code, title in MONTHS]
        publish_plan(write_plan(begun, introduction=introduction, items=items, by=by), by=by)

    county = stage.region(COUNTY)
    plan(_staff(stage, COUNTY), "围绕特色农业产业，组织代表进站、调研、视察、述职，办好群众反映的事。", region=county)
    for station in Station.objects.filter(posts__user=officer):
        plan(officer, "每月一次活动，每季度一次例会，每半年一次调研视察，定期邀请部门进站。", station=station)


def _coming(stage: Stage, deputy: Deputy, officer: User) -> None:
    """Two invitations within the week, so that the workbench and the calendar have something to show."""
    station = Station.objects.filter(posts__user=officer).first()
    assert station is not None
    members = Deputy.objects.in_office().filter(memberships__station=station, memberships__ended_on__isnull=True)
    for days, code, title in ((2, "reception", "代表接待日"), (5, "discussion", "冬季防疫和用电座谈")):
        activity = Activity(
            type=ActivityType.objects.get(code=code),
            title=title,
            station=station,
            held_on=stage.today + timedelta(days=days),
            place=station.address,
        )
        plan_activity(activity, by=officer, deputies=members[:6])


def _declarations(stage: Stage, deputy: Deputy) -> None:
    """One confirmed through the three steps, one waiting at the station, one point objected to."""
    item = PointItem.objects.get(code="E2", major__scheme__region__path=COUNTY, major__scheme__year=stage.today.year)

    own = deputy.user
    assert own is not None

    def declared(text: str, on: date) -> Declaration:
        paper = ContentFile(b"%PDF-1.4 demo", name="learned.pdf")
        return declare(deputy, item, happened_on=on, points=Decimal("0.5"), text=text, evidence=[paper], by=own)

    first = max(date(stage.today.year, 1, 1), stage.today - timedelta(days=30))
    passed = declared("向养殖户宣讲动物防疫政策", first)
    home = StationPost.objects.sitting().filter(
        station__memberships__deputy=deputy, station__memberships__kind="home", post="officer"
    )
    checker = home.select_related("user").get().user
    assert checker is not None
    for by in (checker, User.objects.get(username="township_staff"), _staff(stage, COUNTY)):
        decide(passed, passes=True, text="材料属实。", by=by)
        passed.refresh_from_db()
    declared("完成代表履职线上课程", stage.today)
    entry = PointEntry.objects.filter(deputy=deputy, period__year=stage.today.year, reverses=None).first()
    if entry is not None:
        object_to(deputy, stage.today.year, text="活动日期记错了，请核对。", entry=entry, by=own)


def _year_end(stage: Stage) -> None:
    """The year that is over, in 漯河: opinions in words, a spot check, honours, a notice to each of a few."""
    city, staff, year = stage.region(CITY), _staff(stage, CITY), stage.year
    deputies = list(Deputy.objects.in_office().filter(region=city).order_by("pk")[:NOTIFIED])
    for deputy in deputies:
        write_opinion(
            deputy,
            year=year,
            side=YearOpinion.Side.ELECTORS,
            text="按时出席会议，走访选民，所提建议贴近民生。",
            by=staff,
        )
    check = draw_spot_check(city, year=year, size=10, by=staff)
    for result in check.results.all()[:4]:
        record_result(result, outcome="agrees", note="抽查活动签到和走访记录，与登记一致。", by=staff)
    day = min(date(year + 1, 1, 20), stage.today)
    honours: list[tuple[Deputy | None, DeputyGroup | None, str]] = [
        (deputies[0], None, "优秀人大代表"),
        (deputies[1], None, "优秀人大代表"),
        (None, DeputyGroup.objects.filter(within(CITY), kind="professional").order_by("pk").first(), "先进代表小组"),
    ]
    for n, (person, group, name) in enumerate(honours):
        award = Award(
            deputy=person,
            group=group,
            year=year,
            name=name,
            grade=Award.Grade.CITY,
            awarded_on=day,
            issuer="漯河市人大常委会",
            document=f"漯人常〔{year + 1}〕{n + 3}号",
        )
        record_award(award, by=staff)
    give_notices(deputies, year=year, by=staff)
