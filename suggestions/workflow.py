"""The case, as one table of verbs (architecture.md, "The case: verbs"). Pure: no database, nothing of ours.

A state changes by a verb or not at all. Who may say it stands in permissions.py, what else it does in services.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import TextChoices


class Kind(TextChoices):
    OPINION = "opinion", "群众意见"
    PROPOSAL = "proposal", "代表建议"


class Status(TextChoices):
    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待受理"
    ACCEPTED = "accepted", "已受理"
    TRANSFERRED = "transferred", "待签收"
    HANDLING = "handling", "办理中"
    REPLIED = "replied", "已答复"
    REVIEWING = "reviewing", "待复核"
    TRACKING = "tracking", "跟踪办理"
    CLOSED = "closed", "已办结"
    DECLINED = "declined", "不予受理"
    MERGED = "merged", "已并案"
    WITHDRAWN = "withdrawn", "已撤回"


class Verb(TextChoices):
    SUBMIT = "submit", "提交"
    COSIGN = "cosign", "联名"
    SEND_BACK = "send_back", "退回修改"
    ACCEPT = "accept", "受理"
    DECLINE = "decline", "不予受理"
    ANSWER = "answer", "当场答复"
    TRANSFER = "transfer", "转办"
    DISTRIBUTE = "distribute", "分办"
    RECALL = "recall", "收回"
    ESCALATE = "escalate", "上报"
    HAND_DOWN = "hand_down", "交下级"
    SIGN_FOR = "sign_for", "签收"
    REQUEST_RETURN = "request_return", "申请退回"
    APPROVE_RETURN = "approve_return", "同意退回"
    REFUSE_RETURN = "refuse_return", "不同意退回"
    REQUEST_EXTENSION = "request_extension", "申请延期"
    APPROVE_EXTENSION = "approve_extension", "同意延期"
    REFUSE_EXTENSION = "refuse_extension", "不同意延期"
    CONTRIBUTE = "contribute", "协办意见"
    REPLY = "reply", "答复"
    FEEDBACK = "feedback", "评价"
    REHANDLE = "rehandle", "重新办理"
    UPHOLD = "uphold", "维持答复"
    ASSESS = "assess", "评估"
    FULFIL = "fulfil", "兑现承诺"
    CLOSE = "close", "办结"
    REQUEST_REOPEN = "request_reopen", "申请重新受理"
    REOPEN = "reopen", "重新受理"
    MERGE = "merge", "并案"
    UNMERGE = "unmerge", "撤销并案"
    RAISE = "raise", "转为代表建议"
    WITHDRAW = "withdraw", "撤回"
    REMIND = "remind", "催办"
    SUPERVISE = "supervise", "重点督办"
    CONSULT = "consult", "五方协商"
    PUBLISH = "publish", "公开"
    UNPUBLISH = "unpublish", "取消公开"
    REISSUE_CODE = "reissue_code", "补发查询码"
    COMMENT = "comment", "小组意见"
    INFORM = "inform", "电话告知"
    RECORD = "record", "记录批示"
    MOVE_DUE = "move_due", "顺延期限"


S = Status
OPEN = frozenset({S.SUBMITTED, S.ACCEPTED, S.TRANSFERRED, S.HANDLING, S.REPLIED, S.REVIEWING, S.TRACKING})
WITH_UNIT = frozenset({S.TRANSFERRED, S.HANDLING})
WITHDRAWABLE = frozenset({S.DRAFT, S.SUBMITTED, S.ACCEPTED, S.TRANSFERRED, S.HANDLING})
LIVING = frozenset(S) - {S.DRAFT, S.WITHDRAWN}

BOTH = frozenset(Kind)
OPINION = frozenset({Kind.OPINION})
PROPOSAL = frozenset({Kind.PROPOSAL})


@dataclass(frozen=True)
class Move:
    """One row: from each source to one of the targets. Without targets the case stays where it is."""

    kinds: frozenset[Kind]
    sources: frozenset[Status]
    targets: frozenset[Status] = frozenset()
    why: str = ""

    def targets_from(self, source: Status) -> frozenset[Status]:
        if source not in self.sources:
            return frozenset()
        return self.targets or frozenset({source})


def _move(
    kinds: frozenset[Kind], sources: Iterable[Status], targets: Iterable[Status] = (), why: str = ""
) -> tuple[Move, ...]:
    return (Move(kinds, frozenset(sources), frozenset(targets), why),)


TABLE: dict[Verb, tuple[Move, ...]] = {
    Verb.SUBMIT: _move(BOTH, [S.DRAFT], [S.SUBMITTED]),
    Verb.COSIGN: _move(PROPOSAL, [S.DRAFT], why="Each co-signer confirms before the lead deputy submits."),
    Verb.SEND_BACK: _move(PROPOSAL, [S.SUBMITTED], [S.DRAFT]),
    Verb.ACCEPT: _move(BOTH, [S.SUBMITTED], [S.ACCEPTED]),
    Verb.DECLINE: _move(
        BOTH, [S.SUBMITTED, S.ACCEPTED], [S.DECLINED], "Never without a destination: where the person may go instead."
    ),
    Verb.ANSWER: _move(
        OPINION,
        [S.SUBMITTED, S.ACCEPTED],
        [S.REPLIED],
        "当场答复 by officers or staff; a deputy proposes, never decides.",
    ),
    Verb.TRANSFER: _move(
        BOTH, [S.ACCEPTED], [S.TRANSFERRED], "T0, the hand-over day (交办之日), is set here and nowhere else."
    ),
    Verb.DISTRIBUTE: _move(BOTH, WITH_UNIT, [S.TRANSFERRED], "分办 moves the lead, never the clock: T0 stays."),
    Verb.RECALL: _move(BOTH, WITH_UNIT, [S.ACCEPTED]),
    Verb.ESCALATE: _move(OPINION, [S.ACCEPTED], why="The holder changes, the state does not (权限不足)."),
    Verb.HAND_DOWN: _move(OPINION, [S.ACCEPTED]),
    Verb.SIGN_FOR: (
        Move(
            BOTH, frozenset({S.TRANSFERRED}), frozenset({S.HANDLING, S.TRANSFERRED}), "An assisting unit moves nothing."
        ),
        Move(BOTH, frozenset({S.HANDLING}), why="Assisting and separate units sign after the first one."),
    ),
    Verb.REQUEST_RETURN: _move(
        BOTH, WITH_UNIT, why="Only a request: the unit remains responsible until staff approve."
    ),
    Verb.APPROVE_RETURN: (
        Move(BOTH, WITH_UNIT, frozenset({S.ACCEPTED})),
        Move(BOTH, WITH_UNIT, why="An assisting unit, or one of several separate ones: the others go on."),
    ),
    Verb.REFUSE_RETURN: _move(BOTH, WITH_UNIT),
    Verb.REQUEST_EXTENSION: _move(BOTH, WITH_UNIT),
    Verb.APPROVE_EXTENSION: _move(BOTH, WITH_UNIT),
    Verb.REFUSE_EXTENSION: _move(BOTH, WITH_UNIT),
    Verb.CONTRIBUTE: _move(BOTH, WITH_UNIT, why="Ending an assisting assignment never moves the case."),
    Verb.REPLY: _move(
        BOTH, [S.HANDLING], [S.REPLIED, S.HANDLING], "Of separate units the last one answers the case, the others stay."
    ),
    Verb.FEEDBACK: (
        Move(
            BOTH,
            frozenset({S.REPLIED}),
            frozenset({S.CLOSED, S.TRACKING, S.REVIEWING}),
            "不满意 → reviewing; otherwise class B → tracking, since a promise is not yet a result; else closed.",
        ),
        Move(PROPOSAL, frozenset({S.REPLIED}), why="Where each signer rates, the case waits for the last one."),
        Move(OPINION, frozenset({S.MERGED}), why="A merged submitter rates on the own row; it moves nothing."),
    ),
    Verb.REHANDLE: _move(
        BOTH, [S.REVIEWING], [S.HANDLING, S.ACCEPTED], "The same unit goes on; another unit begins by transfer."
    ),
    Verb.UPHOLD: _move(BOTH, [S.REVIEWING], [S.CLOSED, S.TRACKING]),
    Verb.ASSESS: _move(BOTH, [S.REVIEWING], [S.CLOSED], "From the second 不满意 (河南办法 2017: unit and experts)."),
    Verb.FULFIL: _move(BOTH, [S.TRACKING], [S.REPLIED], "The second answer is rated like the first."),
    Verb.CLOSE: _move(
        BOTH, [S.REPLIED], [S.CLOSED, S.TRACKING], "By the system when nobody rated: 未评价, never 满意."
    ),
    Verb.REQUEST_REOPEN: _move(BOTH, [S.CLOSED, S.DECLINED]),
    Verb.REOPEN: _move(BOTH, [S.CLOSED, S.DECLINED], [S.ACCEPTED]),
    Verb.MERGE: _move(OPINION, [S.SUBMITTED, S.ACCEPTED], [S.MERGED]),
    Verb.UNMERGE: _move(OPINION, [S.MERGED], [S.ACCEPTED]),
    Verb.RAISE: (
        Move(PROPOSAL, frozenset({S.DRAFT}), why="Opinions are linked to a draft; they merge when it is accepted."),
        Move(OPINION, frozenset({S.ACCEPTED}), why="Its submitter reads that a deputy takes the matter up."),
    ),
    Verb.WITHDRAW: (
        Move(BOTH, WITHDRAWABLE, frozenset({S.WITHDRAWN})),
        Move(PROPOSAL, WITHDRAWABLE - {S.DRAFT}, why="A joint proposal ends when the last of its signers agrees."),
    ),
    Verb.REMIND: _move(BOTH, OPEN),
    Verb.SUPERVISE: _move(BOTH, OPEN),
    Verb.CONSULT: _move(BOTH, OPEN),
    Verb.PUBLISH: _move(BOTH, LIVING),
    Verb.UNPUBLISH: _move(BOTH, LIVING),
    Verb.REISSUE_CODE: _move(OPINION, LIVING),
    Verb.COMMENT: _move(BOTH, OPEN),
    Verb.INFORM: _move(BOTH, LIVING),
    Verb.RECORD: _move(BOTH, LIVING),
    Verb.MOVE_DUE: _move(BOTH, OPEN - {S.SUBMITTED}),
}


class IllegalMove(Exception):
    """A verb said where the table does not allow it."""


def targets(verb: Verb, kind: Kind, source: Status) -> frozenset[Status]:
    """Where the verb may take a case of this kind from here. Empty: not at all."""
    return frozenset().union(*(m.targets_from(source) for m in TABLE[verb] if kind in m.kinds))


def check(verb: Verb, kind: Kind, source: Status, target: Status) -> None:
    if target not in targets(verb, kind, source):
        raise IllegalMove(f"{Kind(kind).label}“{Status(source).label}”时不能{Verb(verb).label}。")


def possible(kind: Kind, source: Status) -> list[Verb]:
    """The verbs of the table that a case of this kind in this state knows, in the table's order."""
    return [verb for verb in Verb if targets(verb, kind, source)]
