"""换届: a term ends by an event, the first meeting of the next congress (代表法 art. 2; mission C7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction
from django.db.models import DateField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Greatest

from accounts.audit import log_deletes, log_updates
from accounts.calendar import in_words, today
from accounts.errors import Refused
from accounts.models import User
from activities.models import Activity, Attendance
from deputies.models import Congress, Deputy, DeputyGroup, GroupMembership, Mandate, PostHolder, PrintCode
from deputies.services.leaving import SLICE, leave_everything, memberships_of
from duties.models import DutyFile
from duties.services.filing import freeze_all
from suggestions.models import Suggestion
from suggestions.workflow import Kind, Status

S = Mandate.Status


@dataclass(frozen=True)
class Turnover:
    """What the end of this term does, or did: 席 are seats, 人 are people, each once."""

    seats: int
    people: int
    re_elected: int
    seated_elsewhere: int
    leaving: int
    taking_office: int
    files: int
    memberships: int
    group_memberships: int
    pairings: int
    codes: int
    rota: int
    planned_activities: int
    open_proposals: int
    drafts: int
    leaderless_groups: int
    posts: int

    def as_dict(self) -> dict[str, int]:
        return asdict(self)

    def in_words(self) -> list[tuple[str, int, str]]:
        """For page and command alike: what, how many, of which unit."""
        return [(label, getattr(self, name), unit) for name, label, unit in _LABELS]


_LABELS = [
    ("seats", "终止的职务", "席"),
    ("people", "涉及的代表", "人"),
    ("re_elected", "连任", "人"),
    ("seated_elsewhere", "另有其他级别职务", "人"),
    ("leaving", "不再担任代表", "人"),
    ("taking_office", "下一届就任", "席"),
    ("files", "归档的履职档案", "份"),
    ("memberships", "离站", "人次"),
    ("group_memberships", "离组", "人次"),
    ("pairings", "结束的结对", "对"),
    ("codes", "停用的代表二维码", "枚"),
    ("rota", "从应到名单移出", "人次"),
    ("planned_activities", "有变的计划活动", "项"),
    ("open_proposals", "离任者在办建议", "件"),
    ("drafts", "离任者建议草稿", "件"),
    ("leaderless_groups", "缺组长的小组", "个"),
    ("posts", "仍任站内职务", "人"),
]


@dataclass(frozen=True)
class _Ends:
    """Who is touched by the end of a congress, as keys: read once, before anything changes."""

    seats: list[Mandate]
    coming: list[Mandate]
    filed: list[int]
    leaving: list[int]
    seated_elsewhere: int
    re_elected: int


def next_ordinal(congress: Congress) -> int:
    """That of the congress that was elected already, else the following number."""
    coming = Congress.objects.coming().filter(region=congress.region_id).first()
    return coming.ordinal if coming is not None else congress.ordinal + 1


def preview_term(congress: Congress, *, next_first_met_on: date, new_ordinal: int, by: User | None) -> Turnover:
    """What `close_term` would do. Reads only, and refuses what would be refused."""
    _check(congress, next_first_met_on, new_ordinal, by)
    return _told(congress, _ends(congress), next_first_met_on)


@transaction.atomic
def close_term(congress: Congress, *, next_first_met_on: date, new_ordinal: int, by: User | None) -> Turnover:
    """End the term on the day the next congress first meets, all of it or nothing. There is no way back.

    Seats end as 届满 and the files freeze; who has no other seat leaves stations, groups, pairings, printed codes and
    the rota. Who was elected to the next congress sits in it from this day and stays where he or she is. Open cases go
    on untouched. `by` is None for the command of the machine's own administrator.
    """
    congress = (
        Congress.objects.select_for_update(no_key=True, of=("self",)).select_related("region").get(pk=congress.pk)
    )
    _check(congress, next_first_met_on, new_ordinal, by)
    ends = _ends(congress, lock=True)
    told = _told(congress, ends, next_first_met_on)
    congress.ended_on = next_first_met_on
    congress.save(update_fields=["ended_on"])
    _end(ends.seats, next_first_met_on, by)
    _open_next(congress, ends.coming, next_first_met_on, new_ordinal, by)
    _leave_the_rota(ends.leaving, next_first_met_on, by)
    leave_everything(ends.leaving, next_first_met_on, by)
    freeze_all(ends.filed, congress, by)
    return told


def _check(congress: Congress, day: date, ordinal: int, by: User | None) -> None:
    if by is not None and not Congress.objects.visible_to(by).filter(pk=congress.pk).exists():
        raise Refused("这一届人大不在您的辖区，请由本级或上级人大机构办理。")
    if congress.ended_on is not None:
        raise Refused(f"{congress}已于{in_words(congress.ended_on)}届满，不能再办一次。")
    if congress.first_met_on is None:
        raise Refused(f"{congress}还没有开过会，请先办理上一届的换届。")
    if day > today():
        raise Refused("换届以下一届首次会议召开为准，不能提前办理，请到开会当天再办。", field="on")
    if day <= congress.first_met_on:
        raise Refused(f"下一届首次会议要晚于本届首次会议（{in_words(congress.first_met_on)}）。", field="on")
    later = congress.sessions.filter(opened_on__gte=day).order_by("opened_on").first()
    if later is not None:
        raise Refused(f"本届{later}于{in_words(later.opened_on)}才召开，下一届不会更早，请核对日期。", field="on")
    same_region = Congress.objects.filter(region=congress.region_id)
    newer = same_region.filter(ordinal__gt=congress.ordinal, first_met_on__isnull=False).order_by("ordinal").first()
    if newer is not None:
        raise Refused(f"{newer}已经开过会，届次的先后不对，请先在后台“届次”中核对。")
    coming = same_region.coming().first()
    if coming is not None and coming.ordinal != ordinal:
        raise Refused(f"已经登记的下一届是第{coming.ordinal}届，请按它填写。", field="ordinal")
    if ordinal <= congress.ordinal:
        raise Refused(f"下一届的届次要大于本届（第{congress.ordinal}届）。", field="ordinal")


def _ends(congress: Congress, *, lock: bool = False) -> _Ends:
    """The people are the locks, in one order: a seat that ends by itself meanwhile waits, or is waited for."""
    of_congress = Mandate.objects.filter(congress=congress)
    if lock:
        people = Deputy.objects.filter(pk__in=of_congress.values("deputy")).order_by("pk")
        list(people.select_for_update(no_key=True, of=("self",)).values_list("pk"))
    seats = list(of_congress.filter(ended_on__isnull=True).select_related("congress__region").order_by("pk"))
    awaited = Mandate.objects.filter(congress__region=congress.region_id, congress__first_met_on__isnull=True)
    coming = list(awaited.filter(status=S.ELECTED).select_related("congress__region").order_by("pk"))
    held = Mandate.objects.held().exclude(congress=congress)
    others = set(held.filter(deputy__in=of_congress.values("deputy")).values_list("deputy_id", flat=True))
    people_ending = {seat.deputy_id for seat in seats}
    re_elected = people_ending & {seat.deputy_id for seat in coming}
    frozen = set(DutyFile.objects.filter(congress=congress).values_list("deputy_id", flat=True))
    filed = set(of_congress.exclude(status=S.ELECTED).values_list("deputy_id", flat=True)) - frozen
    return _Ends(
        seats=seats,
        coming=coming,
        filed=sorted(filed),
        leaving=sorted(people_ending - re_elected - others),
        seated_elsewhere=len((people_ending & others) - re_elected),
        re_elected=len(re_elected),
    )


def _told(congress: Congress, ends: _Ends, day: date) -> Turnover:
    ties, rota, codes = [0, 0, 0], 0, 0
    activities: set[int] = set()
    proposals = {"open": 0, "drafts": 0}
    led: set[int] = set()
    posts = 0
    for part in _slices(ends.leaving):
        ties = [total + rows.count() for total, rows in zip(ties, memberships_of(part), strict=True)]
        planned = list(_rota(part, day).values_list("activity_id", flat=True))
        rota += len(planned)
        activities.update(planned)
        led |= set(_led(part).values_list("pk", flat=True))
        own = Suggestion.objects.filter(kind=Kind.PROPOSAL, lead__in=part)
        proposals["open"] += own.open().count()
        proposals["drafts"] += own.filter(status=Status.DRAFT).count()
        codes += PrintCode.objects.valid().filter(deputy__in=part).count()
        posts += (
            PostHolder.objects.filter(deputy__in=part, post__ended_on__isnull=True).values("deputy").distinct().count()
        )
    return Turnover(
        seats=len(ends.seats),
        people=len({seat.deputy_id for seat in ends.seats}),
        re_elected=ends.re_elected,
        seated_elsewhere=ends.seated_elsewhere,
        leaving=len(ends.leaving),
        taking_office=len(ends.coming),
        files=len(ends.filed),
        memberships=ties[0],
        group_memberships=ties[1],
        pairings=ties[2],
        codes=codes,
        rota=rota,
        planned_activities=len(activities),
        open_proposals=proposals["open"],
        drafts=proposals["drafts"],
        leaderless_groups=len(led),
        posts=posts,
    )


def _end(seats: list[Mandate], day: date, by: User | None) -> None:
    """A seat entered as later than the day (a by-election typed wrong) ends on the day it began."""
    last = Greatest(F("since"), Value(day, output_field=DateField()))
    for part in _slices([seat.pk for seat in seats]):
        Mandate.objects.filter(pk__in=part).update(status=S.ENDED, reason=Mandate.Reason.TERM, ended_on=last)
    log_updates(
        (
            (
                seat,
                {
                    "status": (seat.status, S.ENDED.value),
                    "reason": (seat.reason, Mandate.Reason.TERM.value),
                    "ended_on": (None, max(seat.since, day)),
                },
            )
            for seat in seats
        ),
        by,
    )


def _open_next(congress: Congress, coming: list[Mandate], day: date, ordinal: int, by: User | None) -> None:
    following, created = Congress.objects.get_or_create(
        region=congress.region, ordinal=ordinal, defaults={"first_met_on": day}
    )
    if not created:
        following.first_met_on = day
        following.save(update_fields=["first_met_on"])
    for part in _slices([seat.pk for seat in coming]):
        Mandate.objects.filter(pk__in=part).update(status=S.SITTING, since=day)
    log_updates(((seat, {"status": (seat.status, S.SITTING.value), "since": (seat.since, day)}) for seat in coming), by)


def _rota(deputies: list[int], day: date) -> QuerySet[Attendance]:
    """应到 at what is planned for the day or later. What is planned for before it stands: they sat then."""
    return Attendance.objects.filter(
        deputy__in=deputies,
        presence=Attendance.Presence.ROTA,
        activity__status=Activity.Status.PLANNED,
        activity__held_on__gte=day,
    )


def _leave_the_rota(deputies: list[int], day: date, by: User | None) -> None:
    from auditlog.context import disable_auditlog

    for part in _slices(deputies):
        rows = list(_rota(part, day).select_related("deputy"))
        log_deletes(rows, by)
        with disable_auditlog():
            Attendance.objects.filter(pk__in=[row.pk for row in rows]).delete()


def _led(deputies: list[int]) -> QuerySet[DeputyGroup]:
    leads = GroupMembership.objects.filter(
        group=OuterRef("pk"), deputy__in=deputies, is_leader=True, ended_on__isnull=True
    )
    return DeputyGroup.objects.active().filter(Exists(leads))


def _slices(keys: list[int]) -> Iterator[list[int]]:
    return (keys[start : start + SLICE] for start in range(0, len(keys), SLICE))
