"""What came of a year in 漯河: reports written from opinions, what was taken up, disputes settled; themes over all of it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import cycle

from accounts.calendar import SHANGHAI
from accounts.paths import within
from activities.models import Activity, Adopted, Adoption, Mediation, ResearchReport, Theme
from deputies.models import DeputyGroup
from liaison.demo.diary import spread
from liaison.demo.places import Place
from liaison.demo.stage import Stage
from suggestions.models import OpinionAdoption, ReportSource, Suggestion

CITY = "4111"
REPORTS, DECISIVE = 20, 4
ABSORBED = 220
MEDIATED = 1760
PROBLEMS = (
    ("加快现代食品产业体系培育", "食品企业融资难、品牌弱、加工链条短"),
    ("促进新型物流业发展", "冷链仓储不足、货车通行受限"),
    ("用好资源优势加快食品产业发展", "原料基地与加工企业衔接不紧"),
    ("以产业支撑促进乡村振兴", "村集体缺少稳定的产业项目"),
    ("农村饮水安全与管网改造", "部分村管网老化、水压不足"),
    ("城区停车与道路通行", "老旧小区周边停车位不足"),
)
TAKEN_UP = (
    (Adopted.Use.SUPERVISION, "漯河市人大常委会", "漯人常〔{year}〕{n}号 审议意见"),
    (Adopted.Use.LEGISLATION, "漯河市人大常委会", "漯河市条例草案修改说明 第{n}项"),
    (Adopted.Use.SUPERVISION, "县区人大常委会", "执法检查报告 第{n}项"),
)


def build(stage: Stage) -> None:
    city = stage.places.by_path[CITY]
    theme = Theme.objects.get(region=city.region, name="聚民意、惠民生")
    opinions = Suggestion.objects.filter(within(CITY, "region_path"), kind="opinion", submitted_on__year=stage.year)
    opinions.update(theme=theme)
    _reports(stage, city, theme)
    _absorbed(stage, city)
    _mediations(stage, theme)


def _reports(stage: Stage, city: Place, theme: Theme) -> None:
    """From single opinions to what they have in common (mission U5): six sources each, four taken into decisions."""
    groups = list(DeputyGroup.objects.filter(within(CITY), kind=DeputyGroup.Kind.PROFESSIONAL).order_by("pk"))
    days = spread(stage.day(3, 10), stage.day(12, 10), REPORTS, stage.diary.calendar)
    sources = Suggestion.objects.filter(within(CITY, "region_path"), kind="opinion", status="closed").order_by("pk")
    voices = iter(sources[: REPORTS * 6])
    for n, (group, day) in enumerate(zip(cycle(groups), days, strict=False)):
        title, problem = PROBLEMS[n % len(PROBLEMS)]
        survey = (
            Activity.objects.filter(group=group, type__code="survey", held_on__lte=day).order_by("-held_on").first()
        )
        report = ResearchReport.objects.create(
            region=group.region,
            group=group,
            theme=theme,
            activity=survey,
            title=f"关于{title}的调研报告",
            problem=problem,
            text=f"{group}围绕{title}开展调研，梳理出共性问题：{problem}。建议有关部门分类施策，明确时限。",
            finished_on=day,
            logged_by=city.staff,
        )
        members = group.memberships.filter(ended_on__isnull=True).select_related("deputy")[:2]
        report.authors.set([membership.deputy for membership in members])
        ReportSource.objects.bulk_create(
            [ReportSource(report=report, suggestion=voice) for voice, _ in zip(voices, range(6), strict=False)]
        )
        if n % (REPORTS // DECISIVE) == 0:
            Adoption.objects.create(
                report=report,
                use=Adopted.Use.DECISION,
                adopted_on=min(day + timedelta(days=12), stage.day(12, 28)),
                adopted_by="中共漯河市委",
                document=f"漯办参〔{stage.year}〕{n + 3}号",
                logged_by=city.staff,
            )


def _absorbed(stage: Stage, city: Place) -> None:
    closed = Suggestion.objects.filter(
        within(CITY, "region_path"), kind="opinion", status="closed", replied_on__lte=stage.day(11, 30)
    ).order_by("-pk")
    days = spread(stage.day(12, 1), stage.day(12, 26), ABSORBED, stage.diary.calendar)
    OpinionAdoption.objects.bulk_create(
        [
            OpinionAdoption(
                suggestion=opinion,
                use=use,
                adopted_on=day,
                adopted_by=organ,
                document=document.format(year=stage.year, n=n % 40 + 1),
                logged_by=city.staff,
            )
            for n, (opinion, day, (use, organ, document)) in enumerate(
                zip(closed[:ABSORBED], days, cycle(TAKEN_UP), strict=False)
            )
        ]
    )


def _mediations(stage: Stage, theme: Theme) -> None:
    """Month by month at the stations of the towns: a number, a kind, a place."""
    towns = [
        town
        for path, town in sorted(stage.places.by_path.items())
        if path.startswith(CITY) and town.station is not None
    ]
    days = spread(stage.day(1, 12), stage.day(12, 20), MEDIATED // 5, stage.diary.calendar)
    chance = stage.chance
    rows = []
    left = MEDIATED
    for town, day in zip(cycle(towns), cycle(days), strict=False):
        times = min(chance.randrange(3, 9), left)
        rows.append(
            Mediation(
                region=town.region,
                region_path=town.region.path,
                station=town.station,
                theme=theme,
                mediated_on=day,
                kind=chance.choice(Mediation.Kind.values),
                place=town.region.name,
                times=times,
                result=chance.choices(Mediation.Result.values, (90, 8, 2))[0],
                logged_by=town.officer,
            )
        )
        left -= times
        if not left:
            break
    Mediation.objects.bulk_create(rows)
    for day in {row.mediated_on for row in rows}:
        Mediation.objects.filter(mediated_on=day).update(logged_at=datetime.combine(day, time(18, 0), SHANGHAI))
