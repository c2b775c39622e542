"""What the three stories share while they are built."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random

from accounts.models import Region
from deputies.models import Congress, Deputy, PostHolder, PrintCode
from liaison.demo.book import CaseBook
from liaison.demo.courses import Desk
from liaison.demo.diary import Diary
from liaison.demo.people import Crowd
from liaison.demo.places import Place, Places, telephone
from stations.models import Enterprise, IndustryChain, Station


@dataclass
class Stage:
    year: int
    today: date
    chance: Random
    places: Places
    crowd: Crowd
    diary: Diary
    book: CaseBook
    desks: dict[str, Desk] = field(default_factory=dict)
    members: dict[str, list[Deputy]] = field(default_factory=dict)
    holders: list[PostHolder] = field(default_factory=list)

    def day(self, month: int, day: int) -> date:
        """A day of the demo year."""
        return date(self.year, month, day)

    def congress(self, path: str) -> Congress:
        congress = self.places.by_path[path].congress
        assert congress is not None
        return congress

    def region(self, path: str) -> Region:
        return self.places.by_path[path].region

    def industry_station(
        self,
        county: Place,
        slug: str,
        name: str,
        *,
        chain: str,
        host: str,
        host_kind: str,
        opened_on: date,
        place: Place | None = None,
        life: str = Station.Life.FORMAL,
        enterprise: str = "",
        bases: str = "",
        introduction: str = "",
        duties: str = "",
        address: str = "",
        officer: str = "",
    ) -> Station:
        """A station on a chain, with its officer at the desk."""
        place = place or county
        served, _ = IndustryChain.objects.get_or_create(region=county.region, name=chain)
        firm = None
        if enterprise:
            firm, _ = Enterprise.objects.get_or_create(region=county.region, name=enterprise)
            firm.chains.add(served)
        station = Station.objects.create(
            name=name,
            slug=slug,
            kind=Station.Kind.INDUSTRY,
            region=place.region,
            life=life,
            opened_on=opened_on,
            host_kind=host_kind,
            host_name=host,
            enterprise=firm,
            bases=bases,
            address=address or f"{place.name}{host}",
            hours="工作日8:30—17:30",
            phone=telephone(place.region),
            introduction=introduction
            or f"依托{host}建站，把涉及{chain}产业链的五级人大代表混合编组进站，围绕产业议专业事。",
            duties=duties or "联系企业和职工，收集意见建议，邀请部门进站，跟踪转办事项，组织代表学习、调研和座谈。",
        )
        station.chains.add(served)
        user = self.places.open_station(station, officer or f"s-{slug}", opened_on)
        self.desks[slug] = Desk(station, user, place, county)
        return station

    def print_codes(self) -> None:
        """Every station's code is on its wall, and those of the deputies in 郸城's stations (一人一码)."""
        stations = Station.objects.order_by("pk")
        deputies = (
            Deputy.objects.filter(memberships__station__region__path__startswith="411625").distinct().order_by("pk")
        )
        PrintCode.objects.bulk_create(
            [PrintCode(code=self._code(), station=station, printed_on=station.opened_on) for station in stations]
            + [PrintCode(code=self._code(), deputy=deputy, printed_on=self.day(5, 20)) for deputy in deputies]
        )

    def _code(self) -> str:
        return "".join(self.chance.choices("abcdefghijklmnopqrstuvwxyz234567", k=26))
