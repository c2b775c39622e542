"""Nobody sees what is not theirs, proven by walking (security.md T1, T2, T6, T15).

Two neighbours, another county of the city and a county of another city, are filled like our own county, with marker
words in every column. Each role of ours then follows every link that it is offered. What it may read is computed from
the rules (`visible_to`, `sees_contact`, `sees_inner_notes`); whatever else occurs in any page or file is a leak.
"""

from __future__ import annotations

import html
import re
import subprocess
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any
from urllib.parse import urljoin, urlsplit
from zipfile import ZipFile

import pytest
from auditlog.models import LogEntry
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.http import HttpResponseBase
from django.test import Client
from django.urls import resolve

from accounts.calendar import today
from accounts.models import ImportBatch, ImportRow, Organization, Region, User
from activities.models import Activity, ActivityPhoto, ActivityType, Attendance, Visit
from deputies.models import (
    Congress,
    Consent,
    Constituency,
    Deputy,
    DeputyGroup,
    GroupEntry,
    GroupMembership,
    Mandate,
    PostHolder,
    PrintCode,
    ScanCount,
    StationMembership,
)
from stations.models import Enterprise, IndustryChain, Station, StationPhoto, StationPost
from suggestions import services
from suggestions.codes import new_form_key
from suggestions.models import Attachment, CollectedOpinion, HandlingProfile, LivelihoodCall, LivelihoodClue, Suggestion
from suggestions.permissions import sees_contact, sees_inner_notes
from tests.cast import ROLES, STAGES, World, a_paper, a_suggestion
from tests.kept import Kept

PAGES_A_ROLE = 250
# Pages of one kind: all cases, a few of everything else.
PAGES_A_ROUTE = 2
CASES = 60
QUERIES_A_PATH = 2

# Of a place with the mark 乙: what anybody may read on its public pages, what its own people read, what stands in cases.
NAMED, PRIVATE, CASE = "{}县公开", "{}县私密", "{}县案情"
# The administrators' tables are of the whole house: there names of other counties are in order, never a case.
WHOLE_HOUSE = {"system_admin": "/admin/accounts/", "auditor": "/admin/auditlog/"}

NEXT_DOOR, ANOTHER_CITY = "乙", "丙"
OUR_DEPUTYS_PHONE = "13877770001"
PICTURE = b"\x89PNG picture"


def a_picture() -> ContentFile[bytes]:
    return ContentFile(PICTURE, name="a.png")


