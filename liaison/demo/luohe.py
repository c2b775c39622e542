"""漯河: 4,926 deputies of five levels in 327 regional, 15 professional and 16 industry groups; a year of opinions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import cycle

from accounts.models import Level, Organization, Region, User
from activities.models import Theme, Visit
from deputies.models import Deputy, DeputyGroup, Pairing
from liaison.demo.courses import Desk, solved, unsolved
from liaison.demo.diary import spread
from liaison.demo.matters import TOWN
from liaison.demo.people import in_chinese
from liaison.demo.places import Place
from liaison.demo.stage import Stage
from stations.models import IndustryChain

COUNTIES = ("411102", "411103", "411104", "411121", "411122", "411171")
DEPUTIES = 4926
NATIONAL, PROVINCIAL, MUNICIPAL = 3, 40, 330
COUNTY_SEATS = {"411102": 200, "411103": 220, "411104": 210, "411121": 230, "411122": 240}
PROVINCIAL_GROUPS, CITY_GROUPS, COUNTY_GROUPS, LOCAL_GROUPS = 2, 24, 15, 301
SURVEYS = 120
OPINIONS = 5280
VISITED = 20_000
ASSISTING, VILLAGES = 30, 15

C = DeputyGroup.Category
# One group of the city for each category and nine of the counties.
PROFESSIONAL = [
    ("4111", C.FINANCE),
    ("4111", C.URBAN),
    ("4111", C.EDUCATION),
    ("4111", C.JUDICIAL),
    ("4111", C.AGRICULTURE),
    ("4111", C.ETHNIC),
    ("411102", C.FINANCE),
    ("411102", C.URBAN),
    ("411103", C.EDUCATION),
    ("411103", C.AGRICULTURE),
    ("411104", C.URBAN),
    ("411104", C.JUDICIAL),
    ("411121", C.AGRICULTURE),
    ("411122", C.AGRICULTURE),
    ("411122", C.ETHNIC),
]
CHAINS = [
    ("411102", "商贸物流"),
    ("411102", "休闲食品"),
    ("411102", "会展服务"),
    ("411103", "现代物流"),
    ("411103", "养殖"),
    ("411103", "面粉加工"),
    ("411104", "木业"),
    ("411104", "食品加工"),
    ("411104", "彩印包装"),
    ("411121", "蔬菜"),
    ("411121", "盐化工"),
    ("411121", "中药材"),
    ("411122", "辣椒"),
    ("411122", "大蒜"),
    ("411122", "烟叶"),
    ("411122", "现代家居"),
]

VILLAGE_NAMES = [
    "刘庄",
    "大王",
    "河湾",
    "前李",
    "后李",
    "三里桥",
    "柳林",
    "东坡",
    "西坡",
    "油坊",
    "沟张",
    "寺前",
    "湾李",
    "高庙",
    "枣园",
]


@dataclass
class Group:
    """A group with its members and the account that keeps its records."""

    row: DeputyGroup
    members: Sequence[Deputy]
    keeper: User


def build(stage: Stage) -> None:
    counties = [stage.places.settle_county(f"{path}000000") for path in COUNTIES]
    since = stage.day(3, 1).replace(year=stage.year - 3)
    for county in counties:
        stage.places.open_town_stations(county.towns, since)
    themes = _themes(stage)
    local = _town_deputies(stage, counties, since)
    upper = _upper_deputies(stage, counties, since)
    regional = _regional_groups(stage, counties, local, upper)
    professional, industry = _other_groups(stage, upper)
    _activities(stage, regional, professional, industry, themes[0])
    met = _assistance(stage, counties, local, themes[1])
    _visits(stage, counties, local, themes[0], VISITED - met)
    _opinions(stage, counties)


def _town_deputies(stage: Stage, counties: list[Place], since: date) -> dict[str, list[Deputy]]:
    """Those of the township congresses, every twentieth of them with a seat in the county's congress too."""
    towns = [(county, town) for county in counties for town in county.electing_towns]
    each, more = divmod(DEPUTIES - NATIONAL - PROVINCIAL - MUNICIPAL - sum(COUNTY_SEATS.values()), len(towns))
    found = {}
    for n, (county, town) in enumerate(towns):
        assert town.congress is not None
        found[town.region.path] = [
            stage.crowd.person(
                town.region,
                [town.congress, county.congress] if county.congress and m % 20 == 0 else [town.congress],
                home=town.station,
                since=since,
            )
            for m in range(each + (n < more))
        ]
    return found


