"""The rows of all demo cases, kept until they are written at once, and the hats in which people act on them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from random import Random

from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.calendar import Calendar
from accounts.models import Holiday, Organization, User
from stations.models import Station
from suggestions import deadlines
from suggestions.models import (
    Assignment,
    Attachment,
    Category,
    Event,
    Feedback,
    HandlingProfile,
    ProblemKind,
    Promise,
    Reply,
    ReturnRequest,
    Review,
    Suggestion,
)
from suggestions.permissions import Acting, Hat


def officer(user: User, station: Station) -> Acting:
    return Acting(user, Hat.OFFICER, user.name, str(station))


def staff(user: User) -> Acting:
    return Acting(user, Hat.STAFF, user.name, str(user.organization))


def unit_head(user: User) -> Acting:
    return Acting(user, Hat.UNIT_HEAD, user.name, str(user.organization))


def on_behalf(user: User, unit: Organization) -> Acting:
    """代录: congress staff for a unit that has no account."""
    return Acting(user, Hat.PROXY, user.name, str(user.organization), unit)


def lead_deputy(user: User) -> Acting:
    return Acting(user, Hat.LEAD_DEPUTY, user.name, "人大代表")


class CaseBook:
    """All cases of one building of the demo, and what they have in common."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.now = timezone.now()
        self.calendar: Calendar = Holiday.objects.calendar()
        self.profiles = {profile.kind: profile for profile in HandlingProfile.objects.filter(region__path="")}
        self.terms = {kind: deadlines.terms(profile) for kind, profile in self.profiles.items()}
        self.categories = {category.code: category for category in Category.objects.all()}
        self.problem_kinds = {kind.code: kind for kind in ProblemKind.objects.all()}
        self.suggestions: list[Suggestion] = []
        self.events: list[Event] = []
        self.assignments: list[Assignment] = []
        self.replies: list[Reply] = []
        self.promises: list[Promise] = []
        self.feedbacks: list[Feedback] = []
        self.reviews: list[Review] = []
        self.returns: list[ReturnRequest] = []
        self.papers: list[tuple[Event, bytes]] = []
        self._numbers: set[str] = set()
        # Days are asked for many thousand times and are few.
        self.working = lru_cache(maxsize=None)(self.calendar.add_working_days)

    def number(self, day: date) -> str:
        while True:
            number = f"{day:%y%m}{self.chance.randrange(10**6):06d}"
            if number not in self._numbers:
                self._numbers.add(number)
                return number

    def save(self) -> None:
        """Parents before children."""
        Suggestion.objects.bulk_create(self.suggestions)
        Assignment.objects.bulk_create(self.assignments)
        Reply.objects.bulk_create(self.replies)
        Promise.objects.bulk_create(self.promises)
        Feedback.objects.bulk_create(self.feedbacks)
        Review.objects.bulk_create(self.reviews)
        ReturnRequest.objects.bulk_create(self.returns)
        Event.objects.bulk_create(self.events)
        for event, scan in self.papers:
            Attachment.objects.create(
                suggestion=event.suggestion,
                event=event,
                kind=Attachment.Kind.PAPER,
                file=ContentFile(scan, name=f"{event.suggestion.number}-{event.version}.png"),
                size=len(scan),
            )


def a_scan(line: str) -> bytes:
    """A sheet of paper as a scanner sees it: lines of writing, a seal, and one line that can be read."""
    from io import BytesIO

    from PIL import Image, ImageDraw

    page = Image.new("RGB", (600, 848), "white")
    pen = ImageDraw.Draw(page)
    pen.text((60, 60), line, fill="black")
    for y in range(140, 560, 36):
        pen.line((60, y, 540 if y < 520 else 320, y), fill="#555", width=3)
    pen.ellipse((380, 600, 520, 740), outline="#b22", width=5)
    file = BytesIO()
    page.save(file, "PNG", optimize=True)
    return file.getvalue()
