"""民生实事: each step of a clue as an act of congress staff. `stage` is assigned here, in `_go`, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Organization, Region, User
from suggestions.livelihood import IllegalStep, Stage, Step, Verdict, check, possible
from suggestions.models import CollectedOpinion, LivelihoodCall, LivelihoodClue, Suggestion


def keeps(user: User, region: Region) -> bool:
    """Congress staff of the region or above it (群众提、代表定、政府办: the committee keeps the list)."""
    return user.is_active and user.is_congress_staff and user.scope is not None and region.path.startswith(user.scope)


def steps_for(user: User, clue: LivelihoodClue) -> list[Step]:
    return possible(Stage(clue.stage)) if keeps(user, clue.call.region) else []


def require(step: Step, clue: LivelihoodClue, by: User) -> None:
    if not keeps(by, clue.call.region):
        raise Refused(f"只有{clue.call.region}及上级人大机构可以{step.label}。")
    now = possible(Stage(clue.stage))
    if step not in now:
        raise Refused(
            f"这条线索现在是“{Stage(clue.stage).label}”，不能{step.label}。现在可以：{'、'.join(s.label for s in now)}。"
        )


def _go(clue: LivelihoodClue, step: Step, to: Stage | None = None, **changes: Any) -> None:
    """The row as it stands now, held until the commit: of two at once the second is told what the first has made of it.

    Saved and not updated in place, because the audit log reads what is saved.
    """
    fresh = LivelihoodClue.objects.select_for_update().get(pk=clue.pk)
    before = Stage(fresh.stage)
    try:
        check(step, before, to or before)
    except IllegalStep as error:
        raise Refused(f"{error}它刚被别人更新，请看过最新情况再办。") from error
    for field, value in changes.items():
        setattr(fresh, field, value)
        setattr(clue, field, value)
    clue.stage = fresh.stage = to or before
    fresh.save()


def _day(day: date, field: str, *, after: date | None = None, what: str = "") -> date:
    if day > today():
        raise Refused("日期不能晚于今天，做完了再登记。", field=field)
    if after is not None and day < after:
        raise Refused(f"日期不能早于{what}（{after:%Y-%m-%d}），请核对。", field=field)
    return day


def _said(words: str, sentence: str, field: str) -> str:
    if not words.strip():
        raise Refused(sentence, field=field)
    return words.strip()


# 征集 and 梳理


@transaction.atomic
def open_call(*, region: Region, year: int, since: date, until: date, by: User) -> LivelihoodCall:
    if not keeps(by, region):
        raise Refused(f"只有{region}及上级人大机构可以开始征集。", field="region")
    if until < since:
        raise Refused("征集截止不能早于征集开始。", field="until")
    if LivelihoodCall.objects.filter(region=region, year=year).exists():
        raise Refused(f"{region}{year}年度的征集已经有了，请直接在上面梳理。", field="year")
    try:
        with transaction.atomic():
            return LivelihoodCall.objects.create(region=region, year=year, since=since, until=until)
    except IntegrityError as error:
        raise Refused(f"{region}{year}年度的征集刚刚由别人开始了，请直接梳理。", field="year") from error


@transaction.atomic
def collect(call: LivelihoodCall, *, opinions: Iterable[Suggestion], by: User) -> list[CollectedOpinion]:
    """收作征集意见. What the call has gathered already stays as it is; what another call of the year has, is not taken."""
    if not keeps(by, call.region):
        raise Refused(f"只有{call.region}及上级人大机构可以收集和梳理意见。")
    LivelihoodCall.objects.select_for_update().get(pk=call.pk)
    wanted = {opinion.pk for opinion in opinions}
    if not wanted:
        raise Refused("请至少勾选一条意见。", field="opinions")
    if call.open_to(by).filter(pk__in=wanted).count() != len(wanted):
        raise Refused("勾选的意见里有不能收的：不在征集区域或征集时间内，或者已经撤回。请重新勾选。", field="opinions")
    rows = {row.suggestion_id: row for row in _gathered(wanted, call.year)}
    for row in rows.values():
        if row.call_id != call.pk:
            raise Refused(f"意见{row.suggestion.number}已由“{row.call}”收集，一条意见一年只收一次。", field="opinions")
    try:
        with transaction.atomic():
            for pk in sorted(wanted - rows.keys()):
                rows[pk] = CollectedOpinion.objects.create(call=call, suggestion_id=pk, collected_on=today())
    except IntegrityError as error:
        raise Refused("勾选的意见里有一条刚被别的征集收走，请刷新后重新勾选。", field="opinions") from error
    return [rows[pk] for pk in sorted(rows)]


def _gathered(opinions: Iterable[int], year: int) -> Iterable[CollectedOpinion]:
    rows = CollectedOpinion.objects.filter(suggestion__in=opinions, year=year)
    return rows.select_related("call__region", "suggestion", "clue")


@transaction.atomic
def comb(
    call: LivelihoodCall, *, opinions: Iterable[Suggestion], title: str, need: str, by: User, place: str = ""
) -> LivelihoodClue:
    """梳理: opinions that ask for the same become one clue. Those not gathered yet are gathered with it."""
    rows = collect(call, opinions=opinions, by=by)
    clue = LivelihoodClue.objects.create(
        call=call,
        title=_said(title, "请写项目名称。", "title"),
        need=_said(need, "请写清群众需要什么。", "need"),
        place=place.strip(),
        combed_on=today(),
    )
    _tie(rows, clue)
    return clue


@transaction.atomic
def add(clue: LivelihoodClue, *, opinions: Iterable[Suggestion], by: User) -> None:
    """More opinions that ask for what the clue asks for, as long as it is not on the candidate list."""
    require(Step.REWORD, clue, by)
    rows = collect(clue.call, opinions=opinions, by=by)
    _go(clue, Step.REWORD)
    _tie([row for row in rows if row.clue_id != clue.pk], clue)


def _tie(rows: Iterable[CollectedOpinion], clue: LivelihoodClue) -> None:
    for row in rows:
        if row.clue_id is not None:
            raise Refused(
                f"意见{row.suggestion.number}已梳理进“{row.clue}”，一条意见只进一条线索。请取消勾选，或先从那条线索移出。",
                field="opinions",
            )
        row.clue = clue
        row.save()


@transaction.atomic
def release(clue: LivelihoodClue, *, opinions: Iterable[CollectedOpinion], by: User) -> None:
    """Back among the gathered ones. One stays: a clue without an opinion would come from nobody."""
    require(Step.RELEASE, clue, by)
    _go(clue, Step.RELEASE)
    gone = {row.pk for row in opinions}
    rows = list(clue.sources.all())
    if not gone or not gone < {row.pk for row in rows}:
        raise Refused("请勾选要移出的意见，并至少留下一条：线索要有来源。", field="opinions")
    for row in rows:
        if row.pk in gone:
            row.clue = None
            row.save()


@transaction.atomic
def reword(clue: LivelihoodClue, *, title: str, need: str, by: User, place: str = "") -> None:
    require(Step.REWORD, clue, by)
    title = _said(title, "请写项目名称。", "title")
    _go(clue, Step.REWORD, title=title, need=_said(need, "请写清群众需要什么。", "need"), place=place.strip())


# 综合把关


@transaction.atomic
def screen(
    clue: LivelihoodClue, *, verdict: str, departments: Iterable[Organization], words: str, on: date, by: User
) -> None:
    """会同部门综合把关: need, feasibility, money; public benefit; done within the year; no debt, no new burden (domain.md, 9)."""
    require(Step.SCREEN, clue, by)
    departments = list(departments)
    if not departments:
        raise Refused("综合把关要会同部门，请至少选择一个。", field="departments")
    if verdict != Verdict.KEPT:
        _said(words, "不列入备选的，请写明部门的意见，以后查得到为什么。", "words")
    _go(
        clue,
        Step.SCREEN,
        Stage.KEPT if verdict == Verdict.KEPT else Stage.DROPPED,
        verdict=verdict,
        screening_words=words.strip(),
        screened_on=_day(on, "on", after=clue.combed_on, what="梳理日期"),
    )
    clue.screened_with.set(departments)


# 候选, 票决, 建成, 测评: entered as they happened elsewhere


@transaction.atomic
def nominate(
    clue: LivelihoodClue, *, unit: Organization, money: Decimal | None, finish_on: date, by: User, place: str = ""
) -> None:
    """On the candidate list, which is public: name, place, responsible unit, money, finish date (枣阳, 景洪)."""
    require(Step.NOMINATE, clue, by)
    _go(
        clue,
        Step.NOMINATE,
        Stage.CANDIDATE,
        unit=unit,
        money=money,
        finish_on=finish_on,
        place=place.strip(),
        nominated_on=today(),
    )


@transaction.atomic
def give_back(clue: LivelihoodClue, *, by: User) -> None:
    require(Step.GIVE_BACK, clue, by)
    _go(clue, Step.GIVE_BACK, Stage.KEPT, nominated_on=None)


@transaction.atomic
def vote(
    clue: LivelihoodClue,
    *,
    votes_for: int,
    votes_against: int,
    votes_abstained: int,
    chosen: bool,
    on: date,
    by: User,
) -> None:
    """The session's result as announced. Who is in follows the local rule (过半数, then the most votes), so it is typed."""
    require(Step.VOTE, clue, by)
    if not votes_for + votes_against + votes_abstained:
        raise Refused("请填写会议宣布的票数。", field="votes_for")
    _go(
        clue,
        Step.VOTE,
        Stage.CHOSEN if chosen else Stage.PASSED_OVER,
        votes_for=votes_for,
        votes_against=votes_against,
        votes_abstained=votes_abstained,
        voted_on=_day(on, "on", after=clue.screened_on, what="把关日期"),
    )


