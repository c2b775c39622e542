"""What an administrator sets up before a journey: accounts, a group, units. Run inside the portal (`Portal.prepare`)."""

from __future__ import annotations

import json
from typing import Any

from accounts.models import Organization, Region, User
from deputies.models import Congress, Deputy, DeputyGroup, GroupMembership, Mandate, StationMembership
from liaison.demo.accounts import PASSWORD
from suggestions.services import proposals

COUNTY = "411625"
GROUP = "郸城县农业农村专业代表小组"


def run(what: str) -> None:
    told = {"colleagues": colleagues, "units": units_without_login, "names": names, "home_checker": home_checker}
    print(json.dumps(told[what](), ensure_ascii=False))


def colleagues() -> dict[str, Any]:
    """Four deputies of the county with accounts, the last of them in a professional group, and one of the agriculture bureau."""
    lead = Deputy.objects.get(user__username="deputy")
    congress = Congress.objects.get(region__path=COUNTY, ended_on=None)
    able = proposals.sitting_in(congress).filter(user=None).exclude(pk=lead.pk).order_by("pk")
    names = list(proposals.sitting_in(congress).values_list("name", flat=True))
    chosen = [deputy for deputy in able if names.count(deputy.name) == 1][:4]
    for deputy in chosen:
        deputy.user = User.objects.create_user(f"journey-{deputy.slug}", PASSWORD, name=deputy.name)
        deputy.save()
    group = DeputyGroup.objects.create(
        region=congress.region,
        name=GROUP,
        kind=DeputyGroup.Kind.PROFESSIONAL,
        category=DeputyGroup.Category.AGRICULTURE,
        level="county",
        since=congress.first_met_on,
    )
    since = Mandate.objects.filter(deputy=chosen[-1], congress=congress).values_list("since", flat=True)[0]
    GroupMembership.objects.create(group=group, deputy=chosen[-1], since=since)
    bureau = Organization.objects.get(region__path=COUNTY, name="郸城县农业农村局")
    clerk = bureau.users.get()
    clerk.set_password(PASSWORD)
    clerk.save()
    return {
        "lead": lead.name,
        "congress": str(congress),
        "people": [{"username": deputy.user.username, "name": deputy.name} for deputy in chosen if deputy.user],
        "group": group.name,
        "bureau": clerk.username,
    }


def units_without_login() -> list[str]:
    """The water company of the demo, which no account acts for, and another one like it."""
    drainage = Organization.objects.create(
        region=Region.objects.get(path=COUNTY), name="郸城县排水公司", kind=Organization.Kind.OTHER
    )
    water = Organization.objects.get(name="郸城县自来水公司")
    assert not water.has_login and not drainage.has_login
    return [str(water), str(drainage)]


def names() -> list[str]:
    """23 sitting deputies of the county whose name nobody else has, those of the breeding station first."""
    able = Deputy.objects.in_office().filter(region__path__startswith=COUNTY)
    here = able.filter(memberships__station__name__contains="宁平镇特色养殖", memberships__ended_on=None)
    told = list(able.values_list("name", flat=True))
    ordered = dict.fromkeys([*here.values_list("name", flat=True), *able.order_by("pk").values_list("name", flat=True)])
    return [name for name in ordered if told.count(name) == 1 and len(name) > 1][:23]


def home_checker() -> str:
    """The officer of the deputy's home station, who checks declarations first; the account can log in afterwards."""
    home = StationMembership.objects.sitting().get(deputy__user__username="deputy", kind="home").station
    officer = User.objects.get(posts__station=home, posts__post="officer", posts__ended_on=None)
    officer.set_password(PASSWORD)
    officer.save()
    return officer.username
