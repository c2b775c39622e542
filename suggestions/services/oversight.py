"""What the committee, the station and the 督查 office add while a case runs. None of it moves the case."""

from __future__ import annotations

from datetime import date

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Q, QuerySet, TextChoices
from django.utils import timezone

from accounts.calendar import SHANGHAI, in_words, today
from accounts.errors import Refused
from accounts.models import Organization, User
from accounts.paths import ancestors, within
from accounts.redaction import personal
from deputies.models import DeputyGroup
from suggestions.codes import code_hash, form_key_hash, query_code
from suggestions.models import Consultation, Event, Suggestion
from suggestions.permissions import concerned_by, require, standing_assignments
from suggestions.services.moves import keep_paper, move
from suggestions.workflow import WITH_UNIT, Kind, Status, Verb


class Record(TextChoices):
    INSTRUCTION = "instruction", "领导批示"
    ASSESSMENT = "assessment", "满意度测评"
    ADOPTION = "adoption", "采纳"


def _written(text: str, sentence: str, field: str = "text") -> str:
    if not text.strip():
        raise Refused(sentence, field=field)
    return text.strip()


def _without_contact(suggestion: Suggestion, text: str) -> str:
    """Events are never changed: what would have to be forgotten one day is not written into them (T29)."""
    found = personal(text, name=suggestion.name, phone=suggestion.phone)
    if found:
        raise Refused(f"这里不记个人信息：请删去{found}。", field="text")
    return text


def submitter_of(suggestion: Suggestion) -> str:
    return "反映人" if suggestion.kind == Kind.OPINION else "领衔代表"


@transaction.atomic
def remind(suggestion: Suggestion, *, text: str, by: User, unit: Organization | None = None) -> Event:
    """催办 whoever must act now: the units that have the case (or `unit` among them), else who holds it.

    Each is counted. The words are for the one reminded; the submitter reads that somebody was.
    """
    acting = require(Verb.REMIND, suggestion, by)
    words = _written(text, "请写明催办什么，被催办的一方会看到。")
    units = reminded_units(suggestion)
    if unit is not None and unit not in units:
        raise Refused(f"{unit}现在没有在办这件事，请重新选择单位。", field="unit")
    return move(
        suggestion,
        Verb.REMIND,
        Status(suggestion.status),
        acting,
        public_text=_told_of_a_reminder(suggestion),
        inner_note=words,
        data={"to": [found.pk for found in ([unit] if unit else units)]},
    )


def reminded_units(suggestion: Suggestion) -> list[Organization]:
    """The units that still owe something: a reply, an assisting opinion, what was promised."""
    rows = standing_assignments(suggestion)
    if suggestion.status == Status.TRACKING:
        return [row.unit for row in concerned_by(Verb.FULFIL, rows)]
    return [row.unit for row in rows if row.is_open]


def _told_of_a_reminder(suggestion: Suggestion) -> str:
    status = Status(suggestion.status)
    if status in WITH_UNIT:
        return "已催促承办单位尽快办理。"
    if status == Status.TRACKING:
        return "已催促承办单位兑现承诺。"
    if status == Status.REPLIED:
        return f"已提醒{submitter_of(suggestion)}作出评价。"
    if status == Status.REVIEWING:
        return "已催促人大机构作出复核决定。"
    return f"已催促{'联络站' if suggestion.at_station else '人大机构'}尽快办理。"


@transaction.atomic
def supervise(
    suggestion: Suggestion, *, leader: str, by: User, group: DeputyGroup | None = None, text: str = ""
) -> Event:
    """重点督办 by a leader, with a group that reads and comments from now on. Said again, it changes who does."""
    acting = require(Verb.SUPERVISE, suggestion, by)
    leader = _written(leader, "请写明由哪位领导督办。", "leader")
    if group is not None and group not in groups_for(suggestion):
        raise Refused("请选择本区域或上级区域现有的代表小组。", field="group")
    return move(
        suggestion,
        Verb.SUPERVISE,
        Status(suggestion.status),
        acting,
        public_text="" if suggestion.supervised_on else "已列为重点督办。",
        inner_note="\n".join(
            filter(None, (f"督办领导：{leader}", f"督办小组：{group}" if group else "", text.strip()))
        ),
        data={"leader": leader, "group": group.pk if group else None},
        supervised_on=suggestion.supervised_on or today(),
        supervising_leader=leader,
        supervising_group=group,
    )


def groups_for(suggestion: Suggestion) -> QuerySet[DeputyGroup]:
    """Active groups of the holder's region, of those below it and of those above it."""
    path = suggestion.holder.region.path
    return DeputyGroup.objects.active().filter(within(path) | Q(region__path__in=ancestors(path)))


@transaction.atomic
def comment(suggestion: Suggestion, *, text: str, by: User) -> Event:
    """A member of the supervising group says something to those who work on the case (全程参与督办)."""
    acting = require(Verb.COMMENT, suggestion, by)
    words = _written(text, "请写出小组的意见。")
    return move(suggestion, Verb.COMMENT, Status(suggestion.status), acting, inner_note=words)


