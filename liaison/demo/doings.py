"""Stories of one case each: what units ask, what staff decide, what submitters do, and what becomes public."""

from __future__ import annotations

from datetime import timedelta

from liaison.demo.places import Place
from liaison.demo.scene import Scene
from liaison.demo.stage import Stage
from suggestions import services
from suggestions.codes import form_key_hash
from suggestions.models import Suggestion

BREEDING, PILOT, SWEET_POTATO, HERBS = "ningping-yangzhi", "sanhe-shucai", "jizhong-hongshu", "baima-zhongyao"
C = Suggestion.Channel


def build(stage: Stage, county: Place) -> None:
    for story in (
        _promise_kept,
        _each_for_itself,
        _without_the_assistant,
        _reminded,
        _handed_down,
        _recalled,
        _withdrawn,
        _declined_and_taken_up,
        _twice_dissatisfied,
        _about_a_unit,
        _through_the_office,
        _asked_by_units,
        _at_the_desk,
        _transformer,
    ):
        story(Scene(stage, county))


def _promise_kept(scene: Scene) -> None:
    """B: promised, tracked, kept, rated again. The station is the county's own and hands over by itself."""
    desk = scene.stage.desks[PILOT]
    case = scene.bring(100, desk, "大棚基地的冷库要增容，申请了三个月没有回音。", place="设施蔬菜基地", channel=C.WEB)
    scene.accept(99, case, by=desk.officer, problem="power", title="蔬菜基地冷库用电增容")
    head = scene.county.heads["power"]
    scene.say(98, services.transfer, case, to=scene.county.units["power"], by=desk.officer)
    scene.say(97, services.sign_for, case, by=head)
    scene.reply(88, case, head, "增容方案已定，需新装400千伏安变压器一台，五十天内装好送电。", "B", days=50)
    scene.rate(85, case, "basically", "方案可以，等送电。")
    scene.say(60, services.remind, case, text="承诺期限将到，请报进度。", by=scene.county.staff)
    scene.say(45, services.fulfil, case, text="新变压器已投运，冷库通电验收合格。", by=head)
    scene.rate(43, case, text="说到做到，冷库用上了。")
    scene.publish(
        40,
        case,
        "蔬菜基地冷库用电增容",
        "设施蔬菜基地的冷库申请用电增容，三个月没有结果。",
        "县供电公司承诺五十天内新装变压器并送电，已按期办成，冷库通电验收合格。",
    )


def _each_for_itself(scene: Scene) -> None:
    """分办: no lead; the weakest class stands for the case. One story is over, in the other two units still owe theirs."""
    desk, staff, units = scene.stage.desks[SWEET_POTATO], scene.county.staff, scene.county.units
    heads = scene.county.heads
    case = scene.at_the_county(
        110,
        desk,
        "加工园区门口的路坏了、路灯不亮、公交也不到，工人上下班很不方便。",
        place="红薯加工园区",
        problem="road",
        title="加工园区出行不便",
        category="transport",
    )
    three = [units[trade] for trade in ("transport", "housing", "industry")]
    scene.say(107, services.transfer, case, separate=three, by=staff)
    for n, trade in enumerate(("transport", "housing", "industry")):
        scene.say(106 - n, services.sign_for, case, by=heads[trade])
    scene.reply(97, case, heads["transport"], "破损路面已修补，公交延伸到园区，每天四班。")
    scene.reply(94, case, heads["housing"], "36盏路灯已全部更换。")
    scene.reply(92, case, heads["industry"], "园区班车因经费没有落实，今年暂不能开通。", "C")
    scene.rate(89, case, "basically", "路和灯都好了，班车希望明年能有。")
    scene.publish(
        80,
        case,
        "加工园区出行不便",
        "汲冢镇红薯加工园区门前道路破损、路灯不亮、不通公交。",
        "县交通运输局已修路并延伸公交，县住建局更换路灯36盏；园区班车因经费原因今年暂不能开通。",
    )
    scene = scene.another()
    case = scene.at_the_county(
        18,
        desk,
        "红薯淀粉加工的废水、占道晾晒和临时用地，几家部门各管一段，没人牵头。",
        place="红薯种植加工基地",
        problem="park",
        title="淀粉加工季集中管理",
        category="urban",
    )
    three = [units[trade] for trade in ("agriculture", "transport", "land")]
    scene.say(16, services.transfer, case, separate=three, by=staff)
    scene.say(15, services.sign_for, case, by=heads["agriculture"])
    scene.say(14, services.sign_for, case, by=heads["transport"])
    scene.reply(6, case, heads["agriculture"], "已指导加工户建沉淀池12个，废水统一拉运还田。")


