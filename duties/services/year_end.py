"""年终: opinions, the spot check, the private notice (mission G3). Words and facts, no comparison with anybody."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Notice, Region, User
from accounts.outbox import tell
from accounts.paths import ancestors, within
from deputies.models import Deputy, DeputyGroup, GroupMembership, Mandate
from deputies.models.people import DeputyQuerySet
from duties.facts import facts_of
from duties.models import PointPeriod, SpotCheck, SpotCheckResult, YearNotice, YearOpinion
from duties.models.year_end import led_by, spoken_for_by
from duties.rules import DEPUTY

FIRST_YEAR = 2000
# From this month on the year may be told as a whole.
LAST_MONTH = 12
SLICE = 500
Side = YearOpinion.Side


# The year


def usual_year() -> int:
    """The year that year end is about now: from October the running one, before that the last."""
    day = today()
    return day.year if day.month >= 10 else day.year - 1


def check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= today().year:
        raise Refused(f"没有{year}年度的年终工作，请选择今年或以前的年度。", field="year")


def closed_period(region: Region, year: int) -> PointPeriod | None:
    """The region's period of the year if it is closed; without one of its own, that of the nearest region above."""
    periods = PointPeriod.objects.filter(region__path__in=ancestors(region.path), year=year).select_related("region")
    nearest = max(periods, key=lambda period: len(period.region.path), default=None)
    return nearest if nearest is not None and nearest.closed_at is not None else None


def _refuse_closed(region: Region, year: int) -> None:
    period = closed_period(region, year)
    if period is not None:
        raise Refused(f"{period.region}{year}年度已经封账，不能再改。")


# Opinions


def sides_of(user: User, deputy: Deputy) -> list[YearOpinion.Side]:
    """For whom this user may speak about this deputy: nobody speaks about the own person."""
    if deputy.user_id == user.pk:
        return []
    found = []
    if Deputy.objects.filter(led_by(user), pk=deputy.pk).exists():
        found.append(Side.LEADER)
    if spoken_for_by(user).filter(pk=deputy.pk).exists():
        found.append(Side.ELECTORS)
    return found


def heard_about(user: User, side: str, year: int) -> DeputyQuerySet:
    """The deputies in office about whom this user is asked for an opinion of that side."""
    asked = Deputy.objects.filter(led_by(user)) if side == Side.LEADER else spoken_for_by(user)
    return seated_in(asked.exclude(user=user), year)


def seated_in(deputies: DeputyQuerySet, year: int) -> DeputyQuerySet:
    """Those in office now whose seat began in the year or before it."""
    seats = Mandate.objects.in_office().filter(deputy=OuterRef("pk"), since__year__lte=year)
    return deputies.filter(Exists(seats))


@transaction.atomic
def write_opinion(deputy: Deputy, *, year: int, side: str, text: str, by: User) -> YearOpinion:
    """评价意见, in words, once a year from each side; the side may change it until the year's period is closed."""
    check_year(year)
    deputy = Deputy.objects.select_for_update(no_key=True, of=("self",)).select_related("region").get(pk=deputy.pk)
    if side not in sides_of(by, deputy):
        raise Refused("只有代表所在小组的组长、选举单位的人大机构可以填写这一方的意见。")
    _refuse_closed(deputy.region, year)
    opinion = YearOpinion.objects.filter(deputy=deputy, year=year, side=side).select_related("by").first()
    if opinion is None:
        opinion = YearOpinion(deputy=deputy, year=year, side=side)
    elif side == Side.LEADER and opinion.by_id != by.pk and _still_leads(opinion.by, deputy):
        raise Refused(f"{opinion.by}已作为组长填写了意见，需要修改请由本人修改。")
    if not text.strip():
        raise Refused("请写明意见。", field="text")
    opinion.text, opinion.by = text.strip(), by
    opinion.save()
    return opinion


def _still_leads(user: User, deputy: Deputy) -> bool:
    return Deputy.objects.filter(led_by(user), pk=deputy.pk).exists()


# Spot check


def draw(seed: str, slugs: Iterable[str], size: int) -> list[str]:
    """The `size` slugs whose SHA-256 of “seed:slug” is smallest: anybody can draw again, with any tool, and gets the same.

    The order in which the list is given, and what stands in it twice, change nothing.
    """
    return sorted(set(slugs), key=lambda slug: (hashlib.sha256(f"{seed}:{slug}".encode()).digest(), slug))[:size]


def pool_of(region: Region) -> DeputyQuerySet:
    """Whom a check of this region may draw: deputies in office whose file is kept there."""
    return Deputy.objects.in_office().filter(within(region.path))


@transaction.atomic
def draw_spot_check(region: Region, *, year: int, size: int, by: User) -> SpotCheck:
    """抽查: the seed comes from the machine's randomness and is recorded with the list before anybody sees the names."""
    check_year(year)
    if not (by.is_congress_staff and by.scope is not None and region.path.startswith(by.scope)):
        raise Refused("只能抽查本区域的代表。", field="region")
    _refuse_closed(region, year)
    pool = dict(pool_of(region).order_by("slug").values_list("slug", "pk"))
    if not pool:
        raise Refused(f"{region}没有在任的代表，不能抽查。", field="region")
    if not 1 <= size <= len(pool):
        raise Refused(f"{region}在任代表{len(pool)}人，抽查人数请填1到{len(pool)}。", field="size")
    check = SpotCheck.objects.create(
        region=region, year=year, seed=secrets.token_hex(16), size=size, drawn_from=sorted(pool), drawn_by=by
    )
    drawn = draw(check.seed, check.drawn_from, size)
    SpotCheckResult.objects.bulk_create([SpotCheckResult(check_of=check, deputy_id=pool[slug]) for slug in drawn])
    return check


