"""Whose file a user reads, and how much of it (architecture.md, "Who")."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.http import Http404

from accounts.models import User
from deputies.models import Congress, Deputy
from deputies.models.people import DeputyQuerySet
from duties.file import terms_of
from duties.models import DutyFile
from duties.models.year_end import led_by


def readable(user: User) -> DeputyQuerySet:
    """Own; congress staff and the people of the station whom they keep; a group's leader the members."""
    kept = Deputy.objects.visible_to(user).values("pk")
    return Deputy.objects.filter(Q(pk__in=kept) | Q(led_by(user))).select_related("region")


@dataclass(frozen=True)
class Reader:
    """One user before one file. Who only leads the group reads no points (mission G2: no ranking)."""

    user: User
    deputy: Deputy
    sees_points: bool

    @property
    def is_own(self) -> bool:
        return self.deputy.user_id == self.user.pk

    def terms(self) -> list[Congress]:
        """Whole terms too; one that is frozen only for those who may read frozen files."""
        frozen = DutyFile.objects.filter(deputy=self.deputy)
        closed = set(frozen.values_list("congress_id", flat=True))
        closed -= set(frozen.visible_to(self.user).values_list("congress_id", flat=True))
        return [term for term in terms_of(self.deputy) if term.pk not in closed]


def reader_of(user: User, slug: str) -> Reader:
    """Out of scope and missing look the same."""
    deputy = readable(user).filter(slug=slug).first()
    if deputy is None:
        raise Http404
    return Reader(user, deputy, Deputy.objects.visible_to(user).filter(pk=deputy.pk).exists())


def own_reader(user: User) -> Reader:
    deputy = Deputy.objects.filter(user=user).select_related("region").first()
    if deputy is None:
        raise Http404
    return Reader(user, deputy, True)
