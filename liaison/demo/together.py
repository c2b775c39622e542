"""Stories of cases that go on as one, and of proposals that several sign (mission S7, S10)."""

from __future__ import annotations

from datetime import timedelta

from accounts.calendar import add_months
from accounts.models import User
from deputies.models import Deputy
from liaison.demo.people import new_name
from liaison.demo.places import Place
from liaison.demo.scene import Scene, Words
from liaison.demo.stage import Stage
from suggestions import services
from suggestions.models import Suggestion
from suggestions.services import proposals

BREEDING, PILOT, MUSHROOMS = "ningping-yangzhi", "sanhe-shucai", "nanfeng-shiyongjun"
C = Suggestion.Channel
# Twelve people about one thing, and a thirteenth whose matter turned out to be another.
WELLS = [
    ("王楼村东地", "村东地三眼机井坏了两眼，麦子要浇水浇不上，请尽快修好。", C.WEB),
    ("李寨村", "机井水泵烧了一个多月没人修，几十户的地等着浇。", C.CODE),
    ("张桥村", "我们村机井配电箱坏了，浇地要从邻村接电，不安全。", C.PHONE),
    ("王楼村西头", "机井出水小，排队三天才轮上一次，希望清淤或打新井。", C.WEB),
    ("赵庄行政村", "赵庄地头的机井没有通电，只能用柴油机抽水，一亩地多花四十多元。", C.CODE),
    ("李寨村南", "农田灌溉井的射频卡刷不上，机井不出水，请派人看看。", C.CODE),
    ("孙楼村", "高标准农田的地埋管漏水，浇地时路上全是水，地里反而没有水。", C.WEB),
    ("刘庄村", "机井房门锁坏了，线缆被偷过一次，现在机井不能用。", C.DESK),
    ("王楼村", "听说别的村机井都修了，我们村啥时候修？麦田旱得厉害。", C.WEB),
    ("张桥村北", "机井水泵功率小，喷灌带带不起来，建议换大泵。", C.LETTER),
]
DITCH = ("张桥村东", "机井旁边的排水沟堵了，下雨地里积水，请清一下。")
COLD_CHAIN = [
    ("生鲜肉没有冷库存放", "合作社屠宰分割的白条鹅没有冷库，天热只能低价卖。", "sales"),
    ("冷藏车难租", "往郑州送货租不到冷藏车，旺季一车难求。", "sales"),
    ("产地缺少预冷设施", "大棚菜采下来没有预冷，运到市场损耗两成。", "technology"),
    ("冷库用电价格高", "小冷库按一般工商业电价收费，用不起，希望按农业生产电价。", "power"),
    ("希望建共用冷库", "几个合作社想合建一座冷库，不知道用地和补贴怎么办。", "land"),
]


def build(stage: Stage, county: Place) -> None:
    _wells(Scene(stage, county))
    _cold_chain(Scene(stage, county))
    _drafts(stage, county)


