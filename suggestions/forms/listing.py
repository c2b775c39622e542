"""The questions that the list of cases answers."""

from __future__ import annotations

from typing import Any

from django import forms

from suggestions.workflow import Kind


class FilterForm(forms.Form):
    """The list's questions. Whatever is typed wrong asks nothing."""

    STATES = [
        ("", "全部"),
        ("waiting", "等我办理"),
        ("open", "在办"),
        ("submitted", "待受理"),
        ("accepted", "已受理待转办"),
        ("unit", "承办单位办理中"),
        ("replied", "已答复待评价"),
        ("reviewing", "不满意待复核"),
        ("tracking", "跟踪办理"),
        ("closed", "已办结"),
        ("declined", "不予受理"),
        ("merged", "已并案"),
        ("withdrawn", "已撤回"),
        ("supervised", "重点督办"),
        ("inform", "待电话告知"),
    ]

    q = forms.CharField(label="编号或关键词", required=False, max_length=40)
    state = forms.ChoiceField(label="状态", choices=STATES, required=False)
    kind = forms.ChoiceField(label="种类", choices=[("", "全部"), *Kind.choices], required=False)
    region = forms.ChoiceField(label="区域", required=False)
    station = forms.ChoiceField(label="联络站", required=False)
    overdue = forms.ChoiceField(label="期限", choices=[("", "全部"), ("1", "已超期")], required=False)

    def __init__(
        self, *args: Any, regions: list[tuple[str, str]], stations: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("region", regions), ("station", stations)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "全部"), *choices]
            if not choices:
                del self.fields[name]
