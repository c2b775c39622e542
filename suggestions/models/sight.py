"""Who sees which cases, for whom they wait, and how they are found: every list and page begins here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.calendar import today
from accounts.models import Organization, User, Viewer
from accounts.paths import in_keyed, within
from deputies.models import Deputy, GroupMembership, Mandate
from stations.models import StationPost
from suggestions.codes import digits
from suggestions.workflow import OPEN, WITH_UNIT, Kind, Status

if TYPE_CHECKING:
    from suggestions.models.case import Suggestion  # noqa: F401 (named in a string below)


@dataclass(frozen=True)
class Links:
    """What ties a user to cases, read in two small queries: as keys, they leave the list's own index to the planner."""

    served: list[int]  # stations whose daily work the user carries
    stations: list[int]  # of any post, the own or that of the user as a deputy
    enterprises: list[int]
    units: list[int]
    deputy: int | None
    in_office: bool
    groups: list[int]  # 代表小组 the deputy sits in

    @classmethod
    def of(cls, user: User) -> Links:
        sitting = Mandate.objects.in_office().filter(deputy=OuterRef("pk"))
        deputy = Deputy.objects.filter(user=user).annotate(sits=Exists(sitting)).values_list("pk", "sits").first()
        held = StationPost.objects.sitting().filter(Q(user=user) | Q(holder__deputy__user=user))
        posts = list(held.values_list("station", "post", "user", "enterprise", "organization"))
        units = [unit for *_, unit in posts if unit is not None]
        return cls(
            served=[station for station, post, by, *_ in posts if by == user.pk and post in StationPost.SERVING],
            stations=[station for station, *_ in posts],
            enterprises=[enterprise for *_, enterprise, _ in posts if enterprise is not None],
            units=units if user.organization_id is None else [*units, user.organization_id],
            deputy=deputy[0] if deputy else None,
            in_office=bool(deputy and deputy[1]),
            groups=list(
                GroupMembership.objects.filter(deputy=deputy[0], ended_on__isnull=True).values_list("group", flat=True)
            )
            if deputy
            else [],
        )


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def open(self) -> Self:
        return self.filter(status__in=OPEN)

    def submitted_between(self, start: date, end: date) -> Self:
        return self.filter(submitted_on__gte=start, submitted_on__lte=end)

    def overdue(self, today: date) -> Self:
        """Past the day by which the one who must act now had to act. Waiting for a rating is nobody's delay."""
        return self.filter(
            status__in=(Status.SUBMITTED, Status.TRANSFERRED, Status.HANDLING, Status.TRACKING), due_on__lt=today
        )

    def solved(self) -> Self:
        """办理结果A类 on the reply that stands, whatever the rating: the two end facts are never one (mission S5)."""
        return self.filter(result_class="A", status__in=(Status.REPLIED, Status.REVIEWING, Status.CLOSED))

    def without_concerned(self, user: User, links: Links) -> Self:
        """Concerned persons are out (architecture.md, "Who"): of the own house, the own person, the station passed by."""
        concerned = (
            Q(enterprise__in=links.enterprises)
            | Q(about_unit__in=links.units)
            | Q(direct=True, station__in=links.stations)
            | Q(about_person=links.deputy, about_person__isnull=False)
            | Q(direct=True, deputy=links.deputy, deputy__isnull=False)
        )
        if user.is_congress_staff and user.scope is not None:
            # What passed a station by passed its township's presidium by too.
            concerned |= Q(direct=True) & ~within(user.scope, "holder__region__path")
        return self.exclude(concerned)

    def visible_to(self, user: Viewer) -> Self:
        from suggestions.models.handling import Assignment
        from suggestions.models.joining import CoSignature, Merge

        if not isinstance(user, User) or not user.is_active:
            return self.none()
        links = Links.of(user)
        seen = Q(direct=False, station__in=links.served)
        signed = Q(lead=links.deputy) | Q(
            Exists(CoSignature.objects.filter(suggestion=OuterRef("pk"), deputy=links.deputy))
        )
        if links.deputy is not None:
            seen |= signed | Q(visit__deputy=links.deputy)
            if links.in_office:
                seen |= Q(direct=False, deputy=links.deputy)
                seen |= Q(supervised_on__isnull=False, supervising_group__in=links.groups)
                # What was raised to the own proposal, so that the deputy knows of what to write.
                raised = Merge.objects.standing().filter(child=OuterRef("pk"), parent__lead=links.deputy)
                seen |= Q(Exists(raised))
        if user.is_congress_staff and user.scope is not None:
            seen |= in_keyed(user.scope)
        elif user.is_unit_user:
            own = Assignment.objects.filter(suggestion=OuterRef("pk"), unit=user.organization_id)
            seen |= Q(Exists(own.exclude(state__in=Assignment.GIVEN_BACK)))
            if user.is_supervisor and user.scope is not None:
                given = Assignment.objects.filter(
                    within(user.scope, "unit__region__path"),
                    suggestion=OuterRef("pk"),
                    unit__kind__in=Organization.GOVERNMENT_KINDS,
                )
                seen |= Q(Exists(given))
        # A draft is its signers' own; a colleague reads it from the invitation on.
        present = ~Q(status=Status.DRAFT)
        return (
            self.filter(seen)
            .filter(present | signed if links.deputy is not None else present)
            .without_concerned(user, links)
        )

    def waiting_for(self, user: Viewer) -> Self:
        """What this user must do next, the most urgent first. Nothing waits for a reader."""
        if not isinstance(user, User):
            return self.none()
        acting_at = StationPost.objects.sitting().filter(user=user, post__in=StationPost.ACTING).values("station")
        mine = Q(station__in=acting_at, direct=False) & (
            Q(at_station=True, status__in=(Status.SUBMITTED, Status.ACCEPTED)) | Q(to_inform=True)
        )
        mine |= _waiting_for_deputy(user)
        if user.is_congress_staff and user.organization is not None:
            mine |= _waiting_for_staff(user.organization)
        elif user.is_unit_user and user.organization is not None:
            mine |= _waiting_for_unit(user.organization)
        return self.visible_to(user).filter(mine).order_by(models.F("due_on").asc(nulls_last=True), "pk")

    def matching(self, typed: str) -> Self:
        """By number, or by every pair of neighbouring letters of each word: most Chinese words are two letters long."""
        number = digits(typed)
        if number.isdigit() and len(number) >= 4:
            return self.filter(number__startswith=number)
        found = self
        for word in typed.lower().split():
            for gram in grams_of(word).split() or [word]:
                found = found.filter(grams__contains=gram)
        return found


