"""What somebody who knows the rules would say: the words of each verb, and who may say it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from suggestions.workflow import Status, Verb
from tests.suggestions.model import Model
from tests.suggestions.people import BAD, LEVEL, OFFICES, ORG, RATINGS, SERVES, SIGNERS, UNITS, Case, Unit, hats

V = Verb
USERS: list[str | None] = [None, *ORG, *SIGNERS, "group_user", *SERVES, "other_officer", "system_admin", "auditor"]
INTAKE, STAFF, UNIT, SIGNED = {"officer", "staff"}, {"staff"}, {"clerk", "head", "proxy"}, {"head", "proxy"}
AT_HAND = {"officer", "station", "staff"}
SAID_BY: dict[Verb, set[str]] = {
    V.SUBMIT: {"lead"},
    V.COSIGN: {"co_signer"},
    V.ACCEPT: INTAKE,
    V.DECLINE: INTAKE,
    V.ANSWER: INTAKE,
    V.TRANSFER: INTAKE,
    V.ESCALATE: INTAKE,
    V.MERGE: INTAKE,
    V.UNMERGE: INTAKE,
    V.RAISE: INTAKE,
    V.REPLY: SIGNED,
    V.FULFIL: SIGNED,
    V.FEEDBACK: {"submitter", "lead", "co_signer", *AT_HAND},
    V.REQUEST_REOPEN: {"submitter", "lead"},
    V.WITHDRAW: {"submitter", "lead", "co_signer"},
    V.REMIND: AT_HAND | {"supervision"},
    V.REISSUE_CODE: AT_HAND,
    V.INFORM: AT_HAND,
    V.COMMENT: {"group"},
    **dict.fromkeys((V.DISTRIBUTE, V.SIGN_FOR, V.REQUEST_RETURN, V.REQUEST_EXTENSION, V.CONTRIBUTE), UNIT),
}
ABOUT_A_UNIT: dict[Verb, Callable[[Unit], bool]] = {
    V.SIGN_FOR: lambda u: u.state == "pending",
    V.REQUEST_RETURN: lambda u: u.open and not u.asks_return,
    V.APPROVE_RETURN: lambda u: u.open and u.asks_return,
    V.REFUSE_RETURN: lambda u: u.open and u.asks_return,
    V.REQUEST_EXTENSION: lambda u: u.open and u.answers and u.asks_until is None,
    V.APPROVE_EXTENSION: lambda u: u.open and u.asks_until is not None,
    V.REFUSE_EXTENSION: lambda u: u.open and u.asks_until is not None,
    V.CONTRIBUTE: lambda u: u.open and not u.answers,
    V.REPLY: lambda u: u.state == "handling" and u.answers,
    V.FULFIL: lambda u: u.promise is not None,
    V.DISTRIBUTE: lambda u: u.open and u.role == "lead" and (u.org in OFFICES or (u.via is not None and u.asks_return)),
}


def honest_speakers(verb: Verb, case: Case, model: Model, said: dict[str, Any]) -> list[str | None]:
    """Who wears a hat that may say the verb; of units, the one that is named."""
    found = []
    for who in USERS:
        worn = hats(who, case) & SAID_BY.get(verb, STAFF)
        own = ORG.get(who or "") in (said.get("unit"), said.get("office"))
        if worn and (verb not in ABOUT_A_UNIT or own or worn & {"proxy", "staff"}):
            found.append(who)
    return found


def sensible(verb: Verb, case: Case, model: Model, draw: Random) -> dict[str, Any]:
    said = _SENSIBLE.get(verb, _words)(case, model, draw)
    fits = ABOUT_A_UNIT.get(verb)
    if fits is not None:
        units = [unit.org for unit in case.units if fits(unit)] or [unit.org for unit in case.units] or ["power"]
        said["unit"] = draw.choice(units)
    return said


def _words(case: Case, model: Model, draw: Random) -> dict[str, Any]:
    return {"text": "情况属实。"}


def _reason(case: Case, model: Model, draw: Random) -> dict[str, Any]:
    return {"reason": "情况属实。"}


def _units(case: Case) -> list[str]:
    units = [org for org in UNITS[LEVEL[case.holder]] if org != case.about]
    return units or ["power"]


def _accept(case: Case, model: Model, draw: Random) -> dict[str, Any]:
    organ = {"township_organ": "township_organ"}.get(case.holder, "power")
    return {"about": organ if case.opinion and draw.randint(0, 9) == 0 else None}


def _transfer(case: Case, model: Model, draw: Random) -> dict[str, Any]:
    units = _units(case)
    chosen = draw.sample(units, draw.randint(1, min(3, len(units))))
    said: dict[str, Any] = {"to": chosen[0], "assisting": chosen[1:]}
    if len(chosen) > 1 and draw.random() < 0.5:
        # Two that answer; a third one assists.
        said = {"separate": chosen[:2], "assisting": chosen[2:]}
    how = draw.choice(["", "", "", "t0", "due"])
    if how == "t0" and case.submitted is not None:
        said["t0"] = max(case.submitted, model.today - timedelta(days=draw.randint(0, 5)))
    elif how == "due":
        said["due"] = model.today + timedelta(days=draw.randint(1, 30))
    return said


def _distribute(case: Case, model: Model, draw: Random) -> dict[str, Any]:
    to = draw.choice([org for org in UNITS[2] if org not in OFFICES])
    leads = [unit for unit in case.open_units() if unit.role == "lead"]
    office = (leads[-1].via or leads[-1]).org if leads else None
    return {"to": to, "office": office}


def _request_return(case: Case, model: Model, draw: Random) -> dict[str, Any]:
    return {"reason": "不属本单位职责。", "to": draw.choice(UNITS[2])}


def _request_extension(case: Case, model: Model, draw: Random) -> dict[str, Any]:
    day = case.due or model.today
    return {"reason": "正在施工。", "due": day + timedelta(days=draw.choice([1, 2, 5, 30, 100]))}


def _reply(case: Case, model: Model, draw: Random) -> dict[str, Any]:
    result = draw.choice("AABBCD")
    said: dict[str, Any] = {
        "result_class": result,
        "text": "已经办理。",
        "reason": draw.choice(["先行答复。", ""]),
    }
    if result == "B":
        said["due"] = model.today + timedelta(days=draw.randint(1, 200))
    return said


def _answer(case: Case, model: Model, draw: Random) -> dict[str, Any]:
    return {"result_class": draw.choice("ACD"), "text": "已当场解释。"}


def _feedback(case: Case, model: Model, draw: Random) -> dict[str, Any]:
    process, result = draw.choice(RATINGS), draw.choice(RATINGS)
    return {"process": process, "result": result, "text": "还没修好。" if BAD in (process, result) else ""}


def _rehandle(case: Case, model: Model, draw: Random) -> dict[str, Any]:
    return {"reason": "请再去看。", "to": draw.choice([None, None, "power", "roads"])}


def _merge(case: Case, model: Model, draw: Random) -> dict[str, Any]:
    return {"to": draw.choice([found for found in model.cases if found.opinion])}


def _raise(case: Case, model: Model, draw: Random) -> dict[str, Any]:
    """To a draft that there is, or to one begun on the way."""
    drafts = [found for found in model.cases if found.status == Status.DRAFT]
    return {"draft": draw.choice([None, *drafts]) if case.opinion else case}


def _nothing(case: Case, model: Model, draw: Random) -> dict[str, Any]:
    return {}


_SENSIBLE: dict[Verb, Callable[[Case, Model, Random], dict[str, Any]]] = {
    V.SUBMIT: _nothing,
    V.COSIGN: _nothing,
    V.SIGN_FOR: _nothing,
    V.ACCEPT: _accept,
    V.DECLINE: lambda case, model, draw: {"reason": "个人纠纷。", "destination": "请向法院起诉。"},
    V.ANSWER: _answer,
    V.TRANSFER: _transfer,
    V.DISTRIBUTE: _distribute,
    V.REQUEST_RETURN: _request_return,
    V.REQUEST_EXTENSION: _request_extension,
    V.REPLY: _reply,
    V.FULFIL: _answer,
    V.FEEDBACK: _feedback,
    V.REHANDLE: _rehandle,
    V.MERGE: _merge,
    V.RAISE: _raise,
    **dict.fromkeys(
        (
            V.SEND_BACK,
            V.RECALL,
            V.ESCALATE,
            V.HAND_DOWN,
            V.APPROVE_RETURN,
            V.REFUSE_RETURN,
            V.APPROVE_EXTENSION,
            V.REFUSE_EXTENSION,
            V.UPHOLD,
            V.REQUEST_REOPEN,
            V.REOPEN,
            V.UNMERGE,
            V.WITHDRAW,
        ),
        _reason,
    ),
}
