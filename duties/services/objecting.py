"""异议: registered, checked with the deputy, corrected after verification (上海实施办法 art. 51; domain.md §5.2)."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.errors import Refused
from accounts.models import User
from deputies.models import Deputy
from duties.models import Objection, PointEntry, PointPeriod, PointScheme
from duties.permissions import keeps_points
from duties.services.declaring import tell_deputy
from duties.services.settling import settle

Outcome = Objection.Outcome


@transaction.atomic
def object_to(deputy: Deputy, year: int, *, text: str, entry: PointEntry | None = None, by: User) -> Objection:
    """Against an entry, or that something is missing. Also of who no longer sits: the own record stays the own."""
    if deputy.user_id != by.pk:
        raise Refused("异议由代表本人提出。")
    if not text.strip():
        raise Refused("请写明哪里不对。", field="text")
    period = entry.period if entry is not None else _period(deputy, year)
    if entry is not None and entry.deputy_id != deputy.pk:
        raise Refused("这条记录不是您本人的。")
    period = PointPeriod.objects.select_for_update(of=("self",)).select_related("region").get(pk=period.pk)
    if period.closed_at is not None:
        raise Refused(f"{period.year}年的积分已经封账，请直接与{period.region}人大机构联系。")
    if entry is not None and (entry.reverses_id is not None or PointEntry.objects.filter(reverses=entry).exists()):
        raise Refused("这条记录已经冲销，不用再提。")
    said = {"deputy": deputy, "period": period, "entry": entry, "text": text.strip(), "outcome": Outcome.OPEN}
    again: Objection | None = Objection.objects.filter(**said).first()
    if again is not None:
        return again
    try:
        with transaction.atomic():
            made: Objection = Objection.objects.create(raised_by=by, **said)
            return made
    except IntegrityError as error:
        raise Refused("对这条记录的异议正在核实，有了结果再提。") from error


def _period(deputy: Deputy, year: int) -> PointPeriod:
    scheme = PointScheme.objects.for_path(deputy.region.path, year)
    if scheme is None:
        raise Refused(f"{year}年没有采用积分办法，不计分。")
    return PointPeriod.objects.get_or_create(region=scheme.region, year=year)[0]


@transaction.atomic
def answer(objection: Objection, *, outcome: str, text: str, by: User) -> None:
    """In words. Corrected, an entry is taken back by a row of its own; both stay in the sheet."""
    if not keeps_points(by, objection.period.region_id):
        raise Refused(f"异议由{objection.period.region}人大机构核实，您的账号不在这个机构。")
    if objection.deputy.user_id == by.pk:
        raise Refused("自己提出的异议由其他人核实。")
    period = PointPeriod.objects.select_for_update(of=("self",)).select_related("region").get(pk=objection.period_id)
    Objection.objects.select_for_update().get(pk=objection.pk)
    objection.refresh_from_db()
    if objection.outcome != Outcome.OPEN:
        raise Refused(f"这件异议已由{objection.answered_by}答复：{objection.get_outcome_display()}。")
    if outcome not in (Outcome.CORRECTED, Outcome.DISMISSED):
        raise Refused("请选择核实结果。", field="outcome")
    if not text.strip():
        raise Refused("请写明核实情况。", field="answer")
    if period.closed_at is not None:
        raise Refused(f"{period.year}年的积分已经封账，不能再更正。")
    objection.outcome, objection.answer = outcome, text.strip()
    objection.answered_by, objection.answered_at = by, timezone.now()
    objection.save()
    if outcome == Outcome.CORRECTED:
        if objection.entry is not None:
            reverse(objection.entry, why=f"异议核实后更正：{objection.answer}"[:200], by=by)
        settle(period.region, period.year, deputies=[objection.deputy])
    told = f"您对履职积分的异议已有结果：{objection.get_outcome_display()}。请登录工作平台查看。"
    tell_deputy(objection.deputy, f"objection:{objection.pk}", told)


def reverse(entry: PointEntry, *, why: str, by: User) -> PointEntry | None:
    """None where a settlement has taken it back meanwhile: the record was corrected, and nothing is left to do."""
    if PointEntry.objects.filter(reverses=entry).exists():
        return None
    return PointEntry.objects.create(
        period=entry.period,
        deputy=entry.deputy,
        item=entry.item,
        rule=entry.rule,
        record=entry.record,
        record_id=entry.record_id,
        sequence=entry.sequence + 1,
        points=-entry.points,
        happened_on=entry.happened_on,
        says=entry.says,
        reverses=entry,
        why=why,
        by=by,
    )
