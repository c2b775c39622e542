"""The rows behind a figure, as a reader sees them: the own part of them, newest first, a line each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organization, User
from accounts.pages import PAGE_SIZE, KeysetPage, newest_first
from activities.models import Activity, Attendance, DutyReport, Mediation, ResearchReport, Visit
from deputies.models import Deputy, DeputyGroup, Mandate, Pairing
from reports.counting import Counted, Frame
from stations.models import Station
from suggestions.models import (
    Assignment,
    CollectedOpinion,
    Consultation,
    Event,
    ExtensionRequest,
    Feedback,
    LivelihoodClue,
    Promise,
    ReturnRequest,
    Suggestion,
)

# column, text, address or nothing
Cell: TypeAlias = tuple[str, Any, str]


@dataclass(frozen=True)
class Listing:
    """How rows of one model are shown. `unit` counts them; without `by`, a date of each row, they go by name."""

    unit: str
    by: str
    cells: Callable[[Any], list[Cell]]
    ready: Callable[[Any], Any]
    visible_to: Callable[[Any, User], Any] = lambda rows, user: rows.visible_to(user)


@dataclass(frozen=True)
class Shown:
    page: KeysetPage[Any] | Page[Any]
    lines: list[list[Cell]]
    visible: int
    hidden: int
    unit: str


def show(counted: Counted, frame: Frame, user: User, query: QueryDict, narrowed: dict[str, Any]) -> Shown:
    """One page of the rows of a figure that the user may see, and how many of them there are beside."""
    rows = counted.rows(frame, **narrowed)
    listing = LISTINGS[rows.model]
    visible = listing.visible_to(rows, user)
    total, seen = rows.count(), visible.count()
    ready = listing.ready(visible)
    page: Any = (
        newest_first(ready, query, listing.by)
        if listing.by
        else Paginator(ready, PAGE_SIZE).get_page(query.get("page"))
    )
    found = page.rows if isinstance(page, KeysetPage) else page.object_list
    return Shown(page, [listing.cells(row) for row in found], seen, total - seen, listing.unit)


def _day(moment: date | datetime | None) -> str:
    if moment is None:
        return "—"
    return f"{timezone.localtime(moment) if isinstance(moment, datetime) else moment:%Y-%m-%d}"


def _text(value: Any) -> str:
    return str(value) if value else "—"


def _of_seen_cases(field: str) -> Callable[[QuerySet[Any], User], QuerySet[Any]]:
    return lambda rows, user: rows.filter(**{f"{field}__in": Suggestion.objects.visible_to(user).values("pk")})


def _station(row: Station) -> list[Cell]:
    return [
        ("名称", row.name, ""),
        ("类型", row.get_kind_display(), ""),
        ("区域", row.region, ""),
        ("建设阶段", row.get_life_display(), ""),
        ("依托", _text(row.host_name), ""),
        ("挂牌日期", _day(row.opened_on), ""),
    ]


def _deputy(row: Any) -> list[Cell]:
    return [
        ("姓名", row.name, ""),
        ("职务", _text("、".join(str(mandate) for mandate in row.sitting_mandates)), ""),
        ("联络站", _text("、".join(str(membership.station) for membership in row.sitting_memberships)), ""),
        ("档案区域", row.region, ""),
    ]


def _mandate(row: Mandate) -> list[Cell]:
    return [
        ("代表", row.deputy, ""),
        ("届次", row.congress, ""),
        ("选区（选举单位）", _text(row.constituency), ""),
        ("状态", row.get_status_display(), ""),
        ("任职日期", _day(row.since), ""),
    ]


def _group(row: DeputyGroup) -> list[Cell]:
    return [
        ("名称", row.name, ""),
        ("类型", row.get_kind_display(), ""),
        ("层级", row.get_level_display(), ""),
        ("专业类别", row.get_category_display() or "—", ""),
        ("区域", row.region, ""),
        ("成立", _day(row.since), ""),
    ]


def _activity(row: Activity) -> list[Cell]:
    return [
        ("主题", row.title, reverse("activity", args=[row.pk])),
        ("类型", row.type, ""),
        ("联络站（小组）", row.station or row.group, ""),
        ("参加群众", f"{row.outsiders}人次", ""),
        ("日期", _day(row.held_on), ""),
    ]


def _attendance(row: Attendance) -> list[Cell]:
    activity = row.activity
    return [
        ("代表", row.deputy, ""),
        ("活动", activity.title, reverse("activity", args=[activity.pk])),
        ("联络站（小组）", activity.station or activity.group, ""),
        ("日期", _day(activity.held_on), ""),
    ]


def _visit(row: Visit) -> list[Cell]:
    return [
        ("走访", row.get_target_display(), reverse("visit", args=[row.pk])),
        ("代表（小组）", row.deputy or row.group, ""),
        ("联络站", _text(row.station), ""),
        ("户数", f"{row.households}户", ""),
        ("人次", f"{row.people}人次", ""),
        ("日期", _day(row.visited_on), ""),
    ]


def _pairing(row: Pairing) -> list[Cell]:
    return [
        ("代表", row.deputy, ""),
        ("联系对象", row.target, ""),
        ("方式", row.get_kind_display(), ""),
        ("对口帮扶", "是" if row.is_assistance else "—", ""),
        ("开始", _day(row.since), ""),
    ]


def _organization(row: Organization) -> list[Cell]:
    return [("名称", row.name, ""), ("类别", row.get_kind_display(), ""), ("区域", row.region, "")]


def _duty_report(row: DutyReport) -> list[Cell]:
    return [
        ("代表", row.deputy, ""),
        ("述职活动", row.activity.title, reverse("activity", args=[row.activity_id])),
        ("结果", row.in_words, ""),
        ("日期", _day(row.activity.held_on), ""),
    ]


def _research(row: ResearchReport) -> list[Cell]:
    return [
        ("题目", row.title, reverse("research_report", args=[row.pk])),
        ("联络站（小组）", _text(row.station or row.group), ""),
        ("共性问题", _text(row.problem), ""),
        ("完成日期", _day(row.finished_on), ""),
    ]


def _mediation(row: Mediation) -> list[Cell]:
    return [
        ("类型", row.get_kind_display(), ""),
        ("件次", f"{row.times}件次", ""),
        ("结果", row.get_result_display(), ""),
        ("联络站（小组、代表）", _text(row.station or row.group or row.deputy), ""),
        ("日期", _day(row.mediated_on), ""),
    ]


def _case(case: Suggestion) -> list[Cell]:
    """The two cells that every row of a case begins with."""
    return [("事项", case.heading, reverse("suggestion", args=[case.number])), ("编号", case.number, "")]


def _suggestion(row: Suggestion) -> list[Cell]:
    return [
        *_case(row),
        ("种类", row.get_kind_display(), ""),
        ("状态", row.get_status_display(), ""),
        ("联络站", _text(row.station), ""),
        ("办理结果", f"{row.result_class}类" if row.result_class else "—", ""),
        ("评价", row.rating_label if row.replied_on else "—", ""),
        ("提交", _day(row.submitted_on), ""),
    ]


def _event(row: Event) -> list[Cell]:
    return [
        *_case(row.suggestion),
        ("操作", row.get_verb_display(), ""),
        ("代录单位", _text(row.on_behalf_of), ""),
        ("经办", row.office or row.actor_label, ""),
        ("依据", _text(row.source), ""),
        ("时间", _day(row.at), ""),
    ]


def _assignment(row: Assignment) -> list[Cell]:
    return [
        *_case(row.suggestion),
        ("承办单位", row.unit, ""),
        ("方式", row.get_role_display(), ""),
        ("状态", row.get_state_display(), ""),
        ("应复日期", _day(row.due_on), ""),
        ("交办日期", _day(row.assigned_on), ""),
    ]


def _return_request(row: ReturnRequest) -> list[Cell]:
    return [
        *_case(row.assignment.suggestion),
        ("申请单位", row.assignment.unit, ""),
        ("应由谁办", _text(row.right_unit), ""),
        ("决定", row, ""),
        ("申请日期", _day(row.requested_at), ""),
    ]


def _extension_request(row: ExtensionRequest) -> list[Cell]:
    return [
        *_case(row.assignment.suggestion),
        ("申请单位", row.assignment.unit, ""),
        ("原应复日期", _day(row.assignment.original_due_on), ""),
        ("延期至", _day(row.until), ""),
        ("决定", row, ""),
        ("申请日期", _day(row.requested_at), ""),
    ]


def _feedback(row: Feedback) -> list[Cell]:
    return [
        *_case(row.suggestion),
        ("评价", row, ""),
        ("评价代表", _text(row.signer), ""),
        ("登记", _text(row.entered_by and row.entered_by.name), ""),
        ("时间", _day(row.at), ""),
    ]


def _consultation(row: Consultation) -> list[Cell]:
    return [
        *_case(row.suggestion),
        ("承办单位", row.unit, ""),
        ("地点", _text(row.place), ""),
        ("商定完成", _day(row.agreed_on), ""),
        ("日期", _day(row.held_on), ""),
    ]


def _promise(row: Any) -> list[Cell]:
    return [
        *_case(row.reply.suggestion),
        ("承诺单位", _text(row.reply.assignment and row.reply.assignment.unit), ""),
        ("承诺事项", row.text, ""),
        ("承诺期限", _day(row.promised_on), ""),
        ("再次答复", _day(row.fulfilled_on), ""),
    ]


def _collected(row: CollectedOpinion) -> list[Cell]:
    return [
        *_case(row.suggestion),
        ("征集", row.call, ""),
        ("线索", _text(row.clue), reverse("clue", args=[row.clue_id]) if row.clue_id else ""),
        ("征集日期", _day(row.collected_on), ""),
    ]


def _clue(row: LivelihoodClue) -> list[Cell]:
    return [
        ("项目名称", row.title, reverse("clue", args=[row.pk])),
        ("征集", row.call, ""),
        ("地点", _text(row.place), ""),
        ("阶段", row.get_stage_display(), ""),
        ("把关日期", _day(row.screened_on), ""),
    ]


LISTINGS: dict[type[Any], Listing] = {
    Station: Listing("个", "opened_on", _station, lambda rows: rows.select_related("region")),
    Deputy: Listing("人", "", _deputy, lambda rows: rows.select_related("region").with_seats().order_by("name", "pk")),
    Mandate: Listing(
        "席", "since", _mandate, lambda rows: rows.select_related("deputy", "congress__region", "constituency")
    ),
    DeputyGroup: Listing("个", "since", _group, lambda rows: rows.select_related("region")),
    Pairing: Listing(
        "对", "since", _pairing, lambda rows: rows.select_related("deputy", "station", "enterprise", "village")
    ),
    # A village is no secret; whoever may open the report may read its name.
    Organization: Listing(
        "个",
        "",
        _organization,
        lambda rows: rows.select_related("region").order_by("region__path", "name"),
        lambda rows, user: rows,
    ),
    DutyReport: Listing(
        "人次",
        "held_on",
        _duty_report,
        lambda rows: rows.select_related("deputy", "activity").annotate(held_on=F("activity__held_on")),
    ),
    ResearchReport: Listing("篇", "finished_on", _research, lambda rows: rows.select_related("station", "group")),
    Mediation: Listing("条", "mediated_on", _mediation, lambda rows: rows.select_related("station", "group", "deputy")),
    Activity: Listing("场", "held_on", _activity, lambda rows: rows.select_related("type", "station", "group")),
    Attendance: Listing(
        "人次",
        "held_on",
        _attendance,
        lambda rows: rows.select_related("deputy", "activity__station", "activity__group").annotate(
            held_on=F("activity__held_on")
        ),
        lambda rows, user: rows.filter(activity__in=Activity.objects.visible_to(user).values("pk")),
    ),
    Visit: Listing("次", "visited_on", _visit, lambda rows: rows.select_related("deputy", "group", "station")),
    Suggestion: Listing("件", "submitted_at", _suggestion, lambda rows: rows.select_related("station").defer("grams")),
    Event: Listing(
        "次",
        "at",
        _event,
        lambda rows: rows.select_related("suggestion", "on_behalf_of").defer("suggestion__grams"),
        _of_seen_cases("suggestion"),
    ),
    Assignment: Listing(
        "件次",
        "assigned_on",
        _assignment,
        lambda rows: rows.select_related("suggestion", "unit").defer("suggestion__grams"),
        _of_seen_cases("suggestion"),
    ),
    ReturnRequest: Listing(
        "次",
        "requested_at",
        _return_request,
        lambda rows: rows.select_related("assignment__suggestion", "assignment__unit", "right_unit"),
        _of_seen_cases("assignment__suggestion"),
    ),
    ExtensionRequest: Listing(
        "次",
        "requested_at",
        _extension_request,
        lambda rows: rows.select_related("assignment__suggestion", "assignment__unit"),
        _of_seen_cases("assignment__suggestion"),
    ),
    Feedback: Listing(
        "次",
        "at",
        _feedback,
        lambda rows: rows.select_related("suggestion", "signer", "entered_by").defer("suggestion__grams"),
        _of_seen_cases("suggestion"),
    ),
    Consultation: Listing(
        "次",
        "held_on",
        _consultation,
        lambda rows: rows.select_related("suggestion").defer("suggestion__grams"),
        _of_seen_cases("suggestion"),
    ),
    Promise: Listing(
        "项",
        "promised_on",
        _promise,
        lambda rows: rows.select_related("reply__suggestion", "reply__assignment__unit"),
        _of_seen_cases("reply__suggestion"),
    ),
    CollectedOpinion: Listing(
        "条", "collected_on", _collected, lambda rows: rows.select_related("suggestion", "call__region", "clue")
    ),
    LivelihoodClue: Listing("条", "screened_on", _clue, lambda rows: rows.select_related("call__region")),
}