@transaction.atomic
def progress(
    clue: LivelihoodClue, *, text: str, unit: Organization, money: Decimal | None, finish_on: date, by: User
) -> None:
    require(Step.PROGRESS, clue, by)
    text = _said(text, "请写现在进展到哪里，公众会看到。", "text")
    _go(clue, Step.PROGRESS, progress=text, progress_on=today(), unit=unit, money=money, finish_on=finish_on)


@transaction.atomic
def build(clue: LivelihoodClue, *, on: date, by: User) -> None:
    require(Step.BUILD, clue, by)
    _go(clue, Step.BUILD, Stage.BUILT, built_on=_day(on, "on", after=clue.voted_on, what="票决日期"))


@transaction.atomic
def evaluate(clue: LivelihoodClue, *, satisfaction: Decimal, text: str, on: date, by: User) -> None:
    """年底测评 by the committee, deputies and the public (公众评): the share that said 满意, and who was asked."""
    require(Step.EVALUATE, clue, by)
    if not 0 <= satisfaction <= 100:
        raise Refused("满意率是0到100之间的数。", field="satisfaction")
    _go(
        clue,
        Step.EVALUATE,
        Stage.EVALUATED,
        satisfaction=satisfaction,
        evaluation=_said(text, "请写明测评的方式和人数。", "text"),
        evaluated_on=_day(on, "on", after=clue.built_on, what="建成日期"),
    )
