"""Stations and people: what stands at the end of the period."""

from __future__ import annotations

from django.db.models import Q

from deputies.models import DeputyGroup, Pairing
from reports.counting import Chapter, Counted
from reports.sources import double_memberships, entries, groups, memberships, pairings, seats, stations
from stations.models import Station

_K = Station.Kind
_G = DeputyGroup.Kind
_ASSISTANCE = Q(kind=Pairing.Kind.VILLAGE, is_assistance=True)

BUILD = Chapter(
    "build",
    "建站",
    (
        Counted(
            "stations",
            "联络站",
            "个",
            "期末在用的联络站：已挂牌，处于试点或正式阶段，期末前没有撤销；未填挂牌日期的不计。",
            stations,
        ),
        Counted(
            "industry_stations",
            "产业代表联络站",
            "个",
            "期末在用的联络站中，类型为产业联络站的。",
            stations,
            Q(kind=_K.INDUSTRY),
        ),
        Counted(
            "regional_stations",
            "区域联络站",
            "个",
            "期末在用的联络站中，类型为区域联络站的。",
            stations,
            Q(kind=_K.REGIONAL),
        ),
        Counted(
            "professional_stations",
            "专业联络站",
            "个",
            "期末在用的联络站中，类型为专业联络站的。",
            stations,
            Q(kind=_K.PROFESSIONAL),
        ),
    ),
)

GATHER = Chapter(
    "gather",
    "聚代表",
    (
        Counted(
            "industry_deputies",
            "进站五级代表",
            "人",
            "期末进驻产业代表联络站的代表；进驻几个站、有几个席位都只计一人。",
            memberships,
            Q(station__kind=_K.INDUSTRY),
            distinct="deputy",
        ),
        Counted("members", "驻站代表", "人", "期末进驻各类联络站的代表，每人计一次。", memberships, distinct="deputy"),
        Counted(
            "both_stations",
            "双进站代表",
            "人",
            "驻站代表中，期末既在所在选区联络站、又在产业（专业）联络站的。",
            double_memberships,
            distinct="deputy",
        ),
        Counted(
            "deputies",
            "五级人大代表",
            "人",
            "期末实有职务（含暂停执行职务）的代表：档案、所在的人民代表大会或所驻联络站在本范围内的，每人计一次。",
            seats,
            distinct="deputy",
        ),
        Counted("seats", "代表席位", "席", "上述代表期末实有的全部职务；一人兼任两级代表的计两席。", seats),
        Counted(
            "regional_groups",
            "区域代表小组",
            "个",
            "期末存在的区域小组；联络站的报告计进驻本站的小组。",
            groups,
            Q(kind=_G.REGIONAL),
        ),
        Counted(
            "professional_groups",
            "专业代表小组",
            "个",
            "期末存在的专业小组；联络站的报告计进驻本站的小组。",
            groups,
            Q(kind=_G.PROFESSIONAL),
        ),
        Counted(
            "professional_categories",
            "专业代表小组类别",
            "类",
            "专业代表小组所属的不同类别，如财经预算、城建环保。",
            groups,
            Q(kind=_G.PROFESSIONAL),
            distinct="category",
        ),
        Counted(
            "industry_groups",
            "特色（产业链）代表小组",
            "个",
            "期末存在的特色（产业链）小组；联络站的报告计进驻本站的小组。",
            groups,
            Q(kind=_G.INDUSTRY),
        ),
        Counted(
            "entered_groups",
            "进站代表小组",
            "个",
            "期末整组进驻联络站的代表小组，每组计一次。",
            entries,
            distinct="group",
        ),
        Counted(
            "pairings",
            "结对联系",
            "对",
            "期末的双联系、帮扶结对：常委会成员联系联络站，代表联系户、企业、村（社区）。",
            pairings,
        ),
        Counted(
            "assisting_deputies",
            "对口帮扶代表",
            "人",
            "结对联系中对口帮扶村（社区）的代表，每人计一次。",
            pairings,
            _ASSISTANCE,
            distinct="deputy",
        ),
        Counted(
            "assisted_villages",
            "对口帮扶村",
            "个",
            "结对联系中得到对口帮扶的村（社区），几位代表帮扶一个村只计一个。",
            pairings,
            _ASSISTANCE,
            distinct="village",
        ),
    ),
)
