"""Who is who, what a case is made of, who reads it and in which capacity: in plain Python, for the model of the case.

Names of people and organisations are those of the cast.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from suggestions.workflow import WITH_UNIT, Kind, Status, Verb

S, V = Status, Verb
ORG = {
    "township_staff": "township_organ",
    "county_staff": "county_organ",
    "city_staff": "city_organ",
    "other_staff": "other_organ",
    "supervision_office": "supervision",
    "supervision_head": "supervision",
    "unit_clerk": "power",
    "unit_head": "power",
    "office_clerk": "office",
    "office_head": "office",
    "agriculture_clerk": "agriculture",
    "agriculture_head": "agriculture",
    "village_head": "village",
}
LEVEL = {"township_organ": 3, "county_organ": 2, "city_organ": 1}
ORGANS = {level: organ for organ, level in LEVEL.items()}
UNITS = {2: ("power", "roads", "supervision", "office", "agriculture"), 3: ("village",), 1: ()}
OFFICES = ("office", "supervision")
HEADS = {user for user in ORG if user.endswith("_head")}
SIGNERS = ("deputy", "second_user", "third_user")
# At which station somebody serves.
SERVES = {"town_officer": "county", "station_officer": "town", "station_head": "town"}
BAD = "dissatisfied"
RATINGS = ("satisfied", "basically", BAD)
AT_HAND = {"officer", "station", "staff"}
SILENT = {V.REMIND, V.SUPERVISE, V.CONSULT, V.PUBLISH, V.UNPUBLISH, V.REISSUE_CODE, V.COMMENT, V.INFORM, V.RECORD}


class No(Exception):
    """The model refuses."""


def need(condition: object, why: str) -> None:
    if not condition:
        raise No(why)


@dataclass
class Unit:
    org: str
    role: str
    round: int
    t0: date
    due: date
    basis: str
    return_until: date | None
    state: str = "pending"
    via: Unit | None = None
    asks_return: bool = False
    asks_until: date | None = None
    result: str = ""
    promise: date | None = None
    first: date = date.max  # the due day of the hand-over

    def __post_init__(self) -> None:
        self.first = min(self.first, self.due)

    @property
    def open(self) -> bool:
        return self.state in ("pending", "handling")

    @property
    def answers(self) -> bool:
        return self.role != "assist"

    def end(self, state: str) -> None:
        if self.open:
            self.state = state


@dataclass(eq=False, repr=False)
class Case:
    key: int
    kind: Kind
    place: str
    status: Status
    holder: str
    station: str | None = None  # where it was heard
    due: date | None = None
    direct: bool = False
    at_station: bool = False
    about: str | None = None
    submitted: date | None = None
    t0: date | None = None
    replied: date | None = None
    closed: date | None = None
    result: str = ""
    rating: str = ""
    units: list[Unit] = field(default_factory=list)
    round: int = 0
    answered: int | None = None  # the round of the reply that stands; None: on the spot, or none
    rated: set[str] = field(default_factory=set)  # who has rated the standing reply; "" is the submitter
    reviews: int = 0
    rehandled: bool = False
    again: bool = False  # the next hand-over is that of 重新办理
    asked: bool = False  # to take it up again, by its own submitter
    pending: bool = False
    by_station: bool = False  # declined by it
    parent: Case | None = None
    draft: Case | None = None  # raised to it, waiting
    linked: datetime | None = None
    sent_back: datetime | None = None
    invited: set[str] = field(default_factory=set)
    signed: set[str] = field(default_factory=set)
    leaves: set[str] = field(default_factory=set)
    published: bool = False
    supervised: bool = False
    events: int = 0

    def __repr__(self) -> str:
        return f"{self.kind} {self.key} ({self.status})"

    @property
    def opinion(self) -> bool:
        return self.kind == Kind.OPINION

    def root(self) -> Case:
        return self.parent.root() if self.parent else self

    def open_units(self) -> list[Unit]:
        return [unit for unit in self.units if unit.open]

    def promises(self) -> list[Unit]:
        return [u for u in self.units if u.round == self.answered and u.promise is not None]


def hats(who: str | None, case: Case) -> set[str]:
    if who is None:
        return {"submitter"} if case.opinion else set()
    worn: set[str] = set()
    if case.station is not None and SERVES.get(who) == case.station and not case.direct:
        worn.add("officer" if case.at_station else "station")
    if not case.opinion and who == "deputy":
        worn.add("lead")
    if not case.opinion and who in case.invited | case.signed:
        worn.add("co_signer")
    if who == "group_user" and case.supervised:
        worn.add("group")
    org = ORG.get(who)
    if org == case.holder:
        worn.add("staff")
        if case.status in WITH_UNIT or case.status == S.TRACKING:
            worn.add("proxy")
    elif org in UNITS[2] + UNITS[3]:
        if any(u.org == org and u.state not in ("returned", "recalled") for u in case.units):
            worn.add("head" if who in HEADS else "clerk")
        if org == "supervision":
            worn.add("supervision")
    return worn


def sees(who: str | None, case: Case) -> bool:
    """Whether the page opens at all."""
    if who is None:
        return case.status != S.DRAFT
    org = ORG.get(who)
    signs = not case.opinion and (who == "deputy" or who in case.invited | case.signed)
    if (org is not None and org == case.about) or (case.direct and SERVES.get(who) == case.station):
        return False
    if case.status == S.DRAFT:
        return signs
    if case.direct and LEVEL.get(org or "", 0) > LEVEL[case.holder]:
        # Passed by, or gone up from there.
        return False
    below = {"township_staff": case.place == "town", "county_staff": True, "city_staff": True}
    if signs or below.get(who, False) or (case.station is not None and SERVES.get(who) == case.station):
        return True
    if who == "deputy":
        # What was raised to the own proposal: else of what should it be written?
        return case.draft is not None or (case.parent is not None and not case.parent.opinion)
    if who == "group_user":
        return case.supervised
    own = any(u.org == org and u.state not in ("returned", "recalled") for u in case.units)
    return own or (org == "supervision" and bool(case.units))
