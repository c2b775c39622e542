"""Who sees which case: rights from links, concerned persons out, nothing across the county line."""

from __future__ import annotations

from datetime import date

import pytest

from accounts.models import User
from deputies.models import Mandate, PostHolder
from stations.models import StationPost
from suggestions import services
from suggestions.codes import new_form_key
from suggestions.models import Suggestion
from suggestions.permissions import sees_contact
from suggestions.services.proposals import draft
from tests.cast import FullWorld, World, a_proposal, a_suggestion, some_words


def sees(user: User, suggestion: Suggestion) -> bool:
    user = User.objects.get(pk=user.pk)
    return Suggestion.objects.visible_to(user).filter(pk=suggestion.pk).exists()


@pytest.mark.parametrize(
    ("who", "sees_it"),
    [
        ("station_officer", False),  # another station's case
        ("township_staff", False),
        ("county_staff", True),
        ("city_staff", True),
        ("supervision_office", True),
        ("unit_clerk", True),
        ("unit_head", True),
        ("deputy", False),
        ("system_admin", False),
        ("security_admin", False),
        ("auditor", False),
        ("other_staff", False),
        ("other_officer", False),
    ],
)
def test_a_county_case_in_the_units_hands(world: World, who: str, sees_it: bool) -> None:
    user = world.users.get(who) or getattr(world, who)
    assert sees(user, a_suggestion(world, "handling")) is sees_it


def test_a_unit_and_the_supervisors_see_nothing_before_the_hand_over(world: World) -> None:
    suggestion = a_suggestion(world, "accepted")
    assert not sees(world.unit_clerk, suggestion)
    assert not sees(world.supervision_office, suggestion)


def test_a_deputy_reads_what_was_sent_to_them_without_the_contact(world: World) -> None:
    suggestion = services.submit(
        services.Statement(text="x", phone="13800000000", consent=True), form_key=new_form_key(), deputy=world.deputy
    )
    assert sees(world.users["deputy"], suggestion)
    assert not sees_contact(world.users["deputy"], suggestion)
    Mandate.objects.update(status="ended", ended_on=date(2026, 1, 1), reason="moved")
    assert not sees(world.users["deputy"], suggestion)


def test_a_unit_never_sees_the_contact(world: World) -> None:
    suggestion = a_suggestion(world, "handling", phone="13800000000", consent=True)
    assert not sees_contact(world.unit_head, suggestion)
    assert sees_contact(world.county_staff, suggestion)


def test_the_enterprises_man_at_the_station_is_out_of_his_own_matter(world: World) -> None:
    """郸城: the enterprise's man is deputy head."""
    boss = User.objects.create_user("boss", name="何老板")
    StationPost.objects.create(
        station=world.station,
        post="deputy_head",
        side="enterprise",
        user=boss,
        name="何老板",
        enterprise=world.enterprise,
        since=date(2025, 1, 1),
    )
    suggestion = a_suggestion(world, at="station")
    assert sees(boss, suggestion)
    Suggestion.objects.update(enterprise=world.enterprise)
    assert not sees(boss, suggestion)
    assert sees(world.station_officer, suggestion)


def test_the_bureaus_man_as_head_is_out_of_his_bureaus_matter(world: World) -> None:
    """原阳: a bureau's man is head."""
    director = User.objects.create_user("director", name="路局长")
    StationPost.objects.create(
        station=world.station,
        post="head",
        side="government",
        user=director,
        name="路局长",
        organization=world.roads,
        since=date(2025, 1, 1),
    )
    suggestion = a_suggestion(world, at="station")
    Suggestion.objects.update(about_unit=world.roads)
    assert not sees(director, suggestion)


def test_a_holder_who_is_a_deputy_is_found_through_the_link(world: World) -> None:
    post = StationPost.objects.create(
        station=world.station,
        post="counsel",
        side="enterprise",
        name="李代表",
        enterprise=world.enterprise,
        since=date(2025, 1, 1),
    )
    PostHolder.objects.create(post=post, deputy=world.deputy)
    suggestion = services.submit(services.Statement(text="x"), form_key=new_form_key(), deputy=world.deputy)
    assert sees(world.users["deputy"], suggestion)
    Suggestion.objects.update(enterprise=world.enterprise)
    assert not sees(world.users["deputy"], suggestion)


def test_a_deputy_complained_about_is_out_and_so_is_the_unit(world: World) -> None:
    suggestion = services.submit(
        services.Statement(text="x", direct=True), form_key=new_form_key(), deputy=world.deputy
    )
    assert not sees(world.users["deputy"], suggestion)
    other = a_suggestion(world, "handling")
    Suggestion.objects.filter(pk=other.pk).update(about_unit=world.power)
    assert not sees(world.unit_head, other)


def test_a_complaint_about_the_congress_organ_is_not_for_its_own_staff(world: World) -> None:
    suggestion = a_suggestion(world)
    Suggestion.objects.update(about_unit=world.county_organ)
    assert not sees(world.county_staff, suggestion)
    assert sees(world.city_staff, suggestion)


