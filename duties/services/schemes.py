"""积分办法: drafted, adopted by a decision, and from then on never changed (mission G2)."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction
from django.db.models import Max

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import User
from accounts.paths import ancestors
from duties.models import PointItem, PointMajor, PointPeriod, PointScheme, PointSource
from duties.permissions import keeps_points
from duties.rules import DEPUTY, RULES


@transaction.atomic
def adopt(scheme: PointScheme, *, by: User, basis: str) -> None:
    """From now on it is settled by this version. What it says must be earnable, and each record by one item alone."""
    if not keeps_points(by, scheme.region_id):
        raise Refused(f"积分办法由{scheme.region}人大机构采用，您的账号不在这个机构。")
    PointScheme.objects.select_for_update().get(pk=scheme.pk)
    scheme.refresh_from_db()
    if scheme.adopted_on is not None:
        raise Refused("这一版已经采用，不能再改。要改，请另起一版。")
    if not basis.strip():
        raise Refused("请填写采用依据，例如主任会议决定的文号。", field="basis")
    refuse_closed(scheme)
    held = PointScheme.objects.adopted().filter(region=scheme.region_id, year=scheme.year)
    if (held.aggregate(last=Max("version"))["last"] or 0) > scheme.version:
        raise Refused("已经采用了更新的版本，请从那一版另起一版。")
    check_earnable(scheme)
    scheme.adopted_on, scheme.adopted_by, scheme.basis = today(), by, basis.strip()
    scheme.save(update_fields=["adopted_on", "adopted_by", "basis"])


def refuse_closed(scheme: PointScheme) -> None:
    """A closed year is never scored again: neither the region's own nor one above it, by which its deputies were scored."""
    closed = PointPeriod.objects.filter(
        region__path__in=ancestors(scheme.region.path), year=scheme.year, closed_at__isnull=False
    )
    if closed.select_for_update().exists():
        raise Refused(f"{scheme.year}年的积分已经封账，不能再改积分办法。请为下一年度起草。")


def check_earnable(scheme: PointScheme) -> None:
    items = list(PointItem.objects.filter(major__scheme=scheme).prefetch_related("sources__types"))
    if not items:
        raise Refused("这份积分办法还没有小项，不能采用。")
    rules: dict[str, list[PointItem]] = defaultdict(list)
    types: dict[str, list[PointItem]] = defaultdict(list)
    codes = [item.code for item in items]
    for item in items:
        sources = list(item.sources.all())
        if codes.count(item.code) > 1:
            raise Refused(f"有两个小项的代号都是{item.code}，请改一个。")
        if not sources and not item.by_declaration:
            raise Refused(f"小项“{item}”没有写明从哪里取得，请添加来源，或者勾选“申报取得”。")
        for source in sources:
            _check_source(source, item)
            if RULES[source.rule].types:
                for kind in source.types.all():
                    types[kind.name].append(item)
            else:
                rules[RULES[source.rule].label].append(item)
    for what, served in (*types.items(), *rules.items()):
        if len(served) > 1:
            names = "、".join(str(item) for item in served)
            raise Refused(f"“{what}”同时用在{names}，一条记录会得两次分。请只留一处。")


def _check_source(source: PointSource, item: PointItem) -> None:
    rule = RULES.get(source.rule)
    if rule is None or DEPUTY not in rule.who:
        raise Refused(f"小项“{item}”的来源不是代表本人的记录，请换一个依据。")
    if bool(rule.types) != bool(source.types.all()):
        raise Refused(
            f"小项“{item}”的来源“{rule.label}”" + ("请选择活动类型。" if rule.types else "不分活动类型，请不要选。")
        )
    if not source.points:
        raise Refused(f"小项“{item}”的来源“{rule.label}”请填写每次分值。")


@transaction.atomic
def new_version(scheme: PointScheme, *, by: User) -> PointScheme:
    """A copy to be changed and adopted in place of this one. The version that holds goes on until then."""
    if not keeps_points(by, scheme.region_id):
        raise Refused(f"积分办法由{scheme.region}人大机构起草，您的账号不在这个机构。")
    PointScheme.objects.select_for_update().get(pk=scheme.pk)
    refuse_closed(scheme)
    versions = PointScheme.objects.filter(region=scheme.region_id, year=scheme.year)
    draft = versions.filter(adopted_on__isnull=True).first()
    if draft is not None:
        raise Refused(f"{scheme.year}年已有第{draft.version}版草稿，请在那一份上修改。")
    return copy_to(scheme, year=scheme.year, version=(versions.aggregate(last=Max("version"))["last"] or 0) + 1)


def copy_to(scheme: PointScheme, *, year: int, version: int = 1) -> PointScheme:
    copied = PointScheme.objects.create(
        region=scheme.region,
        year=year,
        version=version,
        name=scheme.name,
        is_capped=scheme.is_capped,
        good_from=scheme.good_from,
        fair_from=scheme.fair_from,
    )
    for major in scheme.majors.prefetch_related("items__sources__types"):
        kept = PointMajor.objects.create(scheme=copied, code=major.code, name=major.name, cap=major.cap)
        for item in major.items.all():
            _copy_item(item, kept)
    return copied


def _copy_item(item: PointItem, major: PointMajor) -> None:
    copied = PointItem.objects.create(
        major=major,
        code=item.code,
        name=item.name,
        note=item.note,
        most=item.most,
        by_declaration=item.by_declaration,
        declared_points=item.declared_points,
    )
    for source in item.sources.all():
        row = PointSource.objects.create(item=copied, rule=source.rule, points=source.points, times=source.times)
        row.types.set(source.types.all())
