"""签到码: opened by the officer for one activity, shown on the spot, good on the day for the invited, and off again."""

from __future__ import annotations

from secrets import randbelow

from django.db import IntegrityError, transaction

from accounts.calendar import today
from accounts.errors import Refused
from accounts.limits import MINUTE, Rate
from accounts.models import User
from activities.models import Activity, Attendance
from activities.permissions import keeps
from activities.services.attendance import invited_to
from activities.services.planned import not_suspended
from deputies.models import Deputy

S = Activity.Status
P = Attendance.Presence

# Wrong codes alone, by account: of 10^6 codes nobody guesses one in a day.
SIGN_IN_FAILURES = Rate("sign in", limit=5, seconds=15 * MINUTE)
DIGITS = 6
TRIES = 5


class WrongCode(Refused):
    """No activity of today has this code. Counted by the page, outside the transaction."""


@transaction.atomic
def open_sign_in(activity: Activity, *, by: User) -> str:
    """A fresh code for today's activity. Two activities of a day never share one."""
    locked = Activity.objects.select_for_update().get(pk=activity.pk)
    _check_keeper(locked, by)
    if locked.held_on != today():
        raise Refused("签到码只在活动当天使用，请到那天再打开。")
    if locked.status not in (S.PLANNED, S.HELD):
        raise Refused(f"这项活动现在是“{locked.get_status_display()}”，不能再签到。")
    for _ in range(TRIES):
        locked.sign_in_code = str(randbelow(10**DIGITS)).zfill(DIGITS)
        try:
            with transaction.atomic():
                locked.save(update_fields=["sign_in_code"])
        except IntegrityError:
            continue
        activity.sign_in_code = locked.sign_in_code
        return locked.sign_in_code
    raise Refused("没有生成签到码，请再点一次。")


@transaction.atomic
def close_sign_in(activity: Activity, *, by: User) -> None:
    locked = Activity.objects.select_for_update().get(pk=activity.pk)
    _check_keeper(locked, by)
    locked.sign_in_code = activity.sign_in_code = ""
    locked.save(update_fields=["sign_in_code"])


def _check_keeper(activity: Activity, by: User) -> None:
    if not keeps(by, activity):
        raise Refused("签到由联络站或人大机构打开和关闭。")


@transaction.atomic
def sign_in(code: str, *, by: User) -> Activity:
    """The invited deputy, by the code on the wall. A second time changes nothing."""
    found = Activity.objects.exclude(sign_in_code="").filter(held_on=today(), sign_in_code=code.strip())
    activity = found.filter(status__in=(S.PLANNED, S.HELD)).select_for_update().first()
    if activity is None:
        raise WrongCode("签到码不对，或者已经关闭。请看清现场的数字再输一次，也可以请联络员登记。", field="code")
    deputy = Deputy.objects.filter(user=by).first()
    if deputy is None or not invited_to(activity).filter(pk=deputy.pk).exists():
        raise Refused(f"您不在“{activity.title}”的应到名单里，请现场的联络员登记。", field="code")
    not_suspended([deputy])
    row, _ = Attendance.objects.get_or_create(activity=activity, deputy=deputy, defaults={"presence": P.ROTA})
    if row.presence != P.PRESENT:
        row.presence, row.reason, row.channel = P.PRESENT, "", Attendance.Channel.CODE
        row.save()
    return activity
