"""Stories of the other two cities: 重点督办 with a professional group, a proposal that each signer rates, cases from below."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.base import ContentFile

from deputies.models import Deputy, DeputyGroup
from liaison.demo.book import a_scan
from liaison.demo.courses import Desk
from liaison.demo.people import new_name
from liaison.demo.places import Place
from liaison.demo.scene import Scene, Words
from liaison.demo.stage import Stage
from suggestions import services
from suggestions.models import HandlingProfile, Suggestion
from suggestions.services import oversight, proposals
from suggestions.workflow import Kind

LUOHE, YANCHENG, XINXIANG, CRANES = "4111", "411103", "4107", "changyuan-qizhong"
C = Suggestion.Channel


def build(stage: Stage) -> None:
    city = stage.places.by_path[LUOHE]
    group = DeputyGroup.objects.get(region=city.region, kind="professional", category=DeputyGroup.Category.AGRICULTURE)
    members = list(Deputy.objects.filter(group_memberships__group=group).order_by("group_memberships__pk")[:4])
    own = members[1]
    own.user = stage.places.account("luohe_deputy", own.name)
    own.user.save()
    own.save(update_fields=["user"])
    # 漯河: each co-signer rates for himself.
    HandlingProfile.objects.create(region=city.region, kind=Kind.PROPOSAL, reply_months=3, each_signer_rates=True)
    _supervised(Scene(stage, city), group, members)
    _each_rates(Scene(stage, city), members)
    _from_below(stage)


def _up_to_the_city(
    scene: Scene, back: int, county: Place, text: str, title: str, problem: str, place: str
) -> Suggestion:
    town = county.towns[3]
    assert town.station is not None and town.officer is not None
    desk = Desk(town.station, town.officer, town, county)
    case = scene.bring(back, desk, text, place=place, channel=C.WEB)
    scene.accept(back - 1, case, by=desk.officer, problem=problem, title=title)
    scene.say(back - 2, services.escalate, case, reason="镇里办不了，请县级协调。", to=county.organ, by=desk.officer)
    scene.say(
        back - 3,
        services.escalate,
        case,
        reason="涉及几个乡镇和市级部门，请市级协调。",
        to=scene.county.organ,
        by=county.staff,
    )
    return case


def _supervised(scene: Scene, group: DeputyGroup, members: list[Deputy]) -> None:
    """重点督办: a leader, a professional group that reads and comments, five parties at one table, a request to decide."""
    city = scene.county
    staff = city.staff
    yancheng = scene.stage.places.by_path[YANCHENG]
    text = "三个乡镇共用的排涝大沟多年没清，一下大雨麦田就淹，几家各说各的。"
    case = _up_to_the_city(scene, 27, yancheng, text, "跨乡镇排涝沟多年未清", "water", "排涝大沟沿线")
    head = scene.handed_over(20, case, "agriculture", sign=19, assisting=[city.units["government"]])
    leader = f"{new_name(scene.book.chance)}（市人大常委会副主任）"
    why = "涉及三个乡镇两万亩农田，列为今年重点督办事项。"
    scene.say(18, services.supervise, case, leader=leader, group=group, text=why, by=staff)
    scan = ContentFile(a_scan("LD-PS 2"), name="instruction.png")
    words = "请农业农村局牵头，年内务必清通，专业代表小组全程监督。"
    kind = oversight.Record.INSTRUCTION
    scene.say(17, services.record, case, kind=kind, text=words, recorded_on=scene.day(17), document=scan, by=staff)
    first, own, third = (scene.user_of(deputy) for deputy in members[:3])
    scene.say(15, services.comment, case, text="小组到现场看过：堵点在两处涵洞，光清沟不改涵洞没用。", by=first)
    scene.say(
        13,
        services.contribute,
        case,
        text="资金从农田水利维修经费中列支，不足部分由市级统筹。",
        by=city.heads["government"],
    )
    scene.say(
        12,
        services.consult,
        case,
        held_on=scene.day(12),
        place="排涝沟现场",
        committee="市人大常委会代工委负责同志",
        supervision="市委市政府督查局",
        group=f"{group}组长",
        unit="市农业农村局、三个乡镇负责人",
        deputy="反映人代表两名",
        minutes="先改涵洞两座，再分段清淤；三个乡镇各清各段，农业农村局统一验收。",
        agreed_on=scene.stage.today + timedelta(days=45),
        by=staff,
    )
    until = scene.day(20) + timedelta(days=80)
    ask = "第二座涵洞要等越冬水浇完才能开挖。"
    scene.say(5, services.request_extension, case, due=until, reason=ask, by=head)
    scene.say(3, services.comment, case, text="涵洞已开挖一座，进度比商定的慢，建议增加机械。", by=own)
    scene.say(2, services.comment, case, text="同意，另请注意不要压坏麦田。", by=third)
    _up_to_the_city(
        scene.another(),
        12,
        yancheng,
        "大蒜收购季外地客商压价，希望市里发布指导价。",
        "大蒜收购价格",
        "sales",
        "蔬菜市场",
    )


def _each_rates(scene: Scene, members: list[Deputy]) -> None:
    """Three signers, each with a rating of their own: the case waits for the last one."""
    city, (lead, own, third) = scene.county, members[:3]
    by = scene.user_of(lead)
    words = Words(
        "关于支持蔬菜育苗工厂建设的建议",
        "我市设施蔬菜面积逐年增加，种苗多从外地调入，运输损耗大、病害风险高。",
        "建议在临颍县、郾城区各支持建设一座工厂化育苗中心。",
        scene.stage.congress(LUOHE),
    )
    draft = scene.say(110, proposals.draft, words, by=by)
    scene.signed(108, draft, words, lead, [own, third], until=104)
    scene.accept(102, draft, by=city.staff, problem="technology", category="agriculture")
    head = scene.handed_over(99, draft, "agriculture", sign=97)
    text = f"{lead.name}等代表：两座育苗中心已分别立项开工，明年春季供苗，邀请各位代表届时视察。"
    scene.reply(9, draft, head, text, document_number=f"漯农函〔{scene.stage.today.year}〕19号")
    scene.rate(6, draft, "satisfied", "办得实。", by=by)
    scene.rate(4, draft, "basically", "希望同时培训育苗技术员。", by=scene.user_of(third))


def _from_below(stage: Stage) -> None:
    """新乡: what the city has to decide."""
    city = stage.places.by_path[XINXIANG]
    desk = stage.desks[CRANES]
    scene = Scene(stage, desk.county)
    case = scene.at_the_county(
        16,
        desk,
        "起重机超限运输要跨三个市办证，一台设备办下来半个月，订单等不起。",
        place="起重工业园",
        problem="road",
        title="大件运输跨市办证",
        category="transport",
    )
    why = "涉及跨市大件运输许可，请市级协调。"
    scene.say(13, services.escalate, case, reason=why, to=city.organ, by=desk.county.staff)
    scene = Scene(stage, city)
    lead = stage.members[CRANES][2]
    words = Words(
        "关于建立大件运输许可跨市协同机制的建议",
        "装备制造企业大件产品外运频繁，跨市许可材料重复提交、时间不一。",
        "建议市政府牵头与相邻市建立协同审批，一次申请、全线通行。",
        stage.congress(XINXIANG),
    )
    draft = scene.say(8, proposals.draft, words, by=scene.user_of(lead))
    scene.say(5, services.submit_proposal, draft, by=scene.user_of(lead))
