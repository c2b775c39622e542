"""The addresses of points, who gets them, and a row of each kind: what the table of accesses is fed with."""

from __future__ import annotations

from typing import Any

from deputies.models import Deputy
from duties.models import Declaration, Evidence, Objection, PointEntry, PointItem, PointPeriod, PointScheme
from duties.seeds import ship_scheme
from tests.cast import World
from tests.duties.scoring import EARLY, YEAR, adopted, item, paper

STAFF = {"township_staff", "county_staff", "city_staff"}
STATION = {"station_officer", "station_head"}
READERS = STAFF | STATION | {"deputy"}
HERE = "office/duties/points/"

OFFICE: dict[str, tuple[str, set[str]]] = {
    HERE: (f"/{HERE}", READERS),
    f"{HERE}deputies/": (f"/{HERE}deputies/", STAFF | STATION),
    f"{HERE}deputies/<slug:slug>/": (f"/{HERE}deputies/{{deputy}}/", READERS),
    f"{HERE}deputies/<slug:slug>/deduct/": (f"/{HERE}deputies/{{deputy}}/deduct/", STATION | {"county_staff"}),
    f"{HERE}scheme/": (f"/{HERE}scheme/", READERS),
    f"{HERE}scheme/<int:pk>/": (f"/{HERE}scheme/{{scheme}}/", READERS),
    f"{HERE}declare/": (f"/{HERE}declare/", {"deputy"}),
    f"{HERE}declarations/": (f"/{HERE}declarations/", READERS),
    f"{HERE}declarations/<int:pk>/": (f"/{HERE}declarations/{{declaration}}/", READERS),
    f"{HERE}declarations/<int:pk>/<int:file>/": (f"/{HERE}declarations/{{declaration}}/{{evidence}}/", READERS),
    f"{HERE}objections/": (f"/{HERE}objections/", READERS),
    f"{HERE}objections/new/": (f"/{HERE}objections/new/", {"deputy"}),
    f"{HERE}objections/<int:pk>/": (f"/{HERE}objections/{{objection}}/", READERS),
}
# They take a POST only.
OTHERWISE: dict[str, tuple[str, int]] = {
    f"{HERE}scheme/draft/": (f"/{HERE}scheme/draft/", 405),
    **{
        f"{HERE}scheme/<int:pk>/{act}/": (f"/{HERE}scheme/{{scheme}}/{act}/", 405)
        for act in ("adopt", "version", "settle", "close")
    },
    **{
        f"{HERE}declarations/<int:pk>/{act}/": (f"/{HERE}declarations/{{declaration}}/{act}/", 405)
        for act in ("decide", "withdraw")
    },
}


def places(world: World) -> dict[str, Any]:
    scheme = adopted(world)
    own = {"deputy": world.deputy}
    declaration = Declaration.objects.create(
        item=item("A2", scheme), happened_on=EARLY, points=2, text="发言", declared_by=world.users["deputy"], **own
    )
    evidence = Evidence.objects.create(declaration=declaration, file=paper())
    account = PointPeriod.objects.create(region=world.county, year=YEAR)
    objection = Objection.objects.create(period=account, text="漏记", raised_by=world.users["deputy"], **own)
    return {
        "scheme": scheme.pk,
        "declaration": declaration.pk,
        "evidence": evidence.pk,
        "objection": objection.pk,
    }


def rows(world: World, deputy: Deputy) -> list[Any]:
    """One of each table of the back office, of a draft of the town."""
    scheme: PointScheme = ship_scheme(world.township, YEAR)
    one = PointItem.objects.get(major__scheme=scheme, code="A2")
    account = PointPeriod.objects.create(region=world.township, year=YEAR)
    declaration = Declaration.objects.create(
        deputy=deputy, item=one, happened_on=EARLY, points=2, text="发言", declared_by=world.users["deputy"]
    )
    entry = PointEntry.objects.create(
        period=account,
        deputy=deputy,
        item=one,
        rule="declared",
        record="declaration",
        record_id=declaration.pk,
        points=2,
        happened_on=EARLY,
        says="发言",
    )
    objection = Objection.objects.create(
        deputy=deputy, period=account, entry=entry, text="不对", raised_by=world.users["deputy"]
    )
    return [scheme, one, declaration, entry, objection]
