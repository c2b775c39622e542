"""民生实事 of 漯河: a year's opinions combed into clues, screened, some of them voted and being built.

No case is added: the opinions are those that the stations have brought in already.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import zip_longest

from accounts.models import Organization
from liaison.demo.places import COUNTY_TRADE, Place
from liaison.demo.stage import Stage as Story
from suggestions.livelihood import Stage, Verdict
from suggestions.models import CollectedOpinion, LivelihoodCall, LivelihoodClue, Suggestion
from suggestions.workflow import Kind, Status

# What an opinion is about -> what the project is, and what is needed.
PROJECTS = {
    "村道破损": ("通村道路修补", "修补破损路面，配齐标线，方便群众出行"),
    "缺少路灯": ("主街路灯安装", "补装路灯，老人孩子晚上出门有亮光"),
    "路口视线遮挡": ("路口安全设施完善", "修剪遮挡绿化，装警示牌和减速带"),
    "雨天积水": ("排水管网改造", "疏通、改造排水管网，解决雨天积水"),
    "自来水水压低": ("供水管网改造", "改造老旧供水管网，让高层住户用上水"),
    "坑塘清淤": ("坑塘清淤治理", "清淤治理，改善周边环境"),
    "社区养老服务": ("老年食堂建设", "建老年食堂，解决独居老人吃饭问题"),
    "办理医保不方便": ("医保业务就近办", "在便民服务中心设医保窗口"),
    "小区停车难": ("公共停车位建设", "利用边角地增设停车位，留出消防通道"),
    "接送学生交通": ("学校门前护学通道建设", "设护学通道和家长等候区"),
    "农排线路老化": ("农排线路改造", "更换老化线路，保证浇地用电"),
    "变压器容量小": ("配电变压器增容", "增容变压器，解决夏季低电压"),
    "零工市场": ("零工驿站建设", "设固定的零工驿站，遮风避雨、对接用工"),
    "小游园设施损坏": ("小游园健身设施更新", "更换损坏的健身器材"),
    "流浪狗": ("流浪犬收容点建设", "建收容点，定期巡查收容"),
    "电信网络信号差": ("通信基站补点", "补建基站，消除信号盲区"),
}
REASONS = {
    Verdict.NO_NEED: "现有设施经维修可以满足需要。",
    Verdict.NARROW: "受益户数少，建议由村（社区）自行解决。",
    Verdict.NOT_FEASIBLE: "用地手续尚未落实。",
    Verdict.NO_MONEY: "今年财政没有安排。",
    Verdict.TOO_LONG: "工程量大，一年内难以完成。",
    Verdict.ELSEWHERE: "已列入上级专项，不重复安排。",
    Verdict.BURDEN: "需要乡镇配套，会增加基层负担。",
}


CITY = "4111"
# As the bulletin has them: 2,284 opinions, 565 clues in the pool. The other numbers are ours.
OPINIONS, CLUES, KEPT = 2284, 700, 565
CANDIDATES, CHOSEN, DEPUTIES = 20, 10, 330


def build(story: Story) -> None:
    """After the cases are written, since the rows point at them.

    Gathered and screened in the demo year, for the projects of the year after it; voted and built as far as today is.
    """
    city = story.places.by_path[CITY]
    call = LivelihoodCall.objects.create(
        region=city.region, year=story.year + 1, since=story.day(1, 1), until=story.day(10, 31)
    )
    groups = _groups(story.book.suggestions, call)
    clues = [_clue(story, call, n, group) for n, group in enumerate(groups)]
    pool = [(clue, group) for clue, group in zip(clues, groups, strict=True) if clue.verdict == Verdict.KEPT]
    for n, (clue, group) in enumerate(pool[:CANDIDATES]):
        _project(story, n, clue, _unit(city, group[0]))
    LivelihoodClue.objects.bulk_create(clues)
    CollectedOpinion.objects.bulk_create(
        CollectedOpinion(
            call=call, year=call.year, suggestion=opinion, clue=clue, collected_on=_collected_on(story, opinion)
        )
        for clue, group in zip(clues, groups, strict=True)
        for opinion in group
    )
    screened_with = LivelihoodClue.screened_with.through
    screened_with.objects.bulk_create(
        screened_with(livelihoodclue_id=clue.pk, organization_id=_unit(city, group[0]).pk)
        for clue, group in zip(clues, groups, strict=True)
    )


def _groups(cases: list[Suggestion], call: LivelihoodCall) -> list[list[Suggestion]]:
    """Opinions of one place about one thing, one from each group in turn until there are as many as the bulletin says."""
    found: dict[tuple[str, str], list[Suggestion]] = {}
    for case in cases:
        if case.kind == Kind.OPINION and case.region_path.startswith(CITY) and case.title in PROJECTS:
            assert case.submitted_on is not None
            if not case.direct and case.status != Status.WITHDRAWN and call.since <= case.submitted_on <= call.until:
                found.setdefault((case.region_path, case.title), []).append(case)
    largest = sorted(found.values(), key=len, reverse=True)[:CLUES]
    in_turn = [case for turn in zip_longest(*largest) for case in turn if case is not None][:OPINIONS]
    assert len(in_turn) == OPINIONS and len(largest) == CLUES, (len(in_turn), len(largest))
    chosen = {case.pk for case in in_turn}
    return [[case for case in group if case.pk in chosen] for group in largest]


def _clue(story: Story, call: LivelihoodCall, n: int, group: list[Suggestion]) -> LivelihoodClue:
    first = group[0]
    project, need = PROJECTS[first.title]
    dropped = CLUES - KEPT
    # Spread evenly, whatever the size of the group.
    falls = (n + 1) * dropped // CLUES > n * dropped // CLUES
    verdict = list(REASONS)[n % len(REASONS)] if falls else Verdict.KEPT
    return LivelihoodClue(
        call=call,
        title=f"{first.region.name}{project}",
        place=first.region.name,
        need=f"{need}。{len(group)}条意见反映这件事。",
        stage=Stage.DROPPED if falls else Stage.KEPT,
        combed_on=story.day(11, 12),
        verdict=verdict,
        screening_words=REASONS[verdict] if falls else "必要、可行，资金有来源。",
        screened_on=story.day(11, 12) + timedelta(n % 15),
    )


def _project(story: Story, n: int, clue: LivelihoodClue, unit: Organization) -> None:
    year = story.year + 1
    clue.unit = unit
    clue.money = Decimal(40 + 35 * (n % 9))
    clue.finish_on = date(year, 11, 30)
    clue.nominated_on = story.day(12, 20)
    clue.stage = Stage.CANDIDATE
    if story.today < (voted := date(year, 1, 20)):
        return
    chosen = n < CHOSEN
    clue.stage = Stage.CHOSEN if chosen else Stage.PASSED_OVER
    clue.voted_on = voted
    clue.votes_against, clue.votes_abstained = (2 + n, n % 4) if chosen else (DEPUTIES // 2 + n, 5)
    clue.votes_for = DEPUTIES - clue.votes_against - clue.votes_abstained
    if not chosen or story.today < (reported := date(year, 4, 10)):
        return
    clue.progress, clue.progress_on = "已完成招标，正在施工。", reported
    if n % 3 == 0 and story.today >= (built := date(year, 7, 30)):
        clue.stage, clue.built_on, clue.progress = Stage.BUILT, built, "已竣工验收，投入使用。"
        clue.progress_on = built


def _unit(place: Place, opinion: Suggestion) -> Organization:
    assert opinion.problem_kind is not None
    return place.units.get(COUNTY_TRADE[opinion.problem_kind.code]) or place.units["government"]


def _collected_on(story: Story, opinion: Suggestion) -> date:
    assert opinion.submitted_on is not None
    return min(opinion.submitted_on + timedelta(7), story.day(11, 5))
