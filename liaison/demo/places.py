"""Who sits where: congresses, organs, handling units and the accounts that act for them, region by region."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from random import Random

from django.contrib.auth.hashers import make_password

from accounts.models import Level, Organization, Region, User
from deputies.models import Congress, Deputy
from liaison.demo.accounts import ACCOUNTS, PASSWORD
from liaison.demo.people import new_name
from stations.models import Station, StationPost

K = Organization.Kind
Units = dict[str, tuple[str, str]]

COUNTY_UNITS: Units = {
    "government": ("人民政府办公室", K.GOVERNMENT_OFFICE),
    "supervision": ("人民政府督查室", K.SUPERVISION_OFFICE),
    "power": ("供电公司", K.VERTICAL_UNIT),
    "agriculture": ("农业农村局", K.DEPARTMENT),
    "transport": ("交通运输局", K.DEPARTMENT),
    "housing": ("住房和城乡建设局", K.DEPARTMENT),
    "land": ("自然资源局", K.DEPARTMENT),
    "labour": ("人力资源和社会保障局", K.DEPARTMENT),
    "commerce": ("商务局", K.DEPARTMENT),
    "finance": ("金融工作局", K.DEPARTMENT),
    "industry": ("科技和工业信息化局", K.DEPARTMENT),
    "water": ("水利局", K.DEPARTMENT),
    "civil": ("民政局", K.DEPARTMENT),
    "market": ("市场监督管理局", K.DEPARTMENT),
}
CITY_UNITS: Units = {
    "government": ("人民政府办公室", K.GOVERNMENT_OFFICE),
    "agriculture": ("农业农村局", K.DEPARTMENT),
    "commerce": ("商务局", K.DEPARTMENT),
    "power": ("供电公司", K.VERTICAL_UNIT),
}
TOWN_UNITS: Units = {
    "power": ("供电所", K.VERTICAL_UNIT),
    "agriculture": ("农业综合服务中心", K.DEPARTMENT),
    "service": ("便民服务中心", K.DEPARTMENT),
}
# The unit of a county and of a town that answers for a problem kind.
COUNTY_TRADE = {
    "finance": "finance",
    "land": "land",
    "power": "power",
    "labour": "labour",
    "sales": "commerce",
    "technology": "agriculture",
    "park": "industry",
    "road": "transport",
    "water": "water",
    "livelihood": "civil",
    "other": "housing",
}
TOWN_TRADE = {"power": "power", "land": "agriculture", "technology": "agriculture", "sales": "agriculture"}

SHORT = {"410773": "平原示范区", "411171": "漯河经开区"}
# The demo's own accounts, by the region and the desk they sit at.
DEMO_SEATS = {
    ("4116", "organ"): "city_staff",
    ("4107", "organ"): "xinxiang_staff",
    ("4111", "organ"): "luohe_staff",
    ("411625", "organ"): "county_staff",
    ("411625", "government"): "government_office",
    ("411625", "supervision"): "supervision_office",
    ("411625", "power"): "power_head",
    ("411625104", "power"): "unit_head",
    ("411625104", "organ"): "township_staff",
}
DEMO_NAMES = {account.username for account in ACCOUNTS}
AREA_CODES = {"4107": "0373", "4111": "0395", "4116": "0394"}
CONGRESS_ORDINALS = {"": 14, "41": 14, "4107": 14, "4111": 8, "4116": 5}
FIRST_MET = {
    Level.NATION: date(2023, 3, 5),
    Level.PROVINCE: date(2023, 1, 15),
    Level.CITY: date(2022, 4, 20),
    Level.COUNTY: date(2022, 3, 22),
    Level.TOWNSHIP: date(2022, 1, 18),
}


@dataclass
class Place:
    """A region with its organ and units, and for each the account that signs."""

    region: Region
    organ: Organization
    staff: User
    units: dict[str, Organization]
    heads: dict[str, User]
    congress: Congress | None = None
    towns: list[Place] = field(default_factory=list)
    station: Station | None = None
    officer: User | None = None

    @property
    def name(self) -> str:
        return SHORT.get(self.region.path, self.region.name)

    @property
    def electing_towns(self) -> list[Place]:
        return [town for town in self.towns if town.congress is not None]


class Places:
    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.password = make_password(PASSWORD)
        self.by_path: dict[str, Place] = {}

    def account(self, username: str, name: str = "", **fields: object) -> User:
        """An account that somebody acts with; only the demo's own can log in."""
        password = self.password if username in DEMO_NAMES else "!"
        return User(username=username, name=name or new_name(self.chance), password=password, **fields)

    def enrol(self, deputy: Deputy) -> Deputy:
        """A deputy who submits needs an account."""
        if deputy.user is None:
            deputy.user = self.account(deputy.slug, deputy.name)
            deputy.user.save()
        return deputy

    def settle(self, regions: Iterable[Region], kinds: Callable[[Region], Units]) -> list[Place]:
        """Organs, units, accounts and, where one is elected, the sitting congress, for regions of one level."""
        regions = list(regions)
        organizations, desks = [], []
        for region in regions:
            name = SHORT.get(region.path, region.name) if region.path else "全国"
            organizations.append(Organization(region=region, name=name + _organ_name(region), kind=_organ_kind(region)))
            desks.append((region, "organ"))
            for trade, (suffix, kind) in kinds(region).items():
                organizations.append(Organization(region=region, name=name + suffix, kind=kind))
                desks.append((region, trade))
        Organization.objects.bulk_create(organizations)
        users = [
            self.account(
                DEMO_SEATS.get((region.path, trade), f"r{region.path or '0'}-{trade}"),
                organization=organization,
                is_signatory=trade != "organ",
            )
            for organization, (region, trade) in zip(organizations, desks, strict=True)
        ]
        User.objects.bulk_create(users)
        congresses = {
            congress.region_id: congress
            for congress in Congress.objects.bulk_create(
                [
                    Congress(
                        region=region,
                        ordinal=CONGRESS_ORDINALS.get(region.path, 16),
                        first_met_on=FIRST_MET[Level(region.level)],
                    )
                    for region in regions
                    if region.has_congress
                ]
            )
        }
        for organization, user, (region, trade) in zip(organizations, users, desks, strict=True):
            if trade == "organ":
                congress = congresses.get(region.pk)
                self.by_path[region.path] = Place(region, organization, user, {}, {}, congress)
            else:
                place = self.by_path[region.path]
                place.units[trade], place.heads[trade] = organization, user
        return [self.by_path[region.path] for region in regions]

    def settle_county(self, code: str) -> Place:
        county = Region.objects.get(code=code)
        place = self.settle([county], lambda region: COUNTY_UNITS)[0]
        place.towns = self.settle(county.children.order_by("path"), lambda region: TOWN_UNITS)
        return place

    def open_station(self, station: Station, username: str, since: date) -> User:
        """The officer of a station: the post and the account."""
        user = self.account(username)
        user.save()
        StationPost.objects.create(
            station=station, post=StationPost.Post.OFFICER, user=user, name=user.name, title="联络员", since=since
        )
        return user

    def open_town_stations(self, towns: Iterable[Place], since: date) -> None:
        """A regional station in each town: where its deputies have their constituency (所在选区联络站)."""
        towns = list(towns)
        for town in towns:
            town.station = Station(
                name=f"{town.region.name}人大代表联络站",
                slug=f"zhan-{town.region.path}",
                kind=Station.Kind.REGIONAL,
                region=town.region,
                life=Station.Life.FORMAL,
                opened_on=since,
                host_kind=Station.HostKind.OFFICE,
                host_name=f"{town.region.name}便民服务中心",
                address=f"{town.region.name}便民服务中心一楼",
                hours="工作日9:00—17:00，每月15日为代表接待日",
                phone=telephone(town.region),
                introduction=f"{town.region.name}人大代表联系群众的固定场所，就近听取群众意见，逐件登记、转办、反馈。",
                duties="接待群众、收集意见、转交办理、跟踪反馈、组织代表学习和述职。",
            )
            town.officer = self.account(f"s{town.region.path}-officer")
        Station.objects.bulk_create([town.station for town in towns if town.station])
        User.objects.bulk_create([town.officer for town in towns if town.officer])
        StationPost.objects.bulk_create(
            [
                StationPost(
                    station=town.station,
                    post=post,
                    user=user,
                    name=user.name,
                    title=title,
                    since=since,
                )
                for town in towns
                if town.officer
                for post, user, title in (
                    (StationPost.Post.HEAD, town.staff, "人大工作负责人"),
                    (StationPost.Post.OFFICER, town.officer, "联络员"),
                )
            ]
        )


def telephone(region: Region) -> str:
    """A number of the region's exchange that nobody has."""
    return f"{AREA_CODES[region.path[:4]]}-5550{int(region.path[-3:]) % 1000:03d}"


def _organ_name(region: Region) -> str:
    if region.form == Region.Form.SUBDISTRICT or region.form == Region.Form.ZONE:
        return "人大工委"
    return "人大主席团" if region.level == Level.TOWNSHIP else "人大常委会代工委"


def _organ_kind(region: Region) -> str:
    if region.form == Region.Form.SUBDISTRICT:
        return K.SUBDISTRICT_COMMITTEE
    if region.form == Region.Form.ZONE:
        return K.ZONE_COMMITTEE
    return K.PRESIDIUM if region.level == Level.TOWNSHIP else K.DEPUTIES_COMMITTEE
