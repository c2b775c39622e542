"""自行申报: with evidence, step by step, nobody about the own (mission G2; domain.md §5.2, ledger rules)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from accounts.calendar import today
from accounts.errors import Refused
from accounts.form_keys import form_key_hash
from accounts.models import Notice, Region, User
from accounts.outbox import tell
from deputies.models import Deputy, Mandate
from duties.models import Declaration, DeclarationStep, Evidence, PointItem, PointPeriod, PointScheme
from duties.permissions import deciding, deducts_from, keeps_points, steps
from duties.services.settling import sat_on, settle

S = Declaration.Status
Files = Iterable[ContentFile[bytes]]
MOST_FILES = 5


@transaction.atomic
def declare(
    deputy: Deputy,
    item: PointItem,
    *,
    happened_on: date,
    points: Decimal,
    text: str,
    evidence: Files,
    by: User,
    form_key: str = "",
) -> Declaration:
    """By the deputy, about oneself. One form, one declaration: a second tap finds the first one's."""
    first = _first_of(form_key)
    if first is not None:
        return first
    if deputy.user_id != by.pk:
        raise Refused("积分由代表本人申报。")
    if Mandate.objects.filter(deputy=deputy, status=Mandate.Status.SUSPENDED).exists():
        raise Refused("您已暂停执行代表职务，不能申报积分。")
    if not deputy.is_in_office:
        raise Refused("您的代表职务已经终止，不能再申报积分。")
    if not item.by_declaration or item.declared_points is None or item.declared_points <= 0:
        raise Refused("这一小项不是申报取得的，请重新选择。", field="item")
    if not 0 < points <= item.declared_points:
        raise Refused(f"“{item.name}”每次最多申报{_plain(item.declared_points)}分，最少0.1分。", field="points")
    declaration = Declaration(deputy=deputy, item=item, happened_on=happened_on, points=points, text=text.strip())
    return _kept(declaration, evidence, by, form_key)


@transaction.atomic
def deduct(
    deputy: Deputy,
    item: PointItem,
    *,
    happened_on: date,
    points: Decimal,
    text: str,
    evidence: Files,
    vetoes: bool = False,
    by: User,
    form_key: str = "",
) -> Declaration:
    """纪律减分, with its paper. What the scheme's own staff registers stands at once; the deputy is told and may object."""
    first = _first_of(form_key)
    if first is not None:
        return first
    if not deducts_from(by, deputy, item.major.scheme.region_id):
        raise Refused("减分由积分办法所在区域的人大机构，或者代表所在的联络站登记。")
    if item.declared_points is None or item.declared_points >= 0:
        raise Refused("这一小项不是减分项，请重新选择。", field="item")
    if not item.declared_points <= -points < 0:
        raise Refused(f"“{item.name}”每次减0.1至{_plain(-item.declared_points)}分。", field="points")
    declaration = Declaration(
        deputy=deputy, item=item, happened_on=happened_on, points=-points, text=text.strip(), vetoes=vetoes
    )
    return _kept(declaration, evidence, by, form_key)


def _plain(points: Decimal) -> str:
    return f"{points:f}".removesuffix(".0")


def _first_of(form_key: str) -> Declaration | None:
    return Declaration.objects.filter(form_key_hash=form_key_hash(form_key)).first() if form_key else None


def _kept(declaration: Declaration, evidence: Files, by: User, form_key: str) -> Declaration:
    scheme = declaration.item.major.scheme
    day, files = declaration.happened_on, list(evidence)
    if PointScheme.objects.for_path(declaration.deputy.region.path, scheme.year) != scheme:
        raise Refused("这一小项不在现行的积分办法里，请重新选择。", field="item")
    if not declaration.text:
        raise Refused("请写明事由。", field="text")
    if not files:
        raise Refused("请附上证明材料（照片或PDF），没有材料不能申报。", field="evidence")
    if len(files) > MOST_FILES:
        raise Refused(f"证明材料一次最多{MOST_FILES}份。", field="evidence")
    if day.year != scheme.year:
        raise Refused(f"日期要在{scheme.year}年之内；其他年度的请在那一年申报。", field="happened_on")
    if day > today():
        raise Refused("日期不能晚于今天。", field="happened_on")
    if not sat_on(declaration.deputy, day):
        raise Refused("那一天不在任职期间，不能申报。", field="happened_on")
    refuse_closed(scheme.region, scheme.year)
    same = Declaration.objects.filter(
        deputy=declaration.deputy, item__code=declaration.item.code, happened_on=day, text=declaration.text
    ).exclude(status__in=(Declaration.Status.REFUSED, Declaration.Status.WITHDRAWN))
    if same.exists():
        raise Refused("同一天、同一件事已经申报过，不用再报。", field="text")
    declaration.declared_by = by
    declaration.form_key_hash = form_key_hash(form_key) if form_key else None
    declaration.status = _begins_at(declaration, by)
    declaration.full_clean(exclude=["form_key_hash"])
    try:
        with transaction.atomic():
            declaration.save()
    except IntegrityError:
        twin = _first_of(form_key)
        if twin is None:
            raise
        return twin
    for file in files:
        Evidence.objects.create(declaration=declaration, file=file)
    if declaration.status == S.CONFIRMED:
        _confirmed(declaration, by, S.REVIEWED, "登记减分")
    return declaration


