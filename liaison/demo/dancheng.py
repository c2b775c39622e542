"""郸城: five industry stations in nine bases, a pilot, the transformer case, and what waits for each account today."""

from __future__ import annotations

from itertools import cycle

from accounts.models import Organization
from activities.models import Visit
from deputies.models import PostHolder
from liaison.demo import waiting
from liaison.demo.book import lead_deputy, officer, on_behalf, staff, unit_head
from liaison.demo.cases import Life
from liaison.demo.courses import propose, solved, unsolved
from liaison.demo.diary import spread
from liaison.demo.matters import INDUSTRY
from liaison.demo.people import new_name
from liaison.demo.places import Place
from liaison.demo.stage import Stage
from stations.models import Station, StationPost
from suggestions.models import Suggestion

COUNTY = "411625"
NINGPING = "411625104"
PILOT = "sanhe-shucai"
BREEDING = "ningping-yangzhi"
# slug, town ("" is the county's own), name, chain, host, enterprise, bases, members
STATIONS = [
    (
        BREEDING,
        NINGPING,
        "宁平镇特色养殖产业代表联络站",
        "特色养殖",
        "康全农牧特色养殖基地",
        "康全农牧有限公司",
        "特色养殖、日光温室",
        16,
    ),
    (
        PILOT,
        "",
        "三禾益民设施蔬菜产业代表联络站",
        "设施蔬菜",
        "三禾益民设施蔬菜基地",
        "郸城县三禾益民农业技术开发有限公司",
        "设施蔬菜、优质瓜果",
        18,
    ),
    (
        "jizhong-hongshu",
        "411625107",
        "汲冢镇红薯产业代表联络站",
        "红薯加工",
        "汲冢镇红薯种植加工基地",
        "郸城县甘禾薯业有限公司",
        "红薯加工、优质小麦",
        20,
    ),
    (
        "nanfeng-shiyongjun",
        "411625102",
        "南丰镇食用菌产业代表联络站",
        "食用菌",
        "南丰镇食用菌基地",
        "郸城县丰菇农业有限公司",
        "食用菌",
        17,
    ),
    (
        "baima-zhongyao",
        "411625103",
        "白马镇中药材产业代表联络站",
        "中药材",
        "白马镇中药材基地",
        "郸城县百草种植有限公司",
        "中药材、林果",
        19,
    ),
]
BASES = 9
TRAINEES = (520, 480, 510, 490, 500, 500)
TALKS = {"discussion": 28, "on_site": 22}
ACTIVITIES = 137
PILOT_SOLVED, PILOT_UNSOLVED = 49, 4
OPINIONS, SOLVED = 103, 97
PROPOSALS, PROPOSALS_SOLVED = 12, 8
# Told one by one below, and solved: the transformer, and the one on paper.
SINGLE = 2
PILOT_PROBLEMS = ("finance", "land", "power", "labour", "sales")
LATER_ACTIVITIES = [
    ("skills_training", "产业技能培训", 20),
    ("survey", "产业发展调研视察", 18),
    ("director_visit", "局长进站现场交办", 16),
    ("station_visit", "驻站代表联系种养农户", 12),
    ("on_site", "部门进站现场办公", 8),
    ("lecture", "农业专家代表讲堂", 7),
]
PROPOSAL_TEXTS = [
    (
        "关于扩大设施蔬菜保险覆盖面的建议",
        "finance",
        "agriculture",
        "设施蔬菜投入大、风险高，建议将日光温室纳入政策性保险。",
    ),
    ("关于建设乡村冷链物流站的建议", "sales", "agriculture", "蔬菜外运损耗大，建议在主产乡镇布点预冷库。"),
    ("关于改造农业基地供电线路的建议", "power", "economy", "基地用电负荷增长快，建议把基地线路改造列入农网计划。"),
    ("关于规范农村土地流转合同的建议", "land", "agriculture", "流转合同不规范引发纠纷，建议推行示范文本并备案。"),
    ("关于开展养殖技术常态化培训的建议", "technology", "agriculture", "建议农技人员按月进站，开展疫病防控和饲养培训。"),
    ("关于修缮产业基地道路的建议", "road", "transport", "基地道路破损，影响农产品运输，建议列入年度养护计划。"),
    ("关于支持红薯加工企业技改的建议", "technology", "economy", "加工设备老旧，建议给予技改补助。"),
    ("关于增加食用菌菌种补贴的建议", "finance", "agriculture", "优质菌种价格高，建议给予补贴。"),
    ("关于建立季节用工信息平台的建议", "labour", "social", "采收季用工集中，建议建立全县用工信息平台。"),
    ("关于完善园区排水设施的建议", "water", "urban", "园区汛期积水，建议完善排水管网。"),
    ("关于中药材溯源体系建设的建议", "sales", "agriculture", "建议建立溯源体系，提升品牌价值。"),
    ("关于标准化园区管理的建议", "park", "economy", "建议出台园区统一管理办法。"),
]


