from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from accounts.models import Region, User


class RosterForm(forms.Form):
    """A roster and the region it is of: the user's own, or one directly below."""

    file = forms.FileField(
        label="名册文件",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        help_text="Excel工作簿（.xlsx），不超过5MB。表头、合并单元格、分代表团的段落都能认出来；身份证号不会保存。",
        error_messages={"required": "请选择名册文件。"},
    )
    region = forms.ModelChoiceField(
        Region.objects.none(),
        label="这是哪里的名册",
        empty_label=None,
        help_text="名册没有写明层级的，记到这个区域的本级人大。",
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = by.organization.region_id if by.organization is not None else None
        regions = Region.objects.visible_to(by).filter(Q(pk=own) | Q(parent=own), form=Region.Form.ORDINARY)
        self.fields["region"].queryset = regions  # type: ignore[attr-defined]
        self.fields["region"].initial = own


class ConfirmForm(forms.Form):
    skip_refused = forms.BooleanField(
        label="跳过不能导入的行，导入其余各行", required=False, help_text="不勾选时，有一行不能导入就一行也不写入。"
    )
