"""Cases written in bulk, row for row as the services would have left them.

The services act now, one case at a time; a year of cases lies in the past and must be there within a minute. `Life`
therefore says the same verbs with a day of its own, asks the same table of moves and the same deadlines, and its rows
go to the `CaseBook`. What may drift apart is watched by suggestions.checks, and by a test that replays demo cases
through the services.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from accounts.calendar import SHANGHAI, in_words
from accounts.models import Organization, Region
from activities.models import Visit
from deputies.models import Congress, Deputy
from liaison.demo.book import CaseBook, a_scan
from stations.models import Station
from suggestions import deadlines
from suggestions.codes import code_hash, form_key_hash, query_code
from suggestions.models import (
    Assignment,
    Event,
    Feedback,
    Promise,
    Reply,
    ReturnRequest,
    Review,
    Suggestion,
)
from suggestions.models.sight import grams_of
from suggestions.permissions import Acting, acting_submitter, acting_system
from suggestions.services import CONSENT_VERSION
from suggestions.services.moves import must_be_called
from suggestions.workflow import Kind, Status, Verb, check

BAD = Suggestion.Rating.DISSATISFIED


class Life:
    """One case and the verbs that were said to it, each on its day and in the words of the services."""

    def __init__(
        self,
        book: CaseBook,
        *,
        text: str,
        region: Region,
        holder: Organization,
        on: date,
        by: Acting | None = None,
        kind: Kind = Kind.OPINION,
        key: str | None = None,
        title: str = "",
        request: str = "",
        place: str = "",
        station: Station | None = None,
        deputy: Deputy | None = None,
        lead: Deputy | None = None,
        congress: Congress | None = None,
        visit: Visit | None = None,
        direct: bool = False,
        name: str = "",
        phone: str = "",
        **fields: Any,
    ) -> None:
        self.book = book
        self.profile = book.profiles[kind]
        if key is None and kind == Kind.OPINION:
            key = f"{book.chance.getrandbits(128):032x}"
        self.last: datetime | None = None
        self.lead: Assignment | None = None
        self.open: list[Assignment] = []
        self.reply_given: Reply | None = None
        self.promise: Promise | None = None
        self.review: Review | None = None
        self.asked: ReturnRequest | None = None
        at = self._at(on)
        personal = bool(name or phone)
        self.row = Suggestion(
            number=book.number(on),
            kind=kind,
            status=Status.DRAFT,
            version=0,
            title=title,
            text=text,
            request=request,
            place=place,
            name=name,
            phone=phone,
            consent_version=CONSENT_VERSION if personal else "",
            consented_at=at if personal else None,
            direct=direct,
            station=station,
            deputy=deputy,
            lead=lead,
            congress=congress,
            visit=visit,
            region=region,
            region_path=region.path,
            holder=holder,
            at_station=kind == Kind.OPINION and station is not None and not direct,
            submitted_at=at,
            submitted_on=on,
            due_on=book.working(on, self.profile.review_working_days),
            form_key_hash=form_key_hash(key) if key else None,
            code_hash=code_hash(query_code(key)) if key else "",
            grams=grams_of(title, text, request) if lead else grams_of(text, place),
            **fields,
        )
        book.suggestions.append(self.row)
        if lead is None:
            self._say(Verb.SUBMIT, Status.SUBMITTED, by or acting_submitter(), at)
        else:
            self._say(
                Verb.SUBMIT,
                Status.SUBMITTED,
                by or acting_submitter(),
                at,
                public_text=f"{lead}领衔提出。",
                data={"cosigners": []},
            )

    def accept(self, by: Acting, on: date, *, problem: str, category: str, title: str = "", number: str = "") -> None:
        self._move(
            Verb.ACCEPT,
            Status.ACCEPTED,
            by,
            on,
            public_text="您的建议已经受理。" if self.row.kind == Kind.PROPOSAL else "您反映的事项已经受理。",
            category=self.book.categories[category],
            problem_kind=self.book.problem_kinds[problem],
            title=title or self.row.title,
            grams=self.row.found_by(title),
            proposal_number=number,
            due_on=None,
        )

    def decline(self, by: Acting, on: date, *, reason: str, destination: str) -> None:
        self._move(
            Verb.DECLINE,
            Status.DECLINED,
            by,
            on,
            public_text=f"{reason}\n您可以：{destination}",
            data={"reason": reason, "destination": destination, "by": str(by.hat)},
            due_on=None,
            closed_on=on,
            to_inform=must_be_called(self.row),
        )

    def answer(self, by: Acting, on: date, text: str, result_class: str = "A") -> None:
        self._keep_reply(by, on, text, result_class, assignment=None)
        self._move(
            Verb.ANSWER,
            Status.REPLIED,
            by,
            on,
            public_text=text,
            data={"result_class": result_class},
            **self._answered(on, result_class),
        )

    def escalate(self, by: Acting, on: date, *, to: Organization, reason: str) -> None:
        self._move(
            Verb.ESCALATE,
            Status.ACCEPTED,
            by,
            on,
            public_text=f"已上报{to}办理：{reason}",
            data={"to": to.pk, "from": self.row.holder_id, "reason": reason},
            holder=to,
            at_station=False,
        )

    def transfer(
        self,
        by: Acting,
        on: date,
        *,
        to: Organization,
        assisting: Iterable[Organization] = (),
        limit: date | None = None,
    ) -> None:
        assisting = list(assisting)
        calendar = self.book.calendar
        due = deadlines.reply_due(on, self.profile, calendar, limit=limit)
        number = 1 + (self.lead.round if self.lead else 0)
        self.open = [
            Assignment(
                suggestion=self.row,
                unit=unit,
                role=role,
                round=number,
                assigned_on=on,
                due_on=due_here,
                original_due_on=due_here,
                basis=Assignment.Basis.LIMIT if limit else Assignment.Basis.PROFILE,
                terms=self.book.terms[self.row.kind],
                return_until=self.book.working(on, self.profile.return_working_days),
            )
            for unit, role, due_here in [
                (to, Assignment.Role.LEAD, due),
                *(
                    (unit, Assignment.Role.ASSIST, min(due, deadlines.assist_due(on, self.profile, calendar)))
                    for unit in assisting
                ),
            ]
        ]
        self.lead = self.open[0]
        self.book.assignments.extend(self.open)
        others = f"（协办：{'、'.join(map(str, assisting))}）" if assisting else ""
        self._move(
            Verb.TRANSFER,
            Status.TRANSFERRED,
            by,
            on,
            public_text=f"已交{to}办理{others}，应于{in_words(due)}前答复。",
            data={"to": to.pk, "assisting": [u.pk for u in assisting], "separate": [], "t0": on.isoformat()},
            due_on=due,
            handed_over_on=self.row.handed_over_on or on,
        )

    def sign_for(self, by: Acting, on: date, *, source: str = "", paper: bool = False) -> None:
        assert self.lead is not None
        text = f"{self.lead.unit}已签收，正在办理。"
        self._move(Verb.SIGN_FOR, Status.HANDLING, by, on, public_text=text, source=source, paper=paper)
        self.lead.state, self.lead.signed_for_at = Assignment.State.HANDLING, self.last

    def request_return(self, by: Acting, on: date, *, to: Organization, reason: str) -> None:
        assert self.lead is not None
        self._move(
            Verb.REQUEST_RETURN,
            Status(self.row.status),
            by,
            on,
            inner_note=f"{reason}\n应由{to}办理。",
            data={"to": to.pk, "late": False},
        )
        assert self.last is not None
        self.asked = ReturnRequest(assignment=self.lead, reason=reason, right_unit=to, requested_at=self.last)
        self.book.returns.append(self.asked)

    def approve_return(self, by: Acting, on: date, *, reason: str = "") -> None:
        assert self.lead is not None and self.asked is not None
        self._move(
            Verb.APPROVE_RETURN,
            Status.ACCEPTED,
            by,
            on,
            public_text=f"经核实不属于{self.lead.unit}职责，将重新确定承办单位。",
            inner_note=reason,
            due_on=None,
        )
        self.asked.decision, self.asked.words, self.asked.decided_at = (
            ReturnRequest.Decision.APPROVED,
            reason,
            self.last,
        )
        self._end_open(Assignment.State.RETURNED)

    def contribute(self, by: Acting, on: date, text: str) -> None:
        """The one assisting unit, to the lead."""
        own = next(a for a in self.open if a.role == Assignment.Role.ASSIST)
        self._move(
            Verb.CONTRIBUTE,
            Status(self.row.status),
            by,
            on,
            public_text=f"{own.unit}已向主办单位提出协办意见。",
            inner_note=text,
        )
        own.state, own.opinion = Assignment.State.DONE, text
        own.ended_at = own.signed_for_at = self.last
        self.open.remove(own)

    def inform(self, by: Acting, on: date, text: str) -> None:
        """Whoever left no more than a telephone number is called: by the station."""
        self._move(
            Verb.INFORM,
            Status(self.row.status),
            by,
            on,
            public_text=f"已于{in_words(on)}电话告知反映人。",
            inner_note=text,
            data={"on": on.isoformat()},
            to_inform=False,
        )

    def reply(
        self,
        by: Acting,
        on: date,
        text: str,
        result_class: str = "A",
        *,
        promised_on: date | None = None,
        document: str = "",
        source: str = "",
        signer: str = "",
        reason: str = "",
        paper: bool = False,
    ) -> None:
        """`reason`: why not to wait for the assisting opinion that is missing."""
        reply = self._keep_reply(by, on, text, result_class, assignment=self.lead, document=document, signer=signer)
        if promised_on is not None:
            self.promise = Promise(reply=reply, text=text, promised_on=promised_on)
            self.book.promises.append(self.promise)
        self._move(
            Verb.REPLY,
            Status.REPLIED,
            by,
            on,
            public_text=text,
            inner_note=f"协办意见未到，先行答复：{reason}" if reason else "",
            data={"result_class": result_class},
            source=source,
            paper=paper,
            **self._answered(on, result_class),
        )
        for assignment in self.open:
            if assignment is not self.lead:
                assignment.state, assignment.ended_at = Assignment.State.LAPSED, self.last
        self.open = [self.lead] if self.lead else []
        self._end_open(Assignment.State.DONE)

    def fulfil(self, by: Acting, on: date, text: str, result_class: str = "A") -> None:
        assert self.promise is not None
        self.promise.fulfilled_on = on
        self.promise = None
        self._keep_reply(by, on, text, result_class, assignment=self.lead)
        self._move(
            Verb.FULFIL,
            Status.REPLIED,
            by,
            on,
            public_text=text,
            data={"result_class": result_class},
            **self._answered(on, result_class),
        )

    def feedback(self, on: date, process: str, result: str, text: str = "", by: Acting | None = None) -> None:
        assert self.reply_given is not None
        at = self._at(on)
        given = Feedback(
            suggestion=self.row,
            reply=self.reply_given,
            process=process,
            result=result,
            text=text,
            signer=self.row.lead,
            at=at,
        )
        self.book.feedbacks.append(given)
        dissatisfied = BAD in (process, result)
        if dissatisfied:
            self.review = Review(suggestion=self.row, feedback=given)
            self.book.reviews.append(self.review)
        promise = self.promise if self.reply_given.result_class == "B" else None
        to = Status.REVIEWING if dissatisfied else Status.TRACKING if promise else Status.CLOSED
        self._say(
            Verb.FEEDBACK,
            to,
            by or acting_submitter(),
            at,
            public_text=f"对过程{given.get_process_display()}，对结果{given.get_result_display()}。{text}",
            data={"process": process, "result": result},
            rating=BAD if dissatisfied else result,
            to_inform=False,
            due_on=promise.promised_on if to == Status.TRACKING and promise else None,
            closed_on=on if to == Status.CLOSED else None,
        )

    def close(self) -> None:
        """On the first day after the time for rating, by the system, at night."""
        assert self.row.due_on is not None and self.reply_given is not None
        promise = self.promise if self.reply_given.result_class == "B" else None
        on = self.row.due_on + timedelta(days=1)
        text = (
            "期限内没有收到评价，继续跟踪承诺事项。"
            if promise
            else "期限内没有收到评价，按“未评价”办结。您仍可申请重新受理。"
        )
        self._say(
            Verb.CLOSE,
            Status.TRACKING if promise else Status.CLOSED,
            acting_system(),
            datetime.combine(on, time(0, 5), SHANGHAI),
            public_text=text,
            due_on=promise.promised_on if promise else None,
            closed_on=None if promise else on,
        )

    def rehandle(self, by: Acting, on: date, *, reason: str) -> None:
        """By the same unit, within a month."""
        assert self.lead is not None
        at = self._at(on)
        self._decide(Review.Decision.REHANDLE, reason, by, at)
        due = deadlines.rehandle_due(on, self.profile, self.book.calendar)
        self.lead = Assignment(
            suggestion=self.row,
            unit=self.lead.unit,
            role=Assignment.Role.LEAD,
            round=self.lead.round + 1,
            state=Assignment.State.HANDLING,
            assigned_on=on,
            due_on=due,
            original_due_on=due,
            basis=Assignment.Basis.REHANDLE,
            terms=self.book.terms[self.row.kind],
            signed_for_at=at,
        )
        self.open = [self.lead]
        self.book.assignments.append(self.lead)
        self._say(
            Verb.REHANDLE,
            Status.HANDLING,
            by,
            at,
            public_text=f"请{self.lead.unit}重新办理，应于{in_words(due)}前再次答复：{reason}",
            due_on=due,
        )

    def uphold(self, by: Acting, on: date, *, reason: str) -> None:
        at = self._at(on)
        self._decide(Review.Decision.UPHOLD, reason, by, at)
        promise = self.promise if self.row.result_class == "B" else None
        self._say(
            Verb.UPHOLD,
            Status.TRACKING if promise else Status.CLOSED,
            by,
            at,
            public_text=reason,
            due_on=promise.promised_on if promise else None,
            closed_on=None if promise else on,
            to_inform=must_be_called(self.row),
        )

    def request_reopen(self, on: date, *, reason: str, holder: Organization | None = None) -> None:
        holder = holder or self.row.holder
        self._move(
            Verb.REQUEST_REOPEN,
            Status(self.row.status),
            acting_submitter(),
            on,
            public_text=reason,
            data={"to": holder.pk},
            reopen_requested_on=on,
            holder=holder,
            at_station=False,
        )

    def _keep_reply(
        self,
        by: Acting,
        on: date,
        text: str,
        result_class: str,
        *,
        assignment: Assignment | None,
        document: str = "",
        signer: str = "",
    ) -> Reply:
        self.reply_given = Reply(
            suggestion=self.row,
            assignment=assignment,
            result_class=result_class,
            text=text,
            document_number=document,
            signer=signer or (by.label if assignment else ""),
            replied_on=on,
            by=by.by,
        )
        self.book.replies.append(self.reply_given)
        return self.reply_given

    def _answered(self, on: date, result_class: str) -> dict[str, Any]:
        return {
            "result_class": result_class,
            "rating": "",
            "replied_on": on,
            "due_on": self.book.working(on, self.profile.feedback_working_days),
            "to_inform": must_be_called(self.row),
        }

    def _decide(self, decision: str, words: str, by: Acting, at: datetime) -> None:
        assert self.review is not None
        self.review.decision, self.review.words = decision, words
        self.review.decided_by, self.review.decided_at = by.by, at

    def _end_open(self, state: str) -> None:
        for assignment in self.open:
            assignment.state, assignment.ended_at = state, self.last
        self.open = []

    def _at(self, on: date) -> datetime:
        """Some minute of office hours, later than what went before and never later than now."""
        minutes = self.book.chance.randrange(15, 90)
        at = datetime.combine(on, time(9), SHANGHAI) + timedelta(minutes=minutes * 4)
        if self.last is not None and at <= self.last:
            at = self.last + timedelta(minutes=minutes)
            if timezone.localdate(at, SHANGHAI) > on:
                at = self.last
        return min(at, self.book.now)

    def _move(self, verb: Verb, to: Status, by: Acting, on: date, **words: Any) -> None:
        self._say(verb, to, by, self._at(on), **words)

    def _say(
        self,
        verb: Verb,
        to: Status,
        by: Acting,
        at: datetime,
        *,
        public_text: str = "",
        inner_note: str = "",
        data: dict[str, Any] | None = None,
        source: str = "",
        paper: bool = False,
        **changes: Any,
    ) -> None:
        row = self.row
        before = Status(row.status)
        check(verb, Kind(row.kind), before, to)
        for field, value in changes.items():
            setattr(row, field, value)
        row.status = to
        row.version += 1
        self.last = at
        data = data or {}
        if "due_on" in changes or verb is Verb.SUBMIT:
            data["due"] = row.due_on and row.due_on.isoformat()
        event = Event(
            suggestion=row,
            version=row.version,
            verb=verb,
            actor=by.by,
            actor_label=by.label,
            office=by.office,
            on_behalf_of=by.on_behalf_of,
            source=source,
            at=at,
            from_status=before,
            to_status=to,
            public_text=public_text,
            inner_note=inner_note,
            data=data,
        )
        self.book.events.append(event)
        if paper:
            self.book.papers.append((event, a_scan(f"{row.number} / {at:%Y-%m-%d}")))
