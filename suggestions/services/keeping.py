"""How long we know who somebody is (个人信息保护法 art. 19; mission, retention). Every total stays as it was."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Case, DateField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from accounts.calendar import ONE_DAY, SHANGHAI, add_months, today
from accounts.paths import within
from accounts.redaction import masked
from suggestions.models import Attachment, Event, HandlingProfile, Suggestion
from suggestions.models.joining import root_of
from suggestions.models.sight import grams_of
from suggestions.workflow import Kind, Status

LONGEST_MONTH = 31
BATCH = 500
ENDED = (Status.CLOSED, Status.DECLINED)


def anonymise_submitters() -> int:
    """For the tick: `keep_months` after its end a case forgets who brought it. What was said and done stays.

    Gone are name, phone, photos, and where the case's own words repeat them. What is published was redacted before.
    A merged case ends with the one it went into; one that somebody asked to take up again has not ended.
    """
    day, count = today(), 0
    for case in _old_enough(day).iterator():
        ended_on = _ended_on(case)
        if ended_on is not None and ended_on <= case.until:  # type: ignore[attr-defined]
            count += _anonymise(case, day)
            if count == BATCH:
                break
    return count


def _old_enough(day: date) -> QuerySet[Suggestion]:
    """By the nearest profile of each: a region's own before those above it. Of the withdrawn and merged ones, the rest
    is asked of the row.
    """
    profiles = HandlingProfile.objects.filter(kind=Kind.OPINION).select_related("region")
    nearest = sorted(profiles, key=lambda profile: -len(profile.region.path))
    until = [When(within(p.region.path, "region_path"), then=Value(_until(day, p.keep_months))) for p in nearest]
    last = Event.objects.filter(suggestion=OuterRef("pk")).order_by("-version").values("at")[:1]
    over = Q(status__in=ENDED, closed_on__lte=F("until"), reopen_requested_on__isnull=True)
    elsewhere = Q(status__in=(Status.WITHDRAWN, Status.MERGED), submitted_on__lte=F("until"))
    return (
        Suggestion.objects.filter(kind=Kind.OPINION, anonymised_on__isnull=True)
        .annotate(until=Case(*until, output_field=DateField()), last_at=Subquery(last))
        .filter(over | elsewhere)
        .order_by("pk")
    )


def _until(day: date, months: int) -> date:
    """The last day of an end from which the months are over."""
    end = day - timedelta(days=LONGEST_MONTH * months + 1)
    while add_months(end + ONE_DAY, months) < day:
        end += ONE_DAY
    return end


def _ended_on(case: Suggestion) -> date | None:
    if case.status == Status.MERGED:
        root = root_of(case)
        return root.closed_on if root.status in ENDED and root.reopen_requested_on is None else None
    if case.status == Status.WITHDRAWN:
        return timezone.localdate(case.last_at, SHANGHAI)  # type: ignore[attr-defined]
    return case.closed_on


@transaction.atomic
def _anonymise(case: Suggestion, day: date) -> bool:
    """No verb and no event: nothing was done to the matter. Whoever acts on it in this moment goes first."""
    words = {name: masked(getattr(case, name), name=case.name, phone=case.phone) for name in ("title", "text", "place")}
    changed = Suggestion.objects.filter(pk=case.pk, version=case.version, anonymised_on__isnull=True).update(
        name="",
        phone="",
        callback=False,
        to_inform=False,
        anonymised_on=day,
        grams=grams_of(*words.values()),
        **words,
    )
    if not changed:
        return False
    for photo in Attachment.objects.filter(suggestion=case, kind=Attachment.Kind.PHOTO):
        # The file first: should the rest fail, the next run finds the row and nothing to show.
        photo.file.delete(save=False)
        photo.delete()
    return True
