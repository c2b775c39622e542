"""What came of the work, written down: disputes settled, deputies' reports to their voters (mission U1, U8)."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import User
from accounts.redaction import personal
from activities.models import Activity, DutyReport, Mediation
from activities.permissions import keeps_ballots, people_of
from activities.services.logged import check_owners, check_theme, suspended_among
from stations.models import Station

DUTY_REPORT = "duty_report"


def without_personal_data(text: str, field: str, hint: str = "这里不记个人信息：") -> str:
    found = personal(text)
    if found:
        raise Refused(f"{hint}请删去{found}。", field=field)
    return text.strip()


@transaction.atomic
def log_mediation(mediation: Mediation, *, by: User) -> Mediation:
    """矛盾纠纷化解 in numbers, never with the names of those who quarrelled (个人信息保护法 art. 6; mission U8).

    The same day, kind, place and result a second time by the same hand is a second tap: several are told in `times`.
    """
    if mediation.mediated_on > today():
        raise Refused("化解日期不能晚于今天。", field="mediated_on")
    owner = mediation.station or mediation.group or mediation.deputy
    if owner is None:
        raise Refused("请选择联络站或代表小组。")
    check_owners(by, mediation.station, mediation.group)
    _check_who(mediation, by)
    check_theme(mediation.theme, mediation.mediated_on, owner.region)
    mediation.place = without_personal_data(mediation.place, "place", "地点只写到村或社区，不写当事人：")
    if mediation.times < 1:
        raise Refused("件次至少是1。", field="times")
    mediation.region, mediation.logged_by = owner.region, by
    # Two taps at once stand in line here, so that the second one finds the first one's row.
    User.objects.select_for_update().get(pk=by.pk)
    alike = ("station", "group", "deputy", "mediated_on", "kind", "place", "result")
    if Mediation.objects.filter(logged_by=by, **{name: getattr(mediation, name) for name in alike}).exists():
        raise Refused("这一天同类、同地点、同结果的您已经记过一条。还有别的，请把地点写清楚；几件一起的写在件次里。")
    mediation.save()
    return mediation


def _check_who(mediation: Mediation, by: User) -> None:
    """A deputy writes down the own; who serves a station and congress staff, those of their people."""
    deputy = mediation.deputy
    if deputy is None:
        return
    for suspended in suspended_among([deputy]):
        raise Refused(f"{suspended}已暂停执行代表职务，不能记化解矛盾纠纷。", field="deputy")
    if deputy.user_id == by.pk:
        return
    keeps = by.is_congress_staff or Station.objects.served_by(by).exists()
    if not keeps or not people_of(mediation.station, mediation.group).filter(pk=deputy.pk).exists():
        raise Refused("代表只登记本人参与的；站里登记的，请从名单中选本站、本小组的代表。", field="deputy")


@transaction.atomic
def report_duty(report: DutyReport, *, by: User) -> DutyReport:
    """代表述职 with the voters' ballot, as it was announced on the spot (domain.md §6); said again, it is corrected.

    Whoever was voted on does not write down the vote.
    """
    activity = report.activity
    if activity.type.code != DUTY_REPORT:
        raise Refused("只有类型是“代表述职”的活动可以登记述职。")
    if not keeps_ballots(by, activity):
        raise Refused("述职和测评结果由联络站或人大机构登记。")
    if activity.status not in (Activity.Status.HELD, Activity.Status.PUBLISHED):
        raise Refused(f"这项活动现在是“{activity.get_status_display()}”，开展以后再登记述职结果。")
    if report.deputy.user_id == by.pk:
        raise Refused("本人的述职结果请由站里其他人或人大机构登记。", field="deputy")
    if report._state.adding and suspended_among([report.deputy]):
        raise Refused(f"{report.deputy}已暂停执行代表职务，不能登记述职。", field="deputy")
    if report.ballots > report.voters:
        raise Refused(f"三种票共{report.ballots}张，多于到会选民{report.voters}人，请核对。", field="voters")
    report.text = without_personal_data(report.text, "text")
    report.comments = without_personal_data(report.comments, "comments")
    try:
        with transaction.atomic():
            report.save()
    except IntegrityError as error:
        raise Refused("这位代表已在本次述职名单中，要改请在名单里点“更正”。", field="deputy") from error
    return report