def build(stage: Stage) -> None:
    county = stage.places.settle_county(f"{COUNTY}000000")
    stage.places.open_town_stations(county.towns, stage.day(3, 1).replace(year=stage.year - 3))
    power = county.units["power"]
    stage.places.account("power_clerk", organization=power).save()
    stage.places.account("unit_clerk", organization=stage.places.by_path[NINGPING].units["power"]).save()
    for row in STATIONS:
        _station(stage, county, *row)
    _townspeople(stage, county)
    _activities(stage)
    _visits(stage)
    _opinions(stage)
    _proposals(stage, county)
    _transformer(stage, county)
    _on_paper(stage, county)
    waiting.build(stage, county)


def _station(
    stage: Stage,
    county: Place,
    slug: str,
    town: str,
    name: str,
    chain: str,
    host: str,
    firm: str,
    bases: str,
    size: int,
) -> None:
    """乡镇人大主席团负责人 is the head, the base's man deputy head; with advisers and a lawyer among the deputies."""
    place = stage.places.by_path[town] if town else county
    pilot = slug == PILOT
    opened_on = stage.day(1, 4) if pilot else stage.day(5, 8)
    station = stage.industry_station(
        county,
        slug,
        name,
        place=place,
        chain=chain,
        host=host,
        host_kind=Station.HostKind.BASE,
        opened_on=opened_on,
        enterprise=firm,
        bases=bases,
        address="周口国家农高区三禾益民设施蔬菜基地" if pilot else "",
        officer="station_officer" if slug == BREEDING else "",
        introduction=f"设在{host}，服务{bases}。"
        + ("全县第一个产业代表联络站，试点成功后推广到九大农业特色产业基地。" if pilot else "按“八有”标准建设。")
        + f"{size}名驻站代表来自省、市、县、乡四级，有农技专长和农村工作经验。",
        duties="走访种养农户，听取意见；开展技能培训；邀请部门负责人进站；梳理转办并跟踪督办，办理结果反馈群众。",
    )
    P, S = StationPost.Post, StationPost.Side
    head = stage.places.account("station_head") if slug == BREEDING else None
    if head is not None:
        head.save()
    _members(stage, county, place, station, size)
    lawyer = stage.members[slug][-1]
    posts = [
        (P.HEAD, S.CONGRESS, head.name if head else new_name(stage.chance), f"{place.name}人大负责人", head),
        (P.DEPUTY_HEAD, S.ENTERPRISE, new_name(stage.chance), f"{firm}负责人", None),
        (P.ADVISER, S.CONGRESS, new_name(stage.chance), "退休干部、老党员", None),
        (P.COUNSEL, S.CONGRESS, lawyer.name, "律师", None),
    ]
    rows = StationPost.objects.bulk_create(
        [
            StationPost(
                station=station,
                post=post,
                side=side,
                name=name,
                title=title,
                user=user,
                enterprise=station.enterprise if side == S.ENTERPRISE else None,
                since=opened_on,
            )
            for post, side, name, title, user in posts
        ]
    )
    stage.holders.append(PostHolder(post=rows[-1], deputy=lawyer))


