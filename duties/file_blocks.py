"""The eight blocks of a duty file (domain.md §6), each built from the records of one person and one period.

Targets, points and files ask the same registry (`duties.rules`), so the three never tell different numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q

from accounts.calendar import in_words
from activities.models import Activity, Attendance, DutyReport, Mediation, Visit
from deputies.models import Deputy, GroupMembership, Mandate, Pairing, StationMembership
from duties.file_parts import Block, Fact, Line, Period, dated, in_order, total
from duties.file_shelf import Shelf
from duties.models import Award, Declaration
from suggestions.models import Suggestion

MEETINGS = frozenset({"session", "observing", "meeting", "preparation"})
SURVEYS = frozenset({"survey", "inspection", "research", "law_check", "inquiry", "invited"})
TRAINING = frozenset({"training", "lecture", "learning", "skills_training"})
# 小项 that a record cannot show and a declaration proves, by the letter of their 大项 (domain.md §5.2).
DECLARED = {"A": "meetings", "B": "proposals", "C": "surveys", "D": "contact", "E": "honours"}
DECLARED_ITEMS = {"E1": "training", "E2": "training"}


@dataclass(frozen=True)
class Records:
    """What one person did in one period, each row read once however many blocks tell of it."""

    deputy: Deputy
    period: Period
    among: Shelf | None = None

    @cached_property
    def shelf(self) -> Shelf:
        return self.among or Shelf([self.deputy], self.period)

    def by_rule(self, code: str) -> list[Any]:
        return self.shelf.by_rule(code, self.deputy)

    def rows(self, name: str, rows: Callable[[], Any]) -> list[Any]:
        """The person's own of these rows."""
        return self.shelf.of(name, rows, self.deputy)

    @cached_property
    def attended(self) -> list[Attendance]:
        """Without the activity at which the person reported: that one stands under 述职, once."""
        own = {report.activity_id for report in self.reports}
        return [row for row in self.by_rule("attended") if row.activity_id not in own]

    @cached_property
    def reports(self) -> list[DutyReport]:
        return self.by_rule("duty_reports")

    @cached_property
    def declared(self) -> list[Declaration]:
        """Confirmed by the committee, and in the person's favour: what takes points away is told with the points."""
        confirmed = Declaration.objects.filter(status=Declaration.Status.CONFIRMED, points__gt=0)
        during = {"happened_on__range": (self.period.start, self.period.until)}
        return self.rows(
            "declared",
            lambda: confirmed.filter(**during).select_related("item__major").order_by("happened_on", "pk"),
        )

    def of(self, block: str) -> list[Attendance]:
        return [row for row in self.attended if block_of(row.activity) == block]

    def declared_for(self, block: str) -> list[Line]:
        return [
            dated(row.happened_on, row.text, f"{row.item.name}（申报，已确认）", "declaration", row.pk)
            for row in self.declared
            if DECLARED_ITEMS.get(row.item.code, DECLARED.get(row.item.major.code[:1], "honours")) == block
        ]


def block_of(activity: Activity) -> str:
    """Each activity stands in one block: by its type, and what has no block of its own by who held it."""
    code = activity.type.code
    for block, codes in (("meetings", MEETINGS), ("surveys", SURVEYS), ("training", TRAINING)):
        if code in codes:
            return block
    return "groups" if activity.group_id and not activity.station_id or code == "group_meeting" else "contact"


def activity_line(activity: Activity) -> Line:
    house = str(activity.station or activity.group)
    return dated(activity.held_on, activity.title, f"{activity.type}，{house}", "activity", activity.pk)


def _lines(rows: Iterable[Attendance]) -> tuple[Line, ...]:
    return tuple(activity_line(row.activity) for row in rows)