def _without_the_assistant(scene: Scene) -> None:
    """The lead did not wait for the assisting opinion, and says why; the silent unit shows as 未提意见."""
    desk = scene.stage.desks[HERBS]
    case = scene.at_the_county(
        70,
        desk,
        "药材烘干房用煤改气，手续要跑好几个部门，收获季等不起。",
        place="中药材基地",
        problem="park",
        title="药材烘干房改造手续",
    )
    head = scene.handed_over(67, case, "agriculture", sign=66, assisting=[scene.county.units["housing"]])
    words = "已实行一表受理，三户烘干房改造手续当周办结。"
    scene.reply(55, case, head, words, reason="收获期临近，协办单位已口头同意，书面意见后补。")
    scene.rate(52, case, text="一趟就办好了。")
    scene.publish(
        48,
        case,
        "药材烘干房改造手续",
        "中药材基地烘干房改造需跑多个部门，影响收获季使用。",
        f"县农业农村局牵头，{words}",
    )


def _reminded(scene: Scene) -> None:
    """Overdue: an extension refused, reminded by the congress and by the government's supervision office."""
    desk, county = scene.stage.desks[HERBS], scene.county
    case = scene.at_the_county(
        44,
        desk,
        "通往药材基地的桥护栏断了，拉货车会车时很危险。",
        place="白马镇沙河桥",
        problem="road",
        title="沙河桥护栏损坏",
        category="transport",
        channel=C.WEB,
        name="周桂兰",
        phone="13900002468",
    )
    head = scene.handed_over(41, case, "transport", sign=39)
    until = scene.day(41) + timedelta(days=80)
    why = "护栏要定制，厂家排期较长。"
    scene.say(27, services.request_extension, case, due=until, reason=why, by=head)
    no = "涉及行车安全，不能延期；请先设警示和临时护栏，按期答复。"
    scene.say(25, services.refuse_extension, case, reason=no, by=county.staff)
    scene.say(12, services.remind, case, text="已超期，请三日内报告进度并先设临时护栏。", by=county.staff)
    supervisor = county.heads["supervision"]
    scene.say(5, services.remind, case, text="请在周五前到现场办理，督查室将实地核查。", by=supervisor)


def _handed_down(scene: Scene) -> None:
    """交下级: what the town can do comes back to it; the town's power station has two such cases."""
    desk, county = scene.stage.desks[BREEDING], scene.county
    town = desk.place
    why = "属镇级职责范围，请镇人大主席团交镇里办理并回复群众。"
    for back, text, place, title in (
        (17, "养殖小区的电表箱锈穿了，下雨天冒火花。", "养殖小区", "养殖小区电表箱锈蚀"),
        (6, "村文化广场的路灯线被施工挖断，广场舞都跳不成。", "李寨村广场", "广场路灯线路被挖断"),
    ):
        scene = scene.another()
        case = scene.at_the_county(back, desk, text, place=place, problem="power", title=title, channel=C.CODE)
        scene.say(back - 1, services.hand_down, case, reason=why, to=town.organ, by=county.staff)
        scene.say(back - 2, services.transfer, case, to=town.units["power"], by=town.staff)
        if back > 10:
            scene.say(back - 3, services.sign_for, case, by=town.heads["power"])
    scene = scene.another()
    case = scene.at_the_county(
        5, desk, "镇集市日占道经营，接孩子的车过不去。", place="集镇", problem="livelihood", title="集市日占道经营"
    )
    scene.say(3, services.hand_down, case, reason=why, to=town.organ, by=county.staff)
    scene = scene.another()
    # From the city down to the county: the neighbours have agreed, each county does its own part.
    case = scene.at_the_county(
        30,
        desk,
        "跨县界的生产桥限高杆两边不一样高，农机过不去。",
        place="县界生产桥",
        problem="road",
        title="限高杆不一致",
    )
    city = scene.stage.places.by_path["4116"]
    scene.say(28, services.escalate, case, reason="涉及相邻县，请市级协调。", to=city.organ, by=county.staff)
    agreed = "两县已商定统一高度，请郸城县办理本县一侧。"
    scene.say(2, services.hand_down, case, reason=agreed, to=county.organ, by=city.staff)


