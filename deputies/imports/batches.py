"""The roster's way into the database: preview → one confirmation → undo (mission C5, security.md T20).

A preview plans and stores the plan, row by row; confirming plans once more under lock and writes only what was shown;
undoing takes back what the batch wrote and nothing else. Each is one transaction.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models, transaction
from django.db.models import ProtectedError, QuerySet
from django.utils import timezone

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import ImportBatch, ImportRow, Region, User
from accounts.paths import ancestors
from deputies import roster as reader
from deputies.imports.planning import FIELDS, SLICE, Person, Plan, V, membership_kind, plan, slices
from deputies.models import Congress, Consent, Constituency, Deputy, GroupMembership, Mandate, StationMembership
from deputies.roster import Problem, Roster, RosterRow

KIND = "roster"
MISSING_SHOWN = 200
M = TypeVar("M", bound=models.Model)


# --- preview ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Preview:
    """`missing`: names in office that the file lacks; `notes`: sheets, columns and lines that were not read."""

    batch: ImportBatch
    counts: dict[str, int]
    rows: list[ImportRow]
    missing: list[str]
    notes: list[str]


def _in_scope(region: Region, by: User | None) -> None:
    if by is not None and not (by.is_congress_staff and by.scope is not None and region.path.startswith(by.scope)):
        raise Refused(f"{region}不在您的管理范围内，不能导入或撤销名册。")


@transaction.atomic
def preview(file_bytes: bytes, file_name: str, region: Region, by: User | None) -> Preview:
    """Read and match, store the batch, change no deputy. The user's earlier preview for the region is dropped."""
    _in_scope(region, by)
    planned = plan(reader.read(file_bytes, file_name), region)
    _drop_previews(region, by)
    batch = ImportBatch.objects.create(
        kind=KIND,
        region=region,
        file_name=file_name[-200:],
        sha256=hashlib.sha256(file_bytes).hexdigest(),
        counts=planned.counts,
        by=by,
    )
    rows = ImportRow.objects.bulk_create(
        [
            ImportRow(
                batch=batch,
                sheet=line.row.sheet[:80],
                row=line.row.row,
                verdict=line.verdict,
                why=line.why,
                values=line.values,
                before=line.before,
                after=line.after,
            )
            for line in planned.lines
        ],
        batch_size=SLICE,
    )
    return Preview(batch, planned.counts, rows, planned.missing[:MISSING_SHOWN], planned.notes)


def _drop_previews(region: Region, by: User | None) -> None:
    """Locked first: a batch that another tab is writing at this moment is no preview any more once it lets go."""
    mine = ImportBatch.objects.filter(kind=KIND, region=region, by=by, state=ImportBatch.State.PREVIEWED)
    dropped = list(mine.order_by("pk").select_for_update().values_list("pk", flat=True))
    ImportBatch.objects.filter(pk__in=dropped).delete()


# --- confirm ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def confirm(batch: ImportBatch, by: User | None, skip_refused: bool = False) -> dict[str, int]:
    """Write what the preview showed, once. Raises Refused if a row is refused (unless skipped) or the data moved on."""
    _in_scope(batch.region, by)
    _take(batch, ImportBatch.State.PREVIEWED, ImportBatch.State.WRITTEN, "这份名册已经导入或撤销，请重新选择文件。")
    rows = list(batch.rows.order_by("pk"))
    refused = [row for row in rows if row.verdict == V.REFUSED]
    if refused and not skip_refused:
        raise Refused(
            f"有{len(refused)}行不能导入（首先是“{refused[0].sheet}”第{refused[0].row}行：{refused[0].why}），"
            "一行也没有写入；请改正后重新上传，或选择跳过这些行。"
        )
    _lock(batch.region)
    planned = plan(_stored(rows), batch.region)
    if [(line.verdict, line.before, line.after) for line in planned.lines] != [
        (row.verdict, row.before, row.after) for row in rows
    ] or planned.counts != batch.counts:
        raise Refused("预览之后库中的代表有了变化，一行也没有写入；请重新上传名册，看过新的预览再确认。")
    counts = planned.counts
    _write(planned, batch)
    for row, line in zip(rows, planned.lines, strict=True):
        row.before, row.after = line.before, line.after
    # An upsert of rows that exist: ten times faster than bulk_update, whose CASE grows with the batch.
    ImportRow.objects.bulk_create(
        [row for row in rows if row.after],
        batch_size=SLICE,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=["before", "after"],
    )
    return counts