def basics(records: Records) -> Block:
    """Who it is, with the seats, stations and groups of the period. No phone: a file travels."""
    person, start, end = records.deputy, records.period.start, records.period.end
    running = Q(since__lte=end) & (Q(ended_on__isnull=True) | Q(ended_on__gt=start))
    born = "".join(f"{n}{u}" for n, u in ((person.birth_year, "年"), (person.birth_month, "月")) if n)
    seats = records.rows(
        "seats",
        lambda: (
            Mandate.objects.filter(running).select_related("congress__region", "constituency").order_by("since", "pk")
        ),
    )
    stations = records.rows(
        "stations",
        lambda: StationMembership.objects.filter(running).select_related("station").order_by("since", "pk"),
    )
    groups = records.rows(
        "groups", lambda: GroupMembership.objects.filter(running).select_related("group").order_by("since", "pk")
    )
    told = [
        ("sex", "性别", person.get_sex_display()),
        ("ethnicity", "民族", person.ethnicity),
        ("born", "出生年月", born),
        ("party", "政治面貌", person.party),
        ("education", "文化程度", person.education),
        ("work_unit", "工作单位及职务", person.work_unit),
        ("occupation", "职业（界别）", person.occupation),
        ("expertise", "专长", person.expertise),
    ]
    lines = [
        Line(_span(seat), f"{seat.congress}代表" + (f"（{seat.constituency}）" if seat.constituency else ""))
        for seat in sorted(seats, key=lambda seat: len(seat.congress.region.path))
    ]
    lines += [Line(_span(row), f"进驻{row.station}", row.get_kind_display()) for row in stations]
    lines += [Line(_span(row), f"{row.group}{'组长' if row.is_leader else '成员'}") for row in groups]
    facts = [Fact(key, label, value) for key, label, value in told if value]
    facts.append(Fact("seats", "代表职务", len(seats), "席"))
    return Block("basics", "基本情况", tuple(facts), tuple(lines))


def _span(row: Any) -> str:
    return f"{in_words(row.since)}起" if row.ended_on is None else f"{in_words(row.since)}至{in_words(row.ended_on)}"


def meetings(records: Records) -> Block:
    rows, found = records.of("meetings"), records.declared_for("meetings")
    held = (Activity.Status.HELD, Activity.Status.PUBLISHED)
    asked = records.rows(
        "asked",
        lambda: Attendance.objects.filter(
            activity__type__code__in=MEETINGS,
            activity__status__in=held,
            activity__held_on__range=(records.period.start, records.period.until),
        ),
    )
    presences = [row.presence for row in asked]
    facts = (
        Fact("meetings", "出席会议", len(rows), "次"),
        Fact("meetings_leave", "请假", presences.count(Attendance.Presence.LEAVE), "次"),
        Fact("meetings_absent", "缺席", presences.count(Attendance.Presence.ABSENT), "次"),
        Fact("meetings_declared", "审议发言等（申报）", len(found), "项"),
    )
    return Block("meetings", "会议履职", facts, in_order(*_lines(rows), *found))


def surveys(records: Records) -> Block:
    rows, found = records.of("surveys"), records.declared_for("surveys")
    research = records.by_rule("research")
    written = tuple(
        dated(
            report.finished_on,
            report.title,
            "执笔调研报告" + "".join(f"，{adoption}" for adoption in report.adoptions.all()),
            "research",
            report.pk,
        )
        for report in research
    )
    facts = (
        Fact("surveys", "视察、调研和检查", len(rows), "次"),
        Fact("research", "执笔调研报告", len(research), "篇"),
        Fact("adopted", "报告被采纳", sum(len(report.adoptions.all()) for report in research), "次"),
    )
    return Block("surveys", "视察调研", facts, in_order(*_lines(rows), *written, *found))


def training(records: Records) -> Block:
    rows, found = records.of("training"), records.declared_for("training")
    facts = (Fact("training", "学习培训", len(rows) + len(found), "次"),)
    return Block("training", "学习培训", facts, in_order(*_lines(rows), *found))


def groups(records: Records) -> Block:
    rows = records.of("groups")
    with_group = sum(row.activity.group_id is not None for row in records.attended)
    facts = (Fact("group_activities", "参加小组活动", with_group, "次"),)
    elsewhere = with_group - sum(row.activity.group_id is not None for row in rows)
    note = f"其中{elsewhere}次是会议、视察调研、学习培训或进站活动，列在相应部分。" if elsewhere else ""
    return Block("groups", "小组活动", facts, _lines(rows), note)


def proposal_line(case: Suggestion, role: str) -> Line:
    number = case.proposal_number
    told = [role, number if "第" in number else f"第{number}号"]
    told += ["重点督办"] if case.supervised_on else []
    told += [f"{case.result_class}类答复"] if case.result_class else []
    told += [f"评价：{case.rating_label}"] if case.replied_on else []
    day = case.submitted_on
    assert day is not None, "a numbered proposal was submitted"
    return dated(day, case.heading, "，".join(told), "suggestion", case.number)


