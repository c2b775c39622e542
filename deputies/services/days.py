"""What all acts on a person share: the day, the lock, and who may be given anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from accounts.calendar import in_words, today
from accounts.errors import Refused
from deputies.models import Deputy, Mandate

NOT_IN_ADVANCE = "日期不能晚于今天，请到当天再登记。"
ENDS_BEFORE = "结束日期不能早于开始日期{}。"


def the_day(day: date | None, field: str) -> date:
    """Today where none is said; nothing is entered in advance, so that an open end always means now."""
    if day is not None and day > today():
        raise Refused(NOT_IN_ADVANCE, field=field)
    return day or today()


def the_end(day: date | None, since: date) -> date:
    end = the_day(day, "on")
    if end < since:
        raise Refused(ENDS_BEFORE.format(in_words(since)), field="on")
    return end


def locked(deputy: Deputy) -> Deputy:
    """The person is the lock of everything that hangs on the person."""
    return Deputy.objects.select_for_update(no_key=True).get(pk=deputy.pk)


def in_office(deputy: Deputy) -> Deputy:
    """The person, locked and with a sitting seat: only such a one enters, joins or is paired (代表法 art. 61, 62)."""
    deputy = locked(deputy)
    states = set(Mandate.objects.filter(deputy=deputy).values_list("status", flat=True))
    if Mandate.Status.SITTING in states:
        return deputy
    if Mandate.Status.SUSPENDED in states:
        raise Refused(f"{deputy}已暂停执行代表职务，恢复职务后再办理。")
    if Mandate.Status.ELECTED in states:
        raise Refused(f"{deputy}当选后还没有通过资格审查，职务改为“在任”后再办理。")
    raise Refused(f"{deputy}现在没有代表职务，不能办理。")


def checked(row: Any) -> None:
    """What the row's own rules say, as one sentence beside the field it is about."""
    try:
        row.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=None if field == NON_FIELD_ERRORS else field) from error


def all_or_none(deputies: Iterable[Deputy], act: Callable[[Deputy], object]) -> int:
    """The act for each of several, locked in one order; what stands in the way of any of them is said in one answer."""
    people = sorted(deputies, key=lambda deputy: deputy.pk)
    refusals: dict[str, None] = {}
    for deputy in people:
        try:
            act(deputy)
        except Refused as refused:
            refusals[refused.sentence] = None
    if refusals:
        raise Refused("一位也没有登记，请先解决：" + "".join(refusals))
    if not people:
        raise Refused("请至少勾选一位代表。", field="deputies")
    return len(people)
