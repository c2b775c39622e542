"""新乡: 18 industry stations on the chains of its counties, 350 deputies in them, two heads side by side."""

from __future__ import annotations

from itertools import cycle

from activities.models import Visit
from deputies.models import DeputyGroup, GroupEntry
from liaison.demo.courses import propose, solved, unsolved
from liaison.demo.diary import spread
from liaison.demo.matters import INDUSTRY
from liaison.demo.people import new_name
from liaison.demo.places import Place
from liaison.demo.stage import Stage
from stations.models import Enterprise, Station, StationPost
from suggestions.models import Suggestion

H = Station.HostKind
COUNTIES = {
    "长垣": "410783",
    "延津": "410726",
    "红旗": "410702",
    "卫辉": "410781",
    "获嘉": "410724",
    "原阳": "410725",
    "封丘": "410727",
    "牧野": "410711",
    "凤泉": "410704",
    "平原": "410773",
    "辉县": "410782",
    "新乡县": "410721",
}
# county, slug, name, chain, host, kind of host: 3 parks, 12 enterprises of a chain, 2 associations, 1 cooperative.
STATIONS = [
    ("长垣", "changyuan-qizhong", "长垣起重和防腐产业代表联络站", "起重和防腐", "长垣经济技术开发区", H.PARK),
    ("延津", "yanjin-shipin", "延津县食品产业代表联络站", "小麦食品", "延津县产业集聚区", H.PARK),
    ("红旗", "hongqi-863", "红旗区863科技产业园代表联络站", "科技服务", "863科技产业园", H.PARK),
    (
        "长垣",
        "changyuan-weicai",
        "长垣医疗器械产业代表联络站",
        "医疗器械",
        "长垣市健源医疗器械有限公司",
        H.CHAIN_ENTERPRISE,
    ),
    ("长垣", "changyuan-menye", "长垣门业产业代表联络站", "门业", "长垣市固诚门业有限公司", H.CHAIN_ENTERPRISE),
    ("卫辉", "weihui-yiyao", "卫辉市生物医药产业代表联络站", "生物医药", "卫辉市康禾生物有限公司", H.CHAIN_ENTERPRISE),
    ("卫辉", "weihui-jiancai", "卫辉市建材产业代表联络站", "绿色建材", "卫辉市太行建材有限公司", H.CHAIN_ENTERPRISE),
    (
        "获嘉",
        "huojia-zhuangbei",
        "获嘉装备制造产业代表联络站",
        "装备制造",
        "河南大成包装材料有限公司",
        H.CHAIN_ENTERPRISE,
    ),
    ("原阳", "yuanyang-yuzhicai", "原阳县预制菜产业代表联络站", "预制菜", "原阳县九味食品有限公司", H.CHAIN_ENTERPRISE),
    ("原阳", "yuanyang-jiaju", "原阳县家居产业代表联络站", "家居", "原阳县木本家居有限公司", H.CHAIN_ENTERPRISE),
    ("封丘", "fengqiu-jinyinhua", "封丘县金银花产业代表联络站", "金银花", "封丘县双银药业有限公司", H.CHAIN_ENTERPRISE),
    ("牧野", "muye-dianchi", "牧野区电池产业代表联络站", "新能源电池", "新乡市恒能电源有限公司", H.CHAIN_ENTERPRISE),
    (
        "凤泉",
        "fengquan-peijian",
        "凤泉区汽车零部件产业代表联络站",
        "汽车零部件",
        "新乡市驰远机械有限公司",
        H.CHAIN_ENTERPRISE,
    ),
    ("平原", "pingyuan-zhongye", "平原示范区种业产业代表联络站", "种业", "河南丰原种业有限公司", H.CHAIN_ENTERPRISE),
    (
        "平原",
        "pingyuan-shengwu",
        "平原示范区生物技术产业代表联络站",
        "生物技术",
        "河南普生生物有限公司",
        H.CHAIN_ENTERPRISE,
    ),
    (
        "辉县",
        "huixian-zhipin",
        "辉县市纸品产业人大代表联络站",
        "纸品包装",
        "辉县市纸品印刷及包装产业联盟",
        H.ASSOCIATION,
    ),
    (
        "新乡县",
        "xinxiangxian-zhendong",
        "新乡县振动机械产业代表联络站",
        "振动机械",
        "新乡县振动机械行业协会",
        H.ASSOCIATION,
    ),
    ("获嘉", "huojia-nongye", "获嘉现代农业产业代表联络站", "现代农业", "获嘉县同丰农业专业合作社", H.COOPERATIVE),
]
CHAINS = {slug: chain for _, slug, _, chain, *_ in STATIONS}
# The enterprise whose man is head beside the congress's, in the stations that stand in a park.
PARK_FIRMS = {
    "changyuan-qizhong": "长垣市力源起重机械有限公司",
    "yanjin-shipin": "延津县金麦食品有限公司",
    "hongqi-863": "新乡市智创科技有限公司",
}
TRIALS = {"pingyuan-shengwu", "huojia-nongye", "yuanyang-jiaju"}
MEMBERS = 350
ACTIVITIES = 50
SOLVED = 20
PROPOSALS = 10
PROPOSALS_SOLVED = 6
OPINIONS_CHANGYUAN = 10
GROUPS_HUOJIA = 6

