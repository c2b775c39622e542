"""Retention: after the months of the profile nobody can tell who brought a case, and every figure stands as before."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from auditlog.models import LogEntry
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from accounts.calendar import SHANGHAI, add_months, today
from reports.figures import collect
from suggestions import services
from suggestions.codes import new_form_key
from suggestions.models import Attachment, HandlingProfile, Publication, Suggestion
from suggestions.services.keeping import _until
from tests.cast import World, a_suggestion

START = datetime(2026, 3, 2, 10, tzinfo=SHANGHAI)
NAME, PHONE = "哨兵张三丰", "13912345678"
KNOWN: dict[str, Any] = {"name": NAME, "phone": PHONE, "callback": True, "consent": True}


def after(months: int, days: int = 1) -> Any:
    year, month = divmod(2026 * 12 + 2 + months, 12)
    return time_machine.travel(datetime(year, month + 1, 2, 3, tzinfo=SHANGHAI) + timedelta(days=days), tick=False)


def with_photo(world: World) -> Suggestion:
    photo = ContentFile(b"jpeg", name="photo.jpg")
    return services.submit(
        services.Statement(text=f"我是{NAME}，电话 139-1234-5678，路灯不亮。", place=f"{NAME}家门口", **KNOWN),
        form_key=new_form_key(),
        station=world.county_station,
        photos=[photo],
    )


@pytest.fixture
def closed(world: World) -> Suggestion:
    with time_machine.travel(START, tick=False):
        case = with_photo(world)
        services.decline(case, reason="个人纠纷", destination="法院", by=world.county_staff)
    return case


def known() -> int:
    return Suggestion.objects.exclude(name="", phone="").count()


def test_after_the_months_nothing_tells_who_it_was(world: World, closed: Suggestion) -> None:
    photo = Attachment.objects.get()
    version, events = closed.version, closed.events.count()
    with after(24, days=0):
        assert services.anonymise_submitters() == 0
    assert known() == 1 and default_storage.exists(str(photo.file.name))
    with after(24):
        assert services.anonymise_submitters() == 1
        assert services.anonymise_submitters() == 0
        on = today()
    closed.refresh_from_db()
    assert (closed.name, closed.phone, closed.callback, closed.anonymised_on) == ("", "", False, on)
    assert (closed.text, closed.place) == ("我是＊＊，电话 ＊＊，路灯不亮。", "＊＊家门口")
    assert (closed.version, closed.events.count(), closed.status) == (version, events, "declined")
    assert not Attachment.objects.exists() and not default_storage.exists(str(photo.file.name))
    assert list(Suggestion.objects.matching("路灯")) == [closed] and not Suggestion.objects.matching(NAME).exists()


def test_no_row_of_any_table_holds_the_name_or_the_phone_any_more(world: World, closed: Suggestion, as_: Any) -> None:
    as_("county_staff").get(f"/office/suggestions/{closed.number}/")
    assert LogEntry.objects.filter(object_repr=closed.number).exists()
    with after(24):
        services.anonymise_submitters()
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [table for row in cursor.fetchall() if NAME in str(row) or PHONE in str(row)]
    assert found == []


def test_every_figure_stands_as_it_was(world: World, closed: Suggestion) -> None:
    with time_machine.travel(START, tick=False):
        for stage in ("closed", "handling", "replied"):
            a_suggestion(world, stage, **KNOWN)

    def figures() -> Any:
        report = collect(world.county, date(2026, 1, 1), date(2028, 12, 31))
        return report.sections, report.tables

    with after(30):
        before = figures()
        assert services.anonymise_submitters() == 2
        assert figures() == before


def test_only_what_is_over_and_by_the_nearest_profile(world: World) -> None:
    with time_machine.travel(START, tick=False):
        cases = {stage: a_suggestion(world, stage, **KNOWN) for stage in ("submitted", "handling", "replied", "closed")}
        township = a_suggestion(world, "declined", at="station", **KNOWN)
    nation = HandlingProfile.objects.get(kind="opinion")
    HandlingProfile.objects.create(region=world.township, kind="opinion", keep_months=12, reply_months=1)
    assert nation.keep_months == 24
    with after(12):
        assert services.anonymise_submitters() == 1
    township.refresh_from_db()
    assert township.name == ""
    with after(200):
        assert services.anonymise_submitters() == 1
    cases["closed"].refresh_from_db()
    assert cases["closed"].name == ""
    assert known() == 3


@pytest.mark.parametrize("months", [1, 6, 24])
def test_the_last_day_is_the_one_from_which_the_months_are_over(months: int) -> None:
    for n in range(1500):
        day = date(2026, 1, 1) + timedelta(days=n)
        end = _until(day, months)
        assert add_months(end, months) < day <= add_months(end + timedelta(days=1), months)


def test_asked_to_be_taken_up_again_it_is_not_over(world: World, closed: Suggestion) -> None:
    Suggestion.objects.update(reopen_requested_on=date(2026, 4, 1))
    with after(24):
        assert services.anonymise_submitters() == 0


def test_withdrawn_counts_from_that_day(world: World) -> None:
    with time_machine.travel(START, tick=False):
        case = a_suggestion(world, **KNOWN)
    with time_machine.travel(START + timedelta(days=31), tick=False):
        services.withdraw(case)
    with after(24):
        assert services.anonymise_submitters() == 0
    with after(25):
        assert services.anonymise_submitters() == 1


def test_merged_waits_for_the_case_it_went_into(world: World) -> None:
    with time_machine.travel(START, tick=False):
        parent, child = a_suggestion(world, "accepted"), a_suggestion(world, "accepted", **KNOWN)
        services.merge(child, to=parent, by=world.county_staff)
    with after(60):
        assert services.anonymise_submitters() == 0
        services.answer(parent, text="已修好。", by=world.county_staff)
        services.feedback(parent, process="satisfied", result="satisfied")
    with after(83):
        assert services.anonymise_submitters() == 0
    with after(85):
        assert services.anonymise_submitters() == 2
    child.refresh_from_db()
    assert child.name == ""


def test_what_is_published_stays(world: World, closed: Suggestion) -> None:
    services.publish(closed, title="路灯", text="路灯不亮。", checked=True, by=world.county_staff)
    with after(24):
        assert services.anonymise_submitters() == 1
    assert Publication.objects.get().text == "路灯不亮。"


def test_whoever_acts_in_the_same_moment_goes_first(
    world: World, closed: Suggestion, monkeypatch: pytest.MonkeyPatch
) -> None:
    from suggestions.services import keeping

    ended_on = keeping._ended_on

    def reopened_meanwhile(case: Suggestion) -> date | None:
        services.reopen(Suggestion.objects.get(pk=case.pk), reason="核实属实", by=world.county_staff)
        return ended_on(case)

    monkeypatch.setattr(keeping, "_ended_on", reopened_meanwhile)
    with after(24):
        assert services.anonymise_submitters() == 0
    closed.refresh_from_db()
    assert (closed.name, closed.status, closed.anonymised_on) == (NAME, "accepted", None)