def _waiting_for_deputy(user: User) -> Q:
    """The own drafts and replies; a draft to sign; where each signer rates, the reply not yet rated."""
    from suggestions.models.handling import Feedback
    from suggestions.models.joining import CoSignature
    from suggestions.models.profile import HandlingProfile

    signed = CoSignature.objects.filter(suggestion=OuterRef("pk"), deputy__user=user)
    rated = Feedback.objects.filter(
        suggestion=OuterRef("pk"), signer__user=user, reply__replied_on=OuterRef("replied_on")
    )
    own = Q(lead__user=user) & (Q(status=Status.DRAFT) | Q(status=Status.REPLIED) & ~Q(Exists(rated)))
    profiles = HandlingProfile.objects.filter(kind=Kind.PROPOSAL).values_list("region__path", "each_signer_rates")
    each = Q(pk__in=[])
    # A region's own profile holds before those above it.
    for path, rates in sorted(profiles, key=lambda row: len(row[0])):
        each = each | in_keyed(path) if rates else each & ~in_keyed(path)
    return (
        own
        | Q(Exists(signed.filter(confirmed_at__isnull=True)), status=Status.DRAFT)
        | Q(Exists(signed.confirmed()), ~Q(Exists(rated)), each, status=Status.REPLIED)
    )


def _waiting_for_staff(organ: Organization) -> Q:
    from suggestions.models.handling import ExtensionRequest, ReturnRequest

    organs = Organization.objects.congress_organs().filter(region=organ.region_id)
    asked = [
        request.objects.open().filter(assignment__suggestion=OuterRef("pk"))
        for request in (ReturnRequest, ExtensionRequest)
    ]
    decides = Q(status__in=(Status.SUBMITTED, Status.ACCEPTED, Status.REVIEWING))
    decides |= Q(Exists(asked[0])) | Q(Exists(asked[1]))
    decides |= Q(reopen_requested_on__isnull=False, status__in=(Status.CLOSED, Status.DECLINED))
    # A station tells its own people; what passed it by, or came to a deputy without one, the organ does.
    # A unit that is late is chased; one that nobody logs in for is served on paper.
    decides |= Q(status__in=(*WITH_UNIT, Status.TRACKING), due_on__lt=today())
    decides |= Q(to_inform=True) & (Q(station__isnull=True) | Q(direct=True))
    return Q(holder__in=organs.values("pk")) & decides


def _waiting_for_unit(unit: Organization) -> Q:
    """What is to be signed, answered or advised on; a promise to keep; a department's return to pass on."""
    from suggestions.models.handling import Assignment, ReturnRequest

    own = Assignment.objects.filter(suggestion=OuterRef("pk"), unit=unit)
    promised = own.filter(replies__promise__isnull=False, replies__promise__fulfilled_on__isnull=True)
    returned = ReturnRequest.objects.open().filter(assignment__suggestion=OuterRef("pk"), assignment__via__unit=unit)
    return Q(Exists(own.open())) | Q(Exists(promised), status=Status.TRACKING) | Q(Exists(returned))


def grams_of(*texts: Any) -> str:
    """Space-separated bigrams: two-character words are most of Chinese, and no index of either database splits it."""
    grams: dict[str, None] = {}
    for text in texts:
        letters = "".join(ch for ch in str(text).lower() if ch.isalnum())
        grams.update(dict.fromkeys(letters[i : i + 2] for i in range(len(letters) - 1)))
    return " ".join(grams)
