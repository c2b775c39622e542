"""Cases of the current year told by the services themselves, each verb on a day of its own.

A year of thousands of cases is written in bulk (cases.py); these few dozen show what happens seldom: joint handling,
requests, supervision, a second 不满意. What the services write is right by itself and needs no twin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from unittest.mock import patch

from django.utils import timezone

from accounts.calendar import SHANGHAI
from accounts.models import User
from deputies.models import Deputy
from liaison.demo.courses import Desk
from liaison.demo.places import Place
from liaison.demo.stage import Stage
from suggestions import services
from suggestions.models import Suggestion
from suggestions.services import moves, proposals

T = TypeVar("T")
Words = proposals.Words


class Scene:
    """One story: days count back from today, and every verb is some minutes later than the one before."""

    def __init__(self, stage: Stage, county: Place) -> None:
        self.stage, self.book, self.county = stage, stage.book, county
        self._last = datetime.min.replace(tzinfo=SHANGHAI)

    def another(self) -> Scene:
        """The next case of the story, with days of its own."""
        return Scene(self.stage, self.county)

    def day(self, back: int) -> date:
        """A working day of the current year: the demo year is closed, whatever day today is."""
        first = self.stage.today.replace(month=1, day=1)
        day = max(self.stage.today - timedelta(days=back), first)
        while day > first and not self.book.calendar.is_working_day(day):
            day -= timedelta(days=1)
        return day

    @contextmanager
    def on(self, day: date) -> Iterator[None]:
        """The services ask the clock what day it is, and draw numbers: here both are the story's."""
        minutes = self.book.chance.randrange
        at = datetime.combine(day, time(8, 40), SHANGHAI) + timedelta(minutes=minutes(300))
        if self._last.date() == day:
            at = self._last + timedelta(minutes=minutes(2, 8))
        assert at.date() == day >= self._last.date(), "the story is told in its order"
        self._last = min(at, self.book.now)
        now = self._last
        with patch.object(timezone, "now", lambda: now), patch.object(moves, "new_number", self.book.number):
            yield

    def say(self, back: int, verb: Callable[..., T], *about: Any, **words: Any) -> T:
        """The service of a verb, so many days ago. The case is read anew: others may have moved it."""
        for case in about:
            if isinstance(case, Suggestion) and case.pk:
                case.refresh_from_db()
        with self.on(self.day(back)):
            return verb(*about, **words)

    # What nearly every story begins with.

    def bring(
        self,
        back: int,
        desk: Desk,
        text: str,
        *,
        place: str,
        key: str = "",
        channel: str = Suggestion.Channel.CODE,
        name: str = "",
        phone: str = "",
        direct: bool = False,
        by: User | None = None,
    ) -> Suggestion:
        said = services.Statement(
            text=text,
            place=f"{desk.place.name}{place}",
            name=name,
            phone=phone,
            callback=bool(phone),
            consent=bool(name or phone),
            direct=direct,
        )
        form_key = f"demo-{key or f'{self.book.chance.getrandbits(128):032x}'}"
        return self.say(back, services.submit, said, form_key=form_key, station=desk.station, channel=channel, by=by)

    def accept(
        self,
        back: int,
        case: Suggestion,
        *,
        by: User,
        problem: str,
        title: str = "",
        category: str = "agriculture",
        **more: Any,
    ) -> Suggestion:
        kinds = {"category": self.book.categories[category], "problem_kind": self.book.problem_kinds[problem]}
        self.say(back, services.accept, case, title=title, by=by, **kinds, **more)
        return case

    def at_the_county(
        self,
        back: int,
        desk: Desk,
        text: str,
        *,
        place: str,
        problem: str,
        title: str,
        category: str = "agriculture",
        about_unit: object = None,
        **who: Any,
    ) -> Suggestion:
        """Heard at a station, accepted there the same day and, from a town's station, escalated to the county."""
        case = self.bring(back, desk, text, place=place, **who)
        about = {"about_unit": about_unit} if about_unit else {}
        self.accept(back, case, by=desk.officer, problem=problem, title=title, category=category, **about)
        if not desk.at_county:
            self.say(back - 1, services.escalate, case, reason="权限不足，需县级部门办理。", by=desk.officer)
        return case

    def handed_over(self, back: int, case: Suggestion, trade: str, *, sign: int | None = None, **how: Any) -> User:
        """By the county's organ to the unit of that trade, which signs for it on the day `sign`. Who signs letters there."""
        head = self.county.heads[trade]
        self.say(back, services.transfer, case, to=self.county.units[trade], by=self.county.staff, **how)
        if sign is not None:
            self.say(sign, services.sign_for, case, by=head)
        return head

    def reply(
        self, back: int, case: Suggestion, by: User, text: str, result_class: str = "A", *, days: int = 0, **how: Any
    ) -> None:
        """`days`: of a class B reply, how long after it the promise falls due."""
        due = self.day(back) + timedelta(days=days) if days else None
        self.say(back, services.reply, case, result_class=result_class, text=text, due=due, by=by, **how)

    def rate(self, back: int, case: Suggestion, result: str = "satisfied", text: str = "", **how: Any) -> None:
        process = "basically" if result == "dissatisfied" else "satisfied"
        self.say(back, services.feedback, case, process=process, result=result, text=text, **how)

    def publish(
        self, back: int, case: Suggestion, title: str, text: str, reply: str, *, by: User | None = None
    ) -> None:
        by = by or self.county.staff
        self.say(back, services.publish, case, title=title, text=text, reply=reply, checked=True, by=by)

    # Proposals.

    def user_of(self, deputy: Deputy) -> User:
        """A deputy who signs needs an account."""
        if deputy.user is None:
            self.stage.places.enrol(deputy)
            deputy.save(update_fields=["user"])
        assert deputy.user is not None
        return deputy.user

    def signed(
        self, back: int, draft: Suggestion, words: Words, lead: Deputy, others: Sequence[Deputy], *, until: int
    ) -> None:
        """The lead writes and invites; each of the others confirms, the last one on the day `until`; the lead submits."""
        by = self.user_of(lead)
        self.say(back, proposals.edit, draft, words, by=by, cosigners=others)
        for n, other in enumerate(others):
            self.say(max(until, back - 1 - n), services.cosign, draft, by=self.user_of(other))
        self.say(until, services.submit_proposal, draft, by=by)
