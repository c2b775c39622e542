"""优秀代表 and 先进代表小组: who meets the conditions of the year, with the facts that say so (mission G3).

A list for the committee to choose from, by strokes and never by points: it ranks nobody, and nobody else sees it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from accounts.models import Region
from accounts.paths import within
from deputies.models import Deputy, DeputyGroup, GroupMembership
from deputies.names import by_strokes
from duties import progress
from duties.facts import days_of, facts_of
from duties.models import SpotCheckResult, YearOpinion
from duties.rules import DEPUTY, GROUP, RULES
from duties.year_points import points_of

NAMES = {DEPUTY: "优秀代表", GROUP: "先进代表小组"}
# Where the year has no targets of its own: domain.md §5 (漯河: 4, 1, 2 of a group; receptions of a deputy).
USUAL: dict[str, tuple[tuple[str, tuple[str, ...], int, str], ...]] = {
    DEPUTY: (("attended", ("reception",), 2, "进站接待不少于2次"),),
    GROUP: (
        ("activities", (), 4, "开展活动不少于4次"),
        ("research", (), 1, "调研报告不少于1篇"),
        ("group_proposals", (), 2, "小组建议不少于2件"),
    ),
}
# What a deputy brings from the people: any one of these.
VOICES = ("collected", "proposals", "cosigned")


@dataclass(frozen=True)
class Candidate:
    """`reasons` are facts, each a phrase; `opinions` are the words of leader and electing unit."""

    key: str
    name: str
    about: str
    reasons: tuple[str, ...]
    opinions: tuple[str, ...] = ()

    @property
    def why(self) -> str:
        return "；".join(self.reasons)


@dataclass(frozen=True)
class Candidates:
    of: str
    region: Region
    year: int
    conditions: tuple[str, ...]
    asked: int
    rows: tuple[Candidate, ...]

    @property
    def title(self) -> str:
        return f"{self.region}{self.year}年度{NAMES[self.of]}候选名单"

    @property
    def unit(self) -> str:
        return "人" if self.of == DEPUTY else "个"


def candidates_of(kind: str, region: Region, year: int) -> Candidates:
    return _deputies(region, year) if kind == DEPUTY else _groups(region, year)


def _deputies(region: Region, year: int) -> Candidates:
    """年度任务 done, something brought from the people, no difference at a spot check, and the best grade where adopted."""
    people = list(Deputy.objects.in_office().filter(within(region.path)).select_related("region").in_order())
    keys = [deputy.pk for deputy in people]
    conditions, done = _tasks(DEPUTY, region, year, keys)
    facts, points, opinions = facts_of(DEPUTY, keys, year), points_of(people, year), _opinions(keys, year)
    differs = set(
        SpotCheckResult.objects.filter(deputy__in=_of(region), check_of__year=year, outcome="differs").values_list(
            "deputy_id", flat=True
        )
    )
    rows = []
    for deputy in people:
        brought = [fact for fact in facts[deputy.pk] if fact.rule in VOICES and fact.count]
        sheet = points.get(deputy.pk)
        if deputy.pk not in done or not brought or deputy.pk in differs or (sheet and not sheet["is_best"]):
            continue
        graded = [f"履职积分{sheet['total']}分，{sheet['grade']}"] if sheet else []
        told = [str(fact) for fact in facts[deputy.pk] if fact.count]
        rows.append(
            Candidate(deputy.slug, deputy.name, str(deputy.region), (*graded, *told), tuple(opinions[deputy.pk]))
        )
    conditions += ["收集意见、领衔建议或联名建议至少有一项", "抽查没有与记录不符"]
    conditions += ["积分等次为最高一档"] if points else []
    return Candidates(DEPUTY, region, year, tuple(conditions), len(people), tuple(rows))


def _groups(region: Region, year: int) -> Candidates:
    groups = list(DeputyGroup.objects.active().filter(within(region.path)).select_related("region"))
    keys = [group.pk for group in groups]
    conditions, done = _tasks(GROUP, region, year, keys)
    facts = facts_of(GROUP, keys, year)
    leaders = dict(
        GroupMembership.objects.filter(group__in=keys, is_leader=True, ended_on__isnull=True).values_list(
            "group_id", "deputy__name"
        )
    )
    rows = [
        Candidate(
            str(group.pk),
            group.name,
            f"组长{leaders[group.pk]}" if group.pk in leaders else str(group.region),
            tuple(str(fact) for fact in facts[group.pk] if fact.count),
        )
        for group in sorted(groups, key=lambda group: (by_strokes(group.name), group.pk))
        if group.pk in done
    ]
    return Candidates(GROUP, region, year, tuple(conditions), len(groups), tuple(rows))


def _of(region: Region) -> Any:
    return Deputy.objects.filter(within(region.path)).values("pk")


def _opinions(keys: Iterable[int], year: int) -> dict[int, list[str]]:
    wanted, found = set(keys), defaultdict(list)
    for opinion in YearOpinion.objects.filter(year=year).order_by("deputy", "-side"):
        if opinion.deputy_id in wanted:
            found[opinion.deputy_id].append(f"{opinion.get_side_display()}：{opinion.text}")
    return found


def _tasks(kind: str, region: Region, year: int, keys: list[int]) -> tuple[list[str], set[int]]:
    """The conditions in words, and who has done everything that is due by now."""
    owed = [one for one in progress.progress_of(region, year) if one.target.of == kind]
    if owed:
        missed = {row.subject.pk for one in owed for row in one.unmet}
        return [str(one.target) for one in owed], set(keys) - missed
    done = set(keys)
    for rule, types, least, _ in USUAL[kind]:
        days = days_of(rule, kind, keys, year, types)
        done &= {key for key in keys if len(days.get(key, ())) >= least}
    assert all(rule in RULES for rule, *_ in USUAL[kind])
    return [words for *_, words in USUAL[kind]], done
