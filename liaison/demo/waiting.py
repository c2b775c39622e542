"""What waits for each account of the demo today: cases of the current year, so that the demo year stays as told."""

from __future__ import annotations

from datetime import date, timedelta

from activities.models import Activity, Visit
from liaison.demo.book import officer, staff, unit_head
from liaison.demo.cases import Life
from liaison.demo.courses import Desk, draw_up
from liaison.demo.people import new_name
from liaison.demo.places import Place
from liaison.demo.stage import Stage
from suggestions.permissions import Acting

BREEDING = "ningping-yangzhi"
PILOT = "sanhe-shucai"
# The cases whose codes the demo tells: the name is the one-time form key.
KNOWN = (
    "demo-transformer",
    "demo-submitted",
    "demo-accepted",
    "demo-transferred",
    "demo-handling",
    "demo-replied",
    "demo-reviewing",
    "demo-tracking",
    "demo-closed",
    "demo-declined",
    # Told elsewhere (together.py, doings.py).
    "demo-merged",
    "demo-withdrawn",
)


def build(stage: Stage, county: Place) -> None:
    """Cases of the current year in every state, so that each account finds something to do; the demo year is closed."""
    book, today = stage.book, stage.today
    new_year = today.replace(month=1, day=1)

    def back(days: int) -> date:
        day = max(today - timedelta(days=days), new_year)
        while day > new_year and not book.calendar.is_working_day(day):
            day -= timedelta(days=1)
        return day

    breeding = stage.desks[BREEDING]
    town, deputy = breeding.place, stage.members[BREEDING][0]
    assert deputy.user is not None
    here, organ = officer(breeding.officer, breeding.station), staff(county.staff)
    power = unit_head(county.heads["power"])

    def opinion(text: str, days: int, key: str = "", desk: Desk = breeding, **fields: object) -> Life:
        return Life(
            book,
            key=f"demo-{key}" if key else None,
            text=text,
            place=f"宁平镇{fields.pop('spot', '养殖基地')}",
            region=desk.station.region,
            holder=county.organ if fields.get("direct") else desk.place.organ,
            station=desk.station,
            on=back(days),
            **fields,  # type: ignore[arg-type]
        )

    def accepted(life: Life, days: int, by: Acting = here, problem: str = "power", title: str = "") -> Life:
        life.accept(by, back(days), problem=problem, category="agriculture", title=title)
        return life

    def to_county(life: Life, days: int, reason: str = "权限不足，需县级部门办理。") -> Life:
        life.escalate(here, back(days), to=county.organ, reason=reason)
        return life

    def to_power(life: Life, days: int, sign: int | None = None) -> Life:
        life.transfer(organ, back(days), to=county.units["power"])
        if sign is not None:
            life.sign_for(power, back(sign))
        return life

    # For the station: three new matters, one to decide.
    opinion("散养土鸡今年出栏多，本地收购价低，希望站里帮忙联系超市和电商。", 1, "submitted", channel="code")
    opinion(
        "养殖场粪污收集池快满了，附近没有消纳点，雨天容易外溢，请帮忙协调有机肥厂来拉。",
        2,
        channel="web",
        name=new_name(stage.chance),
        phone="13900001234",
        callback=True,
    )
    opinion(
        "到站反映：通往养殖小区的路口没有路灯，拉饲料的车晚上不好走。", 0, channel="desk", by=here, spot="养殖小区路口"
    )
    accepted(
        opinion("想学肉兔人工授精技术，能不能请专家来讲一次？", 4, "accepted", channel="code"),
        3,
        problem="technology",
        title="请专家讲授肉兔人工授精技术",
    )
    # For the township: a return to decide, a review. For the county: a complaint that passed the station by.
    life = accepted(
        opinion("养殖小区低压线路过负荷，夏天经常停电，希望增加一路线路。", 12, channel="phone"),
        11,
        title="养殖小区低压线路过负荷",
    )
    life.transfer(here, back(11), to=town.units["power"])
    life.request_return(
        unit_head(town.heads["power"]),
        back(9),
        to=county.units["power"],
        reason="新增线路需县供电公司立项，乡供电所无权办理。",
    )
    opinion("反映联络站上周三下午没有人值班，白跑一趟。", 3, direct=True, spot="联络站")
    life = accepted(
        opinion("镇里答应清理养殖小区的垃圾，一直没有动静。", 24, "reviewing", channel="code"),
        23,
        problem="livelihood",
        title="养殖小区垃圾清运",
    )
    life.transfer(here, back(22), to=town.units["service"])
    life.sign_for(unit_head(town.heads["service"]), back(21))
    life.reply(unit_head(town.heads["service"]), back(14), "已安排清运，每周一次。")
    life.feedback(back(12), "satisfied", "dissatisfied", "只拉走了一半，后面的没有再来。")
    # For the county: one escalated, one new and direct, a review, a request to reopen.
    to_county(
        accepted(
            opinion("扩建标准化鹅舍需要设施农业用地备案，镇里办不了。", 8, channel="web"),
            7,
            problem="land",
            title="标准化鹅舍用地备案",
        ),
        6,
    )
    pilot = stage.desks[PILOT]
    opinion("反映基地附近一家企业夜间排放异味，希望直接由县人大转办。", 2, desk=pilot, direct=True, spot="邻近园区")
    life = to_power(
        to_county(
            accepted(opinion("种鸽场申请增容一个月没有结果。", 30, channel="code"), 29, title="种鸽场用电增容"), 28
        ),
        28,
        27,
    )
    life.reply(power, back(18), "增容方案已经批复。")
    life.feedback(back(16), "dissatisfied", "dissatisfied", "方案批了，工程没有开始，还是用不上电。")
    life = to_power(
        to_county(
            accepted(
                opinion("孵化室要求双电源，请帮忙问问怎么办。", 45, "closed", channel="web"), 44, title="孵化室双电源"
            ),
            43,
        ),
        43,
        42,
    )
    life.reply(power, back(36), "已现场勘察并接入第二电源，完成切换试验。")
    life.feedback(back(34), "satisfied", "satisfied", "办得很及时。")
    life = to_power(
        to_county(
            accepted(opinion("基地东侧线杆倾斜，怕倒下来。", 60, channel="phone"), 59, title="基地东侧线杆倾斜"), 59
        ),
        58,
        58,
    )
    life.reply(power, back(52), "线杆已扶正加固。")
    life.feedback(back(50), "satisfied", "basically")
    life.request_reopen(back(5), reason="上周大风以后又歪了，请再来看看。")
    # For the power bureau: one to sign, two in hand (one of them late), a promise to keep; one waits for its rating.
    to_power(
        to_county(
            accepted(
                opinion("孵化场电压不稳，设备烧坏两台。", 6, "transferred", channel="code"), 5, title="孵化场电压不稳"
            ),
            4,
        ),
        3,
    )
    to_power(
        to_county(
            accepted(
                opinion("养殖小区用电想执行农业电价。", 14, "handling", channel="web"), 13, title="养殖小区执行农业电价"
            ),
            12,
        ),
        11,
        10,
    )
    to_power(
        to_county(
            accepted(
                opinion("宁平镇温室大棚线路老化，下雨就跳闸。", 45, channel="phone"), 44, title="温室大棚线路老化"
            ),
            43,
        ),
        42,
        41,
    )
    life = to_power(
        to_county(
            accepted(opinion("请更换养殖小区的旧电表。", 20, "replied", channel="code"), 19, title="更换旧电表"), 18
        ),
        18,
        17,
    )
    life.reply(power, back(4), "养殖小区36块旧电表已全部更换。")
    life = to_power(
        to_county(
            accepted(
                opinion("养殖小区希望架设10千伏专线。", 38, "tracking", channel="web"), 37, title="架设10千伏专线"
            ),
            36,
        ),
        35,
        34,
    )
    life.reply(power, back(24), "专线已列入投资计划，正在设计。", "B", promised_on=today + timedelta(days=60))
    life.feedback(back(21), "satisfied", "satisfied", "希望按时建成。")
    # For the supervision office: a government matter to distribute. For the city: one escalated, one declined and asked again.
    life = to_county(
        accepted(
            opinion("养殖、环保、用地几家部门要求不一致，不知道听谁的。", 9, channel="letter"),
            8,
            problem="park",
            title="部门要求不一致",
        ),
        7,
    )
    life.transfer(organ, back(5), to=county.units["supervision"])
    life = to_county(
        accepted(
            opinion("跨县运输活畜的检疫证明互不承认，耽误时间。", 15, channel="phone"),
            14,
            problem="sales",
            title="跨县检疫证明互认",
        ),
        13,
    )
    life.escalate(organ, back(10), to=stage.places.by_path["4116"].organ, reason="涉及相邻县区，需市级部门协调。")
    opinion("邻居家砌墙占了我家一尺地，请给评理。", 16, "declined").decline(
        here,
        back(15),
        reason="属于邻里之间的民事纠纷，不在受理范围。",
        destination="请向村人民调解委员会申请调解，或向人民法院起诉。",
    )
    life = opinion("要求对养殖补贴名单重新公示。", 25, desk=pilot, direct=True, spot="补贴公示")
    life.decline(
        organ, back(23), reason="补贴名单由主管部门依法公示。", destination="请向县农业农村局申请政府信息公开。"
    )
    life.request_reopen(
        back(6), reason="农业农村局说要人大转交，请重新受理。", holder=stage.places.by_path["4116"].organ
    )
    # For the deputy: an answered proposal to rate, one in hand, a visit to confirm.
    for days, text, replied in (
        (80, "关于改造宁平镇养殖基地电网的建议", True),
        (50, "关于设立养殖业风险补偿金的建议", False),
    ):
        life = draw_up(
            book, county, deputy, text, f"{text[2:-3]}，有利于产业稳定发展，建议县政府统筹安排。", back(days)
        )
        number = f"{today.year}-{80 - days + 1:03d}"
        life.accept(
            organ, back(days - 2), problem="power" if replied else "finance", category="agriculture", number=number
        )
        trade = "power" if replied else "finance"
        life.transfer(organ, back(days - 4), to=county.units[trade], assisting=[county.units["government"]])
        life.sign_for(unit_head(county.heads[trade]), back(days - 6))
        if replied:
            life.contribute(unit_head(county.heads["government"]), back(30), "同意列入今年农网改造，资金已落实。")
            life.reply(
                power, back(3), f"{deputy.name}代表：您的建议已列入今年农网改造并完成施工。", document="郸供电函15号"
            )
    for days, place in ((2, "宁平镇刘庄村"), (6, "康全农牧养殖基地")):
        stage.diary.visit(
            deputy,
            breeding.station,
            back(days),
            by=breeding.officer,
            target=Visit.Target.GROWERS,
            households=4,
            people=9,
            place=place,
            confirmed=False,
        )
    stage.diary.activity(
        "skills_training",
        "肉兔养殖技能培训",
        back(3),
        by=deputy.user,
        station=breeding.station,
        members=stage.members[BREEDING],
        outsiders=46,
        lecturers="农艺师",
        summary="讲解选种、防疫和饲料配比。",
        status=Activity.Status.HELD,
    )
