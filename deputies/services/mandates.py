"""The life of a seat: 当选 → 在任 → 暂停 → 终止, and the by-election that fills a vacancy (代表法 art. 61–63)."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Case, Count, F, Q, QuerySet, When

from accounts.errors import Refused
from accounts.models import User
from accounts.paths import within
from deputies.models import Congress, Constituency, Deputy, Mandate
from deputies.services.days import checked, locked, the_day
from deputies.services.leaving import leave_everything

S, R = Mandate.Status, Mandate.Reason
MOVES = {
    S.ELECTED: {S.SITTING, S.ENDED},
    S.SITTING: {S.SUSPENDED, S.ENDED},
    S.SUSPENDED: {S.SITTING, S.ENDED},
    S.ENDED: set(),
}
# Suspended on the two grounds of art. 61; ended on the others (art. 62, 63).
SUSPENDING = {R.DETAINED, R.SENTENCED}
REASONS = {S.SUSPENDED: SUSPENDING, S.ENDED: set(R) - SUSPENDING}
# A seat that nobody has taken yet can be lost in fewer ways: nobody is recalled from it.
BEFORE_SITTING = {R.INVALID, R.RESIGNED, R.MOVED, R.DIED, R.TERM}


@transaction.atomic
def change_mandate(mandate: Mandate, *, to: str, by: User, reason: str = "", on: date | None = None) -> None:
    """A seat changes its state: 在任、暂停、终止. The last ended seat ends memberships and printed codes that same moment.

    The person is locked, not the seat: two seats ending side by side must not each take the other for the last one.
    """
    deputy = locked(mandate.deputy)
    mandate.refresh_from_db()
    may_edit(deputy, by)
    source, target = S(mandate.status), S(to)
    if target not in MOVES[source]:
        raise Refused(f"“{source.label}”不能改为“{target.label}”。", field="to")
    allowed = REASONS.get(target, set())
    if target is S.ENDED and source is S.ELECTED:
        allowed = BEFORE_SITTING
    if allowed and not reason:
        raise Refused("请选择原因。", field="reason")
    if allowed and reason not in allowed:
        words = "、".join(one.label for one in R if one in allowed)
        raise Refused(f"“{R(reason).label}”不是{target.label}的原因，请从这几项中选：{words}。", field="reason")
    day = the_day(on, "on")
    if target is S.ENDED:
        end_seat(mandate, reason=reason, day=day, by=by)
        return
    mandate.status, mandate.reason = target, reason if target is S.SUSPENDED else ""
    checked(mandate)
    mandate.save()


@transaction.atomic
def end_seat(mandate: Mandate, *, reason: str, day: date, by: User | None = None) -> None:
    """The seat ends; with the last one held, stations, groups, pairings and printed codes end as well.

    Without a look at who asks: `change_mandate` has looked.
    """
    deputy = locked(mandate.deputy)
    mandate.status, mandate.reason, mandate.ended_on = S.ENDED, reason, day
    checked(mandate)
    mandate.save()
    if not Mandate.objects.held().filter(deputy=deputy).exists():
        leave_everything([deputy.pk], day, by)


def may_edit(deputy: Deputy, by: User) -> None:
    if not Deputy.objects.editable_by(by).filter(pk=deputy.pk).exists():
        raise Refused("该代表的档案不在本区域，请由档案所在区域办理。")


# By-election


def with_vacancies(constituencies: QuerySet[Constituency]) -> QuerySet[Constituency]:
    """With `vacancies` 缺额: the quota less those elected and not gone; without a quota, the seats that fell free unfilled."""
    ended = Count("mandates", filter=Q(mandates__status=S.ENDED))
    there = Count("mandates", filter=~Q(mandates__status=S.ENDED))
    by_elected = Count("mandates", filter=Q(mandates__kind=Mandate.Kind.BY_ELECTED))
    return constituencies.annotate(
        vacancies=Case(When(seats__isnull=False, then=F("seats") - there), default=ended - by_elected)
    )


def vacant(by: User) -> QuerySet[Constituency]:
    """Where a by-election may be held now: of sitting congresses of the user's region and below."""
    if not by.is_congress_staff or by.scope is None:
        return Constituency.objects.none()
    here = Constituency.objects.filter(within(by.scope, "congress__region__path"), congress__ended_on__isnull=True)
    return with_vacancies(here).filter(Q(vacancies__gt=0)).select_related("congress__region")


@transaction.atomic
def by_elect(
    deputy: Deputy, *, constituency: Constituency, by: User, since: date | None = None, card_number: str = ""
) -> Mandate:
    """补选 into a vacancy of the same term: a new seat, 当选 until the qualification check is passed (选举法 art. 57).

    The constituency is locked: two by-elections must not each find the same vacancy.
    """
    day = the_day(since, "since")
    deputy = locked(deputy)
    may_edit(deputy, by)
    Constituency.objects.select_for_update(no_key=True).get(pk=constituency.pk)
    constituency = with_vacancies(Constituency.objects.filter(pk=constituency.pk)).get()
    congress = Congress.objects.select_related("region").get(pk=constituency.congress_id)
    if congress.ended_on is not None:
        raise Refused(f"{congress}已经届满，补选只能补本届的缺额。", field="constituency")
    if congress.first_met_on is None or day < congress.first_met_on:
        raise Refused("补选日期不能早于本届首次会议。", field="since")
    if constituency.vacancies < 1:  # type: ignore[attr-defined]
        raise Refused(f"{constituency}没有缺额，不能补选。请先核对应选名额和现有代表。", field="constituency")
    _refuse_unrelated(deputy, congress)
    seat = Mandate(
        deputy=deputy,
        congress=congress,
        constituency=constituency,
        kind=Mandate.Kind.BY_ELECTED,
        status=S.ELECTED,
        since=day,
        card_number=card_number,
    )
    checked(seat)
    former = Mandate.objects.filter(deputy=deputy, congress=congress, ended_on__gt=day)
    if former.exists():
        raise Refused("补选日期早于这位代表上一次职务的终止日期，请核对。", field="since")
    seat.save()
    return seat


def _refuse_unrelated(deputy: Deputy, congress: Congress) -> None:
    """No deputy of two areas of which neither lies in the other (选举法 art. 48)."""
    path = congress.region.path
    held = Mandate.objects.filter(~Q(status=S.ENDED), deputy=deputy).select_related("congress__region")
    for seat in held:
        other = seat.congress.region.path
        if not (other.startswith(path) or path.startswith(other)):
            raise Refused(
                f"{deputy}是{seat.congress.region}人大代表，不能同时担任没有隶属关系的另一区域的代表。",
                field="constituency",
            )
