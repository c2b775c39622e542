"""A case in plain Python: what the portal must make of a verb, told a second time without a database.

Written from architecture.md and domain.md §11, apart from the services. `say` returns nothing and changes the model, or
raises `No`. Names of people and organisations are those of the cast.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.calendar import SHANGHAI, Calendar
from suggestions import deadlines
from suggestions.workflow import OPEN, WITH_UNIT, Kind, Verb, targets
from tests.suggestions.people import (
    AT_HAND,
    BAD,
    LEVEL,
    OFFICES,
    ORG,
    ORGANS,
    RATINGS,
    SILENT,
    UNITS,
    Case,
    S,
    Unit,
    V,
    hats,
    need,
    sees,
)


@dataclass
class Model:
    now: datetime
    numbers: dict[Kind, Any]
    each_signer_rates: bool
    cases: list[Case] = field(default_factory=list)
    holidays: dict[date, bool] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return timezone.localdate(self.now, SHANGHAI)

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.holidays, frozenset(day.year for day in self.holidays))

    # What is said

    def say(self, verb: Verb, case: Case, who: str | None, **said: Any) -> None:
        need(sees(who, case), "not his page")
        need(targets(verb, case.kind, case.status), "not in this state")
        before = case.status
        if verb in SILENT:
            self._aside(verb, case, who, said)
        else:
            getattr(self, f"_{verb.value}")(case, who, hats(who, case), said)
        need(case.status in targets(verb, case.kind, before), "the model left the table")
        case.events += 1

    def _unit(self, case: Case, who: str | None, worn: set[str], said: Any, fits: Any, *, signed: bool = False) -> Unit:
        found = [unit for unit in case.units if unit.org == said.get("unit") and fits(unit)]
        need(found, "no such unit")
        unit = found[-1]
        own = ORG.get(who or "") == unit.org and bool(worn & ({"head"} if signed else {"head", "clerk"}))
        need(own or "proxy" in worn, "not this unit's")
        need(own or said.get("paper"), "the unit's paper is missing")
        return unit

    def _words(self, said: Any, name: str = "reason") -> None:
        need(said.get(name, "").strip(), "no words")

    def _aside(self, verb: Verb, case: Case, who: str | None, said: Any) -> None:
        worn = hats(who, case)
        may: dict[Verb, set[str]] = {
            V.REMIND: AT_HAND | {"supervision"},
            V.REISSUE_CODE: AT_HAND,
            V.INFORM: AT_HAND,
            V.COMMENT: {"group"},
        }
        need(worn & may.get(verb, {"staff"}), "not his")
        self._words(said, "text")
        if verb == V.PUBLISH:
            need(not case.direct, "never public")
            case.published = True
        if verb == V.UNPUBLISH:
            need(case.published, "is not public")
            case.published = False
        if verb == V.SUPERVISE:
            case.supervised = True

    def _submit(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need("lead" in worn, "not the lead")
        case.status, case.invited = S.SUBMITTED, set()
        case.submitted = case.submitted or self.today
        case.due = deadlines.review_until(self.today, self.numbers[case.kind], self.calendar)
        case.leaves = set()

    def _cosign(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need("co_signer" in worn and who in case.invited, "not invited, or signed already")
        case.invited.discard(str(who))
        case.signed.add(str(who))

    def _send_back(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need("staff" in worn, "not staff")
        self._words(said)
        case.status, case.due, case.leaves, case.sent_back = S.DRAFT, None, set(), self.now

    def _accept(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need(worn & {"officer", "staff"}, "not his")
        case.status, case.due = S.ACCEPTED, None
        case.about = said.get("about") or case.about
        if said.get("about") in LEVEL and said["about"] == case.holder:
            case.holder, case.at_station = ORGANS[LEVEL[case.holder] - 1], False
        for child in self._linked(case):
            if child.status == S.ACCEPTED:
                child.status, child.parent, child.due = S.MERGED, case, None
                child.events += 1
                self._show(child, case)
            child.draft = None
        self._keep_out(case)

    def _decline(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need(worn & {"officer", "staff"}, "not his")
        self._words(said)
        self._words(said, "destination")
        case.status, case.due, case.closed = S.DECLINED, None, self.today
        case.by_station = "officer" in worn
        self._release(case)

    def _answer(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need(worn & {"officer", "staff"}, "not his")
        self._words(said, "text")
        need(said["result_class"] != "B", "no promise on the spot")
        case.answered = None
        self._answers(case, said["result_class"])

    def _transfer(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need(worn & {"officer", "staff"}, "not his")
        principals = [said["to"]] if said.get("to") else list(said.get("separate", ()))
        need(principals and (said.get("to") or len(principals) > 1), "one lead or several separate")
        assisting = [org for org in said.get("assisting", ()) if org not in principals]
        for org in (*principals, *assisting):
            need(org != case.about and org in UNITS[LEVEL[case.holder]], "not such a unit")
        t0 = said.get("t0") or self.today
        assert case.submitted is not None
        need(case.submitted <= t0 <= self.today, "T0 out of time")
        numbers, days = self.numbers[case.kind], self.calendar
        due = (deadlines.rehandle_due if case.again else deadlines.reply_due)(t0, numbers, days)
        limit = said.get("due")
        need(limit is None or t0 < limit <= due, "limit out of time")
        need((limit or due) >= self.today, "late before it begins")
        case.round += 1
        case.due, case.t0, case.status = limit or due, case.t0 or t0, S.TRANSFERRED
        until = deadlines.return_until(self.today, numbers, days)
        basis = "limit" if limit else "rehandle" if case.again else "profile"
        case.again = False
        for org in (*principals, *assisting):
            role = "assist" if org in assisting else "lead" if said.get("to") else "separate"
            own = min(case.due, deadlines.assist_due(t0, numbers, days)) if role == "assist" else case.due
            case.units.append(Unit(org, role, case.round, t0, own, basis, until))

    def _distribute(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        found = [
            u
            for u in case.open_units()
            if u.role == "lead" and (u.org in OFFICES or (u.via is not None and u.asks_return))
        ]
        need(found, "no office has the lead")
        now = found[-1]
        office = now.via or now
        own = ORG.get(who or "") == office.org and bool(worn & {"head", "clerk"})
        need(own or ("proxy" in worn and said.get("paper")), "not the office's")
        to = said["to"]
        need(to in UNITS[2] and to not in OFFICES and to not in (case.about, now.org), "no other department")
        for assisting in (u for u in case.open_units() if u.org == to):
            # Who takes the lead no longer assists.
            assisting.end("recalled")
        now.state = "distributed" if now.via is None else "returned"
        now.asks_return = now.asks_return and now.via is None
        until = deadlines.return_until(self.today, self.numbers[case.kind], self.calendar)
        case.units.append(Unit(to, "lead", now.round, now.t0, now.due, now.basis, until, via=office, first=now.first))
        case.status = S.TRANSFERRED

    def _recall(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need("staff" in worn, "not staff")
        self._words(said)
        self._to_accepted(case, "recalled")

    def _to_accepted(self, case: Case, state: str) -> None:
        for unit in case.open_units():
            unit.end(state)
        case.status, case.due = S.ACCEPTED, None

    def _escalate(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need(worn & {"officer", "staff"}, "not his")
        self._words(said)
        stays = case.at_station and LEVEL[case.holder] < 3
        need(stays or LEVEL[case.holder] > 1, "nothing above")
        case.holder, case.at_station = case.holder if stays else ORGANS[LEVEL[case.holder] - 1], False

    def _hand_down(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need("staff" in worn, "not staff")
        self._words(said)
        lowest = 3 if case.place == "town" and not case.direct else 2
        below = [n for n in range(LEVEL[case.holder] + 1, lowest + 1) if ORGANS[n] != case.about]
        need(below, "nothing below")
        case.holder, case.at_station = ORGANS[below[0]], False

    def _sign_for(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        unit = self._unit(case, who, worn, said, lambda u: u.state == "pending")
        unit.state = "handling"
        if unit.answers:
            case.status = S.HANDLING

    def _request_return(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        unit = self._unit(case, who, worn, said, lambda u: u.open and not u.asks_return)
        self._words(said)
        need(said.get("to") and said["to"] != unit.org, "whose is it then")
        own = ORG.get(who or "") == unit.org
        need(not own or unit.return_until is None or self.today <= unit.return_until, "too late")
        unit.asks_return = True

    def _approve_return(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        unit = self._decided(case, worn, said, lambda u: u.asks_return)
        unit.asks_return = False
        unit.state = "returned"
        others = [other for other in case.open_units() if other.answers]
        if unit.answers and not others:
            self._to_accepted(case, "recalled")
        elif unit.answers:
            case.due = min(other.due for other in others)

    def _refuse_return(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        self._words(said)
        self._decided(case, worn, said, lambda u: u.asks_return).asks_return = False

    def _decided(self, case: Case, worn: set[str], said: Any, fits: Any) -> Unit:
        need("staff" in worn, "not staff")
        found = [u for u in case.open_units() if u.org == said.get("unit") and fits(u)]
        need(found, "nothing was asked")
        return found[-1]

    def _request_extension(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        unit = self._unit(case, who, worn, said, lambda u: u.open and u.answers and u.asks_until is None)
        self._words(said)
        self._extendable(case, unit, said["due"])
        unit.asks_until = said["due"]

    def _extendable(self, case: Case, unit: Unit, until: date) -> None:
        latest = deadlines.extension_latest(unit.t0, self.numbers[case.kind])
        need(unit.due < until <= latest and until >= self.today, "no such extension")

    def _approve_extension(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        unit = self._decided(case, worn, said, lambda u: u.asks_until is not None)
        assert unit.asks_until is not None
        self._extendable(case, unit, unit.asks_until)
        unit.due, unit.basis, unit.asks_until = unit.asks_until, "extension", None
        case.due = min(u.due for u in case.open_units() if u.answers)

    def _refuse_extension(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        self._words(said)
        self._decided(case, worn, said, lambda u: u.asks_until is not None).asks_until = None

    def _contribute(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        unit = self._unit(case, who, worn, said, lambda u: u.open and u.role == "assist")
        self._words(said, "text")
        unit.state = "done"

    def _reply(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        unit = self._unit(case, who, worn, said, lambda u: u.state == "handling" and u.answers, signed=True)
        self._words(said, "text")
        promised = said.get("due")
        need((said["result_class"] == "B") == (promised is not None), "a promise has its day")
        need(promised is None or promised > self.today, "promised for yesterday")
        others = [other for other in case.open_units() if other.answers and other is not unit]
        silent = [other for other in case.open_units() if not other.answers]
        need(others or not silent or said.get("reason", "").strip(), "an assisting opinion is missing")
        unit.state, unit.result, unit.promise = "done", said["result_class"], promised
        if others:
            case.due = min(other.due for other in others)
            return
        for other in silent:
            other.state = "lapsed"
        case.answered = unit.round
        self._answers(case, max(u.result for u in case.units if u.round == unit.round and u.result))

    def _answers(self, case: Case, result: str) -> None:
        case.status, case.result, case.replied = S.REPLIED, result, self.today
        case.rating, case.rated = "", set()
        case.due = deadlines.feedback_until(self.today, self.numbers[case.kind], self.calendar)
        self._carry(case)

    def _feedback(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need(worn & ({"submitter", *AT_HAND} if case.opinion else {"lead", "co_signer"}), "not his to rate")
        need(
            case.opinion or "lead" in worn or (self.each_signer_rates and who in case.signed), "the lead rates for all"
        )
        bad = BAD in (said["process"], said["result"])
        need(not bad or said.get("text", "").strip(), "dissatisfied says why")
        word = BAD if bad else said["result"]
        rater = "" if case.opinion else str(who)
        root = case.root()
        if case.status == S.MERGED:
            need(root.status in (S.REPLIED, S.REVIEWING, S.TRACKING, S.CLOSED) and root.replied, "no answer yet")
            numbers = self.numbers[root.kind]
            need(not root.closed or self.today <= deadlines.reopen_until(root.closed, numbers), "too late")
        need(rater not in case.rated, "rated already")
        case.rated.add(rater)
        if case.status == S.MERGED:
            case.rating = word
            self._brought(root, bad)
            return
        case.rating = max(case.rating or word, word, key=RATINGS.index)
        signers = {"deputy", *case.signed}
        if bad:
            self._reviewed(case)
        elif case.opinion or not self.each_signer_rates or signers <= case.rated:
            self._ends(case)

    def _brought(self, root: Case, bad: bool) -> None:
        if bad and root.status == S.REPLIED:
            self._reviewed(root)
            root.events += 1
        elif bad and root.status == S.CLOSED and not root.pending:
            root.pending, root.at_station = True, False
            root.events += 1

    def _reviewed(self, case: Case) -> None:
        case.status, case.due, case.reviews = S.REVIEWING, None, case.reviews + 1

    def _ends(self, case: Case) -> None:
        promised = [unit.promise for unit in case.promises() if unit.promise]
        case.status = S.TRACKING if promised else S.CLOSED
        case.due = min(promised, default=None)
        case.closed = None if promised else self.today

    def _rehandle(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need("staff" in worn and not case.rehandled, "once, by staff")
        self._words(said)
        case.rehandled = case.again = True
        leads = [u for u in case.units if u.round == case.answered and u.role == "lead" and u.state == "done"]
        if not leads or said.get("to") not in (None, leads[-1].org):
            case.status, case.due, case.at_station = S.ACCEPTED, None, False
            return
        case.round += 1
        due = deadlines.rehandle_due(self.today, self.numbers[case.kind], self.calendar)
        case.units.append(Unit(leads[-1].org, "lead", case.round, self.today, due, "rehandle", None, "handling"))
        case.status, case.due = S.HANDLING, due

    def _uphold(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need("staff" in worn, "not staff")
        self._words(said)
        self._ends(case)

    def _assess(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need("staff" in worn and case.reviews > 1, "from the second one")
        self._words(said, "text")
        need(not case.promises(), "a promise is open")
        self._ends(case)

    def _fulfil(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        unit = self._unit(case, who, worn, said, lambda u: u in case.promises(), signed=True)
        self._words(said, "text")
        need(said["result_class"] != "B", "not promised twice")
        unit.promise, unit.result = None, said["result_class"]
        self._answers(case, max(u.result for u in case.units if u.round == unit.round and u.result))

    def _request_reopen(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need(worn & {"submitter", "lead"}, "not his")
        self._words(said)
        need(not case.asked, "once")
        assert case.closed is not None
        need(self.today <= deadlines.reopen_until(case.closed, self.numbers[case.kind]), "too late")
        case.asked = case.pending = True
        if case.status == S.DECLINED and not (case.by_station and case.at_station and LEVEL[case.holder] < 3):
            case.holder = ORGANS[max(1, LEVEL[case.holder] - 1)]
        case.at_station = False

    def _reopen(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need("staff" in worn, "not staff")
        self._words(said)
        case.status, case.due, case.closed = S.ACCEPTED, None, None
        case.at_station = case.pending = case.again = False
        self._forget(case)
        self._carry(case)

    def _forget(self, case: Case) -> None:
        case.replied, case.result, case.rating, case.answered, case.rated = None, "", "", None, set()

    # Cases that go on as one

    def _merge(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need(worn & {"officer", "staff"}, "not his")
        parent: Case = said["to"]
        need(parent is not case and sees(who, parent), "not such a case")
        need(parent.opinion and parent.status in OPEN, "not open")
        need(LEVEL[parent.holder] < 3 or case.place == "town", "not reached by its holder")
        need(case.direct == parent.direct, "a station is passed by, or not")
        need(case.about in (None, parent.about), "whom it keeps out would handle it")
        case.status, case.due, case.parent, case.draft = S.MERGED, None, parent, None
        self._keep_out(parent)
        self._show(case, parent)

    def _keep_out(self, parent: Case) -> None:
        """Whoever is out of the common case is out of all that goes on in it."""
        for child in self.cases:
            if child.parent is parent:
                child.about = child.about or parent.about
                self._keep_out(child)

    def _unmerge(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        raised = case.parent is not None and not case.parent.opinion
        need(worn & ({"staff"} if raised else {"officer", "staff"}), "not his")
        self._words(said)
        self._let_go(case)

    def _let_go(self, case: Case) -> None:
        case.status, case.parent, case.due = S.ACCEPTED, None, None
        self._forget(case)
        self._carry(case)

    def _show(self, child: Case, parent: Case) -> None:
        """A merged case shows the answer of the one that goes on for it, and rates it anew."""
        child.replied, child.result, child.rating, child.rated = parent.replied, parent.result, "", set()
        child.answered = None
        self._carry(child)

    def _carry(self, parent: Case) -> None:
        for child in self.cases:
            if child.parent is parent:
                self._show(child, parent)

    def _linked(self, draft: Case) -> list[Case]:
        return [case for case in self.cases if case.draft is draft]

    def _release(self, case: Case) -> None:
        for child in self.cases:
            if child.parent is case:
                self._let_go(child)
                child.events += 1
        for child in self._linked(case):
            self._not_raised(child)

    def _not_raised(self, child: Case) -> None:
        """Who read that a deputy takes the matter up reads that it came to nothing."""
        child.draft = None
        child.events += child.status == S.ACCEPTED

    def _raise(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need(case.opinion and worn & {"officer", "staff"}, "not his")
        need(not case.direct and case.about is None, "somebody is kept out")
        draft: Case = said["draft"]
        need(draft.status == S.DRAFT and case.draft is not draft, "no such draft")
        linked = self._linked(draft)
        need(said.get("begun") or any(sees(who, child) for child in linked), "not his draft")
        case.draft, case.linked = draft, self.now
        draft.events += 1

    def _withdraw(self, case: Case, who: str | None, worn: set[str], said: Any) -> None:
        need(worn & {"submitter", "lead", "co_signer"}, "not his")
        if not case.opinion and case.status != S.DRAFT:
            need(who == "deputy" or who in case.signed, "did not sign")
            need(who not in case.leaves, "has agreed")
            case.leaves.add(str(who))
            if {"deputy", *case.signed} - case.leaves:
                return
        need(case.opinion or case.status != S.DRAFT or "lead" in worn, "the lead's own")
        for unit in case.open_units():
            unit.end("recalled")
        case.status, case.due, case.draft = S.WITHDRAWN, None, None
        self._release(case)

    # What happens by itself

    def tick(self) -> None:
        for case in self.cases:
            self._move(case)
        for case in self.cases:
            if case.status == S.REPLIED and case.due is not None and case.due < self.today:
                self._ends(case)
                case.events += 1
        since = self.now - timedelta(days=60)
        for case in self.cases:
            draft = case.draft
            stale = draft is not None and draft.status == S.DRAFT and case.linked is not None and case.linked < since
            if stale and draft is not None and (draft.sent_back is None or draft.sent_back < since):
                self._not_raised(case)

    def _move(self, case: Case) -> None:
        rows = case.open_units() if case.status in WITH_UNIT else []
        first: date | None = None
        moved = False
        for unit in sorted(rows, key=lambda u: u.role == "assist"):
            due = deadlines.moved(
                unit.due,
                unit.t0,
                self.numbers[case.kind],
                self.calendar,
                role=unit.role,
                basis=unit.basis,
                today=self.today,
                lead_due=first,
            )
            moved |= due != unit.due
            unit.due = due
            if unit.answers:
                # An assisting opinion never comes after the first day of the one that it is for.
                own = unit.first if unit.basis in ("limit", "extension") else due
                first = min(own, first or own)
        if moved:
            case.events += 1
            case.due = min((u.due for u in rows if u.answers), default=case.due)
