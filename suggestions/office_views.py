from __future__ import annotations

from auditlog.models import LogEntry
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from accounts import own_phone
from accounts.errors import Refused
from accounts.forms import refuse
from accounts.models import Organization, User
from accounts.pages import OfficeRequest, hand_out, newest_first, only
from activities.log_views import chosen_pairing, chosen_station, sent, visit_logged
from activities.models import Visit
from activities.permissions import logs_work
from activities.services import log_visit as log
from suggestions import services
from suggestions.codes import query_code
from suggestions.forms.desk import DeskForm, FindingForm
from suggestions.forms.pages import PAGES
from suggestions.forms.verb import Page, VerbForm
from suggestions.models import Attachment, LivelihoodClue, OpinionAdoption, ReportSource, Suggestion
from suggestions.notifications import group_text
from suggestions.office_pages import CasePage, case_page, filter_form, for_lines, lines, narrowed
from suggestions.paper_pages import papers_for
from suggestions.permissions import Acting, desk_stations, handles_cases, require, sees_inner_notes
from suggestions.services.research import research_of
from suggestions.workflow import Kind, Status, Verb, targets

SLIP = "desk_slip"
RELATED = (
    "station",
    "holder__region",
    "region",
    "deputy",
    "lead",
    "category",
    "problem_kind",
    "about_unit",
    "publication",
    "supervising_group",
    "activity",
    "theme",
)


# The list and the case


@login_required
@never_cache
def suggestions(request: OfficeRequest) -> HttpResponse:
    only(handles_cases(request.user))
    form = filter_form(request.user, request.GET)
    form.is_valid()
    visible = Suggestion.objects.visible_to(request.user).filter(submitted_at__isnull=False)
    page = newest_first(for_lines(narrowed(visible, form.cleaned_data, request.user)), request.GET, "submitted_at")
    context = {"form": form, "page": page, "lines": lines(page.rows), "asked": any(form.cleaned_data.values())}
    return render(request, "suggestions/office/suggestions.html", context)


def the_case(user: User, number: str) -> Suggestion:
    # Few cases came to a report or were taken up: the page asks for those rows only where there are any.
    led_on = Q(Exists(ReportSource.objects.filter(suggestion=OuterRef("pk"))))
    led_on |= Q(Exists(OpinionAdoption.objects.filter(suggestion=OuterRef("pk"))))
    visible = Suggestion.objects.visible_to(user).select_related(*RELATED).annotate(led_on=led_on)
    return get_object_or_404(visible, number=number)


@login_required
@never_cache
def suggestion(request: OfficeRequest, number: str) -> HttpResponse:
    case = the_case(request.user, number)
    page = case_page(request.user, case)
    log_contact_read(request.user, page)
    replies = list(case.replies.select_related("assignment__unit", "promise"))
    classes = services.profile_of(case).result_classes if case.result_class or replies else {}
    for reply in replies:
        reply.class_in_words = class_in_words(reply.result_class, classes)  # type: ignore[attr-defined]
    led_on = case.led_on  # type: ignore[attr-defined]
    context = {
        "page": page,
        "case": case,
        "replies": replies,
        "result": class_in_words(case.result_class, classes),
        "feedbacks": case.feedbacks.select_related("review", "signer", "entered_by"),
        "others_said": case.reviews.exclude(feedback__suggestion=case).select_related("feedback") if replies else [],
        "clues": LivelihoodClue.objects.visible_to(request.user).filter(sources__suggestion=case),
        "research": research_of(request.user, case) if led_on else (),
        "adoptions": case.adoptions.all() if led_on and page.inner else (),
        "papers": papers_for(request.user, case, page.worn),
        "group_text": group_text(case, page.line.holder),
    }
    return render(request, "suggestions/office/suggestion.html", context)


def class_in_words(letter: str, classes: dict[str, str]) -> str:
    """The county's own label: 甲乙丙, three classes or four (HandlingProfile)."""
    return f"{letter}类　{classes[letter]}" if letter in classes else letter and f"{letter}类"


def log_contact_read(user: User, page: CasePage) -> None:
    """Who read a name or a phone, and when: kept for the auditor, by number alone (个人信息保护法 art. 51, 54)."""
    if page.contact and page.has_contact:
        LogEntry.objects.log_create(
            page.case,
            force_log=True,
            action=LogEntry.Action.ACCESS,
            actor=user,
            object_repr=page.case.number,
            additional_data={"查看": "姓名、电话"},
        )


@login_required
def attachment(request: OfficeRequest, number: str, pk: int) -> FileResponse:
    case = the_case(request.user, number)
    found = get_object_or_404(case.attachments, pk=pk)
    only(found.kind != Attachment.Kind.PAPER or sees_inner_notes(request.user, case))
    return hand_out(found.file)


# Saying a verb


@login_required
@never_cache
def say(request: OfficeRequest, number: str, verb: str) -> HttpResponse:
    case = the_case(request.user, number)
    said, page = delivered(verb)
    try:
        form = bound(request, case, page, require_current(request, case, said))
        if request.method == "POST" and form.is_valid():
            page.call(case, by=request.user, **form.values())
            messages.success(request, f"已办：{said.label}。")
            # What was said may have taken the case out of the speaker's own sight.
            still = Suggestion.objects.visible_to(request.user).filter(pk=case.pk).exists()
            return redirect("suggestion", case.number) if still else redirect("workbench")
    except services.Conflict as conflict:
        return conflicted(request, case, conflict)
    except Refused as refused:
        if services.has_moved_on(case):
            return conflicted(request, case, services.Conflict(services.who_was_first(case)))
        if isinstance(refused, NotNow):
            return refused_page(request, case, said, refused)
        refuse(form, refused)
    unit = form.acting.on_behalf_of
    context = {"case": case, "verb": said, "page": page, "form": form}
    if unit is not None:
        context["proxy_notice"] = f"您正在代{unit}登记，请写明依据并附上单位的纸质件；记录会同时写明您和{unit}。"
    if said is Verb.ACCEPT:
        context["similar"] = services.likely_duplicates(case, request.user)
    return render(request, "suggestions/office/say.html", context)


