"""The file of a group for a year: who sits in it, what it did, and the three yearly conditions (mission G1).

Conditions and the members' mean make the group score of domain.md §5.2 (漯河: ≥4 activities, ≥1 report, ≥2 proposals).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from accounts.calendar import in_words
from deputies.models import DeputyGroup, GroupMembership
from duties import progress
from duties.file_blocks import activity_line, awards_of_group, proposal_line, visit_line
from duties.file_parts import Block, Fact, File, Line, Period, dated, heading, total, year_period
from duties.file_points import mean_block
from duties.models import Target
from duties.rules import GROUP, RULES
from duties.spans import spans, state_of
from duties.target_seeds import SHIPPED


def members_of(group: DeputyGroup, period: Period) -> list[GroupMembership]:
    """Everybody who sat in it in the year, the leader first."""
    running = Q(since__lte=period.end) & (Q(ended_on__isnull=True) | Q(ended_on__gt=period.start))
    rows = group.memberships.filter(running).select_related("deputy__region")
    return list(rows.order_by("-is_leader", "deputy__name_strokes", "deputy__name", "pk"))


def group_file(group: DeputyGroup, year: int) -> File:
    period = year_period(year)
    members = members_of(group, period)
    mean = mean_block(list({row.deputy_id: row.deputy for row in members}.values()), year)
    blocks = [_basics(group, members), _conditions(group, period)]
    blocks += [_activities(group, period), _contact(group, period), _reports(group, period), _proposals(group, period)]
    honours = awards_of_group(group, period)
    blocks.append(Block("honours", "表彰", (Fact("awards", "表彰", len(honours), "次"),), honours))
    return File(
        title="代表小组履职档案",
        name=group.name,
        region=str(group.region),
        blocks=(*blocks, *([mean] if mean else [])),
        **heading(period),
    )


def _rows(group: DeputyGroup, period: Period, rule: str) -> Any:
    return RULES[rule].records(GROUP, [group.pk], period.start, period.until)


def _basics(group: DeputyGroup, members: Sequence[GroupMembership]) -> Block:
    told = [
        Fact("kind", "类型", group.get_kind_display()),
        Fact("level", "层级", group.get_level_display()),
        Fact("category", "专业类别", group.get_category_display() if group.category else ""),
        Fact("since", "成立", in_words(group.since)),
    ]
    people = len({row.deputy_id for row in members})
    lines = tuple(
        Line(
            in_words(row.since) + ("起" if row.ended_on is None else f"至{in_words(row.ended_on)}"),
            row.deputy.name,
            "组长" if row.is_leader else "成员",
            "deputy",
            row.deputy.slug,
        )
        for row in members
    )
    return Block("basics", "基本情况", (*(f for f in told if f.value), Fact("members", "成员", people, "人")), lines)


def _conditions(group: DeputyGroup, period: Period) -> Block:
    """Those that the group's region and the ones above have set; where none is set, the shipped three."""
    year = period.start.year
    own = progress.progress(
        progress.targets_above(group.region.path, year, GROUP), {GROUP: [progress.subject_of_group(group)]}
    )
    lines = [_condition(one.title, cell) for one in own for row in one.rows for cell in row.cells]
    if not own:
        span = spans(year, Target.Span.YEAR)[0]
        for of, code, _, _, least in SHIPPED:
            if of == GROUP:
                count = len({row.pk for row in _rows(group, period, code)})
                state = state_of(span, count, least, group.since, period.until)
                rule = RULES[code]
                lines.append(
                    _condition(f"{rule.label}不少于{least}{rule.unit}", progress.Cell(span, count, least, state))
                )
    return Block("conditions", "年度任务", (), tuple(lines))


def _condition(title: str, cell: progress.Cell) -> Line:
    return Line(cell.span.label, title, f"已有{cell.count}，{cell.label}", "condition", cell.state)


def _activities(group: DeputyGroup, period: Period) -> Block:
    rows = list(_rows(group, period, "activities").select_related("type", "station", "group"))
    facts = (Fact("activities", "开展活动", len(rows), "次"),)
    return Block("activities", "小组活动", facts, tuple(activity_line(row) for row in rows))


def _contact(group: DeputyGroup, period: Period) -> Block:
    rows = list(_rows(group, period, "visits"))
    facts = (
        Fact("visits", "走访", len(rows), "次"),
        Fact("households", "走访", total(row.households for row in rows), "户"),
        Fact("people", "走访", total(row.people for row in rows), "人次"),
    )
    lines = tuple(map(visit_line, rows))
    return Block("contact", "走访", facts, lines)


def _reports(group: DeputyGroup, period: Period) -> Block:
    rows = list(_rows(group, period, "research").prefetch_related("adoptions"))
    lines = tuple(
        dated(row.finished_on, row.title, "，".join(map(str, row.adoptions.all())), "research", row.pk) for row in rows
    )
    return Block("research", "调研报告", (Fact("research", "调研报告", len(rows), "篇"),), lines)


def _proposals(group: DeputyGroup, period: Period) -> Block:
    rows = {case.pk: case for case in _rows(group, period, "group_proposals").select_related("lead")}
    lines = tuple(proposal_line(case, f"{case.lead}领衔") for case in rows.values())
    return Block("proposals", "小组成员建议", (Fact("proposals", "领衔建议", len(rows), "件"),), lines)
