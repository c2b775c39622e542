"""Random people say random verbs on several cases while days pass and holidays change; the model says what must come of it.

After every step the stored cases are what the model predicted, `check_cases` finds nothing, and what was refused left
nothing behind. `MACHINE_STEPS` sets the length.
"""

from __future__ import annotations

import os
from copy import deepcopy
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from accounts.calendar import SHANGHAI, today
from accounts.errors import Refused
from accounts.models import Holiday
from suggestions import services
from suggestions.checks import faults
from suggestions.dossiers import dossiers
from suggestions.models import (
    Assignment,
    Consultation,
    Event,
    ExtensionRequest,
    Feedback,
    HandlingProfile,
    Merge,
    Promise,
    Publication,
    Reply,
    ReturnRequest,
    Review,
    Suggestion,
)
from suggestions.services import Conflict
from suggestions.services.proposals import edit
from suggestions.workflow import OPEN, Kind, Status, Verb, targets
from tests.cast import FullWorld, a_paper, some_words
from tests.suggestions.model import Model
from tests.suggestions.people import ORG, SILENT, Case, No, sees
from tests.suggestions.said import SAID, begun_draft, drafted, submitted
from tests.suggestions.sensible import SAID_BY, USERS, honest_speakers, sensible

STEPS = int(os.environ.get("MACHINE_STEPS", "300"))
LENGTH = 100
START = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
ROWS = (
    Assignment,
    Consultation,
    Event,
    ExtensionRequest,
    Feedback,
    Merge,
    Promise,
    Publication,
    Reply,
    ReturnRequest,
    Review,
)
SAYABLE = [verb for verb in Verb if verb not in (Verb.CLOSE, Verb.MOVE_DUE)]
ON_PAPER = {verb for verb, hats in SAID_BY.items() if "proxy" in hats}
HAPPENINGS = ["said"] * 26 + ["days"] * 3 + ["holiday", "begun"]
MOST = 6
MOODS = ["honest"] * 12 + ["wild", "wild", "wordless", "stale"]
TRIES = 8
# Else most cases would end before anything was asked, promised or reviewed.
OFTEN = {
    **dict.fromkeys((Verb.ACCEPT, Verb.TRANSFER, Verb.SIGN_FOR, Verb.REPLY, Verb.FEEDBACK, Verb.SUBMIT), 16),
    **dict.fromkeys((Verb.DISTRIBUTE, Verb.REHANDLE, Verb.UPHOLD, Verb.ASSESS, Verb.FULFIL, Verb.REOPEN), 12),
    **dict.fromkeys((Verb.MERGE, Verb.RAISE, Verb.CONTRIBUTE, Verb.REQUEST_EXTENSION, Verb.REQUEST_RETURN), 6),
    **dict.fromkeys((Verb.APPROVE_EXTENSION, Verb.APPROVE_RETURN, Verb.REFUSE_RETURN), 8),
    **dict.fromkeys((*SILENT, Verb.DECLINE, Verb.WITHDRAW, Verb.RECALL), 1),
}


def often(verb: Verb) -> int:
    return OFTEN.get(verb, 3)