def _wells(scene: Scene) -> None:
    """并案: one common answer, the first time not good enough for one of them; each rates under the own number."""
    desk, here, organ = scene.stage.desks[BREEDING], scene.stage.desks[BREEDING].officer, scene.county.staff
    neighbours = scene.stage.desks[MUSHROOMS]
    text = "入冬前麦田要浇越冬水，可村里的机井多半坏着，请水利部门统一检修。"
    root = scene.at_the_county(
        96, desk, text, place="王楼村", problem="water", title="农田机井损坏影响浇地", key="wells"
    )
    children = []
    for n, (place, words, channel) in enumerate(WELLS):
        named = n in (2, 7)
        by = here if channel in (C.DESK, C.PHONE, C.LETTER) else None
        key = "merged" if n == 0 else ""
        children.append(
            scene.bring(
                94 - n,
                desk,
                words,
                place=place,
                channel=channel,
                key=key,
                by=by,
                name=new_name(scene.book.chance) if named else "",
                phone=f"1390000{n:04d}" if named else "",
            )
        )
    ditch = scene.bring(83, desk, DITCH[1], place=DITCH[0])
    for child in (*children[:-1], ditch):
        scene.say(82, services.merge, child, to=root, by=here)
    # One that another station had taken in comes by way of the county, which sees both.
    far = children[-1]
    scene.accept(82, far, by=here, problem="water", title="更换机井水泵")
    scene.say(82, services.merge, far, to=root, by=here)
    other = scene.at_the_county(
        81,
        neighbours,
        "种菇大棚旁的机井坏了，给棚里降温的水也断了。",
        place="菇棚基地",
        problem="water",
        title="机井损坏",
    )
    scene.say(80, services.merge, other, to=root, by=organ)
    scene.say(79, services.unmerge, ditch, reason="反映的是排水沟清淤，和机井不是一回事。", by=here)
    scene.say(78, services.answer, ditch, text="村里已组织清沟两公里，排水口也疏通了，本周内全部完成。", by=here)
    scene.rate(77, ditch, text="沟清好了。")
    water = scene.handed_over(76, root, "water", sign=75, assisting=[scene.county.units["power"]])
    power = scene.county.heads["power"]
    scene.say(72, services.contribute, root, text="已对五眼机井的供电线路逐一检查，更换配电箱两个。", by=power)
    scene.reply(62, root, water, "已组织维修队进村，对反映的机井更换水泵和线缆，恢复出水。")
    for child in (children[0], children[1], children[4]):
        scene.rate(60, child)
    scene.rate(59, children[5], "dissatisfied", "换了泵，射频卡还是刷不上，等于没修。")
    scene.say(57, services.rehandle, root, reason="对全部机井再核一遍，射频卡系统一并修好。", by=organ)
    scene.reply(
        44,
        root,
        water,
        "12处机井全部复核：更换水泵9台、配电箱4个，射频卡系统已升级，逐眼通水后由村民签字确认。",
        document_number=f"郸水〔{scene.stage.today.year}〕41号",
    )
    for child in (children[2], children[7]):
        scene.say(43, services.inform, child, text="已打电话告知，对方说水已经浇上了。", by=here)
    scene.rate(42, root, text="机井都能用了，越冬水浇上了。")
    for child in (*children[:2], *children[4:7], other):
        scene.rate(40, child, text="浇上水了。")
    scene.rate(39, children[2], by=here)
    scene.rate(39, children[3], "basically", "水还是小一点，建议再打一眼井。")
    scene.rate(38, children[7], by=here)
    scene.publish(
        35,
        root,
        "农田机井损坏影响浇地",
        "宁平镇、南丰镇部分村的机井损坏，越冬水浇不上，12位群众先后反映，请求统一检修。",
        "县水利局会同供电公司对12处机井逐一检修，更换水泵9台、配电箱4个，升级射频卡系统，已全部通水。",
    )


def _cold_chain(scene: Scene) -> None:
    """Five opinions become a proposal with three co-signers; passed on by the government office, returned once,
    extended once, talked over by five parties, promised."""
    stage, county = scene.stage, scene.county
    desk, here, organ = stage.desks[BREEDING], stage.desks[BREEDING].officer, county.staff
    members = stage.members[BREEDING]
    lead, signers = members[0], members[4:7]
    opinions = [
        scene.bring(150 - n, desk, text, place="养殖基地", channel=C.CODE if n % 2 else C.WEB)
        for n, (_, text, _) in enumerate(COLD_CHAIN)
    ]
    for case, (title, _, problem) in zip(opinions, COLD_CHAIN, strict=True):
        scene.accept(144, case, by=here, problem=problem, title=title)
    draft = _raised(scene, 138, opinions, lead, "关于建设农产品产地冷链设施的建议")
    words = Words(
        "关于建设农产品产地冷链设施的建议",
        "我县养殖和设施蔬菜产业发展快，产地预冷、冷藏能力不足，群众多次反映鲜货损耗大、旺季租库租车难。",
        "一、由县政府统筹，在宁平镇等三个主产乡镇各建一处共用冷库；\n二、冷库用电按农业生产用电执行；\n三、对合作社购置冷藏车给予补助。",
        stage.congress(county.region.path),
        proposed_unit=county.units["agriculture"],
    )
    scene.signed(136, draft, words, lead, signers, until=131)
    scene.accept(129, draft, by=organ, problem="sales", category="agriculture")
    office = scene.handed_over(124, draft, "government", assisting=[county.units["finance"]])
    commerce, farming = county.units["commerce"], county.units["agriculture"]
    scene.say(122, services.distribute, draft, to=commerce, reason="冷链物流属商务主管。", by=office)
    scene.say(
        118,
        services.request_return,
        draft,
        reason="产地预冷设施由农业农村部门主管，我局只负责流通环节。",
        to=farming,
        by=county.heads["commerce"],
    )
    scene.say(116, services.distribute, draft, to=farming, reason="情况属实，改由县农业农村局主办。", by=office)
    head = county.heads["agriculture"]
    scene.say(115, services.sign_for, draft, by=head)
    scene.say(
        90, services.contribute, draft, text="可按产业链贷款支持，贴息资金需财政落实。", by=county.heads["finance"]
    )
    until = add_months(scene.day(124), 5)
    reason = "选址和用地预审正在办理，需待县政府常务会议研究。"
    scene.say(52, services.request_extension, draft, due=until, reason=reason, by=head)
    scene.say(50, services.approve_extension, draft, reason="情况属实，同意延期。", by=organ)
    scene.say(
        34,
        services.consult,
        draft,
        held_on=scene.day(34),
        place="县农业农村局会议室",
        committee="县人大常委会代工委负责同志",
        supervision="县政府督查室",
        group="县农业农村专业代表小组组长",
        unit="县农业农村局主要负责人、县商务局分管负责人",
        deputy=f"{lead.name}等四位代表",
        minutes="选定宁平镇、汲冢镇、南丰镇三处，先建宁平镇共用冷库；用电按农业生产电价执行；冷藏车补助列入明年预算。",
        agreed_on=stage.today + timedelta(days=150),
        by=organ,
    )
    scene.reply(
        15,
        draft,
        head,
        f"{lead.name}等代表：您提出的建议收悉。宁平镇共用冷库已立项，用电执行农业生产电价；其余两处列入明年计划，"
        "冷藏车补助已报财政。我们将按商定日期办成并向您报告。",
        "B",
        days=150,
        document_number=f"郸农函〔{stage.today.year}〕36号",
    )
    scene.rate(12, draft, "satisfied", "答复实在，盼早日建成。", by=scene.user_of(lead))
    scene.rate(11, opinions[0], text="盼着早点建好。")
    scene.rate(9, opinions[2], "basically")