def test_an_inactive_account_sees_nothing(world: World) -> None:
    suggestion = a_suggestion(world)
    User.objects.filter(pk=world.county_staff.pk).update(is_active=False)
    assert not sees(world.county_staff, suggestion)


def test_what_waits_for_whom(world: World) -> None:
    def waits(who: str, suggestion: Suggestion) -> bool:
        return suggestion in Suggestion.objects.waiting_for(User.objects.get(pk=world.users[who].pk))

    fresh = a_suggestion(world)
    assert waits("county_staff", fresh)
    assert not waits("city_staff", fresh)
    handling = a_suggestion(world, "handling")
    assert waits("unit_clerk", handling)
    assert not waits("county_staff", handling)
    services.request_return(handling, reason="不归我们", to=world.roads, by=world.unit_clerk)
    assert waits("county_staff", handling)
    assert waits("station_officer", a_suggestion(world, at="station"))
    tracking = a_suggestion(world, "tracking")
    assert waits("unit_head", tracking)
    declined = a_suggestion(world, "declined", at="station")
    assert not waits("county_staff", declined)
    services.request_reopen(declined, reason="停电")
    assert waits("county_staff", declined)


def test_accepting_says_who_is_concerned_and_they_are_out_from_then_on(world: World) -> None:
    suggestion = a_suggestion(world, at="station")
    services.accept(
        suggestion,
        category=world.category,
        problem_kind=world.problem_kind,
        about_unit=world.township_organ,
        enterprise=world.enterprise,
        by=world.station_officer,
    )
    assert (suggestion.holder, suggestion.at_station) == (world.county_organ, False)
    assert not sees(world.township_staff, suggestion)
    assert sees(world.county_staff, suggestion)


@pytest.mark.parametrize(
    ("who", "as_draft", "in_hand"),
    [
        ("deputy", True, True),
        ("second_user", True, True),
        ("third_user", False, False),
        ("group_user", False, False),
        ("county_staff", False, True),
        ("city_staff", False, True),
        ("township_staff", False, False),
        ("station_officer", False, False),
        ("unit_clerk", False, True),
        ("agriculture_clerk", False, True),  # assists
        ("office_clerk", False, False),
        ("supervision_office", False, True),
        ("village_head", False, False),
        ("other_staff", False, False),
        ("auditor", False, False),
    ],
)
def test_a_proposal_is_its_signers_until_it_is_handed_in(
    full_world: FullWorld, who: str, as_draft: bool, in_hand: bool
) -> None:
    user = full_world.users.get(who) or getattr(full_world, who)
    second = (full_world.second_deputy,)
    assert sees(user, draft(some_words(full_world), by=full_world.users["deputy"], cosigners=second)) is as_draft
    proposal = a_proposal(full_world, "accepted", cosigners=second)
    services.transfer(proposal, to=full_world.power, assisting=[full_world.agriculture], by=full_world.county_staff)
    assert sees(user, proposal) is in_hand


def test_an_office_reads_on_what_it_passed_on_and_a_department_not_what_it_gave_back(full_world: FullWorld) -> None:
    case = a_suggestion(full_world, "accepted")
    services.transfer(case, to=full_world.office, by=full_world.county_staff)
    assert not sees(full_world.unit_clerk, case)
    services.distribute(case, to=full_world.power, by=full_world.office_clerk)
    assert sees(full_world.office_clerk, case) and sees(full_world.unit_clerk, case)
    services.request_return(case, reason="不归我们", to=full_world.roads, by=full_world.unit_clerk)
    services.distribute(case, to=full_world.roads, by=full_world.office_clerk)
    assert not sees(full_world.unit_clerk, case)
    assert sees(full_world.office_clerk, case)


def test_the_group_reads_what_it_supervises_without_the_contact(full_world: FullWorld) -> None:
    case = a_suggestion(full_world, "handling", phone="13800000000", consent=True)
    assert not sees(full_world.group_user, case)
    services.supervise(case, leader="主任", group=full_world.group, by=full_world.county_staff)
    assert sees(full_world.group_user, case)
    assert not sees_contact(full_world.group_user, case)
    Mandate.objects.filter(deputy=full_world.group_deputy).update(
        status="ended", ended_on=date(2026, 1, 1), reason="moved"
    )
    assert not sees(full_world.group_user, case)


def test_a_unit_complained_about_is_out_even_where_it_was_given_a_part(full_world: FullWorld) -> None:
    case = a_suggestion(full_world, "accepted")
    services.transfer(case, separate=[full_world.power, full_world.agriculture], by=full_world.county_staff)
    Suggestion.objects.filter(pk=case.pk).update(about_unit=full_world.agriculture)
    assert sees(full_world.unit_clerk, case)
    assert not sees(full_world.agriculture_head, case)
