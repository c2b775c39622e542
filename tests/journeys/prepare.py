"""What an administrator sets up before a journey: accounts, a group, units. Run inside the portal (`Portal.prepare`)."""

from __future__ import annotations

import json
from typing import Any

from accounts.models import Organization, Region, User
from deputies.models import Congress, Deputy, DeputyGroup, GroupMembership, Mandate
from liaison.demo.accounts import PASSWORD
from suggestions.services import proposals

COUNTY = "411625"
GROUP = "郸城县农业农村专业代表小组"


def run(what: str) -> None:
    print(json.dumps({"colleagues": colleagues, "units": units_without_login}[what](), ensure_ascii=False))


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
