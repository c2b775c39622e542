"""The named cast: one county with a station, a neighbour that must never see it, and the people who act."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile

from accounts.calendar import today
from accounts.models import ADMIN_GROUPS, AUDITOR, SECURITY_ADMIN, SYSTEM_ADMIN, Organization, Region, User
from activities.models import ActivityType
from activities.seeds import load_activity_types
from deputies.models import (
    Congress,
    Constituency,
    Deputy,
    DeputyGroup,
    GroupMembership,
    Mandate,
    StationMembership,
)
from stations.models import Enterprise, IndustryChain, Station, StationPost
from suggestions import services
from suggestions.codes import new_form_key, query_code
from suggestions.models import Category, ProblemKind, Suggestion
from suggestions.seeds import load_case_data
from suggestions.services.proposals import Words, draft

PASSWORD = "Liaison-2026-pass"
ROLES = (
    "anonymous",
    "deputy",
    "station_officer",
    "station_head",
    "township_staff",
    "county_staff",
    "city_staff",
    "supervision_office",
    "unit_clerk",
    "unit_head",
    "system_admin",
    "security_admin",
    "auditor",
)

Kinds = Organization.Kind


@dataclass
class World:
    nation: Region
    province: Region
    city: Region
    county: Region
    township: Region
    other_county: Region
    city_organ: Organization
    county_organ: Organization
    township_organ: Organization
    other_organ: Organization
    power: Organization  # the county's power bureau, a 垂管单位 with accounts
    roads: Organization  # a department without login
    supervision: Organization
    village: Organization  # a unit of the township
    station: Station  # 宁平镇特色养殖: industry station owned by the township
    county_station: Station
    other_station: Station
    enterprise: Enterprise
    deputy: Deputy
    congress: Congress
    category: Category
    problem_kind: ProblemKind
    users: dict[str, User]
    other_staff: User
    other_officer: User

    def __getattr__(self, name: str) -> Any:
        """`world.county_staff` is the account of that role."""
        users = self.__dict__.get("users", {})
        if name in users:
            return users[name]
        raise AttributeError(name)


def _user(username: str, name: str, organization: Organization | None = None, **extra: Any) -> User:
    return User.objects.create_user(username, password=PASSWORD, name=name, organization=organization, **extra)


def build_world() -> World:
    def region(code: str, name: str, level: str, parent: Region | None) -> Region:
        return Region.objects.create(code=code, name=name, level=level, parent=parent)

    nation = region("000000000000", "中华人民共和国", "nation", None)
    province = region("410000000000", "河南省", "province", nation)
    city = region("411600000000", "周口市", "city", province)
    county = region("411625000000", "郸城县", "county", city)
    township = region("411625107000", "宁平镇", "township", county)
    other_county = region("411624000000", "沈丘县", "county", city)
    load_case_data()
    load_activity_types()

    def organ(region: Region, name: str, kind: str) -> Organization:
        return Organization.objects.create(region=region, name=name, kind=kind)

    city_organ = organ(city, "周口市人大常委会代工委", Kinds.DEPUTIES_COMMITTEE)
    county_organ = organ(county, "郸城县人大常委会代工委", Kinds.DEPUTIES_COMMITTEE)
    township_organ = organ(township, "宁平镇人大主席团", Kinds.PRESIDIUM)
    other_organ = organ(other_county, "沈丘县人大常委会代工委", Kinds.DEPUTIES_COMMITTEE)
    power = organ(county, "郸城县供电公司", Kinds.VERTICAL_UNIT)
    roads = organ(county, "郸城县交通运输局", Kinds.DEPARTMENT)
    supervision = organ(county, "郸城县政府督查室", Kinds.SUPERVISION_OFFICE)
    village = organ(township, "宁平镇供电所", Kinds.VERTICAL_UNIT)
    chain = IndustryChain.objects.create(region=county, name="特色养殖")
    enterprise = Enterprise.objects.create(region=county, name="康全农牧有限公司")
    enterprise.chains.add(chain)

    def station(slug: str, name: str, region: Region, kind: str) -> Station:
        return Station.objects.create(
            slug=slug,
            name=name,
            region=region,
            kind=kind,
            life="formal",
            opened_on=date(2025, 1, 10),
            phone="0394-3210000",
        )

    breeding = station("ningping-yangzhi", "宁平镇特色养殖产业代表联络站", township, "industry")
    breeding.chains.add(chain)
    county_station = station("dancheng-zhongxin", "郸城县代表联络站", county, "regional")
    other_station = station("shenqiu", "沈丘县代表联络站", other_county, "regional")

    users = {
        "deputy": _user("deputy", "李代表"),
        "station_officer": _user("station_officer", "王联络"),
        "station_head": _user("station_head", "赵站长"),
        "township_staff": _user("township_staff", "钱镇人大", township_organ),
        "county_staff": _user("county_staff", "孙代工委", county_organ),
        "city_staff": _user("city_staff", "周市人大", city_organ),
        "supervision_office": _user("supervision_office", "吴督查", supervision),
        "unit_clerk": _user("unit_clerk", "郑经办", power),
        "unit_head": _user("unit_head", "冯经理", power, is_signatory=True),
        "system_admin": _user("system_admin", "陈系统"),
        "security_admin": _user("security_admin", "褚安全"),
        "auditor": _user("auditor", "卫审计"),
    }
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in ADMIN_GROUPS}
    users["system_admin"].groups.add(groups[SYSTEM_ADMIN])
    users["security_admin"].groups.add(groups[SECURITY_ADMIN])
    users["auditor"].groups.add(groups[AUDITOR])
    other_staff = _user("other_staff", "蒋外县", other_organ)
    other_officer = _user("other_officer", "沈外站")

    def post(station: Station, post: str, user: User, **extra: Any) -> StationPost:
        return StationPost.objects.create(
            station=station, post=post, user=user, name=user.name, since=date(2025, 1, 10), **extra
        )

    post(breeding, "officer", users["station_officer"])
    post(breeding, "head", users["station_head"])
    post(county_station, "officer", _user("county_officer", "韩县站"))
    post(other_station, "officer", other_officer)

    congress = Congress.objects.create(region=county, ordinal=16, first_met_on=date(2022, 3, 1))
    seat = Constituency.objects.create(congress=congress, name="宁平镇第一选区")
    deputy = Deputy.objects.create(
        region=county,
        user=users["deputy"],
        name="李代表",
        sex="male",
        work_unit="宁平镇养殖合作社理事长",
        phone="13800000001",
    )
    Mandate.objects.create(deputy=deputy, congress=congress, constituency=seat, since=date(2022, 3, 1))
    StationMembership.objects.create(deputy=deputy, station=breeding, kind="sector", since=date(2025, 1, 10))
    StationMembership.objects.create(deputy=deputy, station=county_station, kind="home", since=date(2025, 1, 10))
    assert ActivityType.objects.exists()
    return World(
        nation=nation,
        province=province,
        city=city,
        county=county,
        township=township,
        other_county=other_county,
        city_organ=city_organ,
        county_organ=county_organ,
        township_organ=township_organ,
        other_organ=other_organ,
        power=power,
        roads=roads,
        supervision=supervision,
        village=village,
        station=breeding,
        county_station=county_station,
        other_station=other_station,
        enterprise=enterprise,
        deputy=deputy,
        congress=congress,
        category=Category.objects.get(code="agriculture"),
        problem_kind=ProblemKind.objects.get(code="power"),
        users=users,
        other_staff=other_staff,
        other_officer=other_officer,
    )


@dataclass
class FullWorld(World):
    """The cast of a proposal and of a case with several units as well: colleagues, offices, an assisting unit, a group."""

    second_deputy: Deputy  # 何代表, of the same congress
    third_deputy: Deputy  # 许代表
    group_deputy: Deputy  # 吕组员, in the professional group, signs nothing
    group: DeputyGroup
    office: Organization  # the county government's office, which distributes
    agriculture: Organization  # a department with accounts: assists, or one of separate units
    town_officer: User  # of the county's own station
    accounts: dict[str, User]

    def __getattr__(self, name: str) -> Any:
        """`world.office_head` is that account too."""
        accounts = self.__dict__.get("accounts", {})
        return accounts[name] if name in accounts else super().__getattr__(name)

    def everybody(self) -> list[User]:
        return [*self.users.values(), *self.accounts.values(), self.other_staff, self.other_officer]


def build_full_world() -> FullWorld:
    world = build_world()
    office = Organization.objects.create(region=world.county, name="郸城县人民政府办公室", kind=Kinds.GOVERNMENT_OFFICE)
    agriculture = Organization.objects.create(region=world.county, name="郸城县农业农村局", kind=Kinds.DEPARTMENT)
    accounts = {
        "second_user": _user("second_deputy", "何代表"),
        "third_user": _user("third_deputy", "许代表"),
        "group_user": _user("group_deputy", "吕组员"),
        "office_clerk": _user("office_clerk", "施府办", office),
        "office_head": _user("office_head", "张主任", office, is_signatory=True),
        "supervision_head": _user("supervision_head", "孔督查", world.supervision, is_signatory=True),
        "agriculture_clerk": _user("agriculture_clerk", "曹农业", agriculture),
        "agriculture_head": _user("agriculture_head", "严局长", agriculture, is_signatory=True),
        "village_head": _user("village_head", "华所长", world.village, is_signatory=True),
    }

    def colleague(user: User) -> Deputy:
        deputy = Deputy.objects.create(region=world.county, user=user, name=user.name, sex="female")
        Mandate.objects.create(deputy=deputy, congress=world.congress, since=date(2022, 3, 1))
        return deputy

    second, third, member = (colleague(accounts[name]) for name in ("second_user", "third_user", "group_user"))
    group = DeputyGroup.objects.create(
        region=world.county,
        name="农业农村专业小组",
        kind="professional",
        level="county",
        category="agriculture",
        since=date(2025, 1, 10),
    )
    GroupMembership.objects.create(group=group, deputy=member, since=date(2025, 1, 10))
    return FullWorld(
        **{field.name: getattr(world, field.name) for field in fields(World)},
        second_deputy=second,
        third_deputy=third,
        group_deputy=member,
        group=group,
        office=office,
        agriculture=agriculture,
        town_officer=User.objects.get(username="county_officer"),
        accounts=accounts,
    )


STAGES = ("submitted", "accepted", "transferred", "handling", "replied", "reviewing", "tracking", "closed", "declined")


def a_suggestion(
    world: World,
    stage: str = "submitted",
    *,
    at: str = "county",
    text: str = "变压器功率过大，用电成本高。",
    **extra: Any,
) -> Suggestion:
    """A case brought to its stage by the real verbs, so that no test rests on an impossible one.

    `at="county"`: of the county's station, held by county staff and handled by the power bureau.
    `at="station"`: of the township's industry station, held by its officer.
    """
    form_key = extra.pop("form_key", new_form_key())
    station = world.county_station if at == "county" else world.station
    suggestion = services.submit(services.Statement(text=text, **extra), form_key=form_key, station=station)
    suggestion.query_code = query_code(form_key)  # type: ignore[attr-defined]  # what the slip shows
    staff = world.county_staff if at == "county" else world.station_officer
    unit = world.power if at == "county" else world.village
    if stage == "submitted":
        return suggestion
    if stage == "declined":
        services.decline(suggestion, reason="属于个人纠纷。", destination="请向人民法院起诉。", by=staff)
        return suggestion
    services.accept(suggestion, category=world.category, problem_kind=world.problem_kind, by=staff)
    if stage == "accepted":
        return suggestion
    services.transfer(suggestion, to=unit, by=staff)
    if stage == "transferred":
        return suggestion
    assert at == "county", "only the county's unit has accounts"
    services.sign_for(suggestion, by=world.unit_clerk)
    if stage == "handling":
        return suggestion
    promise = {"result_class": "B", "due": date(2099, 1, 1)} if stage == "tracking" else {"result_class": "A"}
    services.reply(suggestion, text="已更换变压器。", by=world.unit_head, **promise)
    if stage == "reviewing":
        services.feedback(suggestion, process="satisfied", result="dissatisfied", text="没有换。")
    elif stage in ("closed", "tracking"):
        services.feedback(suggestion, process="satisfied", result="satisfied")
    return suggestion


PROPOSAL_STAGES = ("draft", *STAGES, "withdrawn")


def some_words(world: World, **extra: Any) -> Words:
    kept: dict[str, Any] = {
        "title": "关于降低养殖用电成本的建议",
        "text": "养殖户用电成本高。",
        "request": "增设变压器。",
    }
    return Words(**{**kept, "congress": world.congress, **extra})


def a_proposal(
    world: World,
    stage: str = "submitted",
    *,
    cosigners: tuple[Deputy, ...] = (),
    to: Organization | None = None,
    **extra: Any,
) -> Suggestion:
    """A proposal of 李代表 to the county's congress, confirmed by all its co-signers and handled by the power bureau."""
    lead = world.users["deputy"]
    proposal = draft(some_words(world, **extra), by=lead, cosigners=cosigners)
    for deputy in cosigners:
        services.cosign(proposal, by=deputy.user)
    if stage == "draft":
        return proposal
    services.submit_proposal(proposal, by=lead)
    if stage == "withdrawn":
        services.withdraw(proposal, by=lead)
    if stage in ("submitted", "withdrawn"):
        return proposal
    staff = world.county_staff
    if stage == "declined":
        services.decline(proposal, reason="不属于本级职权。", destination="请向上一级人大提出。", by=staff)
        return proposal
    services.accept(proposal, category=world.category, problem_kind=world.problem_kind, by=staff)
    if stage == "accepted":
        return proposal
    services.transfer(proposal, to=to or world.power, by=staff)
    if stage == "transferred":
        return proposal
    assert to is None, "the power bureau goes on"
    services.sign_for(proposal, by=world.unit_clerk)
    if stage == "handling":
        return proposal
    promise = (
        {"result_class": "B", "due": today() + timedelta(days=90)} if stage == "tracking" else {"result_class": "A"}
    )
    services.reply(proposal, text="已增设变压器。", by=world.unit_head, **promise)
    if stage == "reviewing":
        services.feedback(proposal, process="satisfied", result="dissatisfied", text="没有增设。", by=lead)
    elif stage in ("closed", "tracking"):
        services.feedback(proposal, process="satisfied", result="satisfied", by=lead)
    return proposal


def a_paper() -> ContentFile[bytes]:
    return ContentFile(b"%PDF-1.4 scan", name="scan.pdf")
