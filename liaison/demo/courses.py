"""The courses a case can take, from the first word to the last: each a few verbs with their days in between.

A case that is `solved` has a class A reply standing; the others end with a reason, and are not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from accounts.models import Region, User
from deputies.models import Deputy
from liaison.demo.book import CaseBook, lead_deputy, officer, staff, unit_head
from liaison.demo.cases import Life
from liaison.demo.matters import (
    COMPLAINTS,
    DECLINED,
    ON_THE_SPOT,
    PRAISE,
    REHANDLE,
    STREETS,
    UPHOLD,
    VILLAGES,
    Matter,
)
from liaison.demo.people import new_name
from liaison.demo.places import COUNTY_TRADE, TOWN_TRADE, Place
from stations.models import Station
from suggestions.models import Suggestion
from suggestions.permissions import Acting
from suggestions.workflow import Kind

R = Suggestion.Rating
C = Suggestion.Channel


@dataclass
class Desk:
    """Where a case comes in: a station, its officer, the place whose organ answers for it, and the county above."""

    station: Station
    officer: User
    place: Place
    county: Place

    @property
    def at_county(self) -> bool:
        return self.place is self.county


def bring(
    book: CaseBook,
    desk: Desk,
    on: date,
    matters: list[Matter],
    *,
    what: str = "农产品",
    submitter: str = Suggestion.Submitter.RESIDENT,
) -> tuple[Life, Matter]:
    """Somebody brings a matter of these, of the country or of the town as the station stands."""
    in_town = desk.place.region.form == Region.Form.SUBDISTRICT
    if in_town:
        matters = [matter for matter in matters if matter.category != "agriculture"]
    spot = book.chance.choice(STREETS if in_town else VILLAGES)
    matter = book.chance.choice(matters).told(book.chance, spot, what)
    return _submit(book, desk, on, matter.text, spot, submitter), matter


def _submit(book: CaseBook, desk: Desk, on: date, text: str, spot: str, submitter: str) -> Life:
    """Three in ten leave a name and a telephone number."""
    chance = book.chance
    named = chance.random() < 0.3
    return Life(
        book,
        text=text,
        place=f"{desk.place.name}{spot}",
        region=desk.station.region,
        holder=desk.place.organ,
        station=desk.station,
        on=on,
        submitter_kind=submitter,
        channel=chance.choices((C.CODE, C.WEB, C.PHONE, C.LETTER), (5, 3, 1, 0.3))[0],
        name=new_name(chance) if named else "",
        phone=f"1390000{chance.randrange(10_000):04d}" if named else "",
        callback=named,
    )


def solved(book: CaseBook, desk: Desk, on: date, matters: list[Matter], *, quick: bool = False, **how: str) -> None:
    """A class A reply: on the spot, by the town or by the county; now and then only after a second handling.

    `quick` keeps to the courses that end within a month.
    """
    life, matter = bring(book, desk, on, matters, **how)
    chance = book.chance
    long = 0 if quick else 1
    # A promise takes weeks to be kept, and everything is to be over by the end of the year.
    kept = long if on.month < 9 else 0
    course = chance.choices(
        ("spot", "handled", "rehandled", "upheld", "late", "kept"), (25, 65, 3 * long, 2, 2 * long, 3 * kept)
    )[0]
    day = _after(book, on, 0, 2)
    life.accept(
        officer(desk.officer, desk.station), day, problem=matter.problem, category=matter.category, title=matter.title
    )
    if course == "spot":
        life.answer(officer(desk.officer, desk.station), day, f"{ON_THE_SPOT}{matter.solved}")
        _rate(life, desk)
        return
    _hand_over(life, desk, matter, day)
    assert life.lead is not None
    head = unit_head(_head_of(desk, life))
    day = _after(book, day, 1, 2)
    life.sign_for(head, day)
    due = life.lead.due_on
    day = book.working(due, chance.randrange(1, 4)) if course == "late" else min(_after(book, day, 2, 9), due)
    if course == "kept":
        _promise_and_keep(life, desk, head, day, matter)
        return
    life.reply(head, day, matter.solved, document=_document(chance, day))
    if course not in ("rehandled", "upheld"):
        _rate(life, desk)
        return
    _call(life, desk)
    day = _after(book, day, 1, 3)
    life.feedback(day, R.BASICALLY, R.DISSATISFIED, chance.choice(COMPLAINTS))
    day = _after(book, day, 1, 2)
    organ = staff(_organ_staff(desk, life))
    if course == "upheld":
        life.uphold(organ, day, reason=chance.choice(UPHOLD))
        return
    life.rehandle(organ, day, reason=chance.choice(REHANDLE))
    day = _after(book, day, 4, 10)
    life.reply(head, day, f"经再次到现场办理，{matter.solved}", document=_document(chance, day))
    _call(life, desk)
    life.feedback(_after(book, day, 1, 4), R.SATISFIED, R.SATISFIED, "这次办好了。")


def unsolved(
    book: CaseBook, desk: Desk, on: date, matters: list[Matter], *, promised_on: date | None = None, **how: str
) -> None:
    """Declined with a destination, class C or D with the reason, or (where a day is given) a promise still to be kept."""
    chance = book.chance
    day = _after(book, on, 0, 2)
    course = "promised" if promised_on else chance.choices(("declined", "class_c", "class_d"), (4, 5, 1))[0]
    if course == "declined":
        text, reason, destination = chance.choice(DECLINED)
        spot = chance.choice(STREETS if desk.place.region.form == Region.Form.SUBDISTRICT else VILLAGES)
        text = text.format(spot=spot, n=chance.randrange(3, 40))
        life = _submit(book, desk, on, text, spot, Suggestion.Submitter.RESIDENT)
        life.decline(officer(desk.officer, desk.station), day, reason=reason, destination=destination)
        _call(life, desk)
        return
    life, matter = bring(book, desk, on, matters, **how)
    life.accept(
        officer(desk.officer, desk.station), day, problem=matter.problem, category=matter.category, title=matter.title
    )
    _hand_over(life, desk, matter, day)
    assert life.lead is not None
    head = unit_head(_head_of(desk, life))
    day = _after(book, day, 1, 2)
    life.sign_for(head, day)
    day = min(_after(book, day, 3, 10), life.lead.due_on)
    if promised_on is not None:
        life.reply(
            head, day, f"已列入计划，{promised_on.year}年{promised_on.month}月底前办成。", "B", promised_on=promised_on
        )
    else:
        life.reply(head, day, matter.unsolved, "C" if course == "class_c" else "D", document=_document(chance, day))
    _rate(life, desk, praise=False)


def propose(
    book: CaseBook,
    county: Place,
    lead: Deputy,
    texts: tuple[str, str, str, str],
    on: date,
    *,
    number: int,
    station: Station | None = None,
    solved: bool = True,
) -> None:
    """A 代表建议 from the deputy's pen to the deputy's rating. Unsolved means class C, with the reason."""
    title, problem, category, text = texts
    life = draw_up(book, county, lead, title, text, on, station=station)
    organ = staff(county.staff)
    day = _after(book, on, 1, 3)
    life.accept(organ, day, problem=problem, category=category, number=f"{on.year}-{number:03d}")
    day = _after(book, day, 2, 6)
    trade = COUNTY_TRADE[problem]
    life.transfer(organ, day, to=county.units[trade], assisting=[county.units["government"]])
    head = unit_head(county.heads[trade])
    day = _after(book, day, 1, 3)
    life.sign_for(head, day)
    day = _after(book, day, 10, 20)
    life.contribute(
        unit_head(county.heads["government"]), day, "已研究，同意由主办单位统一答复，所需配合事项按职责落实。"
    )
    day = _after(book, day, 15, 25)
    if solved:
        text = f"{lead.name}代表：您提出的“{title}”收悉。经研究并与您当面沟通，建议事项已经办理完毕，有关措施已落实。"
    else:
        text = f"{lead.name}代表：您提出的“{title}”收悉。因资金和规划条件限制，目前暂不能解决，我们将继续争取。"
    life.reply(head, day, text, "A" if solved else "C", document=f"{county.name}办〔{day.year}〕{number}号")
    assert lead.user is not None
    rating = R.SATISFIED if solved else R.BASICALLY
    life.feedback(_after(book, day, 1, 6), R.SATISFIED, rating, by=lead_deputy(lead.user))


def draw_up(
    book: CaseBook, county: Place, lead: Deputy, title: str, text: str, on: date, *, station: Station | None = None
) -> Life:
    assert lead.user is not None and county.congress is not None
    why, _, asked = text.partition("建议")
    return Life(
        book,
        kind=Kind.PROPOSAL,
        title=title,
        text=f"{why.rstrip('，')}。" if why else text,
        request=f"建议{asked}",
        region=county.region,
        holder=county.organ,
        station=station,
        lead=lead,
        congress=county.congress,
        on=on,
        by=lead_deputy(lead.user),
        submitter_kind=Suggestion.Submitter.DEPUTY,
    )


def _after(book: CaseBook, day: date, least: int, most: int) -> date:
    return book.working(day, book.chance.randint(least, most))


def _hand_over(life: Life, desk: Desk, matter: Matter, day: date) -> None:
    """The station's own level where its unit can do it, else escalated to the county first."""
    by = officer(desk.officer, desk.station)
    if desk.at_county:
        life.transfer(by, day, to=desk.county.units[COUNTY_TRADE[matter.problem]])
    elif life.book.chance.random() < 0.45:
        life.transfer(by, day, to=desk.place.units[TOWN_TRADE.get(matter.problem, "service")])
    else:
        life.escalate(by, day, to=desk.county.organ, reason="权限不足，需县级部门办理。")
        life.transfer(staff(desk.county.staff), day, to=desk.county.units[COUNTY_TRADE[matter.problem]])