PROPOSAL_TEXTS = [
    (
        "关于支持起重装备企业数字化改造的建议",
        "technology",
        "economy",
        "多数中小企业缺少数字化改造资金和人才，建议设立专项贴息，并由龙头企业开放公共平台。",
    ),
    (
        "关于完善食品产业集聚区冷链设施的建议",
        "sales",
        "economy",
        "集聚区冷库容量不足，旺季租库困难，建议统一规划公共冷链。",
    ),
    ("关于解决科技园区人才公寓的建议", "labour", "social", "青年技术人员租房难，建议配建人才公寓。"),
    (
        "关于建设医疗器械检测平台的建议",
        "technology",
        "economy",
        "企业送检要到外地，周期长、费用高，建议在园区建设检测平台。",
    ),
    ("关于规范门业废料处置的建议", "park", "urban", "喷涂废料分散处置成本高，建议建设集中处置点。"),
    ("关于加大生物医药用地保障的建议", "land", "urban", "项目用地指标不足，建议盘活闲置厂房。"),
    ("关于稳定装备制造业用电价格的建议", "power", "economy", "建议指导企业参加电力市场交易，合理安排错峰生产。"),
    ("关于支持预制菜企业融资的建议", "finance", "economy", "原料采购季资金需求集中，建议推出产业链信用贷款。"),
    ("关于扶持金银花精深加工的建议", "sales", "agriculture", "原料外销比重大，建议支持精深加工并打造区域品牌。"),
    ("关于畅通纸品企业物流通道的建议", "road", "transport", "通往园区的道路限高限重，建议规划货运通道。"),
]


def build(stage: Stage) -> None:
    counties = {name: stage.places.settle_county(f"{path}000000") for name, path in COUNTIES.items()}
    for county in counties.values():
        stage.places.open_town_stations(county.towns[:2], stage.day(1, 1).replace(year=stage.year - 3))
    stations = [_station(stage, counties[county], *rest) for county, *rest in STATIONS]
    _members(stage, stations)
    _groups(stage, counties["获嘉"])
    _activities(stage)
    _visits(stage)
    _opinions(stage)
    _proposals(stage)


def _station(stage: Stage, county: Place, slug: str, name: str, chain: str, host: str, host_kind: str) -> Station:
    chance = stage.chance
    opened_on = stage.day(chance.randrange(3, 12), chance.randrange(1, 28)).replace(year=stage.year - 1)
    station = stage.industry_station(
        county,
        slug,
        name,
        chain=chain,
        host=host,
        host_kind=host_kind,
        opened_on=opened_on,
        life=Station.Life.PILOT if slug in TRIALS else Station.Life.FORMAL,
        enterprise=host if host_kind in (H.CHAIN_ENTERPRISE, H.COOPERATIVE) else "",
    )
    _heads(stage, station, county)
    return station


