"""Printed codes, and the deputy's name on a station post."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from deputies.models import Deputy, PostHolder, PrintCode
from stations.models import Station, StationPost


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