def _members(stage: Stage, county: Place, place: Place, station: Station, size: int) -> None:
    chain = str(station.chains.get())
    province, city, own = stage.congress("41"), stage.congress("4116"), stage.congress(COUNTY)
    towns = cycle([place] if place.congress and place is not county else county.electing_towns)
    levels = [[province], [city], [city], *([own] for _ in range(6))]
    members = []
    if station.slug == BREEDING:
        ningping = stage.congress(NINGPING)
        user = stage.places.account("deputy")
        user.save()
        deputy = stage.crowd.person(
            county.region,
            [ningping, own],
            home=place.station,
            sector=station,
            since=station.opened_on or stage.day(1, 1),
            user=user,
            work="宁平镇养殖合作社理事长",
            expertise=chain,
        )
        stage.crowd.consent(deputy, stage.day(5, 10), "work_unit", "phone")
        members.append(deputy)
    while len(members) < size:
        town = next(towns)
        last = len(members) == size - 1
        members.append(
            stage.crowd.person(
                county.region,
                levels.pop(0) if levels else [town.congress or own],
                home=town.station,
                sector=station,
                since=station.opened_on or stage.day(1, 1),
                work="律师事务所律师"
                if last
                else f"{chain}{stage.chance.choice(('大户', '技术员', '合作社理事长', '农艺师'))}",
                expertise="法律" if last else chain,
            )
        )
    stage.members[station.slug] = members


def _townspeople(stage: Stage, county: Place) -> None:
    """Deputies of each town who are in no industry station."""
    for town in county.electing_towns:
        for _ in range(8):
            stage.crowd.person(
                county.region, [town.congress or stage.congress(COUNTY)], home=town.station, since=stage.day(3, 1)
            )


def _activities(stage: Stage) -> None:
    """The pilot until April, then all five stations every month: 137 in all."""
    calendar = stage.diary.calendar
    desk = stage.desks[PILOT]
    members = stage.members[PILOT]
    offices = [desk.county.units[trade] for trade in ("market", "land", "agriculture")]
    for trainees, on in zip(TRAINEES, spread(stage.day(1, 15), stage.day(4, 25), len(TRAINEES), calendar), strict=True):
        stage.diary.activity(
            "skills_training",
            "设施蔬菜种植技术培训",
            on,
            by=desk.officer,
            station=desk.station,
            members=members,
            outsiders=trainees,
            lecturers="农业专家代表、农艺师",
            summary="讲解育苗、水肥和病虫害防治，并到棚里示范。",
        )
    talks = [kind for kind, count in TALKS.items() for _ in range(count)]
    stage.chance.shuffle(talks)
    for kind, on in zip(talks, spread(stage.day(1, 6), stage.day(4, 28), len(talks), calendar), strict=True):
        problem = stage.chance.choice(("融资", "土地", "用电", "用工", "销售"))
        stage.diary.activity(
            kind,
            f"部门到基地{'座谈' if kind == 'discussion' else '现场办公'}：{problem}",
            on,
            by=desk.officer,
            station=desk.station,
            members=members,
            present=6,
            departments=stage.chance.sample(offices, 2),
            summary=f"与基地逐件商量{problem}方面的问题，能办的当场办，不能当场办的列清单限时办。",
        )
    later = [(kind, title) for kind, title, count in LATER_ACTIVITIES for _ in range(count)]
    assert len(later) + len(talks) + len(TRAINEES) == ACTIVITIES
    stage.chance.shuffle(later)
    days = spread(stage.day(5, 12), stage.day(12, 20), len(later), calendar)
    for (kind, title), slug, on in zip(later, cycle([slug for slug, *_ in STATIONS]), days, strict=False):
        desk = stage.desks[slug]
        training = kind in ("skills_training", "lecture")
        office = stage.chance.choice(
            [desk.county.units[t] for t in ("agriculture", "power", "land", "commerce", "market")]
        )
        stage.diary.activity(
            kind,
            title,
            on,
            by=desk.officer,
            station=desk.station,
            members=stage.members[slug],
            present=stage.chance.randrange(6, 14),
            outsiders=stage.chance.randrange(30, 160) if training else 0,
            lecturers="农艺师" if training else "",
            departments=[office] if kind in ("director_visit", "on_site") else (),
            summary=f"{desk.station}开展{title}，梳理的问题列入清单跟踪办理。",
        )


