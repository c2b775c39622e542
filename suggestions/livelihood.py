"""民生实事线索, as one table of steps (domain.md, section 9). Pure like workflow.py: no database, nothing of ours.

征集 → 梳理 → 综合把关 → 备选项目线索 → 候选项目 → 票决 → 建成 → 测评. The legally effective vote is the session's own, on
paper or its terminals: here only its result is entered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices


class Stage(TextChoices):
    COMBED = "combed", "待把关"
    DROPPED = "dropped", "未列入备选"
    KEPT = "kept", "备选项目线索"
    CANDIDATE = "candidate", "候选项目"
    PASSED_OVER = "passed_over", "票决未入选"
    CHOSEN = "chosen", "票决入选"
    BUILT = "built", "已建成"
    EVALUATED = "evaluated", "已测评"


class Step(TextChoices):
    REWORD = "reword", "修改表述"
    RELEASE = "release", "移出意见"
    SCREEN = "screen", "综合把关"
    NOMINATE = "nominate", "列为候选"
    GIVE_BACK = "give_back", "退回备选库"
    VOTE = "vote", "登记票决结果"
    PROGRESS = "progress", "更新进展"
    BUILD = "build", "登记建成"
    EVALUATE = "evaluate", "登记测评"


class Verdict(TextChoices):
    """What 综合把关 found. Kept means that nothing below stood against it; a dropped clue names what did."""

    KEPT = "kept", "列入备选"
    NO_NEED = "no_need", "必要性不足"
    NARROW = "narrow", "受益面窄，不具普惠性"
    NOT_FEASIBLE = "not_feasible", "暂不具备实施条件"
    NO_MONEY = "no_money", "资金没有保障"
    TOO_LONG = "too_long", "年内难以完成"
    ELSEWHERE = "elsewhere", "已列入上级或其他项目"
    BURDEN = "burden", "会新增债务或加重基层负担"


S = Stage
POOL = frozenset({S.COMBED, S.DROPPED, S.KEPT})
# Public from the candidate list on: it is fixed and sent out before the session, what comes before is not decided.
PUBLIC = (S.CHOSEN, S.BUILT, S.EVALUATED, S.CANDIDATE, S.PASSED_OVER)


@dataclass(frozen=True)
class Move:
    """From each source to one of the targets. Without targets the clue stays where it is."""

    sources: frozenset[Stage]
    targets: frozenset[Stage] = frozenset()

    def targets_from(self, source: Stage) -> frozenset[Stage]:
        if source not in self.sources:
            return frozenset()
        return self.targets or frozenset({source})


def _move(sources: Iterable[Stage], targets: Iterable[Stage] = ()) -> Move:
    return Move(frozenset(sources), frozenset(targets))


TABLE: dict[Step, Move] = {
    # What the deputies read before the session is not reworded behind them.
    Step.REWORD: _move(POOL),
    Step.RELEASE: _move(POOL),
    # Also again: a dropped clue may be taken up once the money is there, a kept one fall at a second look.
    Step.SCREEN: _move(POOL, [S.KEPT, S.DROPPED]),
    Step.NOMINATE: _move([S.KEPT], [S.CANDIDATE]),
    Step.GIVE_BACK: _move([S.CANDIDATE], [S.KEPT]),
    # From its own results too, so that a mistyped count can be put right; not once work has been reported as done.
    Step.VOTE: _move([S.CANDIDATE, S.CHOSEN, S.PASSED_OVER], [S.CHOSEN, S.PASSED_OVER]),
    Step.PROGRESS: _move([S.CHOSEN, S.BUILT]),
    Step.BUILD: _move([S.CHOSEN], [S.BUILT]),
    Step.EVALUATE: _move([S.BUILT, S.EVALUATED], [S.EVALUATED]),
}


class IllegalStep(Exception):
    """A step taken where the table does not allow it."""


def targets(step: Step, source: Stage) -> frozenset[Stage]:
    return TABLE[step].targets_from(source)


def check(step: Step, source: Stage, target: Stage) -> None:
    if target not in targets(step, source):
        raise IllegalStep(f"“{Stage(source).label}”的线索不能{Step(step).label}。")


def possible(source: Stage) -> list[Step]:
    return [step for step in Step if targets(step, source)]