def proposals(records: Records) -> Block:
    """领衔 and 联名 with results and ratings: pulled from the cases, never typed (江西 digital file)."""
    led = records.by_rule("proposals")
    signed = [row.suggestion for row in records.by_rule("cosigned")]
    ratings = [case.rating for case in led if case.replied_on]
    facts = [
        Fact("led", "领衔建议", len(led), "件"),
        Fact("cosigned", "联名建议", len(signed), "件"),
        Fact("supervised", "列为重点督办", sum(bool(case.supervised_on) for case in led), "件"),
        Fact("answered", "领衔建议已答复", len(ratings), "件"),
    ]
    facts += [Fact(f"rated_{one.value}", f"评价{one.label}", ratings.count(one), "件") for one in Suggestion.Rating]
    facts.append(Fact("unrated", "未评价", ratings.count(""), "件"))
    lines = [proposal_line(case, "领衔") for case in led] + [proposal_line(case, "联名") for case in signed]
    return Block("proposals", "议案建议", tuple(facts), in_order(*lines, *records.declared_for("proposals")))


def contact(records: Records) -> Block:
    """联系群众、述职与监督. Of opinions and disputes only how many: the file names no citizen."""
    rows, period = records.of("contact"), records.period
    visits = records.by_rule("visits")
    receptions = sum(row.activity.type.code == "reception" for row in rows)
    disputes = records.rows("disputes", lambda: Mediation.objects.all().between(period.start, period.until))
    running = Q(since__lte=period.end) & (Q(ended_on__isnull=True) | Q(ended_on__gt=period.start))
    pairs = records.rows(
        "pairs",
        lambda: (
            Pairing.objects.filter(running).select_related("station", "enterprise", "village").order_by("since", "pk")
        ),
    )
    facts = (
        Fact("station_activities", "进站和联系群众活动", len(rows), "次"),
        Fact("receptions", "其中接待群众", receptions, "次"),
        Fact("visits", "走访", len(visits), "次"),
        Fact("households", "走访", total(visit.households for visit in visits), "户"),
        Fact("people", "走访", total(visit.people for visit in visits), "人次"),
        Fact("collected", "收集意见", len(records.by_rule("collected")), "条"),
        Fact("solved", "推动解决问题", len(records.by_rule("solved")), "个"),
        Fact("duty_reports", "述职", len(records.reports), "次"),
        Fact("mediations", "化解矛盾纠纷", total(dispute.times for dispute in disputes), "件次"),
        Fact("pairings", "结对联系", len(pairs), "个"),
    )
    called = [visit_line(visit) for visit in visits]
    reported = [_report_line(report) for report in records.reports]
    held = [Line(_span(pair), f"联系{pair.target}", pair.purpose) for pair in pairs]
    lines = in_order(*_lines(rows), *called, *reported, *held, *records.declared_for("contact"))
    return Block("contact", "联系群众、述职与监督", facts, lines)


def visit_line(visit: Visit) -> Line:
    whom = f"走访{visit.get_target_display()}" + (f"，{visit.place}" if visit.place else "")
    return dated(visit.visited_on, whom, f"{visit.households}户，{visit.people}人次", "visit", visit.pk)


def _report_line(report: DutyReport) -> Line:
    activity = report.activity
    told = report.in_words.removesuffix("。")
    return dated(activity.held_on, f"述职：{activity.title}", told, "activity", activity.pk)


def honours(records: Records) -> Block:
    awards = records.rows("awards", lambda: _in_period(Award.objects.all(), records.period))
    found = records.declared_for("honours")
    facts = (Fact("awards", "表彰", len(awards), "次"),)
    return Block("honours", "表彰", facts, in_order(*map(award_line, awards), *found))


def _in_period(awards: Any, period: Period) -> Any:
    """An honour belongs to the year it is for, though it is given in the next; to a term by the day it was given."""
    if period.is_year:
        return awards.filter(year=period.start.year).order_by("awarded_on", "pk")
    return awards.filter(awarded_on__range=(period.start, period.until)).order_by("awarded_on", "pk")


def awards_of_group(group: Any, period: Period) -> tuple[Line, ...]:
    return tuple(map(award_line, _in_period(Award.objects.filter(group=group), period)))


def award_line(award: Award) -> Line:
    told = f"{award.get_grade_display()}，{award.issuer}，{award.document}"
    return dated(award.awarded_on, award.name, told, "award", award.pk)


Build = Callable[[Records], Block]
BLOCKS: tuple[Build, ...] = (basics, meetings, surveys, training, groups, proposals, contact, honours)
