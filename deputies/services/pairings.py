"""双联系 and 帮扶: who keeps in touch with whom (mission C4)."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from accounts.calendar import in_words
from accounts.errors import Refused
from accounts.models import User
from deputies.models import Deputy, Pairing
from deputies.permissions import pairs
from deputies.services.days import checked, in_office, the_day, the_end


@transaction.atomic
def pair(pairing: Pairing, *, by: User, since: date | None = None) -> Pairing:
    """结对: of a sitting deputy, with one station, household, enterprise or village, each once at a time."""
    pairing.since = the_day(since, "since")
    pairing.deputy = in_office(pairing.deputy)
    _may(pairing.deputy, by)
    if pairing.purpose and not pairing.is_assistance:
        raise Refused("填写了帮扶事项，请勾选“对口帮扶”。", field="is_assistance")
    checked(pairing)
    pairing.save()
    return pairing


@transaction.atomic
def unpair(pairing: Pairing, *, by: User, on: date | None = None) -> None:
    row = Pairing.objects.select_for_update(no_key=True, of=("self",)).select_related("deputy").get(pk=pairing.pk)
    _may(row.deputy, by)
    if row.ended_on is not None:
        raise Refused(f"这项结对已于{in_words(row.ended_on)}结束。")
    row.ended_on = the_end(on, row.since)
    row.save(update_fields=["ended_on"])


def _may(deputy: Deputy, by: User) -> None:
    if not pairs(by, deputy):
        raise Refused("该代表不在您的辖区或联络站，请由档案所在区域办理。")
