"""Who is told what, after the commit (mission S14). The to-do list comes first; a message only says that it has grown.

No message holds more than the number, what happened and where to look: it passes through other hands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts import outbox
from accounts.calendar import Calendar, in_words, today
from accounts.models import Holiday, Notice, User
from stations.models import StationPost
from suggestions.deadlines import traffic_light
from suggestions.models import Assignment, Event, Promise, Suggestion
from suggestions.models.joining import merged_into
from suggestions.models.sight import Links
from suggestions.workflow import OPEN, WITH_UNIT, Kind, Status, Verb

V = Verb

# What the submitter of an opinion reads; of a merged one under the own number.
TO_SUBMITTER = {
    V.ACCEPT: "已经受理",
    V.DECLINE: "已作说明，请查看可以去哪里反映",
    V.ANSWER: "已有答复，请查看并评价",
    V.TRANSFER: "已交承办单位办理",
    V.REPLY: "已有答复，请查看并评价",
    V.FULFIL: "承诺的事已有结果，请查看并评价",
    V.REHANDLE: "将重新办理",
    V.UPHOLD: "已经复核，请查看",
    V.ASSESS: "已经评估，请查看",
    V.REOPEN: "已重新受理",
    V.MERGE: "已与同类事项合并办理，编号不变",
    V.UNMERGE: "改为单独办理",
}
CARRIED = (V.ANSWER, V.TRANSFER, V.REPLY, V.FULFIL, V.REHANDLE, V.UPHOLD, V.ASSESS, V.REOPEN)
TO_UNIT = {
    V.TRANSFER: "有新交办的事项，请签收",
    V.DISTRIBUTE: "有新分办的事项，请签收",
    V.REFUSE_RETURN: "退回申请没有同意，请继续办理",
    V.APPROVE_EXTENSION: "延期申请已同意",
    V.REFUSE_EXTENSION: "延期申请没有同意，请按期答复",
    V.CONTRIBUTE: "协办单位已提出意见",
    V.REHANDLE: "反映人不满意，请重新办理",
    V.REMIND: "请抓紧办理",
    V.RECALL: "已由交办机构收回，不用再办",
    V.APPROVE_RETURN: "退回申请已同意，不用再办",
    V.WITHDRAW: "反映人已经撤回，不用再办",
}
ENDING = (V.RECALL, V.APPROVE_RETURN, V.WITHDRAW)
TO_HOLDER = {
    V.ESCALATE: "有上报的事项，请处理",
    V.HAND_DOWN: "有上级交来的事项，请处理",
    V.REQUEST_RETURN: "承办单位申请退回，请决定",
    V.REQUEST_EXTENSION: "承办单位申请延期，请决定",
    V.REQUEST_REOPEN: "反映人申请重新受理，请决定",
}
TO_RECEIVER = "有新的意见建议，请受理"
TO_SIGNERS = {
    V.SEND_BACK: "建议退回修改",
    V.ACCEPT: "建议已受理编号",
    V.DECLINE: "建议未予受理，请查看理由",
    V.TRANSFER: "建议已交承办单位办理",
    V.REPLY: "建议已有答复，请评价",
    V.FULFIL: "建议的承诺已有结果，请评价",
    V.RAISE: "有群众意见请您提出建议，草稿已备好",
    V.UPHOLD: "建议已经复核，请查看",
    V.ASSESS: "建议已经评估，请查看",
}


@dataclass(frozen=True)
class Message:
    """To whom, by a key that names recipient and not address, and the sentence."""

    recipient: str
    phone: str
    email: str
    text: str

    def put(self, key: str) -> bool:
        """By text message where that goes out, else by mail; False where neither reaches the person."""
        return outbox.tell(f"{key}:{self.recipient}", outbox.Channel.SMS, self.phone, self.text) or outbox.tell(
            f"{key}:{self.recipient}", outbox.Channel.MAIL, self.email, self.text
        )


def tell_of(event_pk: int) -> int:
    """Put the messages of one event into the outbox; the count. A second call puts none again (the outbox' keys)."""
    if not outbox.channels():
        return 0
    event = Event.objects.select_related("suggestion__holder", "suggestion__lead").get(pk=event_pk)
    return sum(message.put(f"event:{event.pk}") for message in messages(event))


def messages(event: Event) -> Iterator[Message]:
    case, verb = event.suggestion, Verb(event.verb)
    # One of several separate units has answered: nothing is decided yet.
    if verb is V.REPLY and event.to_status == Status.HANDLING:
        return
    if verb in TO_SUBMITTER:
        yield from _to_submitters(case, verb, TO_SUBMITTER[verb])
    if verb in TO_UNIT:
        yield from _to_users(case, _of_the_units(case, event), TO_UNIT[verb], ended=verb in ENDING)
    if verb is V.REQUEST_RETURN:
        passed_on = case.assignments.open().filter(return_requests__decision="", via__isnull=False)
        yield from _to_users(case, Q(organization__in=passed_on.values("via__unit")), TO_HOLDER[verb])
    dissatisfied = verb is V.FEEDBACK and event.to_status == Status.REVIEWING
    if verb in TO_HOLDER or dissatisfied:
        who = "反映人" if case.kind == Kind.OPINION else "代表"
        told = f"{who}不满意，请复核" if dissatisfied else TO_HOLDER[verb]
        yield from _to_users(case, Q(organization=case.holder_id), told)
    if verb is V.SUBMIT:
        yield from _to_users(case, _of_the_receiver(case), TO_RECEIVER)
    if verb in TO_SIGNERS and case.kind == Kind.PROPOSAL:
        signers = Q(deputy=case.lead_id) | Q(deputy__in=case.cosignatures.confirmed().values("deputy"))
        yield from _to_users(case, signers, TO_SIGNERS[verb])


def _to_submitters(case: Suggestion, verb: Verb, told: str) -> Iterator[Message]:
    cases = [case]
    if verb in CARRIED:
        cases += Suggestion.objects.filter(pk__in=merged_into(case))
    for each in cases:
        if each.kind == Kind.OPINION and each.phone:
            where = f"凭编号和查询码查看：{settings.SITE_URL}/track/"
            yield Message(f"case:{each.pk}", each.phone, "", f"您反映的事项（编号{each.number}）{told}。{where}")


def _of_the_units(case: Suggestion, event: Event) -> Q:
    """The units that the event names, else all that have the case; what ended with it, whose part ended then."""
    verb, rows = Verb(event.verb), case.assignments.open()
    if verb in ENDING:
        rows = case.assignments.filter(ended_at=event.at)
    elif verb is V.CONTRIBUTE:
        rows = rows.exclude(role=Assignment.Role.ASSIST)
    named = event.data.get("units") or (event.data.get("to") if verb is V.REMIND else None)
    if verb is V.DISTRIBUTE:
        named = [event.data["to"]]
    return Q(organization__in=named) if named else Q(organization__in=rows.values("unit"))


def _of_the_receiver(case: Suggestion) -> Q:
    if not case.at_station:
        return Q(organization=case.holder_id)
    posts = StationPost.objects.sitting().filter(station=case.station_id, post__in=StationPost.ACTING)
    return Q(pk__in=posts.values("user"))


def _to_users(case: Suggestion, who: Q, told: str, *, ended: bool = False) -> Iterator[Message]:
    """Only those who may see the case: whoever it concerns is not told of it either (architecture.md, "Who")."""
    reachable = Q(phone__gt="") | Q(email__gt="")
    for user in User.objects.filter(who, reachable, is_active=True).distinct().select_related("organization__region"):
        own = Suggestion.objects.filter(pk=case.pk)
        # A unit whose part has ended sees the case no more, and is told that it need not go on.
        if (own.without_concerned(user, Links.of(user)) if ended else own.visible_to(user)).exists():
            kind = Kind(case.kind).label
            text = f"{told}：{kind}{case.number}。请登录办理：{settings.SITE_URL}/office/"
            yield Message(f"user:{user.pk}", user.phone, user.email, text)


def remind_overdue() -> int:
    """Tell the units once when a due day comes near and once when it is over; run by `tick`. The count of messages."""
    if not outbox.channels():
        return 0
    day, days = today(), Holiday.objects.calendar()
    near = Assignment.objects.open().filter(
        due_on__gte=day - timedelta(days=7), due_on__lte=day + timedelta(days=14), suggestion__status__in=WITH_UNIT
    )
    put = 0
    for row in near.select_related("suggestion", "unit"):
        light = traffic_light(row.due_on, day, days)
        key = f"due:{row.pk}:{row.due_on}:{light}"
        if light == "green" or Notice.objects.filter(key__startswith=f"{key}:").exists():
            continue
        told = f"应于{in_words(row.due_on)}前答复，{'已经超期' if light == 'red' else '期限将到'}"
        for message in _to_users(row.suggestion, Q(organization=row.unit_id), told):
            put += message.put(key)
    return put + _remind_of_promises(day, days)


def _remind_of_promises(day: date, days: Calendar) -> int:
    put = 0
    near = Promise.objects.filter(
        fulfilled_on__isnull=True,
        promised_on__gte=day - timedelta(days=7),
        promised_on__lte=day + timedelta(days=14),
        reply__suggestion__status=Status.TRACKING,
    )
    for promise in near.select_related("reply__suggestion", "reply__assignment"):
        light, given = traffic_light(promise.promised_on, day, days), promise.reply.assignment
        key = f"promise:{promise.pk}:{promise.promised_on}:{light}"
        if light == "green" or given is None or Notice.objects.filter(key__startswith=f"{key}:").exists():
            continue
        told = f"承诺{in_words(promise.promised_on)}前做到的事，{'已经过期' if light == 'red' else '期限将到'}"
        for message in _to_users(promise.reply.suggestion, Q(organization=given.unit_id), told):
            put += message.put(key)
    return put


def tell_again() -> int:
    """What a process that died between commit and message left untold; run by `tick`. Keys keep all else from repeating."""
    if not outbox.channels():
        return 0
    recent = Event.objects.filter(at__gte=timezone.now() - timedelta(minutes=10)).values_list("pk", flat=True)
    return sum(tell_of(pk) for pk in recent)


def group_text(case: Suggestion, holder: str) -> str:
    """复制到微信群: where the matter stands, without a word of what it is about or whose it is."""
    parts = [f"【{case.station or case.holder}】{Kind(case.kind).label}{case.number}：{Status(case.status).label}"]
    if case.status in OPEN and holder:
        parts.append(f"现在由{holder}办理" if case.status != Status.REPLIED else "等待评价")
    if case.status in (*WITH_UNIT, Status.TRACKING) and case.due_on:
        parts.append(f"期限{in_words(case.due_on)}")
    return "，".join(parts) + "。"
