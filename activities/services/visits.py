"""Visits: logged by the deputy, or by an officer for the deputy, who then confirms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import User
from activities.models import Visit, VisitPhoto
from activities.services.logged import LATE_AFTER, check_owners, check_theme, first_of, saved, suspended_among
from deputies.models import Deputy

if TYPE_CHECKING:
    from django.core.files.base import ContentFile


@transaction.atomic
def log_visit(visit: Visit, *, by: User, photos: Iterable[ContentFile[bytes]] = (), form_key: str = "") -> Visit:
    """A visit, by the deputy or for the deputy by an officer; the latter waits for the deputy's one tap (mission U7).

    A group may have made it, alone or with a deputy who writes for it. One form, one visit: a second tap or a retry
    with the same key returns the first one.
    """
    first = first_of(Visit, form_key)
    if first is not None:
        return first
    if visit.visited_on > today():
        raise Refused("走访日期不能晚于今天。", field="visited_on")
    if visit.deputy is None and visit.group is None:
        raise Refused("请选择走访的代表或代表小组。", field="deputy")
    check_owners(by, visit.station, visit.group)
    for deputy in suspended_among([visit.deputy] if visit.deputy is not None else Deputy.objects.filter(user=by)):
        raise Refused(f"{deputy}已暂停执行代表职务，不能记走访。")
    subject = visit.station or visit.group or visit.deputy
    assert subject is not None
    visit.region = subject.region
    check_theme(visit.theme, visit.visited_on, visit.region)
    take_from_pairing(visit)
    visit.logged_by = by
    visit.is_late = today() - visit.visited_on > LATE_AFTER
    own = visit.deputy is not None and visit.deputy.user_id == by.pk
    visit.confirmed_at = timezone.now() if own or visit.deputy is None else None
    kept = saved(visit, form_key)
    if kept is visit:
        for photo in photos:
            VisitPhoto.objects.create(visit=visit, image=photo)
    return kept


def take_from_pairing(visit: Visit) -> None:
    """双联系 (mission C4): each contact is a visit of the deputy who is paired, and says whom it was to."""
    pairing = visit.pairing
    if pairing is None:
        return
    if pairing.deputy_id != visit.deputy_id:
        raise Refused("这项结对不是这位代表的，请重新选择结对对象。", field="pairing")
    if pairing.since > visit.visited_on or (pairing.ended_on is not None and pairing.ended_on < visit.visited_on):
        raise Refused("走访那天还没有结对，或结对已经结束，请核对日期。", field="pairing")
    if pairing.enterprise is not None:
        visit.enterprise, visit.target = pairing.enterprise, Visit.Target.ENTERPRISE


@transaction.atomic
def confirm_visit(visit: Visit, *, by: User) -> None:
    if visit.deputy is None or visit.deputy.user_id != by.pk:
        raise Refused("走访记录由代表本人确认。")
    if not visit.deputy.is_in_office:
        raise Refused("代表职务已经终止，不能再确认走访；记录保留，需要更正请联系联络站。")
    locked = Visit.objects.select_for_update().get(pk=visit.pk)
    if locked.confirmed_at is None:
        locked.confirmed_at = timezone.now()
        locked.save(update_fields=["confirmed_at"])