def _heads(stage: Stage, station: Station, county: Place) -> None:
    """双站长: the congress and the enterprise each have a head; in 原阳 the head is a county bureau's man."""
    P, S = StationPost.Post, StationPost.Side
    since = station.opened_on or stage.day(1, 1)
    industry = county.units["industry"]
    posts = [
        StationPost(
            station=station,
            post=P.HEAD,
            side=S.GOVERNMENT,
            name=new_name(stage.chance),
            title=f"{industry}负责人",
            organization=industry,
            since=since,
        )
        if county.name == "原阳县"
        else StationPost(
            station=station,
            post=P.HEAD,
            side=S.CONGRESS,
            name=new_name(stage.chance),
            title=f"{county.name}人大负责人",
            since=since,
        )
    ]
    firm = station.enterprise
    if firm is None and station.host_kind == H.PARK:
        firm = Enterprise.objects.create(region=county.region, name=PARK_FIRMS[station.slug])
    if firm is not None:
        posts.append(
            StationPost(
                station=station,
                post=P.HEAD,
                side=S.ENTERPRISE,
                name=new_name(stage.chance),
                title=f"{firm}负责人",
                enterprise=firm,
                since=since,
            )
        )
    posts.append(
        StationPost(station=station, post=P.DEPUTY_HEAD, name=new_name(stage.chance), title="副站长", since=since)
    )
    StationPost.objects.bulk_create(posts)


def _chain(station: Station) -> str:
    return CHAINS[station.slug]


def _members(stage: Stage, stations: list[Station]) -> None:
    """混合编组: five levels in each station, and each deputy at home in a station of the own constituency (双进站)."""
    each, more = divmod(MEMBERS, len(stations))
    nation, province, city = (stage.congress(path) for path in ("", "41", "4107"))
    for n, station in enumerate(stations):
        desk = stage.desks[station.slug]
        county = desk.county
        towns = county.electing_towns
        homes = cycle([town.station for town in county.towns if town.station])
        levels = [city] * 3 + [county.congress or city] * 8
        if n % 3 == 0:
            levels[0] = province
        if n % 9 == 0:
            levels[1] = nation
        members = []
        for m in range(each + (n < more)):
            if m < len(levels):
                seats = [levels[m]]
                if m == 4 and towns and towns[0].congress:
                    seats.append(towns[0].congress)
            elif towns:
                seats = [stage.chance.choice(towns).congress or city]
            else:
                seats = [county.congress or city]
            members.append(
                stage.crowd.person(
                    county.region,
                    seats,
                    home=next(homes),
                    sector=station,
                    since=station.opened_on or stage.day(1, 1),
                    work=f"{_chain(station)}企业{stage.chance.choice(('负责人', '技术员', '车间主任', '工会主席'))}",
                    expertise=_chain(station),
                )
            )
        stage.members[station.slug] = members


def _groups(stage: Stage, county: Place) -> None:
    """获嘉: six groups enter the station as units; that gives their members no membership of it."""
    station = stage.desks["huojia-zhuangbei"].station
    chain = station.chains.get()
    since = station.opened_on or stage.day(1, 1)
    names = ("机械加工", "包装材料", "电气控制", "铸造", "模具", "物流配套")
    assert len(names) == GROUPS_HUOJIA
    groups = DeputyGroup.objects.bulk_create(
        [
            DeputyGroup(
                region=county.region,
                name=f"获嘉县{name}产业代表小组",
                kind=DeputyGroup.Kind.INDUSTRY,
                level="county",
                chain=chain,
                since=since,
            )
            for name in names
        ]
    )
    GroupEntry.objects.bulk_create([GroupEntry(group=group, station=station, since=since) for group in groups])
    members = stage.members["huojia-zhuangbei"]
    for n, group in enumerate(groups):
        stage.crowd.group(group, members[n::GROUPS_HUOJIA])