def fill(mark: str, region: Region, station: Station, staff: User, unit: Organization, congress: Congress) -> None:
    """A row in every table that people write in, each text with the marker of who may read it."""
    named, private, case = NAMED.format(mark), PRIVATE.format(mark), CASE.format(mark)
    Organization.objects.create(region=region, name=f"{named}局", kind="department", phone=named)
    chain = IndustryChain.objects.create(region=region, name=named)
    enterprise = Enterprise.objects.create(region=region, name=named, address=private)
    enterprise.chains.add(chain)
    station.chains.add(chain)
    StationPhoto.objects.create(station=station, image=a_picture(), caption=named)
    seat = Constituency.objects.create(congress=congress, name=named)
    deputy = Deputy.objects.create(
        region=region, name=f"{named}代表", work_unit=private, phone=private, occupation=private, expertise=private
    )
    Mandate.objects.create(
        deputy=deputy, congress=congress, constituency=seat, card_number=private, since=date(2022, 3, 1)
    )
    StationMembership.objects.create(deputy=deputy, station=station, kind="home", since=date(2025, 1, 10))
    Consent.objects.create(deputy=deputy, field="photo", document=private, since=date(2025, 1, 10))
    post = StationPost.objects.create(
        station=station, post="adviser", name=named, title=named, enterprise=enterprise, since=date(2025, 1, 10)
    )
    PostHolder.objects.create(post=post, deputy=deputy)
    for subject in ({"station": station}, {"deputy": deputy}, {"post": post}):
        PrintCode.objects.create(**subject)
    group = DeputyGroup.objects.create(
        region=region, name=named, kind="regional", level="county", since=date(2025, 1, 10)
    )
    GroupMembership.objects.create(group=group, deputy=deputy, since=date(2025, 1, 10))
    GroupEntry.objects.create(group=group, station=station, since=date(2025, 1, 10))
    for status, text in (("published", named), ("held", private), ("planned", private)):
        activity = Activity.objects.create(
            type=ActivityType.objects.all()[0],
            title=text,
            station=station,
            region=region,
            chain=chain,
            held_on=today(),
            place=text,
            lecturers=text,
            summary=text,
            status=status,
            logged_by=staff,
        )
        activity.departments.add(unit)
        Attendance.objects.create(activity=activity, deputy=deputy)
        ActivityPhoto.objects.create(activity=activity, image=a_picture())
    visit = Visit.objects.create(
        deputy=deputy, station=station, region=region, visited_on=today(), place=private, summary=private
    )
    batch = ImportBatch.objects.create(region=region, file_name=private, sha256="0", by=staff)
    ImportRow.objects.create(
        batch=batch, sheet=private, row=1, verdict="doubtful", why=private, values={"姓名": private, "name": private}
    )
    HandlingProfile.objects.create(
        region=region, kind="opinion", reply_working_days=15, result_classes={"A": private, "B": private, "C": private}
    )
    told = a_case(mark, station, staff, unit, case, visit=visit, enterprise=enterprise)
    call = LivelihoodCall.objects.create(region=region, year=today().year, since=today(), until=today())
    for stage, verdict, text in (
        ("candidate", "kept", named),
        ("dropped", "no_need", private),
        ("combed", "", private),
    ):
        clue = LivelihoodClue.objects.create(
            call=call,
            title=text,
            place=text,
            need=private,
            stage=stage,
            verdict=verdict,
            screening_words=private,
            screened_on=today(),
            combed_on=today(),
            unit=unit,
        )
    CollectedOpinion.objects.create(call=call, suggestion=told, clue=clue, collected_on=today())


def a_case(mark: str, station: Station, staff: User, unit: Organization, text: str, **more: Any) -> Suggestion:
    """Answered on behalf of a unit without login, so that papers, notes and words of every kind are there."""
    said = services.Statement(text=text, place=text, name=f"{mark}县反映人", phone="13700000000", consent=True)
    case = services.submit(said, form_key=new_form_key(), station=station, photos=[a_picture()], **more)
    kinds = {"category": category(), "problem_kind": problem_kind()}
    services.accept(case, title=text, by=staff, **kinds)
    services.transfer(case, to=unit, note=f"{mark}县内注", by=staff)
    services.sign_for(case, by=staff, source=text, paper=a_paper())
    other = Organization.objects.filter(region=station.region, kind="department").exclude(pk=unit.pk)[0]
    services.request_return(case, reason=text, by=staff, to=other, source=text, paper=a_paper())
    services.refuse_return(case, reason=text, by=staff)
    services.reply(case, text=text, result_class="A", by=staff, signer=text, source=text, paper=a_paper())
    services.feedback(case, process="satisfied", result="dissatisfied", text=text)
    services.rehandle(case, reason=text, by=staff)
    return case


def category() -> Any:
    return apps.get_model("suggestions.Category").objects.all()[0]


def problem_kind() -> Any:
    return apps.get_model("suggestions.ProblemKind").objects.all()[0]


def a_neighbour(mark: str, region: Region, organ: Organization, staff: User, station: Station | None) -> None:
    named = NAMED.format(mark)
    Region.objects.filter(pk=region.pk).update(name=f"{named}县")
    Organization.objects.filter(pk=organ.pk).update(name=f"{named}人大")
    User.objects.filter(pk=staff.pk).update(name=f"{named}人大的人")
    unit = Organization.objects.create(region=region, name=f"{named}供电", kind="vertical_unit")
    station = station or Station(slug=f"station-{region.code}", region=region, kind="regional", life="formal")
    for column in ("name", "host_name", "bases", "address", "hours", "phone", "introduction", "duties"):
        setattr(station, column, named)
    station.save()
    congress = Congress.objects.create(region=region, ordinal=9, first_met_on=date(2022, 3, 1))
    for row in (region, organ, staff):
        row.refresh_from_db()
    fill(mark, region, station, staff, unit, congress)


