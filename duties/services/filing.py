"""Freezing a file when its term ends: written once, never again (mission C7; the table is append-only)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.errors import Refused
from accounts.models import User
from deputies.models import Congress, Deputy
from duties.file import file_of, frozen, term_period
from duties.file_shelf import Shelf
from duties.models import DutyFile


@transaction.atomic
def freeze(deputy: Deputy, congress: Congress, by: User | None) -> DutyFile:
    """The file of this term as it stands now. Whatever is entered later changes neither its JSON nor its PDF."""
    if not deputy.mandates.filter(congress=congress).exists():
        raise Refused(f"{deputy}没有担任过{congress}代表，没有这一届的档案。")
    if frozen(deputy, congress) is not None:
        raise Refused(f"{deputy}的{congress}履职档案已经归档。")
    content = file_of(deputy, term_period(congress)).as_dict()
    try:
        with transaction.atomic():
            return DutyFile.objects.create(deputy=deputy, congress=congress, content=content, frozen_by=by)
    except IntegrityError as error:
        raise Refused(f"{deputy}的{congress}履职档案已经归档。") from error


SLICE = 200


@transaction.atomic
def freeze_all(deputies: Sequence[int], congress: Congress, by: User | None) -> int:
    """The files of this term of many people, by their keys; who has one already keeps it. How many were written."""
    period, written = term_period(congress), 0
    for start in range(0, len(deputies), SLICE):
        people = list(_unfiled(deputies[start : start + SLICE], congress).select_related("region"))
        shelf = Shelf(people, period)
        made = [
            DutyFile(deputy=deputy, congress=congress, content=file_of(deputy, period, shelf).as_dict(), frozen_by=by)
            for deputy in people
        ]
        DutyFile.objects.bulk_create(made)
        written += len(made)
    return written


def _unfiled(keys: Sequence[int], congress: Congress) -> QuerySet[Deputy]:
    filed = DutyFile.objects.filter(deputy=OuterRef("pk"), congress=congress)
    return Deputy.objects.filter(~Exists(filed), pk__in=keys).order_by("pk")
