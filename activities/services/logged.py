"""What logging an activity and logging a visit have in common."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TypeVar

from django.db import IntegrityError, transaction

from accounts.errors import Refused
from accounts.form_keys import form_key_hash
from accounts.models import Region, User
from activities.models import Activity, Theme, Visit
from activities.permissions import may_log_at, may_log_for
from deputies.models import Deputy, DeputyGroup, Mandate
from stations.models import Station

Logged = TypeVar("Logged", Activity, Visit)

LATE_AFTER = timedelta(days=7)


def first_of(model: type[Logged], form_key: str) -> Logged | None:
    return model._default_manager.filter(form_key_hash=form_key_hash(form_key)).first() if form_key else None


def saved(row: Logged, form_key: str) -> Logged:
    """The row, saved; or the one that another tap on the same form saved at the same moment."""
    row.form_key_hash = form_key_hash(form_key) if form_key else None
    row.full_clean(exclude=["region_path", "form_key_hash"])
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        twin = first_of(type(row), form_key)
        if twin is None:
            raise
        return twin
    return row


def check_owners(by: User, station: Station | None, group: DeputyGroup | None) -> None:
    if station is not None and not may_log_at(by, station):
        raise Refused("您不在这个联络站，请选择本人所在的联络站。")
    if group is not None and not may_log_for(by, group):
        raise Refused("您不在这个代表小组，请选择本人所在的小组。")


def check_theme(theme: Theme | None, day: date, region: Region) -> None:
    """主题活动 gathers what was done while it ran, in its own region and below (mission U8)."""
    if theme is None:
        return
    if theme.starts_on > day or (theme.ends_on is not None and theme.ends_on < day):
        raise Refused("那一天这项主题活动还没有开始或已经结束，请核对日期。", field="theme")
    if not region.path.startswith(theme.region.path):
        raise Refused("这项主题活动不在本区域开展，请重新选择。", field="theme")


def suspended_among(deputies: Iterable[Deputy]) -> list[Deputy]:
    """Those who do not execute their office at present (代表法 art. 61)."""
    suspended = Mandate.objects.filter(status=Mandate.Status.SUSPENDED)
    return list(Deputy.objects.filter(pk__in=[d.pk for d in deputies], mandates__in=suspended).distinct())