def redrawn(check: SpotCheck) -> list[str]:
    """The draw made again from what is stored."""
    return draw(check.seed, check.drawn_from, check.size)


@transaction.atomic
def record_result(result: SpotCheckResult, *, outcome: str, note: str, by: User) -> None:
    result = (
        SpotCheckResult.objects.select_for_update(of=("self",)).select_related("check_of__region").get(pk=result.pk)
    )
    if not SpotCheck.objects.visible_to(by).filter(pk=result.check_of_id).exists():
        raise Refused("这次抽查不在您的辖区。")
    _refuse_closed(result.check_of.region, result.check_of.year)
    if outcome not in (SpotCheckResult.Outcome.AGREES, SpotCheckResult.Outcome.DIFFERS):
        raise Refused("请选择核查结果。", field="outcome")
    if outcome == SpotCheckResult.Outcome.DIFFERS and not note.strip():
        raise Refused("与记录不符的，请写明哪里不符。", field="note")
    result.outcome, result.note = outcome, note.strip()
    result.save(update_fields=["outcome", "note"])


# The private notice


@dataclass(frozen=True)
class Given:
    """How many were given, and how many of them reach nobody's account: those are printed and handed over."""

    people: int
    on_paper: int


def waiting_for_notice(user: User, year: int) -> DeputyQuerySet:
    """Deputies whose file these staff keep and who have not been told of this year."""
    told = YearNotice.objects.filter(deputy=OuterRef("pk"), year=year)
    return seated_in(Deputy.objects.editable_by(user), year).filter(~Exists(told))


@transaction.atomic
def give_notices(deputies: Sequence[Deputy], *, year: int, by: User) -> Given:
    """以适当方式向代表通报: each the own facts, once; a message says that there is something to read, and nothing more."""
    check_year(year)
    day = today()
    if year == day.year and day.month < LAST_MONTH:
        raise Refused(f"{year}年还没有过完，从{LAST_MONTH}月起才能通报全年情况。", field="year")
    keys = [deputy.pk for deputy in deputies]
    waiting = waiting_for_notice(by, year).filter(pk__in=keys)
    waiting = waiting.select_for_update(no_key=True, of=("self",)).select_related("region", "user")
    found = list(waiting.order_by("pk"))
    # Whoever waited for the lock finds some of them told meanwhile.
    told = set(YearNotice.objects.filter(deputy__in=found, year=year).values_list("deputy", flat=True))
    found = [deputy for deputy in found if deputy.pk not in told]
    contents = contents_of(found, year)
    for deputy in found:
        YearNotice.objects.create(deputy=deputy, year=year, content=contents[deputy.pk], given_by=by)
        _tell(deputy, year)
    return Given(len(found), sum(deputy.user is None for deputy in found))


def give_all_notices(*, year: int, by: User) -> Given:
    """A slice after the other, so that a large county's staff need not wait in one long transaction."""
    people = on_paper = 0
    keys = list(waiting_for_notice(by, year).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), SLICE):
        given = give_notices(list(Deputy.objects.filter(pk__in=keys[start : start + SLICE])), year=year, by=by)
        people, on_paper = people + given.people, on_paper + given.on_paper
    if not keys:
        give_notices([], year=year, by=by)
    return Given(people, on_paper)


def contents_of(deputies: Sequence[Deputy], year: int) -> dict[int, dict[str, Any]]:
    """What a notice says of each: the own counts, opinions in words, the own spot check, points where adopted."""
    from duties.year_points import points_of

    keys = [deputy.pk for deputy in deputies]
    facts, points = facts_of(DEPUTY, keys, year), points_of(deputies, year)
    content: dict[int, dict[str, Any]] = {
        key: {
            "facts": [[fact.label, fact.count, fact.unit] for fact in facts[key]],
            "opinions": [],
            "checks": [],
            "points": points.get(key),
        }
        for key in keys
    }
    for opinion in YearOpinion.objects.filter(deputy__in=keys, year=year).order_by("-side"):
        content[opinion.deputy_id]["opinions"].append([opinion.get_side_display(), opinion.text])
    checked = SpotCheckResult.objects.filter(deputy__in=keys, check_of__year=year)
    for result in checked.exclude(outcome=SpotCheckResult.Outcome.PENDING).order_by("pk"):
        content[result.deputy_id]["checks"].append([result.get_outcome_display(), result.note])
    return content


def _tell(deputy: Deputy, year: int) -> None:
    user = deputy.user
    if user is None or not user.is_active:
        return
    text = f"您的{year}年度履职情况通报已经发出，请登录查看：{settings.SITE_URL}/office/"
    for channel, to in ((Notice.Channel.SMS, user.phone), (Notice.Channel.MAIL, user.email)):
        if tell(f"year-notice:{year}:{deputy.pk}:{channel}", channel, to, text):
            return


def open_notice(notice: YearNotice, by: User) -> None:
    """The first time the deputy opens it is the day it was read; staff reading along change nothing."""
    own = YearNotice.objects.filter(pk=notice.pk, deputy__user=by, read_at__isnull=True)
    if own.update(read_at=timezone.now()):
        notice.refresh_from_db(fields=["read_at"])


def groups_led_by(user: User) -> QuerySet[DeputyGroup]:
    mine = GroupMembership.objects.filter(
        group=OuterRef("pk"),
        deputy__user=user,
        deputy__in=Deputy.objects.in_office(),
        is_leader=True,
        ended_on__isnull=True,
    )
    return DeputyGroup.objects.active().filter(Exists(mine))
