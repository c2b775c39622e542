"""What a change of a seat, a code or a post brings with it, under which lock, and what the audit sees of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import ImportBatch
from deputies.imports import batches
from deputies.models import (
    Congress,
    DeputyGroup,
    GroupMembership,
    Mandate,
    PostHolder,
    PrintCode,
    StationMembership,
)
from deputies.models.shown import PrintCodeQuerySet
from deputies.services import change_mandate, code_for, hold_post, revoke
from stations.models import StationPost
from tests.cast import World
from tests.deputies.test_import_pages import a_roster, a_row, upload


def seat_of(world: World) -> Mandate:
    return Mandate.objects.get(deputy=world.deputy)


def audited(row: Any) -> dict[str, Any]:
    """The changes of the last audited update of a row."""
    entry = LogEntry.objects.get_for_object(row).filter(action=LogEntry.Action.UPDATE).latest("pk")
    return entry.changes_dict  # type: ignore[no-any-return]


# Seats


def test_a_membership_that_began_after_the_seats_end_ends_on_its_first_day(world: World) -> None:
    yesterday = today() - timedelta(days=1)
    StationMembership.objects.filter(deputy=world.deputy, kind="home").update(since=today())
    group = DeputyGroup.objects.create(
        region=world.county, name="小组", kind="regional", level="county", since=date(2025, 1, 1)
    )
    GroupMembership.objects.create(group=group, deputy=world.deputy, since=today())
    change_mandate(seat_of(world), to="ended", reason="moved", by=world.county_staff, on=yesterday)
    ends = dict(StationMembership.objects.filter(deputy=world.deputy).values_list("kind", "ended_on"))
    assert ends == {"home": today(), "sector": yesterday}
    assert GroupMembership.objects.get().ended_on == today()


def test_what_ends_with_the_last_seat_is_in_the_audit_log(world: World) -> None:
    code = code_for(world.deputy)
    change_mandate(seat_of(world), to="ended", reason="moved", by=world.county_staff)
    for membership in StationMembership.objects.filter(deputy=world.deputy):
        assert audited(membership)["ended_on"] == ["None", str(today())]
    assert audited(code)["revoked_at"][0] == "None"


def test_a_seat_moves_from_where_it_is_and_not_from_where_it_was_read(world: World) -> None:
    stale = seat_of(world)
    change_mandate(seat_of(world), to="ended", reason="moved", by=world.county_staff)
    with pytest.raises(Refused, match="“终止”不能改为“暂停执行职务”"):
        change_mandate(stale, to="suspended", reason="detained", by=world.county_staff)
    assert seat_of(world).status == Mandate.Status.ENDED


def test_memberships_stay_until_the_last_of_several_seats_has_ended(world: World) -> None:
    above = Congress.objects.create(region=world.city, ordinal=5, first_met_on=date(2022, 5, 1))
    other = Mandate.objects.create(deputy=world.deputy, congress=above, since=date(2022, 5, 1))
    first = Mandate.objects.get(deputy=world.deputy, congress=world.congress)
    change_mandate(first, to="ended", reason="moved", by=world.county_staff)
    assert StationMembership.objects.sitting().filter(deputy=world.deputy).count() == 2
    change_mandate(other, to="ended", reason="moved", by=world.county_staff)
    assert not StationMembership.objects.sitting().filter(deputy=world.deputy).exists()


# Codes and posts


@pytest.mark.parametrize("what", ["station", "deputy", "post"])
def test_a_thing_has_one_code_in_use(world: World, what: str) -> None:
    subject: Any = {
        "station": world.station,
        "deputy": world.deputy,
        "post": StationPost.objects.filter(station=world.station)[0],
    }[what]
    code = code_for(subject)
    assert code_for(subject) == code
    with pytest.raises(IntegrityError), transaction.atomic():
        PrintCode.objects.create(**{what: subject})
    revoke(code)
    fresh = code_for(subject)
    assert fresh != code and PrintCode.objects.valid().get() == fresh


def test_whoever_asks_for_a_code_at_the_same_moment_gets_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """We looked before the other request had issued it, and write after."""
    issued, looked, get = code_for(world.station), [], PrintCodeQuerySet.get

    def blind_once(self: PrintCodeQuerySet, *args: Any, **kwargs: Any) -> PrintCode:
        looked.append(1)
        if len(looked) == 1:
            raise PrintCode.DoesNotExist
        return get(self, *args, **kwargs)

    monkeypatch.setattr(PrintCodeQuerySet, "get", blind_once)
    assert code_for(world.station) == issued
    assert PrintCode.objects.count() == 1


def test_revoking_is_audited_and_keeps_its_first_moment(world: World) -> None:
    code = code_for(world.station)
    revoke(code)
    code.refresh_from_db()
    first = code.revoked_at
    assert audited(code)["revoked_at"][0] == "None"
    revoke(code)
    code.refresh_from_db()
    assert code.revoked_at == first


def test_a_new_code_in_the_back_office_is_a_row_of_its_own(world: World, as_: Any) -> None:
    client, add = as_("county_staff"), reverse("admin:deputies_printcode_add")
    client.post(add, {"deputy": world.deputy.pk})
    code = PrintCode.objects.get()
    assert LogEntry.objects.get_for_object(code).filter(action=LogEntry.Action.CREATE).exists()
    again = client.post(add, {"deputy": world.deputy.pk}).content.decode()
    assert "这位代表已有在用的二维码。需要换新的，请先停用旧的。" in again


def test_holding_a_post_gives_it_the_name_in_the_audit_log_too(world: World) -> None:
    post = StationPost.objects.create(
        station=world.county_station, post="deputy_head", name="待定", since=date(2025, 1, 1)
    )
    hold_post(PostHolder(post=post, deputy=world.deputy))
    assert PostHolder.objects.get().post.name == "李代表"
    assert audited(post)["name"] == ["待定", "李代表"]


# Imports


def test_importing_and_taking_back_are_in_the_audit_log(world: World, as_: Any) -> None:
    client = as_("county_staff")
    upload(client, world, a_roster(a_row(1, "孟庆丰")))
    batch = ImportBatch.objects.get()
    client.post(f"/office/import/{batch.pk}/confirm/")
    assert audited(batch)["state"] == ["previewed", "written"]
    client.post(f"/office/import/{batch.pk}/undo/")
    assert audited(batch)["state"] == ["written", "undone"]


def test_earlier_previews_are_locked_before_they_are_dropped(world: World, as_: Any) -> None:
    """Else a batch written meanwhile is deleted with what its undo needs."""
    client = as_("county_staff")
    upload(client, world, a_roster(a_row(1, "孟庆丰")))
    first = ImportBatch.objects.get()
    with CaptureQueriesContext(connection) as asked:
        upload(client, world, a_roster(a_row(1, "孟庆丰"), a_row(2, "许文光")))
    assert ImportBatch.objects.get() != first
    sql = [query["sql"] for query in asked if '"accounts_importbatch"' in query["sql"]]
    locked, dropped = (next(i for i, s in enumerate(sql) if s.startswith(word)) for word in ("SELECT", "DELETE"))
    assert locked < dropped
    assert "previewed" not in sql[dropped]
    if connection.features.has_select_for_update:
        assert "FOR UPDATE" in sql[locked]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_preview_in_another_tab_spares_the_batch_that_is_being_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from threading import Event, Thread

    from django.db import connections

    by = world.county_staff
    batch = batches.preview(a_roster(a_row(1, "孟庆丰")).read(), "a.xlsx", world.county, by).batch
    writing, write = Event(), batches._write
    previewed: list[batches.Preview] = []

    def slowly(*args: Any) -> None:
        write(*args)
        writing.set()
        other.join(1)

    def in_another_tab() -> None:
        try:
            writing.wait(10)
            previewed.append(batches.preview(a_roster(a_row(1, "许文光")).read(), "b.xlsx", world.county, by))
        finally:
            connections.close_all()

    monkeypatch.setattr(batches, "_write", slowly)
    other = Thread(target=in_another_tab)
    other.start()
    batches.confirm(batch, by)
    other.join(10)
    batch.refresh_from_db()
    assert batch.state == ImportBatch.State.WRITTEN and batch.rows.exists()
    assert len(previewed) == 1