def _visits(stage: Stage) -> None:
    for slug, *_ in STATIONS:
        desk = stage.desks[slug]
        start = max(stage.day(1, 10), desk.station.opened_on or stage.day(1, 10))
        days = spread(start, stage.day(12, 15), 24, stage.diary.calendar)
        for deputy, on in zip(cycle(stage.members[slug]), days, strict=False):
            stage.diary.visit(
                deputy,
                desk.station,
                on,
                by=desk.officer,
                target=Visit.Target.GROWERS,
                households=stage.chance.randrange(2, 10),
                people=stage.chance.randrange(4, 25),
                place=desk.station.host_name,
            )


def _opinions(stage: Stage) -> None:
    """103 opinions; with eight proposals 97 problems are solved, 49 of them in the pilot."""
    book, calendar = stage.book, stage.book.calendar
    pilot = stage.desks[PILOT]
    matters = [matter for matter in INDUSTRY if matter.problem in PILOT_PROBLEMS]
    for on in spread(stage.day(1, 6), stage.day(3, 27), PILOT_SOLVED, calendar):
        solved(book, pilot, on, matters, quick=True, what="蔬菜")
    for on in spread(stage.day(2, 1), stage.day(4, 20), PILOT_UNSOLVED, calendar):
        unsolved(book, pilot, on, matters, what="蔬菜")
    good = SOLVED - PILOT_SOLVED - PROPOSALS_SOLVED - SINGLE
    rest = OPINIONS - PILOT_SOLVED - PILOT_UNSOLVED - SINGLE
    courses = [True] * good + [False] * (rest - good)
    stage.chance.shuffle(courses)
    desks = cycle([stage.desks[slug] for slug, *_ in STATIONS])
    for is_solved, desk, on in zip(
        courses, desks, spread(stage.day(5, 13), stage.day(11, 2), rest, calendar), strict=False
    ):
        what = str(desk.station.chains.get())
        (solved if is_solved else unsolved)(book, desk, on, INDUSTRY, what=what)


def _proposals(stage: Stage, county: Place) -> None:
    days = spread(stage.day(4, 10), stage.day(7, 10), PROPOSALS, stage.book.calendar)
    leads = [stage.members[slug][n] for n in (4, 5, 6) for slug, *_ in STATIONS if slug != BREEDING]
    for n, (lead, texts, on) in enumerate(zip(leads, PROPOSAL_TEXTS, days, strict=True)):
        propose(stage.book, county, stage.places.enrol(lead), texts, on, number=n + 1, solved=n < PROPOSALS_SOLVED)