def _upper_deputies(stage: Stage, counties: list[Place], since: date) -> dict[str, list[Deputy]]:
    """The people of the county, city, provincial and national congresses, at home in the stations of their county."""
    places = stage.places.by_path
    electing = cycle([str(places[path].region) for path in COUNTY_SEATS])
    homes = cycle([town.station for county in counties for town in county.towns])

    def people(region: Region, count: int, *seats: str) -> list[Deputy]:
        congresses = [stage.congress(path) for path in seats]
        return [
            stage.crowd.person(region, congresses, home=next(homes), since=since, elected_by=next(electing))
            for _ in range(count)
        ]

    city = places["4111"].region
    double = MUNICIPAL // 10
    found = {path: people(places[path].region, count, path) for path, count in COUNTY_SEATS.items()}
    found["41"] = people(city, NATIONAL, "") + people(city, PROVINCIAL, "41")
    found["4111"] = people(city, MUNICIPAL - double, "4111") + people(city, double, "41", "4111")
    return found


def _group(
    stage: Stage, kind: str, path: str, name: str, level: str, members: Sequence[Deputy], **fields: object
) -> Group:
    place = stage.places.by_path[path]
    row = DeputyGroup(
        region=place.region,
        name=name,
        kind=kind,
        level=level,
        since=stage.day(3, 1).replace(year=stage.year - 2),
        **fields,
    )
    stage.crowd.group(row, members)
    return Group(row, members, place.staff)


def _regional_groups(
    stage: Stage, counties: list[Place], local: dict[str, list[Deputy]], upper: dict[str, list[Deputy]]
) -> list[Group]:
    """以块为主: everybody is in exactly one of the 2 + 24 + 301."""
    kind = DeputyGroup.Kind.REGIONAL
    groups = []

    def divide(path: str, people: list[Deputy], count: int, level: str, title: str) -> None:
        for n in range(count):
            groups.append(_group(stage, kind, path, f"{title}第{in_chinese(n + 1)}小组", level, people[n::count]))

    divide("4111", upper["41"], PROVINCIAL_GROUPS, Level.PROVINCE, "漯河市省人大代表")
    divide("4111", upper["4111"], CITY_GROUPS, Level.CITY, "漯河市人大代表")
    for path in COUNTY_SEATS:
        divide(path, upper[path], COUNTY_GROUPS, Level.COUNTY, f"{stage.region(path)}人大代表")
    left = LOCAL_GROUPS - COUNTY_GROUPS * len(COUNTY_SEATS)
    each, more = divmod(left, len(local))
    for n, (path, people) in enumerate(local.items()):
        divide(path, people, each + (n < more), Level.TOWNSHIP, f"{stage.region(path)}人大代表")
    DeputyGroup.objects.bulk_create([group.row for group in groups])
    return groups


def _other_groups(stage: Stage, upper: dict[str, list[Deputy]]) -> tuple[list[Group], list[Group]]:
    """以条为主, 以链为主: of the city's and the counties' deputies, who stay in their regional group."""
    chance = stage.chance

    def some(path: str, count: int) -> list[Deputy]:
        return chance.sample(upper[path], count)

    professional = [
        _group(
            stage,
            DeputyGroup.Kind.PROFESSIONAL,
            path,
            f"{stage.region(path)}{category.label}专业代表小组",
            Level.CITY if path == "4111" else Level.COUNTY,
            some(path, chance.randrange(11, 18)),
            category=category,
        )
        for path, category in PROFESSIONAL
    ]
    industry = []
    for path, name in CHAINS:
        chain = IndustryChain.objects.create(region=stage.region(path), name=name)
        members = some(path, chance.randrange(10, 16))
        title = f"{stage.region(path)}{name}产业代表小组"
        industry.append(_group(stage, DeputyGroup.Kind.INDUSTRY, path, title, Level.COUNTY, members, chain=chain))
    DeputyGroup.objects.bulk_create([group.row for group in (*professional, *industry)])
    return professional, industry


def _themes(stage: Stage) -> tuple[Theme, Theme]:
    city = stage.region("4111")
    people = Theme.objects.create(
        region=city,
        name="聚民意、惠民生",
        starts_on=date(2023, 1, 1),
        plan="深化“大调研、大走访、大联系”：代表分小组或单独走访选民群众，意见分类合并、研处报送，个性问题解决到位，共性问题形成调研报告。",
    )
    country = Theme.objects.create(
        region=city,
        name="助力乡村振兴，人大代表在行动",
        starts_on=date(2023, 3, 1),
        plan="选派有专业特长的代表对口联系帮扶集体经济薄弱村，对接产业项目，完善基础设施，提供就业岗位。",
    )
    return people, country


