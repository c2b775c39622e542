"""Year plans: written, published, and followed by the activities that hang on them (mission U1; 代表法 art. 43)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Region, User
from accounts.paths import ancestors
from activities.models import AnnualPlan, PlanItem, Theme
from activities.permissions import may_publish_plan, may_write_plan
from deputies.models import DeputyGroup
from stations.models import Station

NOT_YOURS = "这份年度计划由{owner}或其人大机构编制，您不能改；需要调整请联系他们。"
NEXT_YEARS = 1


@transaction.atomic
def begin_plan(
    *,
    year: int,
    by: User,
    region: Region | None = None,
    station: Station | None = None,
    group: DeputyGroup | None = None,
) -> AnnualPlan:
    """A plan of the region, of a station or of a group for a year; there is one of each."""
    owner = station or group
    whose = owner.region if owner is not None else region
    if whose is None or (station is not None and group is not None):
        raise Refused("请选择是谁的年度计划：区域、联络站或者代表小组，只选一个。", field="owner")
    plan = AnnualPlan(region=whose, station=station, group=group, year=year)
    _check_writer(plan, by)
    if year > today().year + NEXT_YEARS:
        raise Refused(f"最早可以编制{today().year + NEXT_YEARS}年的计划，请核对年度。", field="year")
    try:
        with transaction.atomic():
            plan.full_clean(validate_constraints=False)
            plan.save()
    except IntegrityError as error:
        raise Refused(f"{plan.owner}{year}年已有计划，请在那一份上改。", field="year") from error
    return plan


@transaction.atomic
def write_plan(
    plan: AnnualPlan, *, introduction: str, items: Iterable[PlanItem], gone: Iterable[PlanItem] = (), by: User
) -> AnnualPlan:
    """The words and lines of a plan. A line that activities were held for stays: else they would hang on nothing."""
    locked = AnnualPlan.objects.select_for_update().get(pk=plan.pk)
    _check_writer(plan, by)
    for item in gone:
        held = item.activities.exclude(status="cancelled")
        if held.exists():
            raise Refused(f"“{item}”已有{held.count()}项活动，不能删去；可以改文字。")
        item.delete()
    for item in items:
        item.plan = locked
        item.full_clean(exclude=["plan"])
        item.save()
    if locked.published_on is not None and not locked.items.exists():
        raise Refused("公开的计划至少要有一个事项；整份不要了，请先取消公开。")
    locked.introduction = introduction
    locked.save(update_fields=["introduction"])
    plan.introduction = introduction
    return plan


@transaction.atomic
def publish_plan(plan: AnnualPlan, *, by: User) -> None:
    """年度代表工作计划 are told to everybody (代表法 art. 43); a station's stands on its page, as on its wall."""
    locked = AnnualPlan.objects.select_for_update().get(pk=plan.pk)
    _check_publisher(plan, by)
    if not locked.items.exists():
        raise Refused("计划里还没有事项，请先写上几月做什么，再公开。")
    if locked.published_on is None:
        locked.published_on = today()
        locked.save(update_fields=["published_on"])
    plan.published_on = locked.published_on


@transaction.atomic
def unpublish_plan(plan: AnnualPlan, *, by: User) -> None:
    locked = AnnualPlan.objects.select_for_update().get(pk=plan.pk)
    _check_publisher(plan, by)
    locked.published_on = plan.published_on = None
    locked.save(update_fields=["published_on"])


def _check_writer(plan: AnnualPlan, by: User) -> None:
    if not may_write_plan(by, plan):
        raise Refused(NOT_YOURS.format(owner=plan.owner))


def _check_publisher(plan: AnnualPlan, by: User) -> None:
    _check_writer(plan, by)
    if not may_publish_plan(by, plan):
        raise Refused("小组的计划由联络站或人大机构审核后公开，请把写好的计划告诉他们。")


def items_for(*, station: Station | None, group: DeputyGroup | None, years: Iterable[int]) -> QuerySet[PlanItem]:
    """What an activity of this station or group may be held for: its own plans, and those of the regions above it."""
    owner = station or group
    if owner is None:
        return PlanItem.objects.none()
    regional = Q(
        plan__station__isnull=True, plan__group__isnull=True, plan__region__path__in=ancestors(owner.region.path)
    )
    own = Q(plan__station=station) if station is not None else Q(pk__in=[])
    if group is not None:
        own |= Q(plan__group=group)
    found = PlanItem.objects.filter(own | regional, plan__year__in=list(years))
    return found.select_related("plan__region", "plan__station", "plan__group")


def themes_for(region: Region) -> QuerySet[Theme]:
    """主题活动 that work of this region may belong to today: running ones of the region and of those above it."""
    return Theme.objects.for_region(region.path).running(today())
