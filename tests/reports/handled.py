"""Cases handled in every way that a figure or a column of a register must tell apart, by the real verbs."""

from __future__ import annotations

from datetime import date, timedelta

from accounts.calendar import ONE_DAY, today
from accounts.models import User
from deputies.models import Deputy, Mandate
from suggestions import services
from suggestions.livelihood import Verdict
from suggestions.models import Assignment, HandlingProfile, Merge, Promise, Suggestion
from suggestions.services import livelihood, proposals
from tests.cast import PASSWORD, World, a_paper, a_suggestion, some_words

DAY = timedelta(days=1)
SATISFIED = {"process": "satisfied", "result": "satisfied"}


def now(case: Suggestion) -> Suggestion:
    return Suggestion.objects.get(pk=case.pk)


def a_colleague(world: World) -> Deputy:
    user = User.objects.create_user(f"colleague{User.objects.count()}", password=PASSWORD, name="联名代表")
    deputy = Deputy.objects.create(region=world.county, user=user, name=user.name)
    Mandate.objects.create(deputy=deputy, congress=world.congress, since=world.congress.first_met_on)
    return deputy


def signer_profile(world: World) -> None:
    above = HandlingProfile.objects.nearest(world.county, "proposal")
    above.pk, above.region, above.each_signer_rates = None, world.county, True
    above.save(force_insert=True)


def merged(world: World) -> Suggestion:
    """One case for four submitters: answered, and rated by the first, by one of the merged, and by another on the phone."""
    staff = world.county_staff
    parent = a_suggestion(world, "accepted", text="养殖区变压器老旧。")
    others = [a_suggestion(world, stage) for stage in ("submitted", "accepted", "accepted")]
    for other in others:
        services.merge(other, to=now(parent), by=staff)
    parent = now(parent)
    services.transfer(parent, to=world.power, by=staff)
    services.sign_for(parent, by=world.unit_clerk)
    services.reply(parent, result_class="A", text="已全部更换。", by=world.unit_head)
    services.feedback(now(others[0]), **SATISFIED)
    services.feedback(now(others[1]), process="basically", result="basically", by=staff)
    services.feedback(parent, **SATISFIED)
    return parent


def unmerged(world: World) -> Suggestion:
    parent, child = a_suggestion(world, "accepted"), a_suggestion(world)
    services.merge(child, to=parent, by=world.county_staff)
    services.unmerge(now(child), reason="地点不同。", by=world.county_staff)
    return child


def raised(world: World, colleague: Deputy) -> Suggestion:
    """Two opinions become a proposal of two signers, handled by two units apart: one late by extension, one on paper."""
    staff, lead = world.county_staff, world.users["deputy"]
    opinions = [a_suggestion(world, "accepted"), a_suggestion(world, "accepted")]
    services.raise_(opinions[0], others=opinions[1:], to=world.deputy, title="关于用电的建议", by=staff)
    proposal = Merge.objects.get(child=opinions[0], ended_at__isnull=True).parent
    proposals.edit(proposal, some_words(world), by=lead, cosigners=[colleague])
    proposal = now(proposal)
    services.cosign(proposal, by=colleague.user)
    services.submit_proposal(proposal, by=lead)
    services.accept(proposal, category=world.category, problem_kind=world.problem_kind, by=staff)
    services.transfer(proposal, separate=[world.power, world.roads], by=staff)
    services.supervise(proposal, leader="刘副主任", by=staff)
    services.remind(proposal, text="请抓紧。", by=world.supervision_office)
    services.sign_for(proposal, by=world.unit_clerk)
    own = Assignment.objects.get(suggestion=proposal, unit=world.power)
    until = own.due_on + 10 * DAY
    services.request_extension(proposal, reason="要立项。", due=until, by=world.unit_clerk)
    services.approve_extension(proposal, by=staff)
    paper = {"unit": world.roads, "source": "来文5号", "paper": a_paper()}
    services.sign_for(proposal, by=staff, **paper)
    parties = {
        "committee": "代工委",
        "supervision": "督查室",
        "group": "农业小组",
        "unit": "供电公司",
        "deputy": "李代表",
    }
    services.consult(proposal, held_on=today(), minutes="当面商定。", by=staff, **parties)
    services.reply(proposal, result_class="A", text="路已修好。", signer="秦局长", by=staff, **paper)
    services.reply(
        proposal, result_class="A", text="变压器已增设。", document_number="供函〔2026〕7号", by=world.unit_head
    )
    services.feedback(proposal, **SATISFIED, by=lead)
    services.feedback(proposal, process="satisfied", result="basically", by=colleague.user)
    return proposal