def _assistance(stage: Stage, counties: list[Place], local: dict[str, list[Deputy]], theme: Theme) -> int:
    """对口帮扶: two deputies to a village, a visit each quarter; some have not been for long. How many people they met."""
    towns = [town for county in counties for town in county.electing_towns][:VILLAGES]
    met = 0
    for n, town in enumerate(towns):
        assert town.station is not None and town.officer is not None
        village = Organization.objects.create(
            region=town.region, name=f"{town.region.name}{VILLAGE_NAMES[n]}村民委员会", kind="village_committee"
        )
        for deputy in stage.chance.sample(local[town.region.path], ASSISTING // VILLAGES):
            pairing = Pairing(
                deputy=deputy,
                kind=Pairing.Kind.VILLAGE,
                village=village,
                is_assistance=True,
                purpose=stage.chance.choice(("发展大棚蔬菜", "完善灌溉设施", "对接加工订单", "提供就业岗位")),
                since=date(stage.year - 1, 4, 10),
            )
            stage.crowd.pairings.append(pairing)
            for month in (2, 5, 8, 11)[: 1 if n == 3 else 4]:
                people = stage.chance.randrange(6, 15)
                met += people
                stage.diary.visit(
                    deputy,
                    town.station,
                    stage.diary.calendar.next_working_day(stage.day(month, 6 + n)),
                    by=town.officer,
                    target=Visit.Target.VILLAGE,
                    households=stage.chance.randrange(2, 6),
                    people=people,
                    place=village.name,
                    theme=theme,
                    pairing=pairing,
                )
    return met


def _activities(
    stage: Stage, regional: list[Group], professional: list[Group], industry: list[Group], theme: Theme
) -> None:
    themes = (
        "现代食品产业体系培育",
        "新型物流业发展",
        "乡村振兴重点工作",
        "城市更新",
        "农村饮水安全",
        "义务教育均衡发展",
    )
    surveys = [("survey", f"集体视察调研：{themes[n % len(themes)]}") for n in range(SURVEYS)]
    _held(stage, [*professional, *regional[:60]], surveys, theme=theme)
    _held(stage, industry, [("survey", "产业链视察调研：建链延链补链强链")] * SURVEYS)
    _held(stage, regional[26:], [("group_meeting", "代表小组学习交流会")] * 160)
    _held(stage, professional, [("training", "专业代表小组履职培训")] * 24, outsiders=40)
    for path in COUNTY_SEATS:
        place = stage.places.by_path[path]
        for town, day in zip(
            place.towns,
            spread(stage.day(1, 15), stage.day(12, 15), len(place.towns), stage.diary.calendar),
            strict=True,
        ):
            assert town.station is not None
            stage.diary.activity(
                "reception",
                "代表接待日",
                day,
                by=town.staff,
                station=town.station,
                outsiders=stage.chance.randrange(5, 25),
            )


def _held(
    stage: Stage, groups: list[Group], titles: list[tuple[str, str]], *, outsiders: int = 0, theme: Theme | None = None
) -> None:
    days = spread(stage.day(1, 8), stage.day(12, 22), len(titles), stage.diary.calendar)
    for group, (kind, title), day in zip(cycle(groups), titles, days, strict=False):
        stage.diary.activity(
            kind,
            title,
            day,
            by=group.keeper,
            group=group.row,
            members=group.members,
            present=stage.chance.randrange(6, 12),
            outsiders=outsiders,
            theme=theme,
            summary=f"{group.row}开展{title}，形成的意见交有关部门研究。",
        )


def _opinions(stage: Stage, counties: list[Place]) -> None:
    """大调研、大走访、大联系: through the year, at every station of the city."""
    chance = stage.chance
    desks = [
        Desk(town.station, town.officer, town, county)
        for county in counties
        for town in county.towns
        if town.station and town.officer
    ]
    days = spread(stage.day(1, 5), stage.day(11, 3), OPINIONS, stage.book.calendar)
    promised_on = stage.today.replace(year=stage.today.year + 1, month=6, day=30)
    for desk, day in zip(cycle(desks), days, strict=False):
        kind = chance.random()
        if kind < 0.84:
            solved(stage.book, desk, day, TOWN)
        else:
            unsolved(stage.book, desk, day, TOWN, promised_on=promised_on if kind > 0.99 else None)


def _visits(stage: Stage, counties: list[Place], local: dict[str, list[Deputy]], theme: Theme, people: int) -> None:
    """代表分小组或单独走访: town by town through the year, until so many people have been met."""
    towns = cycle([town for county in counties for town in county.electing_towns])
    days = spread(stage.day(1, 9), stage.day(12, 18), 760, stage.diary.calendar)
    for town, day in zip(towns, cycle(days), strict=False):
        assert town.station is not None and town.officer is not None
        met = min(stage.chance.randrange(14, 40), people)
        stage.diary.visit(
            stage.chance.choice(local[town.region.path]),
            town.station,
            day,
            by=town.officer,
            target=Visit.Target.VOTERS,
            households=max(1, met // 3),
            people=met,
            place=town.region.name,
            theme=theme,
        )
        people -= met
        if not people:
            return
