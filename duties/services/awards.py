"""表彰, each with the paper that says so (mission G3)."""

from __future__ import annotations

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import Region, User
from deputies.models import Deputy, DeputyGroup
from duties.models import Award


@transaction.atomic
def record_award(award: Award, *, by: User) -> Award:
    """Entered, or put right, by congress staff who keep the file of the deputy or the group. Once for each honour."""
    award.region = _region_of(award, by)
    if award.awarded_on and award.awarded_on > today():
        raise Refused("表彰日期不能晚于今天。", field="awarded_on")
    for name in ("name", "issuer", "document"):
        setattr(award, name, str(getattr(award, name)).strip())
    try:
        award.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=None if field == NON_FIELD_ERRORS else field) from error
    same = Award.objects.filter(deputy=award.deputy, group=award.group, year=award.year, name=award.name)
    if same.exclude(pk=award.pk).exists():
        raise Refused(f"{award.deputy or award.group}{award.year}年度的“{award.name}”已经登记。", field="name")
    award.save()
    return award


@transaction.atomic
def strike_award(award: Award, *, by: User) -> None:
    """Entered by mistake: the row goes, and the audit log keeps what it said."""
    _region_of(award, by)
    award.delete()


def _region_of(award: Award, by: User) -> Region:
    """Of whoever is honoured, locked, so that the same paper entered twice is seen."""
    if award.deputy is not None:
        deputies = Deputy.objects.select_for_update(no_key=True, of=("self",)).select_related("region")
        deputy = deputies.filter(pk__in=Deputy.objects.editable_by(by).values("pk"), pk=award.deputy.pk).first()
        if deputy is None:
            raise Refused("该代表的档案不在本区域，请由档案所在区域登记。")
        return deputy.region
    if award.group is None:
        raise Refused("请选择一位代表或一个代表小组。")
    groups = DeputyGroup.objects.select_for_update(no_key=True, of=("self",)).select_related("region")
    group: DeputyGroup | None = groups.filter(pk=award.group.pk).first()
    if group is None or not (by.is_congress_staff and group.region.path.startswith(by.scope or "-")):
        raise Refused("该小组不在您的辖区，请由小组所在区域登记。")
    return group.region
