"""The addresses of year end and of the end of a term, and who gets them: what the table of accesses is fed with."""

from __future__ import annotations

from datetime import date
from typing import Any

from duties.models import Award, SpotCheck, SpotCheckResult, YearNotice
from tests.cast import World

STAFF = {"township_staff", "county_staff", "city_staff"}
UPWARDS = {"county_staff", "city_staff"}
HERE = "office/duties/year_end/"

OFFICE: dict[str, tuple[str, set[str]]] = {
    "office/duties/terms/": ("/office/duties/terms/", STAFF),
    "office/duties/terms/<int:pk>/": ("/office/duties/terms/{term}/", UPWARDS),
    HERE: (f"/{HERE}", STAFF | {"deputy"}),
    f"{HERE}opinions/": (f"/{HERE}opinions/", STAFF),
    f"{HERE}opinions/<int:year>/<slug:slug>/<slug:side>/": (f"/{HERE}opinions/2025/{{deputy}}/electors/", UPWARDS),
    f"{HERE}checks/": (f"/{HERE}checks/", STAFF),
    f"{HERE}checks/<int:pk>/": (f"/{HERE}checks/{{check}}/", UPWARDS),
    f"{HERE}checks/<int:pk>/<int:result>/": (f"/{HERE}checks/{{check}}/{{result}}/", UPWARDS),
    f"{HERE}notices/": (f"/{HERE}notices/", STAFF),
    f"{HERE}notices/<int:pk>/": (f"/{HERE}notices/{{notice}}/", UPWARDS | {"deputy"}),
    f"{HERE}candidates/": (f"/{HERE}candidates/", STAFF),
    f"{HERE}awards/": (f"/{HERE}awards/", STAFF),
    f"{HERE}awards/new/": (f"/{HERE}awards/new/?deputy={{deputy}}", UPWARDS),
    f"{HERE}awards/<int:pk>/": (f"/{HERE}awards/{{award}}/", UPWARDS),
}


def places(world: World) -> dict[str, Any]:
    deputy, staff = world.deputy, world.county_staff
    check = SpotCheck.objects.create(
        region=world.county, year=2025, seed="s", size=1, drawn_from=[deputy.slug], drawn_by=staff
    )
    result = SpotCheckResult.objects.create(check_of=check, deputy=deputy)
    content: dict[str, Any] = {"facts": [], "opinions": [], "checks": [], "points": None}
    notice = YearNotice.objects.create(deputy=deputy, year=2025, content=content, given_by=staff)
    award = Award.objects.create(
        region=world.county,
        deputy=deputy,
        year=2025,
        name="优秀代表",
        awarded_on=date(2025, 12, 30),
        issuer="郸城县人大常委会",
        document="1号",
    )
    return {
        "term": world.congress.pk,
        "check": check.pk,
        "result": result.pk,
        "notice": notice.pk,
        "award": award.pk,
    }