def _recalled(scene: Scene) -> None:
    """Given to the wrong unit, taken back before it was signed for; the second one could not help yet."""
    desk = scene.stage.desks[SWEET_POTATO]
    case = scene.at_the_county(
        75,
        desk,
        "想在基地旁建农机停放棚，不知道算不算设施农业用地。",
        place="红薯种植基地",
        problem="land",
        title="农机停放棚用地",
    )
    scene.handed_over(72, case, "housing")
    scene.say(
        70, services.recall, case, reason="用地性质应由自然资源部门认定，改交县自然资源局。", by=scene.county.staff
    )
    head = scene.handed_over(69, case, "land", sign=68)
    words = "农机停放棚可按设施农业用地备案，但该地块属永久基本农田，须另行选址；另选地块后我局上门办理。"
    scene.reply(58, case, head, words, "C")
    scene.rate(55, case, "basically", "讲清楚了，我们另找地方。")
    scene.publish(50, case, "农机停放棚用地", "咨询基地旁建农机停放棚是否属设施农业用地。", words)


def _withdrawn(scene: Scene) -> None:
    desk = scene.stage.desks[BREEDING]
    case = scene.bring(9, desk, "养殖小区门口停了一辆废旧货车，挡住进出。", place="养殖小区", key="withdrawn")
    scene.accept(8, case, by=desk.officer, problem="livelihood", title="废旧货车挡路", category="urban")
    scene.say(7, services.withdraw, case, reason="车主已经把车开走，不用办了。")


def _declined_and_taken_up(scene: Scene) -> None:
    """The station declined; the county, asked once, took it up and answered."""
    desk, staff = scene.stage.desks[BREEDING], scene.county.staff
    case = scene.bring(66, desk, "去年的养殖保险理赔一直没到账，问谁都说不归他管。", place="养殖小区", channel=C.WEB)
    scene.accept(65, case, by=desk.officer, problem="finance", title="养殖保险理赔未到账")
    scene.say(
        65,
        services.decline,
        case,
        reason="属于保险合同纠纷，不在受理范围。",
        destination="请向承保公司或金融消费者投诉热线12378反映。",
        by=desk.officer,
    )
    why = "打过电话，说是政策性保险，要县里出证明。"
    scene.say(60, services.request_reopen, case, reason=why)
    scene.say(58, services.reopen, case, reason="涉及政策性农业保险，由县里核实。", by=staff)
    words = "经与县农业农村局、承保公司核对，理赔证明已补齐，款项已于当日打入账户。"
    scene.say(54, services.answer, case, text=words, by=staff)
    scene.rate(52, case, text="钱到了，谢谢。")
    scene.publish(46, case, "养殖保险理赔未到账", "养殖户反映政策性养殖保险理赔款迟迟没有到账。", words)


