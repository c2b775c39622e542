from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import User
from deputies.models import Deputy, Mandate, PrintCode, StationMembership
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
    """A seat changes its state: 在任、暂停、终止. The last ended seat ends memberships and printed codes that same moment."""
    day = on or today()
    if not Deputy.objects.editable_by(by).filter(pk=mandate.deputy_id).exists():
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
    if target is S.ENDED and not Mandate.objects.held().filter(deputy=mandate.deputy_id).exists():
        _leave_everything(mandate.deputy, day)


def _leave_everything(deputy: Deputy, day: date) -> None:
    StationMembership.objects.sitting().filter(deputy=deputy).update(ended_on=day)
    deputy.group_memberships.filter(ended_on__isnull=True).update(ended_on=day)
    PrintCode.objects.valid().filter(deputy=deputy).update(revoked_at=timezone.now())


def code_for(subject: Station | Deputy | StationPost) -> PrintCode:
    """The code that is on the wall now, or a new one where none is or the last was revoked."""
    field = {Station: "station", Deputy: "deputy", StationPost: "post"}[type(subject)]
    current = PrintCode.objects.valid().filter(**{field: subject}).first()
    return current or PrintCode.objects.create(**{field: subject})


def revoke(code: PrintCode) -> None:
    PrintCode.objects.filter(pk=code.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