def _transformer(stage: Stage, county: Place) -> None:
    """The bulletin's own case: found on a visit, beyond the power station of the town, solved by the county's bureau."""
    book = stage.book
    desk, deputy = stage.desks[BREEDING], stage.members[BREEDING][0]
    town = desk.place
    assert deputy.user is not None
    here, presidium, organ = officer(desk.officer, desk.station), staff(town.staff), staff(county.staff)
    on = book.calendar.next_working_day(stage.day(6, 9))
    visit = stage.diary.visit(
        deputy,
        desk.station,
        on,
        by=deputy.user,
        target=Visit.Target.GROWERS,
        households=12,
        people=26,
        place="宁平镇日光温室大棚基地",
        summary="种植户反映变压器功率过大、损耗高，电费负担重。",
    )
    life = Life(
        book,
        key="demo-transformer",
        text="宁平镇日光温室大棚基地的变压器功率过大，空载损耗高，种植户用电成本增加，希望更换容量合适的变压器。",
        title="宁平镇日光温室大棚基地变压器功率过大",
        place="宁平镇日光温室大棚基地",
        region=town.region,
        holder=town.organ,
        station=desk.station,
        visit=visit,
        on=on,
        by=lead_deputy(deputy.user),
        channel=Suggestion.Channel.VISIT,
        submitter_kind=Suggestion.Submitter.DEPUTY,
    )
    day = book.working(on, 1)
    life.accept(here, day, problem="power", category="economy")
    life.transfer(here, day, to=town.units["power"])
    day = book.working(day, 1)
    electricians = unit_head(town.heads["power"])
    life.sign_for(electricians, day)
    day = book.working(day, 1)
    life.request_return(
        electricians, day, to=county.units["power"], reason="更换变压器超出乡级电管站权限，需由县供电公司办理。"
    )
    life.approve_return(presidium, book.working(day, 1), reason="情况属实，权限不足。")
    day = book.working(day, 2)
    life.escalate(here, day, to=county.organ, reason="权限不足：乡级电管站不能更换变压器，请县人大常委会协调。")
    limit = book.working(day, 10)
    life.transfer(organ, day, to=county.units["power"], assisting=[county.units["government"]], limit=limit)
    bureau = unit_head(county.heads["power"])
    life.sign_for(bureau, book.working(day, 1))
    life.contribute(
        unit_head(county.heads["government"]), book.working(day, 5), "同意更换，所需停电时段由我办协调基地错峰用电。"
    )
    life.reply(
        bureau,
        book.working(day, 8),
        "已到基地现场测量负荷，将原变压器更换为容量匹配的节能型变压器，并调整计费方式，基地每月电费支出明显下降。",
        document=f"郸供电〔{stage.year}〕27号",
    )
    life.feedback(book.working(day, 10), "satisfied", "satisfied", "换了以后电费降下来了，种植户都知道了，感谢。")


def _on_paper(stage: Stage, county: Place) -> None:
    """代录: the water company has no account, so county staff enter its letter, with the paper attached."""
    book = stage.book
    desk = stage.desks["nanfeng-shiyongjun"]
    company = Organization.objects.create(
        region=county.region, name="郸城县自来水公司", kind=Organization.Kind.OTHER, phone="0394-3210000"
    )
    here, organ = officer(desk.officer, desk.station), staff(county.staff)
    day = book.calendar.next_working_day(stage.day(9, 3))
    life = Life(
        book,
        text="食用菌基地用水高峰水压不足，喷淋设备打不起来，希望接入主管网。",
        place="南丰镇食用菌基地",
        region=desk.station.region,
        holder=desk.place.organ,
        station=desk.station,
        on=day,
        channel=Suggestion.Channel.DESK,
        by=here,
    )
    life.accept(here, day, problem="water", category="agriculture", title="食用菌基地用水水压不足")
    life.escalate(here, book.working(day, 1), to=county.organ, reason="权限不足，需县级单位办理。")
    life.transfer(organ, book.working(day, 2), to=company)
    clerk = on_behalf(county.staff, company)
    life.sign_for(clerk, book.working(day, 3), source="自来水公司签收单", paper=True)
    life.reply(
        clerk,
        book.working(day, 12),
        "已为基地接入主管网并加装增压设备，水压满足喷淋需要。",
        document=f"郸水司〔{stage.year}〕9号",
        source=f"郸水司〔{stage.year}〕9号函，原件存代工委",
        signer=new_name(stage.chance),
        paper=True,
    )
    life.feedback(book.working(day, 15), "satisfied", "satisfied", "水压足了。")