@dataclass
class Fields:
    """What is sown, and what of it somebody may read."""

    world: World
    contacts: dict[str, Suggestion]
    notes: dict[str, Suggestion]

    def of_contacts(self, user: User | None) -> set[str]:
        return {mark for mark, case in self.contacts.items() if self._sees(user, case, sees_contact)}

    def of_notes(self, user: User | None) -> set[str]:
        return {mark for mark, case in self.notes.items() if self._sees(user, case, sees_inner_notes)}

    def _sees(self, user: User | None, case: Suggestion, rule: Any) -> bool:
        if user is None or not Suggestion.objects.visible_to(user).filter(pk=case.pk).exists():
            return False
        return bool(rule(user, Suggestion.objects.get(pk=case.pk)))


def sown(world: World) -> Fields:
    fill("甲", world.county, world.county_station, world.county_staff, world.roads, world.congress)
    a_neighbour(NEXT_DOOR, world.other_county, world.other_organ, world.other_staff, world.other_station)
    city = Region.objects.create(code="410700000000", name="丙市", level="city", parent=world.province)
    far = Region.objects.create(code="410725000000", name="丙县", level="county", parent=city)
    organ = Organization.objects.create(region=far, name="丙", kind="deputies_committee")
    a_neighbour(ANOTHER_CITY, far, organ, User.objects.create(username="far_staff", organization=organ), None)
    Deputy.objects.filter(pk=world.deputy.pk).update(phone=OUR_DEPUTYS_PHONE)
    contacts: dict[str, Suggestion] = {}

    def contact() -> dict[str, Any]:
        number = len(contacts) // 2
        return {"name": f"反映人姓名{number}号", "phone": f"139{number:08d}", "consent": True, "callback": True}

    def keep(case: Suggestion) -> None:
        contacts.update(dict.fromkeys((case.name, case.phone), case))
        Attachment.objects.create(suggestion=case, event=case.events.first(), file=a_picture(), size=1)

    for stage in STAGES:
        keep(a_suggestion(world, stage, **contact()))
    for stage in ("submitted", "accepted", "transferred"):
        keep(a_suggestion(world, stage, at="station", **contact()))
    keep(a_suggestion(world, at="station", direct=True, **contact()))
    said = services.Statement(text="请代表反映。", **contact())
    keep(services.submit(said, form_key=new_form_key(), deputy=world.deputy))
    notes = {}
    for mark, unit in (("内注给供电", world.power), ("内注给交通", world.roads)):
        case = a_suggestion(world, "accepted")
        services.transfer(case, to=unit, by=world.county_staff, note=mark)
        notes[mark] = case
    case = a_suggestion(world, "accepted", at="station")
    services.transfer(case, to=world.village, by=world.station_officer, note="内注给乡所")
    notes["内注给乡所"] = case
    return Fields(world, contacts, notes)


_sown = Kept(sown)


@pytest.fixture
def fields(world: World) -> Fields:
    return _sown(world)


# Walking


def text_of(response: HttpResponseBase) -> str:
    if getattr(response, "streaming", False):
        b"".join(response)  # type: ignore[call-overload]
        return ""
    kind = response["Content-Type"]
    content = response.content  # type: ignore[attr-defined]
    if "spreadsheetml" in kind:
        return cells_of(content)
    if "wordprocessingml" in kind:
        with ZipFile(BytesIO(content)) as parts:
            return "".join(parts.read(name).decode() for name in parts.namelist() if name.endswith(".xml"))
    if kind == "application/pdf":
        return subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True).stdout.decode()
    return "" if kind.startswith("image/") else html.unescape(content.decode())


def cells_of(content: bytes) -> str:
    from openpyxl import load_workbook

    sheets = load_workbook(BytesIO(content)).worksheets
    return "\n".join(str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row if cell)


def links_in(text: str, at: str) -> Iterator[str]:
    for link in re.findall(r'(?:href|src)="([^"]+)"', text):
        target = urlsplit(urljoin(f"http://testserver{at}", link))
        if target.netloc == "testserver" and not target.path.startswith("/static/"):
            yield target.path + (f"?{target.query}" if target.query else "")


CASE_PAGE = str(resolve("/office/suggestions/1/").route)


