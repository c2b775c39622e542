"""The table, pure: every verb, every pair of states, both kinds. A new state or verb fails here until it is thought about."""

from itertools import product

import pytest

from suggestions.permissions import RIGHTS
from suggestions.workflow import OPEN, TABLE, IllegalMove, Kind, Status, Verb, check, possible, targets

# Written out by hand from architecture.md, apart from the code: verb → (kinds, sources, targets); "=" stays
# (an assisting unit, one of several separate ones, one of several signers).

open_states = "submitted accepted transferred handling replied reviewing tracking"
living = "submitted accepted transferred handling replied reviewing tracking closed declined merged"
EXPECTED = {
    "submit": [("OP", "draft", "submitted")],
    "cosign": [("P", "draft", "=")],
    "send_back": [("P", "submitted", "draft")],
    "accept": [("OP", "submitted", "accepted")],
    "decline": [("OP", "submitted accepted", "declined")],
    "answer": [("O", "submitted accepted", "replied")],
    "transfer": [("OP", "accepted", "transferred")],
    "distribute": [("OP", "transferred handling", "transferred")],
    "recall": [("OP", "transferred handling", "accepted")],
    "escalate": [("O", "accepted", "=")],
    "hand_down": [("O", "accepted", "=")],
    "sign_for": [("OP", "transferred", "handling ="), ("OP", "handling", "=")],
    "request_return": [("OP", "transferred handling", "=")],
    "approve_return": [("OP", "transferred handling", "accepted =")],
    "refuse_return": [("OP", "transferred handling", "=")],
    "request_extension": [("OP", "transferred handling", "=")],
    "approve_extension": [("OP", "transferred handling", "=")],
    "refuse_extension": [("OP", "transferred handling", "=")],
    "contribute": [("OP", "transferred handling", "=")],
    "reply": [("OP", "handling", "replied =")],
    "feedback": [("OP", "replied", "closed tracking reviewing"), ("P", "replied", "="), ("O", "merged", "=")],
    "rehandle": [("OP", "reviewing", "handling accepted")],
    "uphold": [("OP", "reviewing", "closed tracking")],
    "assess": [("OP", "reviewing", "closed")],
    "fulfil": [("OP", "tracking", "replied")],
    "close": [("OP", "replied", "closed tracking")],
    "request_reopen": [("OP", "closed declined", "=")],
    "reopen": [("OP", "closed declined", "accepted")],
    "merge": [("O", "submitted accepted", "merged")],
    "unmerge": [("O", "merged", "accepted")],
    "raise": [("P", "draft", "="), ("O", "accepted", "=")],
    "withdraw": [
        ("OP", "draft submitted accepted transferred handling", "withdrawn"),
        ("P", "submitted accepted transferred handling", "="),
    ],
    "remind": [("OP", open_states, "=")],
    "supervise": [("OP", open_states, "=")],
    "consult": [("OP", open_states, "=")],
    "publish": [("OP", living, "=")],
    "unpublish": [("OP", living, "=")],
    "reissue_code": [("O", living, "=")],
    "comment": [("OP", open_states, "=")],
    "inform": [("OP", living, "=")],
    "record": [("OP", living, "=")],
    "move_due": [("OP", "accepted transferred handling replied reviewing tracking", "=")],
}
STATES = "draft submitted accepted transferred handling replied reviewing tracking closed declined merged withdrawn"


def expected(verb: str, kind: Kind, source: str) -> set[str]:
    found: set[str] = set()
    for kinds, sources, to in EXPECTED[verb]:
        if ("O" if kind is Kind.OPINION else "P") in kinds and source in sources.split():
            found |= {source if target == "=" else target for target in to.split()}
    return found


def test_every_state_is_known_to_this_test() -> None:
    assert list(Status) == STATES.split()


def test_every_verb_is_known_to_this_test_and_to_the_tables() -> None:
    assert set(Verb) == set(EXPECTED) == set(TABLE) == set(RIGHTS)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("verb", Verb)
def test_every_pair_of_states_is_allowed_or_refused_as_written(verb: Verb, kind: Kind) -> None:
    for source, target in product(Status, Status):
        if target.value in expected(verb, kind, source):
            check(verb, kind, source, target)
        else:
            with pytest.raises(IllegalMove):
                check(verb, kind, source, target)


def test_open_is_submitted_to_tracking() -> None:
    assert set(open_states.split()) == OPEN


@pytest.mark.parametrize("kind", Kind)
def test_every_open_state_has_a_way_on_and_a_final_one_none(kind: Kind) -> None:
    for status in OPEN:
        assert any(targets(verb, kind, status) - {status} for verb in possible(kind, status))
    assert possible(kind, Status.WITHDRAWN) == []


def test_every_state_but_draft_is_reached_by_some_verb() -> None:
    reached = {
        target
        for verb, kind, source in product(Verb, Kind, Status)
        for target in targets(verb, kind, source) - {source}
    }
    assert reached == set(Status)


def test_the_machine_says_in_chinese_what_is_not_possible() -> None:
    with pytest.raises(IllegalMove, match="群众意见“已办结”时不能转办"):
        check(Verb.TRANSFER, Kind.OPINION, Status.CLOSED, Status.TRANSFERRED)


def test_only_proposals_are_sent_back_and_only_opinions_answered_on_the_spot() -> None:
    assert not targets(Verb.SEND_BACK, Kind.OPINION, Status.SUBMITTED)
    assert not targets(Verb.ANSWER, Kind.PROPOSAL, Status.SUBMITTED)