def _twice_dissatisfied(scene: Scene) -> None:
    """不满意, handled again, 不满意 again: assessed by the unit and experts, in words for the submitter."""
    desk, staff = scene.stage.desks[HERBS], scene.county.staff
    case = scene.at_the_county(
        130,
        desk,
        "基地旁的水泥厂粉尘落到药材上，晒出来发白，收购商压价。",
        place="中药材基地",
        problem="park",
        title="粉尘影响药材晾晒",
        category="urban",
    )
    head = scene.handed_over(127, case, "industry", sign=126)
    scene.reply(116, case, head, "已约谈企业，要求加装喷淋降尘设施。")
    scene.rate(113, case, "dissatisfied", "装了喷淋不开，粉尘一点没少。")
    scene.say(111, services.rehandle, case, reason="请核查设施运行情况，拿出监测数据。", by=staff)
    scene.reply(95, case, head, "已责令企业夜间停产整改，粉尘监测数据达标。")
    scene.rate(92, case, "dissatisfied", "达标是平均数，刮风的时候还是有灰。")
    words = (
        "县科技和工业信息化局与三名农业、环保专家到现场评估：企业排放已达标，大风天仍有扬尘影响。"
        "认定答复属实，由企业为基地搭建1200平方米晾晒棚，县人大代工委每季度回访。"
    )
    scene.say(85, services.assess, case, text=words, by=staff)


def _about_a_unit(scene: Scene) -> None:
    """反映的单位回避: the bureau complained about neither handles the case nor sees it."""
    desk, units = scene.stage.desks[PILOT], scene.county.units
    case = scene.at_the_county(
        21,
        desk,
        "自然资源局窗口让补了四次材料，每次说的都不一样。",
        place="县政务服务大厅",
        problem="land",
        title="窗口多次要求补材料",
        about_unit=units["land"],
    )
    scene.handed_over(19, case, "supervision", sign=18)


def _through_the_office(scene: Scene) -> None:
    """The government office's desk: one to pass on, one whose department asks to give it back, one passed on."""
    county = scene.county
    office, units, heads = county.heads["government"], county.units, county.heads
    for back, slug, place, text, problem, title, first in (
        (4, PILOT, "瓜菜市场", "产地批发市场早市占道，菜车排到国道上。", "road", "产地市场早市占道", None),
        (
            14,
            HERBS,
            "药材集散地",
            "药材集散地没有公厕和停车场，客商意见大。",
            "livelihood",
            "集散地配套不足",
            "housing",
        ),
        (22, SWEET_POTATO, "加工基地", "加工季夜间停水，能不能错峰供水？", "water", "加工季夜间停水", "water"),
    ):
        desk = scene.stage.desks[slug]
        scene = scene.another()
        case = scene.at_the_county(back, desk, text, place=place, problem=problem, title=title, category="urban")
        scene.handed_over(back - 2, case, "government")
        if first is None:
            continue
        scene.say(back - 3, services.distribute, case, to=units[first], by=office)
        if first == "water":
            scene.say(back - 4, services.sign_for, case, by=heads[first])
            continue
        why = "停车场和公厕用地未交我局管理，应由市场主管部门办理。"
        scene.say(5, services.request_return, case, reason=why, to=units["market"], by=heads[first])


def _asked_by_units(scene: Scene) -> None:
    """Requests that wait for the county's decision today, and one return that was refused."""
    stage, county = scene.stage, scene.county
    case = scene.at_the_county(
        24,
        stage.desks[BREEDING],
        "孵化车间要换专用变压器，供电公司说要排计划。",
        place="孵化车间",
        problem="power",
        title="孵化车间专用变压器",
    )
    head = scene.handed_over(21, case, "power", sign=20)
    until = scene.day(21) + timedelta(days=75)
    why = "设备已采购，到货需四周，请延期至安装完成。"
    scene.say(3, services.request_extension, case, due=until, reason=why, by=head)
    scene = scene.another()
    case = scene.at_the_county(
        8,
        stage.desks[PILOT],
        "温室用工难，想请就业部门帮着在周边村招工。",
        place="设施蔬菜基地",
        problem="labour",
        title="温室季节用工",
        category="social",
    )
    head = scene.handed_over(6, case, "civil", sign=5)
    why = "用工对接属人社部门职责。"
    scene.say(1, services.request_return, case, reason=why, to=county.units["labour"], by=head)
    scene = scene.another()
    case = scene.at_the_county(
        19,
        stage.desks[SWEET_POTATO],
        "粉条加工户办食品小作坊登记，来回跑了三趟。",
        place="粉条加工点",
        problem="park",
        title="食品小作坊登记",
        category="economy",
    )
    head = scene.handed_over(17, case, "market", sign=16)
    why = "部分加工户未取得用地手续，应先由自然资源部门办理。"
    scene.say(14, services.request_return, case, reason=why, to=county.units["land"], by=head)
    no = "登记属市场监管职责，用地问题由我委另行交办，请继续办理。"
    scene.say(13, services.refuse_return, case, reason=no, by=county.staff)


