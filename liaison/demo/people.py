"""Invented people: names, seats, stations and groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from random import Random

from accounts.models import Level, Region, User
from deputies.models import (
    Congress,
    Consent,
    Constituency,
    Deputy,
    DeputyGroup,
    GroupMembership,
    Mandate,
    Pairing,
    StationMembership,
)
from stations.models import Station

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国志春梅海燕新民振东立德永庆成林文博长山金凤"
    "学礼广义俊峰书香兴旺宏图云飞心怡子晨思远彦青松柏竹茂源清泉向阳卫东耀先继承培根厚田瑞雪传统守信喜来"
)
WORK = (
    "种植户",
    "养殖户",
    "村党支部书记",
    "合作社理事长",
    "车间主任",
    "小学教师",
    "乡村医生",
    "个体工商户",
    "技术员",
    "企业负责人",
)
EXPERTISE = ("设施农业", "畜牧养殖", "企业管理", "法律", "教育", "医疗卫生", "机械制造", "商贸流通", "财务", "食品加工")
CITIES = {"4107": "新乡市", "4111": "漯河市", "4116": "周口市"}
NUMERALS = "零一二三四五六七八九"


def new_name(chance: Random) -> str:
    return chance.choice(SURNAMES) + "".join(chance.choice(GIVEN) for _ in range(chance.choice((1, 2, 2, 2))))


def in_chinese(number: int) -> str:
    """1 to 99 as people write them in names: 十二, 二十."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else NUMERALS[tens] + "十"
    return head + (NUMERALS[ones] if ones or not tens else "")


class Crowd:
    """Deputies with their seats and stations, kept until all are written at once."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.deputies: list[Deputy] = []
        self.mandates: list[Mandate] = []
        self.memberships: list[StationMembership] = []
        self.group_memberships: list[GroupMembership] = []
        self.consents: list[Consent] = []
        self.pairings: list[Pairing] = []
        self._constituencies: dict[tuple[int, str], Constituency] = {}

    def person(
        self,
        region: Region,
        seats: Iterable[Congress],
        *,
        home: Station | None = None,
        sector: Station | None = None,
        since: date,
        user: User | None = None,
        work: str = "",
        expertise: str = "",
        elected_by: str = "",
    ) -> Deputy:
        chance = self.chance
        deputy = Deputy(
            region=region,
            user=user,
            slug=f"d{chance.getrandbits(40):010x}",
            name=user.name if user else new_name(chance),
            sex=chance.choice((Deputy.Sex.MALE, Deputy.Sex.MALE, Deputy.Sex.FEMALE)),
            ethnicity="汉族" if chance.random() < 0.96 else "回族",
            birth_year=chance.randrange(1962, 1994),
            birth_month=chance.randrange(1, 13),
            party=chance.choice(("中共党员", "中共党员", "群众", "民建会员")),
            education=chance.choice(("高中", "大专", "本科")),
            work_unit=f"{region.name}{work or chance.choice(WORK)}",
            occupation=chance.choice(("农民", "工人", "专业技术人员", "干部", "企业负责人")),
            expertise=expertise or chance.choice(EXPERTISE),
            phone=f"1380000{chance.randrange(10_000):04d}",
        )
        self.deputies.append(deputy)
        for congress in seats:
            assert congress.first_met_on is not None, "every congress of the demo has met"
            self.mandates.append(
                Mandate(
                    deputy=deputy,
                    congress=congress,
                    constituency=self._constituency(congress, region, elected_by),
                    since=congress.first_met_on,
                )
            )
        if home is not None:
            self._join(deputy, home, StationMembership.Kind.HOME, since)
        if sector is not None:
            self._join(deputy, sector, StationMembership.Kind.SECTOR, since)
        return deputy

    def consent(self, deputy: Deputy, since: date, *fields: str) -> None:
        self.consents.extend(
            Consent(deputy=deputy, field=field, since=since, document="县人大代工委档案柜") for field in fields
        )

    def group(self, group: DeputyGroup, members: Sequence[Deputy]) -> None:
        """The first one leads."""
        self.group_memberships.extend(
            GroupMembership(group=group, deputy=deputy, is_leader=n == 0, since=group.since)
            for n, deputy in enumerate(members)
        )

    def save(self) -> None:
        Constituency.objects.bulk_create(self._constituencies.values())
        for deputy in self.deputies:
            deputy.sort_name()
        Deputy.objects.bulk_create(self.deputies)
        Mandate.objects.bulk_create(self.mandates)
        StationMembership.objects.bulk_create(self.memberships)
        GroupMembership.objects.bulk_create(self.group_memberships)
        Consent.objects.bulk_create(self.consents)
        Pairing.objects.bulk_create(self.pairings)

    def _join(self, deputy: Deputy, station: Station, kind: str, since: date) -> None:
        opened = station.opened_on or since
        self.memberships.append(StationMembership(deputy=deputy, station=station, kind=kind, since=max(since, opened)))

    def _constituency(self, congress: Congress, region: Region, elected_by: str) -> Constituency:
        """Voters' districts in towns and counties; above, the congress below elects (选举法)."""
        level = congress.region.level
        if level == Level.TOWNSHIP:
            name = f"{congress.region.name}第{in_chinese(self.chance.randrange(1, 6))}选区"
        elif level == Level.COUNTY:
            name = f"第{in_chinese(self.chance.randrange(1, 31))}选区"
        elif level == Level.CITY:
            name = f"{elected_by or region.name}人民代表大会"
        else:
            below = "河南省" if level == Level.NATION else CITIES[region.path[:4]]
            name = f"{below}人民代表大会"
        key = (congress.pk, name)
        if key not in self._constituencies:
            self._constituencies[key] = Constituency(congress=congress, name=name)
        return self._constituencies[key]
