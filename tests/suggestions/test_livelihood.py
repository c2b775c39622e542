"""民生实事: opinions → clue → 综合把关 → pool → vote entered → built → evaluated, each step by who may, told truthfully."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import User
from stations.models import StationPost
from suggestions import livelihood as table
from suggestions.livelihood import Stage, Step
from suggestions.models import CollectedOpinion, LivelihoodCall, LivelihoodClue, Suggestion
from suggestions.services import livelihood as services
from tests.cast import World, a_suggestion

SITE_CSS = Path(__file__).resolve().parents[2] / "static" / "css" / "site.css"
YEAR = 2027

# The table, written a second time by hand: stage → what can be done there.
POSSIBLE = {
    "combed": {"reword", "release", "screen"},
    "dropped": {"reword", "release", "screen"},
    "kept": {"reword", "release", "screen", "nominate"},
    "candidate": {"give_back", "vote"},
    "passed_over": {"vote"},
    "chosen": {"vote", "progress", "build"},
    "built": {"progress", "evaluate"},
    "evaluated": {"evaluate"},
}
ENDS = {
    "screen": {"kept", "dropped"},
    "nominate": {"candidate"},
    "give_back": {"kept"},
    "vote": {"chosen", "passed_over"},
    "build": {"built"},
    "evaluate": {"evaluated"},
}


@pytest.mark.parametrize(("step", "source"), list(product(Step, Stage)))
def test_every_step_from_every_stage_leads_where_it_may_and_nowhere_else(step: Step, source: Stage) -> None:
    allowed = ENDS.get(step.value, {source.value}) if step.value in POSSIBLE[source.value] else set()
    for target in Stage:
        if target.value in allowed:
            table.check(step, source, target)
        else:
            with pytest.raises(table.IllegalStep, match="不能"):
                table.check(step, source, target)


def test_no_stage_is_out_of_reach() -> None:
    reached = {Stage.COMBED}
    for _ in Stage:
        reached |= {end for source in reached for step in Step for end in table.targets(step, source)}
    assert reached == set(Stage)


# The acts


@pytest.fixture
def call(world: World) -> LivelihoodCall:
    return LivelihoodCall.objects.create(
        region=world.county, year=YEAR, since=today() - timedelta(30), until=today() + timedelta(30)
    )


def opinions(world: World, count: int = 2, **how: Any) -> list[Suggestion]:
    return [a_suggestion(world, "accepted", text=f"东街第{n}个路口没有路灯。", **how) for n in range(count)]


def combed(world: World, call: LivelihoodCall, found: list[Suggestion] | None = None) -> LivelihoodClue:
    found = opinions(world) if found is None else found
    return services.comb(call, opinions=found, title="东街路灯", need="装路灯。", place="东街", by=world.county_staff)


def screen(world: World, clue: LivelihoodClue, verdict: str = "kept", words: str = "") -> None:
    services.screen(clue, verdict=verdict, departments=[world.roads], words=words, on=today(), by=world.county_staff)


def nominate(world: World, clue: LivelihoodClue) -> None:
    services.nominate(
        clue, unit=world.roads, money=Decimal(30), finish_on=today() + timedelta(200), by=world.county_staff
    )


def vote(world: World, clue: LivelihoodClue, chosen: bool = True) -> None:
    services.vote(
        clue,
        votes_for=180,
        votes_against=3,
        votes_abstained=2,
        chosen=chosen,
        on=today(),
        by=world.county_staff,
    )


def brought_to(world: World, call: LivelihoodCall, stage: str, found: list[Suggestion] | None = None) -> LivelihoodClue:
    """A clue at its stage by the real steps."""
    clue = combed(world, call, found)
    steps: list[Callable[[], None]] = [
        lambda: screen(world, clue),
        lambda: nominate(world, clue),
        lambda: vote(world, clue),
        lambda: services.build(clue, on=today(), by=world.county_staff),
        lambda: services.evaluate(
            clue, satisfaction=Decimal("96.5"), text="代表测评", on=today(), by=world.county_staff
        ),
    ]
    for step in steps[: ["combed", "kept", "candidate", "chosen", "built", "evaluated"].index(stage)]:
        step()
    return LivelihoodClue.objects.get(pk=clue.pk)


def test_the_whole_way_leaves_every_fact_and_the_audit_log_knows_who(world: World, call: LivelihoodCall) -> None:
    clue = brought_to(world, call, "evaluated")
    assert (clue.stage, clue.verdict, clue.votes_for, clue.satisfaction) == ("evaluated", "kept", 180, Decimal("96.5"))
    assert [str(unit) for unit in clue.screened_with.all()] == [str(world.roads)]
    assert clue.sources.count() == CollectedOpinion.objects.count() == 2
    logged = LogEntry.objects.get_for_object(clue)
    stages = [entry.changes["stage"][1] for entry in logged.order_by("pk") if "stage" in entry.changes]
    assert stages == ["combed", "kept", "candidate", "chosen", "built", "evaluated"]
    assert LogEntry.objects.get_for_model(CollectedOpinion).count() == 4  # gathered, tied: two each


def test_the_pool_counts_who_went_on_and_never_who_was_dropped(world: World, call: LivelihoodCall) -> None:
    for stage in ("combed", "kept", "candidate", "built"):
        brought_to(world, call, stage)
    dropped = combed(world, call)
    screen(world, dropped, "no_money", "财政没有安排。")
    assert dropped.stage == "dropped"
    clues = LivelihoodClue.objects
    assert clues.kept().count() == clues.kept_between(today(), today()).count() == 3
    assert clues.kept_between(today() + timedelta(1), today() + timedelta(9)).count() == 0
    assert clues.numbers() == {
        **{"combed": 1, "dropped": 1, "kept": 3, "candidate": 2, "chosen": 1, "built": 1, "evaluated": 0}
    }
    assert CollectedOpinion.objects.collected_between(today(), today()).count() == 10


def test_an_opinion_is_gathered_once_a_year_and_the_source_of_one_clue(world: World, call: LivelihoodCall) -> None:
    first, second, third = opinions(world, 3)
    combed(world, call, [first, second])
    with pytest.raises(Refused, match="已梳理进“东街路灯”"):
        combed(world, call, [second, third])
    assert CollectedOpinion.objects.count() == 2
    services.collect(call, opinions=[second, third], by=world.county_staff)
    assert CollectedOpinion.objects.count() == 3
    citys = services.open_call(region=world.city, year=YEAR, since=call.since, until=call.until, by=world.city_staff)
    with pytest.raises(Refused, match="一条意见一年只收一次"):
        services.collect(citys, opinions=[third], by=world.city_staff)
    # Not the services' word alone.
    with pytest.raises(IntegrityError), transaction.atomic():
        CollectedOpinion.objects.create(call=citys, suggestion=third, collected_on=today())
    next_year = services.open_call(
        region=world.county, year=YEAR + 1, since=call.since, until=call.until, by=world.county_staff
    )
    combed(world, next_year, [first])
    assert first.collected.count() == 2


def test_what_cannot_be_gathered(world: World, call: LivelihoodCall) -> None:
    good, early, withdrawn, other = opinions(world, 4)
    Suggestion.objects.filter(pk=early.pk).update(submitted_on=call.since - timedelta(1))
    Suggestion.objects.filter(pk=withdrawn.pk).update(status="withdrawn")
    Suggestion.objects.filter(pk=other.pk).update(kind="proposal", lead=world.deputy, congress=world.congress)
    direct = a_suggestion(world, direct=True)
    assert list(call.open_to(world.county_staff)) == [good]
    for wrong in (early, withdrawn, other, direct):
        with pytest.raises(Refused, match="有不能收的"):
            services.collect(call, opinions=[good, wrong], by=world.county_staff)
    with pytest.raises(Refused, match="请至少勾选一条"):
        services.collect(call, opinions=[], by=world.county_staff)
    assert not CollectedOpinion.objects.exists()


def test_what_concerns_the_staff_they_cannot_gather(world: World, call: LivelihoodCall) -> None:
    (found,) = opinions(world, 1)
    Suggestion.objects.filter(pk=found.pk).update(about_unit=world.county_organ)
    with pytest.raises(Refused, match="有不能收的"):
        services.collect(call, opinions=[found], by=world.county_staff)


def test_released_opinions_are_free_again_and_one_stays(world: World, call: LivelihoodCall) -> None:
    clue = combed(world, call)
    first, second = clue.sources.all()
    with pytest.raises(Refused, match="至少留下一条"):
        services.release(clue, opinions=[first, second], by=world.county_staff)
    services.release(clue, opinions=[first], by=world.county_staff)
    assert list(CollectedOpinion.objects.loose()) == [first]
    other = combed(world, call, [first.suggestion])
    services.add(other, opinions=opinions(world, 1), by=world.county_staff)
    assert other.sources.count() == 2


def test_a_verdict_against_says_why_and_with_whom(world: World, call: LivelihoodCall) -> None:
    clue = combed(world, call)
    with pytest.raises(Refused, match="请写明部门的意见"):
        screen(world, clue, "no_money")
    with pytest.raises(Refused, match="要会同部门"):
        services.screen(clue, verdict="kept", departments=[], words="", on=today(), by=world.county_staff)
    with pytest.raises(Refused, match="不能晚于今天"):
        services.screen(
            clue,
            verdict="kept",
            departments=[world.roads],
            words="",
            on=today() + timedelta(1),
            by=world.county_staff,
        )
    screen(world, clue, "no_money", "没有钱。")
    screen(world, clue)
    assert clue.stage == "kept"


def test_the_database_keeps_stage_and_verdict_together(world: World, call: LivelihoodCall) -> None:
    clue = combed(world, call)
    for stage, verdict in (("kept", ""), ("combed", "kept"), ("dropped", "kept"), ("chosen", "kept"), ("new", "")):
        with pytest.raises(IntegrityError), transaction.atomic():
            LivelihoodClue.objects.filter(pk=clue.pk).update(stage=stage, verdict=verdict, screened_on=today())


def test_a_second_hand_that_read_the_old_stage_is_told(world: World, call: LivelihoodCall) -> None:
    clue = brought_to(world, call, "kept")
    also_read = LivelihoodClue.objects.select_related("call__region").get(pk=clue.pk)
    nominate(world, clue)
    with pytest.raises(Refused, match="刚被别人更新"):
        nominate(world, also_read)


def test_a_vote_may_be_put_right_until_it_is_built(world: World, call: LivelihoodCall) -> None:
    clue = brought_to(world, call, "chosen")
    vote(world, clue, chosen=False)
    assert clue.stage == "passed_over"
    vote(world, clue)
    services.build(clue, on=today(), by=world.county_staff)
    with pytest.raises(Refused, match="不能登记票决结果.*现在可以：更新进展、登记测评"):
        vote(world, clue)


@pytest.mark.parametrize("who", ["other_staff", "township_staff", "station_officer", "unit_head", "deputy", "auditor"])
def test_who_does_not_keep_the_region_changes_nothing(world: World, call: LivelihoodCall, who: str) -> None:
    user = world.users.get(who) or world.other_staff
    clue = combed(world, call)
    acts: list[Callable[[], object]] = [
        lambda: services.collect(call, opinions=opinions(world, 1), by=user),
        lambda: services.reword(clue, title="x", need="x", by=user),
        lambda: services.screen(clue, verdict="kept", departments=[world.roads], words="", on=today(), by=user),
        lambda: services.open_call(region=world.county, year=2030, since=today(), until=today(), by=user),
    ]
    for act in acts:
        with pytest.raises(Refused, match="只有郸城县及上级人大机构"):
            act()
    assert services.steps_for(user, clue) == []
    assert services.steps_for(world.city_staff, clue) != []


# Who sees what


def test_who_sees_a_clue(world: World, call: LivelihoodCall) -> None:
    countys, stations = combed(world, call), combed(world, call, opinions(world, 1, at="station"))
    seen = {
        "county_staff": {countys, stations},
        "city_staff": {countys, stations},
        "station_officer": {stations},
        "station_head": {stations},
        "township_staff": set(),
        "unit_head": set(),
        "deputy": set(),
        "auditor": set(),
        "other_staff": set(),
        "other_officer": set(),
    }
    for who, clues in seen.items():
        user = world.users.get(who) or getattr(world, who)
        assert set(LivelihoodClue.objects.visible_to(user)) == clues, who
    assert not LivelihoodClue.objects.visible_to(AnonymousUser()).exists()
    assert not CollectedOpinion.objects.visible_to(AnonymousUser()).exists()
    assert CollectedOpinion.objects.visible_to(world.station_officer).count() == 1


def test_an_officer_who_is_concerned_sees_neither_opinion_nor_clue(world: World, call: LivelihoodCall) -> None:
    clue = combed(world, call, opinions(world, 1, at="station"))
    StationPost.objects.filter(user=world.station_officer).update(enterprise=world.enterprise)
    Suggestion.objects.filter(collected__clue=clue).update(enterprise=world.enterprise)
    assert not LivelihoodClue.objects.visible_to(world.station_officer).exists()


# The pages


def test_the_office_combs_screens_and_follows_a_project(world: World, as_: Any) -> None:
    client = as_("county_staff")
    first, second = opinions(world)
    sent = {"region": world.county.pk, "year": YEAR, "since": today(), "until": today()}
    client.post("/office/projects/calls/new/", sent)
    call = LivelihoodCall.objects.get()
    comb = f"/office/projects/calls/{call.pk}/comb/"
    assert first.number in client.get(comb).content.decode()
    client.post(comb, {"act": "collect", "opinions": [first.pk]})
    assert CollectedOpinion.objects.loose().count() == 1
    assert first.number not in client.get(comb).content.decode()
    assert first.number in client.get(f"{comb}?state=loose&q=路口").content.decode()
    made = {"act": "comb", "opinions": [first.pk, second.pk], "title": "东街路灯", "need": "装路灯。"}
    client.post(comb, made)
    clue = LivelihoodClue.objects.get()
    page = f"/office/projects/{clue.pk}/"
    html = client.get(page).content.decode()
    assert first.number in html and second.number in html and f"{page}screen/" in html
    steps: list[tuple[str, dict[str, Any]]] = [
        ("screen", {"verdict": "kept", "departments": [world.roads.pk], "on": today()}),
        ("nominate", {"unit": world.roads.pk, "money": "30", "finish_on": today(), "place": "东街"}),
        (
            "vote",
            {"votes_for": 180, "votes_against": 3, "votes_abstained": 0, "chosen": "1", "on": today()},
        ),
        ("progress", {"text": "已开工", "unit": world.roads.pk, "money": "31", "finish_on": today()}),
        ("build", {"on": today()}),
        ("evaluate", {"satisfaction": "96.5", "text": "代表测评", "on": today()}),
    ]
    for step, said in steps:
        clue.refresh_from_db()
        assert client.get(f"{page}{step}/").status_code == 200
        done = client.post(f"{page}{step}/", {"stage": clue.stage, **said})
        assert done.status_code == 302, (step, done.content.decode())
    clue.refresh_from_db()
    assert (clue.stage, clue.progress, clue.money) == ("evaluated", "已开工", Decimal(31))
    actor = LogEntry.objects.get_for_object(clue).latest("pk").actor
    assert actor == world.county_staff
    assert client.get(f"{page}vote/").status_code == 409
    assert client.get(f"{page}fly/").status_code == 404


def test_more_opinions_are_added_from_the_clue(world: World, call: LivelihoodCall, as_: Any) -> None:
    clue = combed(world, call)
    (more,) = opinions(world, 1)
    address = f"/office/projects/calls/{call.pk}/comb/?clue={clue.pk}"
    client = as_("county_staff")
    assert "并入这条线索" in client.get(address).content.decode()
    assert client.post(address, {"opinions": [more.pk]}).status_code == 302
    assert clue.sources.count() == 3
    assert client.post(address, {}).status_code == 200
    row = clue.sources.latest("pk")
    client.post(f"/office/projects/{clue.pk}/release/", {"stage": "combed", "opinions": [row.pk]})
    assert clue.sources.count() == 2


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"act": "collect"}, "请至少勾选一条意见"),
        ({"act": "collect", "opinions": ["999999"]}, "请从列出的选项中选"),
        ({"act": "collect", "opinions": ["x"]}, "请从列出的选项中选"),
        ({"act": "collect", "opinions": ["9" * 30]}, "请从列出的选项中选"),
        ({"act": "comb", "opinions": ["{pk}"], "need": "x"}, "请填写项目名称"),
    ],
)
def test_combing_says_what_is_wrong(
    world: World, call: LivelihoodCall, as_: Any, said: dict[str, Any], sentence: str
) -> None:
    (found,) = opinions(world, 1)
    data = {name: [v.format(pk=found.pk) for v in value] for name, value in said.items() if name != "act"}
    data = {name: value[0] if name == "need" else value for name, value in data.items()}
    page = as_("county_staff").post(f"/office/projects/calls/{call.pk}/comb/", {**data, "act": said["act"]})
    assert page.status_code == 200
    assert sentence in page.content.decode()
    assert not CollectedOpinion.objects.exists()


def test_a_form_of_an_older_stage_saves_nothing(world: World, call: LivelihoodCall, as_: Any) -> None:
    clue = brought_to(world, call, "kept")
    said = {"stage": "combed", "verdict": "no_need", "departments": [world.roads.pk], "words": "x", "on": today()}
    page = as_("county_staff").post(f"/office/projects/{clue.pk}/screen/", said)
    assert "刚被更新为“备选项目线索”" in page.content.decode()
    clue.refresh_from_db()
    assert clue.verdict == "kept"


def test_the_numbers_on_top_lead_to_their_rows(world: World, call: LivelihoodCall, as_: Any) -> None:
    for stage in ("combed", "kept", "candidate", "chosen"):
        brought_to(world, call, stage)
    client = as_("county_staff")
    told = client.get("/office/projects/").context["numbers"]
    assert {label: number for label, number, _ in told} == {
        **{"征集意见": 8, "待把关": 1, "未列入备选": 0, "备选项目线索": 3, "候选项目": 2, "票决入选": 1},
        **{"已建成": 0, "已测评": 0},
    }
    for label, number, url in told:
        assert len(client.get(url).context["page"].rows) == number, label


def test_an_officer_reads_the_clue_of_the_own_station_and_no_other_opinion(
    world: World, call: LivelihoodCall, as_: Any
) -> None:
    own, foreign = opinions(world, 1, at="station")[0], opinions(world, 1)[0]
    clue = combed(world, call, [own, foreign])
    client = as_("station_officer")
    html = client.get(f"/office/projects/{clue.pk}/").content.decode()
    assert own.number in html and foreign.number not in html
    assert "来自2条群众意见" in html and "另有1条" in html
    assert "/screen/" not in html and "/comb/" not in html
    assert client.get(f"/office/projects/{clue.pk}/screen/").status_code == 404
    assert client.get(f"/office/projects/calls/{call.pk}/comb/").status_code == 404
    assert own.number in client.get("/office/projects/opinions/").content.decode()
    assert "东街路灯" in client.get("/office/projects/").content.decode()


# The public page


def test_the_public_page_tells_projects_and_not_the_people_behind(world: World, call: LivelihoodCall) -> None:
    names = {"name": "钱多多", "phone": "13800001111", "consent": True}
    chosen = brought_to(world, call, "chosen", opinions(world, 2, **names))
    services.progress(
        chosen, text="已开工", unit=world.roads, money=Decimal(30), finish_on=today(), by=world.county_staff
    )
    LivelihoodClue.objects.filter(pk=chosen.pk).update(title="新装东街路灯", need="需求原话")
    combed_only = combed(world, call)
    LivelihoodClue.objects.filter(pk=combed_only.pk).update(title="还没有把关的线索")
    page = Client().get(f"/projects/{YEAR}/")
    html = page.content.decode()
    for told in (
        "新装东街路灯",
        "东街",
        "郸城县交通运输局",
        "已开工",
        "由2条群众意见",
        "赞成180",
        "郸城县2027年民生实事",
    ):
        assert told in html, told
    numbers = Suggestion.objects.values_list("number", flat=True)
    assert len(numbers) == 4
    for kept_back in ("还没有把关", "需求原话", "没有路灯", "钱多多", "1380000", *numbers):
        assert kept_back not in html, kept_back
    assert "<script" not in html


def test_with_several_regions_one_is_chosen_step_by_step(world: World, call: LivelihoodCall) -> None:
    page = Client().get(f"/projects/{YEAR}/").content.decode()
    assert "选择区域" not in page
    for region in (world.other_county, world.township):
        LivelihoodCall.objects.create(region=region, year=YEAR, since=today(), until=today())
    page = Client().get(f"/projects/{YEAR}/").content.decode()
    assert "region=411625000000" in page and "region=411624000000" in page and "region=411625107000" not in page
    page = Client().get(f"/projects/{YEAR}/?region=411625000000").content.decode()
    assert "region=411625107000" in page and "region=411624000000" not in page


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/projects/2031/", 200, "这一年还没有民生实事项目"),
        ("/projects/2027/", 200, "候选项目还没有公布"),
        ("/projects/2027/?region=nowhere", 200, "没有找到这个区域的项目"),
        ("/projects/99999/", 404, ""),
        ("/projects/0/", 404, ""),
    ],
)
def test_the_public_page_where_there_is_nothing(call: LivelihoodCall, address: str, status: int, says: str) -> None:
    page = Client().get(address)
    assert page.status_code == status
    assert says in page.content.decode()


def test_a_full_public_page_is_light_and_asks_as_often_as_an_empty_one(world: World, call: LivelihoodCall) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            Client().get(f"/projects/{YEAR}/")
        return len(captured)

    brought_to(world, call, "chosen")
    few = asked()
    first = LivelihoodClue.objects.get()
    rows = [
        LivelihoodClue(
            call=call,
            title=f"第{n}号路灯改造工程",
            place=f"{n}街",
            need="x",
            stage="chosen",
            combed_on=today(),
            verdict="kept",
            screened_on=today(),
            unit=world.roads,
            voted_on=today(),
            votes_for=100 + n,
            votes_against=n,
            votes_abstained=n,
            progress=f"完成{n}%",
        )
        for n in range(60)
    ]
    LivelihoodClue.objects.bulk_create(rows)
    assert asked() == few
    page = Client().get(f"/projects/{YEAR}/").content
    assert page.decode().count("<article") == 61 and first.title in page.decode()
    assert len(gzip.compress(page)) + len(gzip.compress(SITE_CSS.read_bytes())) <= 30_000


@pytest.mark.parametrize(
    "address", ["/office/projects/", "/office/projects/opinions/", "/office/projects/calls/{}/comb/?state=all"]
)
def test_the_office_pages_ask_no_more_for_more_rows(world: World, call: LivelihoodCall, as_: Any, address: str) -> None:
    client, address = as_("county_staff"), address.format(call.pk)

    def asked() -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    combed(world, call)
    few = asked()
    for _ in range(3):
        combed(world, call)
    assert asked() == few


def test_a_user_of_no_region_has_no_page(world: World, call: LivelihoodCall, as_: Any) -> None:
    nobody = User.objects.create_user("nobody", name="无")
    assert as_(nobody).get("/office/projects/").status_code == 404