def _at_the_desk(scene: Scene) -> None:
    """请电话告知, a rating given on the phone, and a visitor whose slip with the code was lost."""
    stage = scene.stage
    desk = stage.desks[BREEDING]
    here = desk.officer
    case = scene.bring(
        26,
        desk,
        "肉兔销路不好，想请站里联系食品厂来收。",
        place="养殖基地",
        channel=C.PHONE,
        name="陈德厚",
        phone="13900003579",
        by=here,
    )
    scene.accept(26, case, by=here, problem="sales", title="联系肉兔收购")
    words = "已联系两家食品厂与养殖户签订收购协议，每周上门收购。"
    scene.say(24, services.answer, case, text=words, by=here)
    scene.say(24, services.inform, case, text="已打电话说明，对方很高兴。", by=here)
    scene.rate(22, case, text="卖出去了。", by=here)
    organ = desk.place.staff
    scene.publish(20, case, "联系肉兔收购", "养殖户反映肉兔销路不好。", words, by=organ)
    why = "收购协议涉及企业商业信息，企业来电请求不公开。"
    scene.say(16, services.unpublish, case, reason=why, by=organ)
    scene = scene.another()
    case = scene.bring(
        10,
        desk,
        "老家院里的电线被树枝压着，老人一个人在家不放心。",
        place="赵庄行政村",
        channel=C.PHONE,
        name="赵秀英",
        phone="13900004680",
        by=here,
    )
    scene.accept(10, case, by=here, problem="power", title="树枝压电线", category="social")
    scene.say(9, services.transfer, case, to=desk.place.units["power"], by=here)
    scene.say(8, services.sign_for, case, by=desk.place.heads["power"])
    scene.reply(1, case, desk.place.heads["power"], "已修剪树枝并更换入户线，请放心使用。")
    scene = scene.another()
    case = scene.bring(13, desk, "想申请养殖场旁边的渠道清淤。", place="刘庄村", channel=C.DESK, name="刘广志", by=here)
    scene.accept(12, case, by=here, problem="water", title="养殖场旁渠道清淤")
    scene.say(11, services.transfer, case, to=desk.place.units["agriculture"], by=here)
    how = "本人到站，说得出反映的事项和提交日期，与登记一致。"
    scene.say(6, services.reissue_code, case, text=how, form_key="demo-reissued", by=here)


def _transformer(scene: Scene) -> None:
    """The bulletin's own case was made public in its year."""
    case = Suggestion.objects.get(form_key_hash=form_key_hash("demo-transformer"))
    with scene.on(scene.book.calendar.next_working_day(scene.stage.day(12, 15))):
        services.publish(
            case,
            title="宁平镇日光温室大棚基地变压器功率过大",
            text="代表走访时种植户反映：大棚基地变压器功率过大、空载损耗高，用电成本增加，希望更换。",
            reply="乡级电管站权限不足，联络站上报县人大常委会协调；县供电公司现场测量后更换节能型变压器并调整计费方式，"
            "基地电费支出明显下降。",
            checked=True,
            by=scene.county.staff,
        )