def _activities(stage: Stage) -> None:
    """长垣 meets every quarter and surveys every half-year; the other 17 stations make up the rest of the fifty."""
    desk = stage.desks["changyuan-qizhong"]
    for month in (3, 6, 9, 12):
        _activity(stage, desk.station, "station_meeting", f"第{(month + 2) // 3}季度联络站例会", month, 12)
    _activity(stage, desk.station, "survey", "上半年集中视察：惠企政策落实", 5, 20)
    _activity(stage, desk.station, "survey", "下半年集中调研：防腐产业绿色发展", 10, 20)
    kinds = cycle(
        [
            ("station_visit", "代表进站联系企业"),
            ("survey", "产业链专题调研"),
            ("lecture", "人大代表讲堂：惠企政策宣讲"),
            ("discussion", "政企座谈会"),
            ("legal_service", "“三官一员”进站法律服务"),
        ]
    )
    others = [
        desk.station
        for slug, desk in stage.desks.items()
        if slug != "changyuan-qizhong" and desk.county.region.path[:4] == "4107"
    ]
    days = spread(stage.day(1, 10), stage.day(12, 20), ACTIVITIES - 6, stage.diary.calendar)
    for station, day in zip(cycle(others), days, strict=False):
        kind, title = next(kinds)
        _activity(stage, station, kind, title, day.month, day.day)


def _activity(stage: Stage, station: Station, kind: str, title: str, month: int, day: int) -> None:
    desk = stage.desks[station.slug]
    on = stage.diary.calendar.next_working_day(stage.day(month, day))
    stage.diary.activity(
        kind,
        title,
        on,
        by=desk.officer,
        station=station,
        members=stage.members[station.slug],
        present=stage.chance.randrange(8, 15),
        outsiders=stage.chance.randrange(10, 60) if kind in ("lecture", "legal_service") else 0,
        lecturers="专业技术代表" if kind == "lecture" else "",
        departments=[desk.county.units["industry"]] if kind == "discussion" else (),
        summary=f"围绕{_chain(station)}产业开展{title}，梳理企业诉求，形成清单转交办理。",
    )


def _visits(stage: Stage) -> None:
    for slug, members in list(stage.members.items()):
        desk = stage.desks[slug]
        for deputy, day in zip(
            members, spread(stage.day(2, 10), stage.day(11, 20), 3, stage.diary.calendar), strict=False
        ):
            stage.diary.visit(
                deputy,
                desk.station,
                day,
                by=desk.officer,
                target=Visit.Target.ENTERPRISE,
                people=stage.chance.randrange(3, 15),
            )


def _opinions(stage: Stage) -> None:
    """Ten from 长垣's station, one or two from each other one; with the proposals twenty of them are solved."""
    slugs = ["changyuan-qizhong"] * OPINIONS_CHANGYUAN + [slug for _, slug, *_ in STATIONS[1:]]
    solved_here = SOLVED - PROPOSALS_SOLVED
    days = spread(stage.day(2, 12), stage.day(10, 28), len(slugs), stage.book.calendar)
    order = list(range(len(slugs)))
    stage.chance.shuffle(order)
    good = set(order[:solved_here])
    for n, (slug, day) in enumerate(zip(slugs, days, strict=True)):
        desk = stage.desks[slug]
        course = solved if n in good else unsolved
        course(stage.book, desk, day, INDUSTRY, what=_chain(desk.station), submitter=Suggestion.Submitter.ENTERPRISE)


def _proposals(stage: Stage) -> None:
    """代表建议 of the stations' deputies, led by somebody with a seat in the county's congress."""
    slugs = [
        "changyuan-qizhong",
        "yanjin-shipin",
        "hongqi-863",
        "changyuan-weicai",
        "changyuan-menye",
        "weihui-yiyao",
        "huojia-zhuangbei",
        "yuanyang-yuzhicai",
        "fengqiu-jinyinhua",
        "huixian-zhipin",
    ]
    assert len(slugs) == len(PROPOSAL_TEXTS) == PROPOSALS
    days = spread(stage.day(2, 20), stage.day(7, 10), PROPOSALS, stage.book.calendar)
    for n, (slug, texts, day) in enumerate(zip(slugs, PROPOSAL_TEXTS, days, strict=True)):
        desk = stage.desks[slug]
        lead = stage.places.enrol(stage.members[slug][5])
        propose(
            stage.book, desk.county, lead, texts, day, number=n + 1, station=desk.station, solved=n < PROPOSALS_SOLVED
        )