def _promise_and_keep(life: Life, desk: Desk, head: Acting, day: date, matter: Matter) -> None:
    """Class B first; counted as solved only by the second answer."""
    book = life.book
    by = book.working(day, 25)
    life.reply(head, day, f"已列入计划，{by.month}月{by.day}日前办成。", "B", promised_on=by)
    _call(life, desk)
    day = _after(book, day, 1, 4)
    life.feedback(day, R.SATISFIED, R.BASICALLY, "等着看结果。")
    life.fulfil(head, _after(book, day, 5, 15), matter.solved)
    _rate(life, desk)


def _head_of(desk: Desk, life: Life) -> User:
    assert life.lead is not None
    heads = {place.units[trade].pk: user for place in (desk.county, desk.place) for trade, user in place.heads.items()}
    return heads[life.lead.unit.pk]


def _organ_staff(desk: Desk, life: Life) -> User:
    return desk.county.staff if life.row.holder_id == desk.county.organ.pk else desk.place.staff


def _call(life: Life, desk: Desk) -> None:
    """请电话告知: the station calls whoever left a number, on the day of the answer."""
    if life.row.to_inform:
        day = life.row.closed_on or life.row.replied_on
        assert day is not None
        life.inform(officer(desk.officer, desk.station), day, "已打电话告知，对方表示知道了。")


def _rate(life: Life, desk: Desk, *, praise: bool = True) -> None:
    """Nine in ten rate; the silent ones are closed as 未评价."""
    chance = life.book.chance
    assert life.row.replied_on is not None
    _call(life, desk)
    if chance.random() < 0.1:
        life.close()
        return
    rating = chance.choices((R.SATISFIED, R.BASICALLY), (5, 1) if praise else (1, 2))[0]
    text = chance.choice(PRAISE) if praise else ""
    life.feedback(_after(life.book, life.row.replied_on, 1, 5), R.SATISFIED, rating, text)


def _document(chance: Random, day: date) -> str:
    return f"办复〔{day.year}〕{chance.randrange(1, 400)}号" if chance.random() < 0.5 else ""
