"""What the forms of all apps share: how a mistake reads, and where a refusal stands."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.errors import Refused

PLAIN: dict[type[forms.Field], dict[str, str]] = {
    forms.CharField: {
        "required": "请填写{label}。",
        "max_length": "{label}最多%(limit_value)d个字，现在有%(show_value)d个。",
        "null_characters_not_allowed": "{label}里有看不见的控制字符，请删去后重新输入。",
    },
    forms.IntegerField: {
        "required": "请填写{label}。",
        "invalid": "{label}请填一个整数。",
        "min_value": "{label}不能小于%(limit_value)s。",
        "max_value": "{label}不能大于%(limit_value)s。",
    },
    forms.DateField: {
        "required": "请填写{label}。",
        "invalid": "{label}不是一个有效的日期，请按“2026-09-01”的样子填写。",
    },
    forms.ChoiceField: {
        "required": "请选择{label}。",
        "invalid_choice": "请从列出的选项中选。",
        "invalid_pk_value": "请从列出的选项中选。",
        "invalid_list": "请从列出的选项中选。",
    },
    forms.FileField: {"required": "请选择{label}。"},
}


class TickedField(forms.ModelMultipleChoiceField[Any]):
    """Several rows of a list, each by a box of its own."""

    widget = forms.CheckboxSelectMultiple
    MOST_DIGITS = 18

    def __init__(self, queryset: Any = None, **kwargs: Any) -> None:
        super().__init__(queryset, **kwargs)

    def clean(self, value: Any) -> Any:
        # A key beyond the column's range is a database error in an IN, not a missing row.
        if any(len(str(key)) > self.MOST_DIGITS for key in value or ()):
            raise forms.ValidationError(self.error_messages["invalid_choice"], params={"value": "…"})
        return super().clean(value)


def in_plain_words(form: forms.BaseForm) -> None:
    """Every mistake says which field it is and what to do. What a field says in words of its own stays."""
    for field in form.fields.values():
        stock: dict[str, Any] = {}
        for base in reversed(type(field).__mro__):
            stock.update(getattr(base, "default_error_messages", {}))
        own = {code: said for code, said in field.error_messages.items() if said is not stock.get(code)}
        for kind, sentences in PLAIN.items():
            if isinstance(field, kind):
                plain = {code: said.replace("{label}", str(field.label or "")) for code, said in sentences.items()}
                field.error_messages = {**field.error_messages, **plain, **own}


def refuse(form: forms.BaseForm, refused: Refused) -> None:
    """The rule's sentence beside the field it is about, where the form asks for it; else above the form."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.sentence)