def walk(client: Client) -> dict[str, str]:
    """Every kind of page that a chain of links leads to, with its text. No link leads to an error."""
    waiting, seen = deque(["/", "/office/", "/admin/"]), {"/", "/office/", "/admin/"}
    pages: dict[str, str] = {}
    by_route: Counter[str] = Counter()
    by_path: Counter[str] = Counter()
    while waiting:
        assert len(pages) < PAGES_A_ROLE, "the walk does not end"
        address = waiting.popleft()
        path = urlsplit(address).path
        route = str(resolve(path).route)
        by_route[route] += 1
        by_path[path] += 1
        most = CASES if route == CASE_PAGE else PAGES_A_ROUTE
        if by_route[route] > most or by_path[path] > QUERIES_A_PATH:
            continue
        response = client.get(address)
        if response.status_code in (403, 404) and re.fullmatch(r"/admin/.+/change/", path):
            continue  # Django links whatever a row points at; what is out of scope does not open
        assert response.status_code in (200, 302), (address, response.status_code)
        text = text_of(response)
        pages[address] = text + response.headers.get("Content-Disposition", "")
        links = list(links_in(text, address))
        if response.status_code == 302:
            links += links_in(f'href="{response["Location"]}"', address)
        for link in links:
            if link not in seen:
                seen.add(link)
                waiting.append(link)
    return pages


CALLS_BACK = {"station_officer", "station_head", "township_staff", "county_staff"}
WRITTEN_BY_A_GET = (Session, ScanCount, PrintCode, LogEntry)


def everything() -> dict[str, list[Any]]:
    """All rows of all tables but those that looking writes by design: session, scan, wall code at first use, who read a contact."""
    models = [model for model in apps.get_models() if model not in WRITTEN_BY_A_GET]
    return {model._meta.label: list(model._default_manager.order_by("pk").values_list()) for model in models}


@dataclass
class Reader:
    """What a role may read of what was sown, asked once of the rules."""

    role: str
    contacts: set[str]
    notes: set[str]
    knows_our_deputy: bool

    def leaks(self, address: str, text: str, fields: Fields) -> list[str]:
        """The markers in a page that must not be there."""
        office = address.startswith(("/office/", "/admin/"))
        of_the_house = address.startswith(WHOLE_HOUSE.get(self.role, "nowhere"))
        forbidden = []
        for mark in (ANOTHER_CITY,) if self.role == "city_staff" else (NEXT_DOOR, ANOTHER_CITY):
            forbidden += [CASE.format(mark), f"{mark}县反映人", f"{mark}县内注"]
            if not of_the_house:
                forbidden += [PRIVATE.format(mark), *([NAMED.format(mark)] if office else [])]
        # Whole in the workbench only: the back office masks a contact for everybody.
        forbidden += set(fields.contacts) - (self.contacts if address.startswith("/office/") else set())
        forbidden += set(fields.notes) - (self.notes if office else set())
        if not (office and self.knows_our_deputy):
            forbidden.append(OUR_DEPUTYS_PHONE)
        return [mark for mark in forbidden if mark in text]


def reader(role: str, fields: Fields) -> Reader:
    user = fields.world.users.get(role)
    deputies = Deputy.objects.visible_to(user or AnonymousUser())
    knows = deputies.filter(pk=fields.world.deputy.pk).exists()
    return Reader(role, fields.of_contacts(user), fields.of_notes(user), knows)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_follows_every_link_reads_what_is_its_own_and_changes_nothing(
    role: str, fields: Fields, as_: Any
) -> None:
    client = as_(role)
    before = everything()
    pages = walk(client)
    after = everything()
    assert [label for label, rows in before.items() if after[label] != rows] == []
    for address in list(pages):
        if address.startswith("/admin/") and urlsplit(address).path.endswith("/export/"):
            file = client.post(address, {"resource": "0", "format": "0"})
            assert "spreadsheetml" in file["Content-Type"], address
            pages[f"{address} xlsx"] = text_of(file)
    who = reader(role, fields)
    found = {address: marks for address, text in pages.items() if (marks := who.leaks(address, text, fields))}
    assert found == {}
    # The walk went where the role works: what it may read was met.
    everywhere = "\n".join(pages.values())
    assert [mark for mark in who.contacts | who.notes if mark not in everywhere] == []

    assert bool(who.contacts) == (role in CALLS_BACK)
