"""The point scheme that ships: five majors, 23 items (domain.md §5.2). A draft: no point is counted until it is adopted.

What a record cannot show yet (A1–A4, B1, E2–E4) is declared with evidence, and the sheet says so. Where a county keeps
such a record, it gives the item a source of its own in the back office before it adopts the scheme.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from accounts.models import Region
from activities.models import ActivityType
from duties.models import PointItem, PointMajor, PointScheme, PointSource

NAME = "代表履职积分办法"


@dataclass(frozen=True)
class Source:
    rule: str
    points: str
    types: tuple[str, ...] = ()
    times: int | None = None


@dataclass(frozen=True)
class Item:
    """`declared` is the most that one declaration may ask for; a negative figure the most that one may take away."""

    code: str
    name: str
    most: str = ""
    sources: tuple[Source, ...] = ()
    declared: str = ""
    note: str = ""


def attended(points: str, *types: str) -> Source:
    return Source("attended", points, types)


MAJORS: tuple[tuple[str, str, str, tuple[Item, ...]], ...] = (
    (
        "A",
        "会议履职",
        "20",
        (
            Item(
                "A1",
                "出席本级人代会",
                declared="8",
                note="全勤一次8分；经批准请假的，每半天少申报1分。未经批准缺席的记入纪律减分。",
            ),
            Item("A2", "审议发言", "6", declared="2", note="每次2分，附会议记录。"),
            Item("A3", "列席会议", "4", declared="2", note="列席常委会、专门委员会、主席团会议等，每次2分。"),
            Item("A4", "会前准备", "2", declared="2", note="会前听取意见、研读材料（代表法第十三条），一年2分。"),
        ),
    ),
    (
        "B",
        "议案建议",
        "25",
        (
            Item("B1", "领衔议案", "10", declared="5", note="列入会议议程或者转为建议办理的，每件5分。"),
            Item("B2", "领衔建议", "12", (Source("proposals", "3"),), note="受理编号、没有撤回的，每件3分。"),
            Item("B3", "联名建议", "2", (Source("cosigned", "0.5"),), note="本人确认联名的，每件0.5分。"),
            Item("B4", "重点督办建议", "6", (Source("supervised", "3"),), note="列为重点督办的，每件另加3分。"),
            Item(
                "B5",
                "按时评价答复",
                "4",
                (Source("rated", "1"), Source("unrated", "-1")),
                note="按时评价一次1分；到期没有评价、由系统办结的，减1分。",
            ),
        ),
    ),
    (
        "C",
        "闭会活动",
        "25",
        (
            Item("C1", "视察", "9", (attended("3", "inspection", "survey"),), note="每次3分。"),
            Item(
                "C2",
                "专题调研",
                "",
                (attended("3", "research"), Source("research", "2")),
                note="参加一次3分；执笔调研报告的，每篇另加2分。",
            ),
            Item(
                "C3",
                "执法检查、专题询问",
                "6",
                (attended("2", "law_check", "inquiry"),),
                note="含工作评议、旁听，每次2分。",
            ),
            Item("C4", "代表小组活动", "6", (attended("1.5", "group_meeting"),), note="每次1.5分。"),
            Item(
                "C5",
                "受邀参加活动",
                "4.5",
                (attended("1.5", "invited"),),
                note="一府一委两院活动、立法征求意见等，每次1.5分。",
            ),
        ),
    ),
    (
        "D",
        "联系群众",
        "20",
        (
            Item("D1", "进站接待", "8", (attended("2", "reception", "station_visit"),), note="每次2分。"),
            Item("D2", "走访联系选民", "4", (Source("visits", "0.5"),), note="本人记下或者确认的走访，每次0.5分。"),
            Item(
                "D3",
                "收集群众意见",
                "3",
                (Source("collected", "0.5"),),
                note="走访听到或者群众反映给本人、已经受理的，每条0.5分。",
            ),
            Item(
                "D4",
                "推动解决问题",
                "5",
                (Source("solved", "1"),),
                note="收集的意见已经解决、反映人没有不满意的，每个1分。",
            ),
            Item(
                "D5",
                "述职",
                "5",
                (Source("duty_reports", "4", times=1), Source("praised_reports", "1", times=1)),
                note="一年4分；满意和基本满意达到90%的，加1分。",
            ),
        ),
    ),
    (
        "E",
        "学习形象",
        "10",
        (
            Item("E1", "学习培训", "4.5", (attended("1.5", "training"),), note="每次1.5分。"),
            Item("E2", "线上学习、宣讲政策", "1.5", declared="0.5", note="每次0.5分。"),
            Item("E3", "表彰与典型宣传", "4", declared="4", note="国家级4分、省级3分、市级2分、县级1分，附文件。"),
            Item(
                "E4",
                "纪律减分",
                declared="-5",
                note="由人大机构或者联络站凭文件登记：无故缺席组织的活动减2分，未经批准缺席会议、受通报批评减5分；"
                "停止执行代表职务或者违纪违法的，否决等次。",
            ),
        ),
    ),
)


@transaction.atomic
def ship_scheme(region: Region, year: int) -> PointScheme:
    """The shipped scheme as a draft of that region and year: the draft that is there already, else another version."""
    Region.objects.select_for_update(no_key=True).get(pk=region.pk)
    versions = PointScheme.objects.filter(region=region, year=year)
    draft = versions.filter(adopted_on__isnull=True).order_by("-version").first()
    if draft is not None:
        return draft
    last = versions.aggregate(last=Max("version"))["last"] or 0
    scheme = PointScheme.objects.create(region=region, year=year, version=last + 1, name=NAME)
    _write(scheme)
    return scheme


def _write(scheme: PointScheme) -> None:
    """Few statements for the whole scheme: keys come back from each of them (SQLite 3.35, PostgreSQL)."""
    majors = PointMajor.objects.bulk_create(
        PointMajor(scheme=scheme, code=code, name=name, cap=Decimal(cap)) for code, name, cap, _ in MAJORS
    )
    said = [(major, item) for major, (*_, items) in zip(majors, MAJORS, strict=True) for item in items]
    rows = PointItem.objects.bulk_create(
        PointItem(
            major=major,
            code=item.code,
            name=item.name,
            note=item.note,
            most=Decimal(item.most) if item.most else None,
            by_declaration=bool(item.declared),
            declared_points=Decimal(item.declared) if item.declared else None,
        )
        for major, item in said
    )
    told = [(row, source) for row, (_, item) in zip(rows, said, strict=True) for source in item.sources]
    sources = PointSource.objects.bulk_create(
        PointSource(item=row, rule=source.rule, points=Decimal(source.points), times=source.times)
        for row, source in told
    )
    # A county may have renamed a type, never its code.
    types = dict(ActivityType.objects.values_list("code", "pk"))
    chosen = PointSource.types.through
    chosen.objects.bulk_create(
        chosen(pointsource_id=kept.pk, activitytype_id=types[code])
        for kept, (_, source) in zip(sources, told, strict=True)
        for code in source.types
        if code in types
    )