def _raised(scene: Scene, back: int, opinions: list[Suggestion], lead: Deputy, title: str) -> Suggestion:
    scene.user_of(lead)
    first, *rest = opinions
    by = scene.stage.desks[BREEDING].officer
    event = scene.say(back, services.raise_, first, to=lead, title=title, others=rest, by=by)
    return event.suggestion


def _drafts(stage: Stage, county: Place) -> None:
    """What a deputy's desk holds: the own draft, one sent back, an invitation to sign, a colleague's wish to withdraw."""
    own, colleagues = stage.members[BREEDING][0], stage.members[PILOT][4:7]
    congress = stage.congress(county.region.path)
    scene = Scene(stage, county)
    mine = scene.user_of(own)

    def words(title: str, text: str, request: str) -> Words:
        return Words(title, text, request, congress)

    def draft(back: int, by: User, said: Words, *others: Deputy) -> Suggestion:
        return scene.say(back, proposals.draft, said, by=by, cosigners=others)

    back_to_me = draft(
        20,
        mine,
        words(
            "关于加强活禽交易市场管理的建议",
            "乡镇集市活禽散卖，防疫有隐患。",
            "请在县城和主要集镇设规范的活禽交易点。",
        ),
    )
    scene.say(19, services.submit_proposal, back_to_me, by=mine)
    scene.say(
        17, services.send_back, back_to_me, reason="请补充现有交易点的数量和位置，便于承办单位选址。", by=county.staff
    )
    shared = draft(
        16,
        scene.user_of(colleagues[0]),
        words(
            "关于设立大棚雪灾应急救助的建议", "去年两次大雪压塌大棚，棚户自救力量不足。", "建议建立应急救助队和物资点。"
        ),
        own,
    )
    scene.say(15, services.cosign, shared, by=mine)
    scene.say(14, services.submit_proposal, shared, by=scene.user_of(colleagues[0]))
    scene.accept(12, shared, by=county.staff, problem="technology", category="agriculture")
    scene.say(5, services.withdraw, shared, reason="县里已经出台方案，不必再提。", by=scene.user_of(colleagues[0]))
    draft(
        4,
        scene.user_of(colleagues[1]),
        words(
            "关于规范农村电商快递进村的建议",
            "快递只到镇上，村民取件要跑十几里，农产品也寄不出去。",
            "请交通、邮政和商务部门共建村级寄递点，快递直接到村。",
        ),
        own,
        colleagues[2],
    )
    draft(
        2,
        mine,
        words(
            "关于病死畜禽无害化处理的建议", "镇里没有收集点，养殖户处理病死禽要跑到县城。", "请在宁平镇设一处收集点。"
        ),
    )