def promised(world: World, ended: str = "", *, until: date | None = None) -> Suggestion:
    """A promise: open, or `ended` by being kept, explained, or replaced by the answer of another round."""
    case = a_suggestion(world, "tracking" if ended != "replaced" else "handling")
    if ended == "replaced":
        services.reply(case, result_class="B", text="年底前换。", due=date(2099, 1, 1), by=world.unit_head)
        services.feedback(case, process="satisfied", result="dissatisfied", text="太晚。")
        services.rehandle(case, reason="提前。", by=world.county_staff)
        services.reply(case, result_class="A", text="已提前更换。", by=world.unit_head)
    elif ended:
        result = "A" if ended == "kept" else "C"
        services.fulfil(case, result_class=result, text="再次答复。", by=world.unit_head)
    if until is not None:
        Promise.objects.filter(reply__suggestion=case).update(promised_on=until)
    return case


def pushed(world: World) -> Suggestion:
    """Given back by one unit, then by the next."""
    case = a_suggestion(world, "handling")
    services.request_return(case, reason="不属本单位。", to=world.roads, by=world.unit_clerk)
    services.approve_return(case, by=world.county_staff)
    services.transfer(case, to=world.roads, by=world.county_staff)
    services.request_return(
        case, reason="也不属。", to=world.power, by=world.county_staff, source="来文6号", paper=a_paper()
    )
    return case


def told(world: World) -> Suggestion:
    """Called back, rated on the phone, made public."""
    case = a_suggestion(world, "replied", phone="13800001234", consent=True)
    services.inform(case, text="已说明情况。", by=world.county_staff)
    services.feedback(case, **SATISFIED, by=world.county_staff)
    services.publish(
        case, title="更换变压器", text="村里变压器老旧。", reply="已更换。", checked=True, by=world.county_staff
    )
    return case


def a_clue(world: World) -> None:
    """Two opinions gathered for a clue that was kept, one for none."""
    staff, day = world.county_staff, today()
    call = livelihood.open_call(region=world.county, year=day.year, since=day - ONE_DAY, until=day + ONE_DAY, by=staff)
    opinions = [a_suggestion(world) for _ in range(3)]
    clue = livelihood.comb(call, opinions=opinions[:2], title="农村电网改造", need="更换变压器。", by=staff)
    livelihood.collect(call, opinions=opinions[2:], by=staff)
    livelihood.screen(clue, verdict=Verdict.KEPT, departments=[world.power], words="可行。", on=day, by=staff)


def handle(world: World) -> dict[str, Suggestion]:
    signer_profile(world)
    cases = {
        "merged": merged(world),
        "unmerged": unmerged(world),
        "raised": raised(world, a_colleague(world)),
        "open": promised(world),
        "overdue": promised(world, until=today() - DAY),
        "kept": promised(world, "kept"),
        "explained": promised(world, "explained"),
        "replaced": promised(world, "replaced"),
        "pushed": pushed(world),
        "told": told(world),
    }
    a_clue(world)
    assert Merge.objects.in_force().count() == 5
    return {name: now(case) for name, case in cases.items()}


def add_handled(world: World) -> None:
    """One more of everything that needs no world of its own."""
    merged(world)
    raised(world, a_colleague(world))
    pushed(world)
    told(world)
    promised(world, "kept")
    promised(world, until=today() - DAY)