def _take(batch: ImportBatch, source: str, target: str, otherwise: str) -> None:
    """Move the batch on; whoever comes second reads `otherwise`."""
    stamp = "written_at" if target == ImportBatch.State.WRITTEN else "undone_at"
    if ImportBatch.objects.select_for_update().filter(pk=batch.pk, kind=KIND, state=source).first() is None:
        raise Refused(otherwise)
    batch.state = target
    setattr(batch, stamp, timezone.now())
    batch.save(update_fields=["state", stamp])


def _lock(region: Region) -> None:
    """Imports that may meet in a congress wait for each other, so that the same file twice makes one set of people."""
    Region.objects.select_for_update(no_key=True).get(pk=region.pk)
    congresses = Congress.objects.filter(region__path__in=ancestors(region.path), ended_on__isnull=True)
    list(congresses.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _stored(rows: Iterable[ImportRow]) -> Roster:
    """The roster as the reader gave it, from the stored preview; doubts of the database are found anew."""
    found: list[RosterRow] = []
    people: dict[int, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        kept = dict(row.values)
        person = kept.pop("person")
        problems = tuple(Problem(**problem) for problem in kept.pop("problems"))
        found.append(RosterRow(**kept | {"levels": tuple(kept.get("levels", ())), "problems": problems}))
        if person is not None:
            people[person].append(index)
    return Roster("", tuple(found), tuple(tuple(people[number]) for number in sorted(people)))


def _write(planned: Plan, batch: ImportBatch) -> None:
    """Everything in bulk; the keys of what was made stay with the person's first row, for the undo."""
    from deputies.codes import new_slug

    day = today()
    people = [person for person in planned.written if person.verdict != V.SAME]
    made: dict[int, dict[str, Any]] = {}
    for person in people:
        head = person.lines[0]
        made[id(person)] = head.after
    fresh = [person for person in people if person.deputy is None]
    for person in fresh:
        person.deputy = Deputy(region=batch.region, slug=new_slug(), name=person.name, **person.fields)
        person.deputy.sort_name()
    Deputy.objects.bulk_create([_saved(person) for person in fresh], batch_size=SLICE)
    _update_fields([person for person in people if person.fields and not made[id(person)]["created"]])
    constituencies = _constituencies(people, made)

    mandates: list[tuple[Person, Mandate]] = []
    for person in people:
        deputy = _saved(person)
        made[id(person)]["deputy"] = deputy.pk
        for seat in person.new_seats:
            mandate = Mandate(
                deputy=deputy,
                congress=seat.congress,
                constituency=constituencies.get((seat.congress.pk, seat.constituency)),
                kind=Mandate.Kind.BY_ELECTED if seat.by_elected else Mandate.Kind.ELECTED,
                card_number=seat.card_number,
                status=Mandate.Status.SITTING if seat.congress.first_met_on else Mandate.Status.ELECTED,
                since=seat.congress.first_met_on or day,
            )
            mandates.append((person, mandate))
        _change_seats(person, constituencies, made[id(person)])
    _create(Mandate.objects.all(), mandates, made, "mandates")
    memberships = [
        (person, StationMembership(deputy=_saved(person), station=station, kind=membership_kind(station), since=day))
        for person in people
        for station in person.stations
    ]
    _create(StationMembership.objects.all(), memberships, made, "memberships")
    joined = [
        (person, GroupMembership(group=group, deputy=_saved(person), since=day))
        for person in people
        for group in person.groups
    ]
    _create(GroupMembership.objects.all(), joined, made, "group_memberships")
    document = f"名册导入：{batch.file_name}"[:80]
    consents = [
        (person, Consent(deputy=_saved(person), field=Consent.Field.PHONE, since=day, document=document))
        for person in people
        if person.consents
    ]
    _create(Consent.objects.all(), consents, made, "consents")


def _saved(person: Person) -> Deputy:
    assert person.deputy is not None
    return person.deputy


def _create(manager: QuerySet[M], pairs: list[tuple[Person, M]], made: Mapping[int, dict[str, Any]], name: str) -> None:
    manager.bulk_create([row for _, row in pairs], batch_size=SLICE)
    for person, row in pairs:
        made[id(person)].setdefault(name, []).append(row.pk)


def _update_fields(people: list[Person]) -> None:
    deputies = []
    for person in people:
        deputy = _saved(person)
        for name, value in person.fields.items():
            setattr(deputy, name, value)
        deputies.append(deputy)
    Deputy.objects.bulk_update(deputies, list(FIELDS), batch_size=SLICE)


def _constituencies(people: list[Person], made: Mapping[int, dict[str, Any]]) -> dict[tuple[int, str], Constituency]:
    wanted: dict[tuple[int, str], tuple[Person, Congress]] = {}
    for person in people:
        for seat in person.seats:
            if seat.constituency and (seat.mandate is None or "constituency" in seat.changes):
                wanted.setdefault((seat.congress.pk, seat.constituency), (person, seat.congress))
    congresses = {congress for _, congress in wanted.values()}
    found = {(one.congress_id, one.name): one for one in Constituency.objects.filter(congress__in=congresses)}
    pairs = [
        (person, Constituency(congress=congress, name=name))
        for (key, name), (person, congress) in wanted.items()
        if (key, name) not in found
    ]
    _create(Constituency.objects.all(), pairs, made, "constituencies")
    return found | {(one.congress_id, one.name): one for _, one in pairs}


def _change_seats(person: Person, constituencies: Mapping[tuple[int, str], Constituency], made: dict[str, Any]) -> None:
    for seat in person.changed_seats:
        mandate = seat.mandate
        assert mandate is not None
        old = {"constituency_id": mandate.constituency_id, "card_number": mandate.card_number}
        if "constituency" in seat.changes:
            mandate.constituency = constituencies[seat.congress.pk, seat.constituency]
        if "card_number" in seat.changes:
            mandate.card_number = seat.card_number
        mandate.save(update_fields=["constituency", "card_number"])
        new = {"constituency_id": mandate.constituency_id, "card_number": mandate.card_number}
        person.lines[0].before.setdefault("seats", {})[str(mandate.pk)] = old
        made.setdefault("seats", {})[str(mandate.pk)] = new


# --- undo ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def undo(batch: ImportBatch, by: User | None) -> list[str]:
    """Take back a written batch as a whole. Returns sentences on values that someone edited since: those stay.

    Raises Refused, and takes nothing back, when a person or seat made by the batch is in use by now.
    """
    _in_scope(batch.region, by)
    _take(batch, ImportBatch.State.WRITTEN, ImportBatch.State.UNDONE, "这份名册没有导入，或已经撤销。")
    _lock(batch.region)
    rows = [row for row in batch.rows.order_by("pk") if row.after.get("deputy")]
    ids: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        for name in ("mandates", "memberships", "group_memberships", "consents", "constituencies"):
            ids[name] += row.after.get(name, [])
        if row.after["created"]:
            ids["deputies"].append(row.after["deputy"])
    _refuse_if_used(ids)
    kept = _restore(rows)
    try:
        for queryset, name in (
            (Consent.objects.all(), "consents"),
            (GroupMembership.objects.all(), "group_memberships"),
            (StationMembership.objects.all(), "memberships"),
            (Mandate.objects.all(), "mandates"),
            (Deputy.objects.all(), "deputies"),
        ):
            for part in slices(ids[name]):
                queryset.filter(pk__in=part).delete()
    except ProtectedError as error:
        raise Refused(
            "这批代表中有人已有履职、意见或其他登记，不能整批撤销，什么也没有改；请在后台逐人处理。"
        ) from error
    for part in slices(ids["constituencies"]):
        Constituency.objects.filter(pk__in=part, mandates__isnull=True).delete()
    return kept


def _refuse_if_used(ids: Mapping[str, list[int]]) -> None:
    """What a cascade would not protect: seats that had a history since, people who got an account."""
    for part in slices(ids["mandates"]):
        seats = Mandate.objects.filter(pk__in=part).select_related("deputy")
        moved = seats.exclude(status=Mandate.Status.SITTING).first()
        if moved is not None:
            raise Refused(f"{moved.deputy}的职务在导入后已有变动，不能整批撤销，什么也没有改；请在后台逐人处理。")
    for part in slices(ids["deputies"]):
        person = Deputy.objects.filter(pk__in=part, user__isnull=False).first()
        if person is not None:
            raise Refused(f"{person}已开通账号，不能整批撤销，什么也没有改；请在后台逐人处理。")


def _restore(rows: list[ImportRow]) -> list[str]:
    """Old values back, where the value is still the one the batch wrote."""
    changed = {row.after["deputy"]: row for row in rows if not row.after["created"]}
    kept: list[str] = []
    deputies: list[Deputy] = []
    for part in slices(list(changed)):
        for deputy in Deputy.objects.filter(pk__in=part):
            row = changed[deputy.pk]
            edited = [name for name, value in row.after["fields"].items() if getattr(deputy, name) != value]
            kept += [f"{deputy}的{FIELDS[name]}在导入后又改过，保持现值。" for name in edited]
            for name, value in row.before["fields"].items():
                if name not in edited:
                    setattr(deputy, name, value)
            deputies.append(deputy)
    Deputy.objects.bulk_update(deputies, list(FIELDS), batch_size=SLICE)
    for row in changed.values():
        for key, new in row.after.get("seats", {}).items():
            if not Mandate.objects.filter(pk=key, **new).update(**row.before["seats"][key]):
                kept.append(f"“{row.sheet}”第{row.row}行的席位在导入后又改过，保持现值。")
    return kept