def refuse_closed(region: Region, year: int) -> None:
    """Locks the account, so that nothing is declared while it is being closed."""
    period = PointPeriod.objects.select_for_update().filter(region=region, year=year).first()
    if period is not None and period.closed_at is not None:
        raise Refused(f"{year}年的积分已经封账，不能再申报。")


def _begins_at(declaration: Declaration, by: User) -> str:
    """The first step somebody takes. A deduction begins above the one who registers it; at the top it stands at once."""
    after = ""
    if declaration.points < 0:
        if keeps_points(by, declaration.item.major.scheme.region_id):
            return S.CONFIRMED
        after = S.DECLARED
    begins = next((status for status, _ in steps(declaration, after=after)), None)
    return begins or S.REVIEWED


@transaction.atomic
def decide(declaration: Declaration, *, passes: bool, text: str = "", by: User) -> None:
    """Let it pass to the next step that has somebody, or not, in words. At the last step it brings its points."""
    declaration = _locked(declaration)
    step = deciding(declaration)
    if step is None:
        raise Refused(f"这件申报现在是“{declaration.get_status_display()}”，不用再审核。")
    if by.pk in (declaration.deputy.user_id, declaration.declared_by_id):
        raise Refused("自己的申报由其他人审核。")
    if by not in step[1]:
        raise Refused(f"这件申报现在“{S(step[0]).label}”，不由您审核。")
    if not passes and not text.strip():
        raise Refused("不通过请写明原因。", field="text")
    scheme = declaration.item.major.scheme
    refuse_closed(scheme.region, scheme.year)
    onwards = next((status for status, _ in steps(declaration, after=step[0])), S.CONFIRMED) if passes else S.REFUSED
    _move(declaration, onwards, by, text)
    if onwards == S.CONFIRMED:
        _settled(declaration)


@transaction.atomic
def withdraw(declaration: Declaration, *, by: User) -> None:
    declaration = _locked(declaration)
    if declaration.declared_by_id != by.pk:
        raise Refused("申报由申报人本人撤回。")
    if declaration.status not in Declaration.OPEN:
        raise Refused(f"这件申报现在是“{declaration.get_status_display()}”，不能撤回。")
    _move(declaration, S.WITHDRAWN, by, "")


def _locked(declaration: Declaration) -> Declaration:
    """The row as it is now; the caller's object shows it too."""
    Declaration.objects.select_for_update().get(pk=declaration.pk)
    declaration.refresh_from_db(fields=["status"])
    return declaration


def _move(declaration: Declaration, to: str, by: User, text: str) -> None:
    before = declaration.status
    declaration.status = to
    declaration.save(update_fields=["status"])
    _step(declaration, before, to, by, text)


def _step(declaration: Declaration, before: str, to: str, by: User, text: str) -> None:
    DeclarationStep.objects.create(declaration=declaration, from_status=before, to_status=to, by=by, text=text.strip())


def _confirmed(declaration: Declaration, by: User, before: str, text: str) -> None:
    _step(declaration, before, S.CONFIRMED, by, text)
    _settled(declaration)


def _settled(declaration: Declaration) -> None:
    scheme = declaration.item.major.scheme
    settle(scheme.region, scheme.year, deputies=[declaration.deputy])
    if declaration.points < 0:
        told = "您有一条履职积分减分记录，请登录工作平台查看；不符合事实的，可以在积分页面提出异议。"
        tell_deputy(declaration.deputy, f"deduction:{declaration.pk}", told)


def tell_deputy(deputy: Deputy, key: str, text: str) -> None:
    if deputy.user is not None:
        tell(f"{key}:{deputy.user_id}", Notice.Channel.SMS, deputy.user.phone, text)
        tell(f"{key}:{deputy.user_id}:mail", Notice.Channel.MAIL, deputy.user.email, text)
