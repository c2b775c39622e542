from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import User
from deputies.models import Deputy, GroupMembership, Mandate, PostHolder, PrintCode, StationMembership
from stations.models import Station, StationPost

S = Mandate.Status
# 代表法 art. 61–63: suspended and restored, ended for good.
MOVES = {
    S.ELECTED: {S.SITTING, S.ENDED},
    S.SITTING: {S.SUSPENDED, S.ENDED},
    S.SUSPENDED: {S.SITTING, S.ENDED},
    S.ENDED: set(),
}


@transaction.atomic
def change_mandate(mandate: Mandate, *, to: str, by: User, reason: str = "", on: date | None = None) -> None:
    """A seat changes its state: 在任、暂停、终止. The last ended seat ends memberships and printed codes that same moment.

    The person is locked, not the seat: two seats ending side by side must not each take the other for the last one.
    """
    day = on or today()
    deputy = Deputy.objects.select_for_update(no_key=True).get(pk=mandate.deputy_id)
    mandate.refresh_from_db()
    if not Deputy.objects.editable_by(by).filter(pk=deputy.pk).exists():
        raise Refused("该代表的档案不在本区域，请由档案所在区域办理。")
    source, target = S(mandate.status), S(to)
    if target not in MOVES[source]:
        raise Refused(f"“{source.label}”不能改为“{target.label}”。")
    if target in (S.SUSPENDED, S.ENDED) and not reason:
        raise Refused("请选择原因。")
    if day > today():
        raise Refused("日期不能晚于今天，请到当天再登记。")
    mandate.status = target
    mandate.reason = reason if target in (S.SUSPENDED, S.ENDED) else ""
    mandate.ended_on = day if target is S.ENDED else None
    mandate.full_clean()
    mandate.save()
    if target is S.ENDED and not Mandate.objects.held().filter(deputy=deputy).exists():
        _leave_everything(deputy, day)


def _leave_everything(deputy: Deputy, day: date) -> None:
    """Row by row, so that the audit sees each. What began after the day ends on the day it began."""
    memberships: list[StationMembership | GroupMembership] = [
        *StationMembership.objects.sitting().filter(deputy=deputy),
        *deputy.group_memberships.filter(ended_on__isnull=True),
    ]
    for membership in memberships:
        membership.ended_on = max(membership.since, day)
        membership.save(update_fields=["ended_on"])
    for code in PrintCode.objects.valid().filter(deputy=deputy):
        revoke(code)


@transaction.atomic
def hold_post(holder: PostHolder) -> None:
    """A deputy takes a station post: the name on the station's page becomes the deputy's."""
    holder.save()
    holder.post.name = holder.deputy.name
    holder.post.save(update_fields=["name"])


def code_for(subject: Station | Deputy | StationPost) -> PrintCode:
    """The code that is on the wall now, or a new one where none is or the last was revoked."""
    of: dict[str, Any] = {{Station: "station", Deputy: "deputy", StationPost: "post"}[type(subject)]: subject}
    return PrintCode.objects.valid().get_or_create(**of)[0]


@transaction.atomic
def revoke(code: PrintCode) -> None:
    code = PrintCode.objects.select_for_update().get(pk=code.pk)
    if code.revoked_at is None:
        code.revoked_at = timezone.now()
        code.save(update_fields=["revoked_at"])