@transaction.atomic
def consult(
    suggestion: Suggestion,
    *,
    held_on: date,
    committee: str,
    supervision: str,
    group: str,
    unit: str,
    deputy: str,
    minutes: str,
    by: User,
    place: str = "",
    agreed_on: date | None = None,
) -> Event:
    """五方协商 (漯河): without one of the five it was none. The submitter reads that it was held and the agreed day."""
    acting = require(Verb.CONSULT, suggestion, by)
    said = {"committee": committee, "supervision": supervision, "group": group, "unit": unit, "deputy": deputy}
    parties = {name: _written(said[name], "五方协商要五方都到，请写明这一方由谁参加。", name) for name in said}
    written = _written(minutes, "请写出协商纪要。", "minutes")
    _not_outside_its_time(suggestion, held_on, "held_on", "协商日期")
    if agreed_on is not None and agreed_on < held_on:
        raise Refused(f"商定完成日期不能早于协商日期{in_words(held_on)}，请重新选择。", field="agreed_on")
    agreed = f"，商定{in_words(agreed_on)}前完成" if agreed_on else ""
    event = move(
        suggestion,
        Verb.CONSULT,
        Status(suggestion.status),
        acting,
        public_text=f"{in_words(held_on)}进行了五方协商{agreed}。",
        data={"agreed": agreed_on.isoformat() if agreed_on else None},
    )
    Consultation.objects.create(
        suggestion=suggestion,
        event=event,
        held_on=held_on,
        place=place.strip(),
        minutes=written,
        agreed_on=agreed_on,
        **parties,
    )
    return event


def _not_outside_its_time(suggestion: Suggestion, day: date, field: str, label: str) -> None:
    if day > today():
        raise Refused(f"{label}不能晚于今天{in_words(today())}，请重新选择。", field=field)
    if suggestion.submitted_on and day < suggestion.submitted_on:
        raise Refused(f"{label}不能早于提交日期{in_words(suggestion.submitted_on)}，请重新选择。", field=field)


@transaction.atomic
def inform(suggestion: Suggestion, *, text: str, by: User, informed_on: date | None = None) -> Event:
    """已电话告知, where a phone number was all that was left. The call was made after what there was to tell."""
    acting = require(Verb.INFORM, suggestion, by)
    words = _without_contact(suggestion, _written(text, "请写明怎样告知的、对方怎么说。"))
    day = informed_on or today()
    if day > today():
        raise Refused(f"告知日期不能晚于今天{in_words(today())}，请重新选择。", field="informed_on")
    last = suggestion.events.exclude(public_text="").order_by("-version").first()
    if last is not None and day < (told := timezone.localdate(last.at, SHANGHAI)):
        raise Refused(
            f"最近的进展在{in_words(told)}（{last.get_verb_display()}），告知日期不能更早；还没告知这一步的，请再打一次电话。",
            field="informed_on",
        )
    return move(
        suggestion,
        Verb.INFORM,
        Status(suggestion.status),
        acting,
        public_text=f"已于{in_words(day)}电话告知{submitter_of(suggestion)}。",
        inner_note=words,
        data={"on": day.isoformat()},
        to_inform=False,
    )


@transaction.atomic
def record(
    suggestion: Suggestion, *, kind: str, text: str, recorded_on: date, by: User, document: ContentFile[bytes] | None
) -> Event:
    """领导批示, the committee's 满意度测评, 采纳: each with its day and the document that shows it."""
    acting = require(Verb.RECORD, suggestion, by)
    if kind not in Record.values:
        raise Refused("请选择记录哪一种：领导批示、满意度测评或采纳。", field="kind")
    words = _written(text, "请写出批示、测评结果或采纳情况。")
    _not_outside_its_time(suggestion, recorded_on, "recorded_on", "日期")
    if document is None:
        raise Refused("请附上文件的照片或PDF扫描件。", field="document")
    event = move(
        suggestion,
        Verb.RECORD,
        Status(suggestion.status),
        acting,
        public_text="反映的意见已被采纳。" if kind == Record.ADOPTION else "",
        inner_note=f"{Record(kind).label}（{in_words(recorded_on)}）：{words}",
        data={"kind": kind, "on": recorded_on.isoformat()},
    )
    keep_paper(event, document)
    return event


@transaction.atomic
def reissue_code(suggestion: Suggestion, *, text: str, form_key: str, by: User) -> Event:
    """补发查询码 at the desk to somebody whose identity was checked; `text` says how, and never holds a number.

    The code is made of the new form key as the first one was of its own: the old one opens nothing from now on.
    """
    acting = require(Verb.REISSUE_CODE, suggestion, by)
    how = _without_contact(
        suggestion, _written(text, "请写明怎样核对的身份，例如：本人到站，说得出反映的事和提交日期。")
    )
    return move(
        suggestion,
        Verb.REISSUE_CODE,
        Status(suggestion.status),
        acting,
        inner_note=how,
        form_key_hash=form_key_hash(form_key),
        code_hash=code_hash(query_code(form_key)),
    )
