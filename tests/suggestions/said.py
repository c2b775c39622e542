"""Every verb with the service that says it: `SAID[verb](suggestion, world, user, words)`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import User
from deputies.models import Deputy
from suggestions import services
from suggestions.codes import new_form_key
from suggestions.models import Merge, Suggestion
from suggestions.services.proposals import draft
from suggestions.workflow import Verb
from tests.cast import World, a_paper, some_words

Said = Callable[[Suggestion, World, User | None, dict[str, Any]], Any]


def _plain(service: Callable[..., Any]) -> Said:
    """The service is called with the words as they are."""
    return lambda s, w, by, words: service(s, by=by, **words)


def _accept(s: Suggestion, w: World, by: User | None, words: dict[str, Any]) -> Any:
    return services.accept(
        s,
        category=w.category,
        problem_kind=w.problem_kind,
        about_unit=words.get("about"),
        by=by,  # type: ignore[arg-type]
    )


def _publish(s: Suggestion, w: World, by: User | None, words: dict[str, Any]) -> Any:
    return services.publish(s, title="用电成本", by=by, checked=True, **words)  # type: ignore[arg-type]


def _supervise(s: Suggestion, w: World, by: User | None, words: dict[str, Any]) -> Any:
    return services.supervise(s, leader=words["text"], group=getattr(w, "group", None), by=by)  # type: ignore[arg-type]


def _consult(s: Suggestion, w: World, by: User | None, words: dict[str, Any]) -> Any:
    parties = dict.fromkeys(("committee", "supervision", "group", "unit", "deputy"), "参加")
    return services.consult(s, held_on=today(), minutes=words["text"], by=by, **parties)  # type: ignore[arg-type]


def _record(s: Suggestion, w: World, by: User | None, words: dict[str, Any]) -> Any:
    return services.record(
        s,
        kind="instruction",
        text=words["text"],
        recorded_on=today(),
        by=by,
        document=a_paper(),  # type: ignore[arg-type]
    )


def _reissue(s: Suggestion, w: World, by: User | None, words: dict[str, Any]) -> Any:
    return services.reissue_code(s, text=words["text"], form_key=new_form_key(), by=by)  # type: ignore[arg-type]


def _transfer(s: Suggestion, w: World, by: User | None, words: dict[str, Any]) -> Any:
    words = dict(words)
    return services.transfer(s, by=by, handed_over_on=words.pop("t0", None), **words)  # type: ignore[arg-type]


def _reply(s: Suggestion, w: World, by: User | None, words: dict[str, Any]) -> Any:
    return services.reply(s, by=by, signer="冯经理", **words)  # type: ignore[arg-type]


def _fulfil(s: Suggestion, w: World, by: User | None, words: dict[str, Any]) -> Any:
    return services.fulfil(s, by=by, signer="冯经理", **words)  # type: ignore[arg-type]


def _assess(s: Suggestion, w: World, by: User | None, words: dict[str, Any]) -> Any:
    return services.assess(s, by=by, text=words["text"])  # type: ignore[arg-type]


def _raise(s: Suggestion, w: World, by: User | None, words: dict[str, Any]) -> Any:
    return services.raise_(s, by=by, draft=words["draft"])  # type: ignore[arg-type]


SAID: dict[Verb, Said] = {
    Verb.SUBMIT: _plain(services.submit_proposal),
    Verb.COSIGN: _plain(services.cosign),
    Verb.SEND_BACK: _plain(services.send_back),
    Verb.ACCEPT: _accept,
    Verb.DECLINE: _plain(services.decline),
    Verb.ANSWER: _plain(services.answer),
    Verb.TRANSFER: _transfer,
    Verb.DISTRIBUTE: _plain(services.distribute),
    Verb.RECALL: _plain(services.recall),
    Verb.ESCALATE: _plain(services.escalate),
    Verb.HAND_DOWN: _plain(services.hand_down),
    Verb.SIGN_FOR: _plain(services.sign_for),
    Verb.REQUEST_RETURN: _plain(services.request_return),
    Verb.APPROVE_RETURN: _plain(services.approve_return),
    Verb.REFUSE_RETURN: _plain(services.refuse_return),
    Verb.REQUEST_EXTENSION: _plain(services.request_extension),
    Verb.APPROVE_EXTENSION: _plain(services.approve_extension),
    Verb.REFUSE_EXTENSION: _plain(services.refuse_extension),
    Verb.CONTRIBUTE: _plain(services.contribute),
    Verb.REPLY: _reply,
    Verb.FEEDBACK: _plain(services.feedback),
    Verb.REHANDLE: _plain(services.rehandle),
    Verb.UPHOLD: _plain(services.uphold),
    Verb.ASSESS: _assess,
    Verb.FULFIL: _fulfil,
    Verb.CLOSE: lambda s, w, by, words: services.close(s),
    Verb.REQUEST_REOPEN: _plain(services.request_reopen),
    Verb.REOPEN: _plain(services.reopen),
    Verb.MERGE: _plain(services.merge),
    Verb.UNMERGE: _plain(services.unmerge),
    Verb.RAISE: _raise,
    Verb.WITHDRAW: _plain(services.withdraw),
    Verb.REMIND: _plain(services.remind),
    Verb.SUPERVISE: _supervise,
    Verb.CONSULT: _consult,
    Verb.PUBLISH: _publish,
    Verb.UNPUBLISH: lambda s, w, by, words: services.unpublish(s, reason=words["text"], by=by),  # type: ignore[arg-type]
    Verb.REISSUE_CODE: _reissue,
    Verb.COMMENT: _plain(services.comment),
    Verb.INFORM: _plain(services.inform),
    Verb.RECORD: _record,
    Verb.MOVE_DUE: lambda s, w, by, words: services.move_due(s),
}


def submitted(world: World, place: str, **statement: Any) -> Suggestion:
    station = world.county_station if place == "county" else world.station
    words = services.Statement(text="变压器功率过大，用电成本高。", **statement)
    return services.submit(words, form_key=new_form_key(), station=station)


def drafted(world: World, colleagues: Iterable[Deputy]) -> Suggestion:
    return draft(some_words(world), by=world.users["deputy"], cosigners=colleagues)


def begun_draft(world: World, opinion: Suggestion, by: User) -> Suggestion | None:
    """The draft that `raise_` begins for 李代表; None where it was refused."""
    try:
        services.raise_(opinion, by=by, to=world.deputy, title="关于用电成本的建议")
    except Refused:
        return None
    return Merge.objects.standing().get(child=opinion).parent