class Machine(RuleBasedStateMachine):
    world: FullWorld

    def __init__(self) -> None:
        super().__init__()
        self.atom = transaction.atomic()
        self.atom.__enter__()
        self.traveller = time_machine.travel(START, tick=False)
        self.clock = self.traveller.start()
        self.tales: list[str] = []
        self.step = 0

    def teardown(self) -> None:
        try:
            if hasattr(self, "model"):
                self._everybody_sees_what_is_theirs()
        finally:
            self.traveller.stop()
            transaction.set_rollback(True)
            self.atom.__exit__(None, None, None)

    @initialize(each=st.booleans())
    def begin(self, each: bool) -> None:
        HandlingProfile.objects.filter(kind=Kind.PROPOSAL).update(each_signer_rates=each)
        numbers = {Kind(profile.kind): profile for profile in HandlingProfile.objects.all()}
        self.model = Model(timezone.now(), numbers, each)
        self._new(submitted(self.world, "county"), "county")
        self._new(submitted(self.world, "town"), "town")
        self._new_draft({"second_user", "third_user"})

    def _new(self, suggestion: Suggestion, place: str, **fields: Any) -> Case:
        holder = next(name for name in ("county_organ", "township_organ") if self._org(name) == suggestion.holder)
        case = Case(
            suggestion.pk,
            Kind(suggestion.kind),
            place,
            Status(suggestion.status),
            holder,
            place if suggestion.kind == Kind.OPINION else None,
            due=suggestion.due_on,
            at_station=suggestion.at_station,
            submitted=suggestion.submitted_on,
            events=suggestion.version,
            **fields,
        )
        self.model.cases.append(case)
        return case

    def _new_draft(self, invited: set[str]) -> None:
        colleagues = {"second_user": self.world.second_deputy, "third_user": self.world.third_deputy}
        self._new(drafted(self.world, [colleagues[name] for name in sorted(invited)]), "county", invited=set(invited))

    def _user(self, who: str | None) -> Any:
        return None if who is None else self.world.users.get(who) or getattr(self.world, who)

    def _org(self, name: str | None) -> Any:
        return None if name is None else getattr(self.world, name)

    # Rules

    @rule(seed=st.integers(0, 2**20))
    def go_on(self, seed: int) -> None:
        """One number decides what happens, so that what is generated goes deep; at 0 nothing does, which shrinks."""
        if seed == 0:
            return
        self.step += 1
        # The same number again is another story.
        draw = Random(f"{seed} {self.step}")
        what = draw.choice(HAPPENINGS)
        if what == "said":
            self._somebody_says(draw)
        elif what == "days":
            days = draw.choice([1, 1, 3, 10, 15, 45, 100])
            self.tales.append(f"{days} days pass")
            self.clock.shift(timedelta(days=days))
            self._tick()
        elif what == "holiday":
            self._a_holiday_is_entered(today() + timedelta(days=draw.randint(1, 60)), draw.random() < 0.5)
        elif len(self.model.cases) < MOST:
            self._somebody_begins(draw)

    def _somebody_begins(self, draw: Random) -> None:
        place, direct = draw.choice(["county", "town"]), draw.random() < 0.2
        if draw.random() < 0.3:
            self._new_draft(set(draw.sample(["second_user", "third_user"], draw.randint(0, 2))))
        else:
            self._new(submitted(self.world, place, direct=direct), place, direct=direct)
        self.tales.append(f"begun: {self.model.cases[-1]} {place} {direct=}")
        self._stands_as_predicted()

    def _a_holiday_is_entered(self, day: date, is_workday: bool) -> None:
        if day not in self.model.holidays:
            self.tales.append(f"holiday {day} {is_workday=}")
            Holiday.objects.create(day=day, is_workday=is_workday, name="调整")
            self.model.holidays[day] = is_workday
            self._tick()

    def _tick(self) -> None:
        self.model.now = timezone.now()
        services.move_dues()
        services.close_unrated()
        services.end_stale_drafts()
        self.model.tick()
        self.clock.shift(timedelta(minutes=1))
        self._stands_as_predicted()

    def _somebody_says(self, draw: Random) -> None:
        mood = draw.choice(MOODS)
        case = draw.choice([case for case in self.model.cases for _ in range(4 if case.status in OPEN else 1)])
        known = [verb for verb in SAYABLE if targets(verb, case.kind, case.status)]
        if mood == "wild" or not known:
            verb = draw.choice(SAYABLE)
            self._say(verb, case, draw.choice(USERS), sensible(verb, case, self.model, draw), stale=False)
            return
        for _ in range(TRIES):
            verb = draw.choice([verb for verb in known for _ in range(often(verb))])
            said = sensible(verb, case, self.model, draw)
            who = draw.choice(honest_speakers(verb, case, self.model, said) or USERS)
            if verb in ON_PAPER and ORG.get(who or "") == case.holder:
                said["paper"] = True
            if self._would(verb, case, who, said) == "":
                break
        if mood == "wordless":
            said = {name: "" if name in ("reason", "text", "destination") else value for name, value in said.items()}
        self._say(verb, case, who, said, stale=mood == "stale")

    def _would(self, verb: Verb, case: Case, who: str | None, said: dict[str, Any]) -> str:
        return self._after(verb, case, who, said)[1]

    def _after(self, verb: Verb, case: Case, who: str | None, said: dict[str, Any]) -> tuple[Model, str]:
        """The model after it was said, and why it would refuse."""
        self.model.now = timezone.now()
        after = deepcopy(self.model, {id(self.model.numbers): self.model.numbers})
        there = {found.key: found for found in after.cases}
        told = {name: there[value.key] if isinstance(value, Case) else value for name, value in said.items()}
        if verb is Verb.RAISE and case.opinion and said["draft"] is None:
            told = {"draft": Case(0, Kind.PROPOSAL, "county", Status.DRAFT, "county_organ"), "begun": True}
        try:
            after.say(verb, there[case.key], who, **told)
        except No as no:
            return after, str(no)
        return after, ""

    def _say(self, verb: Verb, case: Case, who: str | None, said: dict[str, Any], *, stale: bool) -> None:
        if verb is Verb.RAISE and said["draft"] is None and case.opinion:
            self._raise_anew(case, who)
            return
        after, expected = self._after(verb, case, who, said)
        before = self._rows() if expected or stale else None
        outcome = self._really(verb, case, who, said, stale=stale)
        tale = f"{who} says {verb} of {case.kind} {case.status} {said}: model “{expected or 'yes'}”, portal “{outcome or 'yes'}”"
        self.tales.append(tale)
        assert bool(outcome) == bool(expected or stale), self._told()
        if outcome:
            assert self._rows() == before, f"{self._told()}\nrefused, and something was written"
        else:
            self.model = after
        self.clock.shift(timedelta(minutes=1))
        self._stands_as_predicted()

    def _really(self, verb: Verb, case: Case, who: str | None, said: dict[str, Any], *, stale: bool) -> str:
        """As the page does: out of sight is 404, then the service. The sentence of the refusal, or nothing."""
        user = self._user(who)
        found = Suggestion.objects.visible_to(user) if user else Suggestion.objects.exclude(status=Status.DRAFT)
        suggestion = found.filter(pk=case.key).first()
        if suggestion is None:
            return "404"
        suggestion.version -= stale
        try:
            SAID[verb](suggestion, self.world, user, self._given(said))
        except Conflict as conflict:
            assert stale, conflict
            return conflict.sentence
        except Refused as refused:
            assert refused.sentence.endswith("。"), refused.sentence
            return refused.sentence
        return ""

    def _given(self, said: dict[str, Any]) -> dict[str, Any]:
        """The model's words as the portal's objects."""
        given = {name: value for name, value in said.items() if name != "office"}
        for name in ("to", "unit", "about"):
            if isinstance(given.get(name), str):
                given[name] = self._org(given[name])
        for name in ("assisting", "separate"):
            if name in given:
                given[name] = [self._org(org) for org in given[name]]
        for name in ("to", "draft"):
            if isinstance(given.get(name), Case):
                given[name] = Suggestion.objects.get(pk=given[name].key)
        if given.pop("paper", False):
            given |= {"source": "收文第3号", "paper": a_paper()}
        return given

    def _raise_anew(self, case: Case, who: str | None) -> None:
        """With a draft begun on the way: the model learns of it first."""
        before = self._rows()
        self.model.now = timezone.now()
        self.tales.append(f"{who} raises {case} to a new draft")
        user = self._user(who)
        found = Suggestion.objects.visible_to(user).filter(pk=case.key).first() if user else None
        draft = begun_draft(self.world, found, user) if found is not None else None
        if draft is not None:
            edit(draft, some_words(self.world), by=self.world.deputy.user)
            self.model.cases.append(Case(draft.pk, Kind.PROPOSAL, "county", Status.DRAFT, "county_organ", case.station))
        after = deepcopy(self.model)
        there = {found.key: found for found in after.cases}
        probe = there[draft.pk] if draft is not None else Case(0, Kind.PROPOSAL, "county", Status.DRAFT, "county_organ")
        try:
            after.say(Verb.RAISE, there[case.key], who, draft=probe, begun=True)
            assert draft is not None, f"{who} may raise {case.key}, and was refused"
            self.model = after
        except No as no:
            assert draft is None, f"{who} raised {case.key}: {no}"
            assert self._rows() == before
        self.clock.shift(timedelta(minutes=1))
        self._stands_as_predicted()

    # What must be true

    def _told(self, case: Case | None = None) -> str:
        """The whole story, for whoever has to find the fault."""
        return "\n".join([*self.tales, f"→ {case}" if case else ""])

    def _rows(self) -> dict[Any, Any]:
        """Every row that a verb may write, as it is."""
        rows: dict[Any, Any] = {
            model: list(model.objects.order_by("pk").values_list()) for model in ROWS if model is not Event
        }
        rows[Event] = Event.objects.count()
        rows[Suggestion] = list(Suggestion.objects.order_by("pk").values_list())
        return rows

    def _stands_as_predicted(self) -> None:
        stored = {
            row["pk"]: row
            for row in Suggestion.objects.values(
                "pk", "status", "version", "due_on", "replied_on", "closed_on", "handed_over_on", "result_class", "rating",
                "holder__name", "at_station",
            )
        }  # fmt: skip
        assert len(stored) == len(self.model.cases), self._told()
        units: dict[int, list[Any]] = {}
        for row in Assignment.objects.order_by("suggestion", "round", "pk").values_list(
            "suggestion", "unit__name", "role", "round", "state", "due_on"
        ):
            units.setdefault(row[0], []).append(row[1:])
        for case in self.model.cases:
            row = stored[case.key]
            told = {
                "status": case.status,
                "version": case.events,
                "due_on": case.due,
                "replied_on": case.replied,
                "closed_on": case.closed,
                "handed_over_on": case.t0,
                "result_class": case.result,
                "rating": case.rating,
                "holder__name": self._org(case.holder).name,
                "at_station": case.at_station,
            }
            assert {name: row[name] for name in told} == told, self._told(case)
            said = [(self._org(u.org).name, u.role, u.round, u.state, u.due) for u in case.units]
            assert units.get(case.key, []) == said, self._told(case)
        assert [str(fault) for fault in faults(dossiers())] == [], self._told()

    def _everybody_sees_what_is_theirs(self) -> None:
        for who in USERS:
            if who is None:
                continue
            seen = set(Suggestion.objects.visible_to(self._user(who)).values_list("pk", flat=True))
            told = {case.key for case in self.model.cases if sees(who, case)}
            assert seen == told, f"{self._told()}{who} sees {seen - told} too many, {told - seen} too few"


@pytest.mark.django_db
def test_whatever_is_said_the_cases_stand_as_the_model_predicts(full_world: FullWorld) -> None:
    class Here(Machine):
        world = full_world

    run_state_machine_as_test(
        Here,
        _min_steps=LENGTH,
        settings=settings(
            max_examples=max(1, STEPS // LENGTH),
            stateful_step_count=LENGTH,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
