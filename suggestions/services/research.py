"""From single opinions to the problem they have in common, and to what was taken up of it (mission U5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.calendar import in_words, today
from accounts.errors import Refused
from accounts.models import User
from activities.models import Adopted, Adoption, ResearchReport
from activities.permissions import logs_work
from activities.services.logged import check_owners, check_theme
from activities.services.results import without_personal_data
from deputies.models import Deputy
from suggestions.codes import digits
from suggestions.models import Event, OpinionAdoption, ReportSource, Suggestion
from suggestions.models.sight import SuggestionQuerySet
from suggestions.services.oversight import Record, record
from suggestions.workflow import Kind, Status

Row = TypeVar("Row")

ONCE = "同一份文件的这项采纳已经登记，不用再记。"


def writes(user: User, report: ResearchReport) -> bool:
    """Its authors, whoever entered it, and who may enter one of the same station or group."""
    if not logs_work(user):
        return False
    if report.logged_by_id == user.pk or report.authors.filter(user=user).exists():
        return True
    try:
        check_owners(user, report.station, report.group)
    except Refused:
        return False
    return True


@transaction.atomic
def write_report(
    report: ResearchReport, *, by: User, authors: Iterable[Deputy] = (), sources: Iterable[Suggestion] = ()
) -> ResearchReport:
    """A report of a station or a group that is finished. The same one entered twice by one hand is a second tap."""
    owner = report.station or report.group
    if owner is None:
        raise Refused("请选择联络站或代表小组。")
    check_owners(by, report.station, report.group)
    if report.finished_on > today():
        raise Refused("完成日期不能晚于今天；还没有写完的，完成以后再登记。", field="finished_on")
    if not (report.text.strip() or report.document):
        raise Refused("请写出报告内容，或者上传报告的PDF。", field="text")
    check_theme(report.theme, report.finished_on, owner.region)
    for name in ("title", "problem", "text"):
        setattr(report, name, without_personal_data(getattr(report, name), name))
    report.region, report.logged_by = owner.region, by
    User.objects.select_for_update().get(pk=by.pk)
    alike = {name: getattr(report, name) for name in ("title", "station", "group", "finished_on")}
    first: ResearchReport | None = ResearchReport.objects.filter(logged_by=by, **alike).first()
    if first is not None:
        return first
    report.save()
    report.authors.set(authors)
    add_sources(report, sources, by=by)
    return report


def sources_for(report: ResearchReport, user: User) -> SuggestionQuerySet:
    """Opinions that may still be put under the report: those that the user sees, and only accepted ones."""
    gone = (Status.DRAFT, Status.SUBMITTED, Status.DECLINED, Status.WITHDRAWN)
    seen = Suggestion.objects.visible_to(user).filter(kind=Kind.OPINION).exclude(status__in=gone)
    return seen.exclude(pk__in=report.sources.values("suggestion")).order_by("-submitted_at", "-pk")


@transaction.atomic
def add_sources(report: ResearchReport, sources: Iterable[Suggestion], *, by: User) -> int:
    """The lineage back to single voices. What is in already stays in once."""
    if not writes(by, report):
        raise Refused("报告来源由执笔代表、登记人或本站、本小组的人选取。")
    wanted = {case.pk for case in sources}
    if sources_for(report, by).filter(pk__in=wanted).count() < len(
        wanted - set(report.sources.values_list("suggestion", flat=True))
    ):
        raise Refused("只能选您看得到的、已经受理的群众意见，请重新勾选。", field="opinions")
    before = report.sources.count()
    rows = [ReportSource(report=report, suggestion_id=pk) for pk in sorted(wanted)]
    ReportSource.objects.bulk_create(rows, ignore_conflicts=True)
    return report.sources.count() - before


@dataclass(frozen=True)
class Taken:
    """被采纳: what became of it, on whose word, by which paper."""

    use: str
    adopted_on: date
    adopted_by: str
    document: str

    def check(self, since: date | None) -> None:
        if self.use not in Adopted.Use.values:
            raise Refused("请选择采纳方式：进入决策、被立法吸收或被监督吸收。", field="use")
        if not self.adopted_by.strip():
            raise Refused("请写明是哪个机关采纳的。", field="adopted_by")
        if not self.document.strip():
            raise Refused("请写明依据文件的文号或名称。", field="document_name")
        if self.adopted_on > today():
            raise Refused(f"采纳日期不能晚于今天{in_words(today())}。", field="adopted_on")
        if since is not None and self.adopted_on < since:
            raise Refused(f"采纳日期不能早于{in_words(since)}。", field="adopted_on")

    def columns(self) -> dict[str, object]:
        return {
            "use": self.use,
            "adopted_on": self.adopted_on,
            "adopted_by": self.adopted_by.strip(),
            "document": self.document.strip(),
        }


def keeps_adoptions(user: User, report: ResearchReport) -> bool:
    return user.is_congress_staff and user.scope is not None and report.region_path.startswith(user.scope)


@transaction.atomic
def adopt(report: ResearchReport, taken: Taken, *, by: User) -> Adoption:
    """A report was taken up: entered by congress staff of its region or above, from a paper."""
    if not keeps_adoptions(by, report):
        raise Refused("采纳情况由人大机构登记。")
    taken.check(report.finished_on)
    return _once(lambda: Adoption.objects.create(report=report, logged_by=by, **taken.columns()))


@transaction.atomic
def adopt_opinions(
    numbers: Sequence[str], taken: Taken, *, text: str, paper: ContentFile[bytes] | None, by: User
) -> list[Suggestion]:
    """One paper often takes up many opinions (漯河: 220): each is said on its own case, all of them or none."""
    if not numbers:
        raise Refused("请写出被采纳的意见建议的受理编号。", field="numbers")
    if paper is None:
        raise Refused("请附上文件的照片或PDF扫描件。", field="paper")
    cases = _the_cases(numbers, by)
    content = paper.read()
    for case in cases:
        file = ContentFile(content, name=paper.name)
        try:
            record_adoption(case, taken, text=text, document=file, by=by)
        except Refused as refused:
            where = refused.field or "numbers"
            where = "adopted_on" if where == "recorded_on" else where
            raise Refused(f"{case.number}：{refused.sentence}", field=where) from refused
    return cases


def _the_cases(numbers: Sequence[str], by: User) -> list[Suggestion]:
    wanted = list(dict.fromkeys(digits(number) for number in numbers))
    found = {case.number: case for case in Suggestion.objects.visible_to(by).filter(number__in=wanted)}
    missing = [number for number in wanted if number not in found]
    if missing:
        raise Refused(f"没有找到编号{'、'.join(missing[:10])}，请核对；不在您查看范围内的也找不到。", field="numbers")
    return [found[number] for number in wanted]


@transaction.atomic
def record_adoption(
    case: Suggestion, taken: Taken, *, text: str, document: ContentFile[bytes] | None, by: User
) -> Event:
    """采纳 of an opinion: the verb `record`, and the row that the figures count."""
    taken.check(None)
    # Before the case moves: who is told so still has the page of the case as it is.
    if OpinionAdoption.objects.filter(suggestion=case, use=taken.use, document=taken.document.strip()).exists():
        raise Refused(ONCE, field="document_name")
    event = record(case, kind=Record.ADOPTION, text=text, recorded_on=taken.adopted_on, document=document, by=by)
    _once(lambda: OpinionAdoption.objects.create(suggestion=case, logged_by=by, **taken.columns()))
    return event


def record_any(
    suggestion: Suggestion,
    *,
    kind: str,
    text: str,
    recorded_on: date,
    by: User,
    document: ContentFile[bytes] | None,
    use: str = "",
    adopted_by: str = "",
    document_name: str = "",
) -> Event:
    """The page of `record`: what was taken up is counted as well."""
    if kind == Record.ADOPTION:
        taken = Taken(use, recorded_on, adopted_by, document_name)
        return record_adoption(suggestion, taken, text=text, document=document, by=by)
    return record(suggestion, kind=kind, text=text, recorded_on=recorded_on, document=document, by=by)


def _once(make: Callable[[], Row]) -> Row:
    try:
        with transaction.atomic():
            return make()
    except IntegrityError as error:
        raise Refused(ONCE, field="document_name") from error


def adoptions_of(user: User) -> tuple[QuerySet[Adoption], QuerySet[OpinionAdoption]]:
    """Of reports and of opinions that the user sees, newest first."""
    return (
        Adoption.objects.visible_to(user).select_related("report"),
        OpinionAdoption.objects.visible_to(user).select_related("suggestion"),
    )


def research_of(user: User, case: Suggestion) -> QuerySet[ResearchReport]:
    """The reports that were written from this case, as far as the user sees them."""
    visible = ResearchReport.objects.visible_to(user)
    return visible.filter(sources__suggestion=case)