class NotNow(Refused):
    """The verb is not this user's, or not now: there is no form to show."""


def delivered(verb: str) -> tuple[Verb, Page]:
    if verb not in PAGES:
        raise Http404
    return Verb(verb), PAGES[Verb(verb)]


def require_current(request: OfficeRequest, case: Suggestion, verb: Verb) -> Acting:
    """The right to say the verb on the case as the user saw it; raises Conflict where it has changed since."""
    read = request.POST.get("version")
    if read is not None and read != str(case.version):
        raise services.Conflict(services.who_was_first(case))
    try:
        return require(verb, case, request.user, unit=the_unit(request, case))
    except Refused as refused:
        raise NotNow(refused.sentence) from refused


def the_unit(request: OfficeRequest, case: Suggestion) -> Organization | None:
    """Which of several units the verb is about, where the button said so."""
    typed = request.GET.get("unit", "")
    if not typed:
        return None
    return get_object_or_404(
        Organization, pk__in=[a.unit_id for a in case.assignments.all() if str(a.unit_id) == typed]
    )


def bound(request: OfficeRequest, case: Suggestion, page: Page, acting: Acting) -> VerbForm:
    return page.form(request.POST or None, request.FILES or None, suggestion=case, acting=acting)


def conflicted(request: OfficeRequest, case: Suggestion, conflict: services.Conflict) -> HttpResponse:
    fresh = Suggestion.objects.visible_to(request.user).select_related(*RELATED).filter(pk=case.pk).first()
    if fresh is None:
        # What the winner did has taken the case out of the loser's sight.
        messages.error(request, conflict.sentence)
        return redirect("workbench")
    page = case_page(request.user, fresh)
    log_contact_read(request.user, page)
    context = {"page": page, "case": fresh, "sentence": conflict.sentence}
    return render(request, "suggestions/office/conflict.html", context, status=409)


def refused_page(request: OfficeRequest, case: Suggestion, verb: Verb, refused: NotNow) -> HttpResponse:
    known = targets(verb, Kind(case.kind), Status(case.status))
    context = {"case": case, "verb": verb, "sentence": refused.sentence, "last": services.last_step(case)}
    return render(request, "suggestions/office/refused.html", context, status=403 if known else 409)


# The desk


@login_required
@never_cache
def desk(request: OfficeRequest) -> HttpResponse:
    stations = desk_stations(request.user)
    only(stations.exists())
    form = DeskForm(request.POST or None, request.FILES or None, stations=stations)
    if request.method == "POST" and form.is_valid():
        try:
            case = form.submit(request.user)
        except Refused as refused:
            refuse(form, refused)
        else:
            if form.is_of(case):
                request.session[SLIP] = {"number": case.number, "key": form.cleaned_data["key"]}
                return redirect("slip")
        form.remind_of_photos()
    return render(request, "suggestions/office/desk.html", {"form": form})


@login_required
@never_cache
def slip(request: OfficeRequest) -> HttpResponse:
    """What the visitor (or the household visited) takes home, made from the form's key in the session: the code is stored nowhere in clear.

    Not by `visible_to`: a matter that passes the station by is out of the officer's sight, and its slip is not.
    """
    kept = request.session.get(SLIP)
    if kept is None:
        return redirect("desk")
    case = get_object_or_404(Suggestion.objects.select_related("station", "holder"), number=kept["number"])
    context = {"case": case, "query_code": query_code(kept["key"])}
    return render(request, "suggestions/office/slip.html", context)


# What was found on a visit


@login_required
def log_visit(request: OfficeRequest) -> HttpResponse:
    only(logs_work(request.user))
    station, stations = chosen_station(request)
    form = FindingForm(
        request.POST or None,
        request.FILES or None,
        station=station,
        by=request.user,
        own_only=own_phone.is_own_only(request),
        pairing=chosen_pairing(request),
    )
    if request.method == "POST" and form.is_valid():
        try:
            visit, case = logged(form, request.user)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, visit_logged(visit))
            if case is None:
                return sent(request, reverse("visit", args=[visit.pk]))
            # For the growers: with number and code the answer finds its way back to those who have the problem.
            request.session[SLIP] = {"number": case.number, "key": form.cleaned_data["key"]}
            return sent(request, reverse("slip"))
    context = {"form": form, "station": station, "stations": stations}
    return render(request, "suggestions/office/log_visit.html", context)


@transaction.atomic
def logged(form: FindingForm, by: User) -> tuple[Visit, Suggestion | None]:
    """Both or neither. A second tap with the same key finds the first visit and its case."""
    key = form.cleaned_data["key"]
    visit = log(form.save(commit=False), by=by, photos=form.cleaned_data["photos"], form_key=key)
    finding = form.cleaned_data["finding"].strip()
    if not finding:
        return visit, None
    submitter = FindingForm.SUBMITTERS.get(visit.target, "resident")
    case = services.submit(
        services.Statement(text=finding, place=visit.place, submitter_kind=submitter),
        form_key=key,
        station=visit.station,
        deputy=None if visit.station else visit.deputy,
        channel=Suggestion.Channel.VISIT,
        by=by,
        visit=visit,
    )
    if case.text != finding:
        raise Refused(f"这张表格的问题已经登记，编号{case.number}。还有别的问题，请重新打开“记走访”再记。")
    return case.visit or visit, case
