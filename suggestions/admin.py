from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin.base import (
    PageForm,
    RecordAdmin,
    RecordInline,
    ReferenceAdmin,
    ScopedAdmin,
    masked_name,
    masked_phone,
)
from suggestions import research_admin as research_admin
from suggestions.models import Category, Event, HandlingProfile, ProblemKind, Suggestion


class _Kinds(ReferenceAdmin):
    """The code is what figures ask for; the name may be changed."""

    fields = ("code", "name", "order")
    fixed_fields = ("code",)
    list_display = ("name", "order")
    search_fields = ("name",)


@admin.register(Category)
class CategoryAdmin(_Kinds):
    pass


@admin.register(ProblemKind)
class ProblemKindAdmin(_Kinds):
    pass


class ClassesField(forms.CharField):
    """One class a line: its letter, a space, what it says."""

    widget = forms.Textarea(attrs={"rows": 5})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(f"{letter} {label}" for letter, label in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        classes: dict[str, str] = {}
        for line in str(value or "").splitlines():
            letter, label = (*line.split(None, 1), "", "")[:2]
            letter = unicodedata.normalize("NFKC", letter).upper()
            if not letter:
                continue
            if not label or len(letter) > 2 or letter in classes:
                raise forms.ValidationError(
                    f"“{line.strip()}”认不出来：每行一类，先写字母，空一格，再写说明，字母不重复。"
                )
            classes[letter] = label.strip()
        return classes

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except forms.ValidationError:
            return True


class HandlingProfileForm(PageForm):
    result_classes = ClassesField(
        label="办理结果分类", help_text="每行一类，例如“A 已经解决或基本解决”。A类计为“已解决”，B类进入跟踪办理。"
    )

    class Meta:
        model = HandlingProfile
        exclude = ()


@admin.register(HandlingProfile)
class HandlingProfileAdmin(ScopedAdmin):
    """A region's own is edited; those above, which hold where there is no own, are read."""

    form = HandlingProfileForm
    fieldsets = (
        (None, {"fields": ("region", "kind")}),
        (
            "期限",
            {
                "fields": (
                    "review_working_days",
                    "reply_months",
                    "reply_working_days",
                    "extension_max_months",
                    "assist_months",
                )
            },
        ),
        (
            "退回与重新办理",
            {"fields": ("return_working_days", "reassign_working_days", "rehandle_months", "reopen_days")},
        ),
        ("个人信息", {"fields": ("keep_months",)}),
        (
            "评价与结果",
            {"fields": ("feedback_working_days", "each_signer_rates", "roll_to_working_day", "result_classes")},
        ),
    )
    fixed_fields = ("region", "kind")
    autocomplete_fields = ("region",)
    list_display = (
        "region",
        "kind",
        "reply_months",
        "reply_working_days",
        "review_working_days",
        "feedback_working_days",
    )
    list_select_related = ("region",)
    list_filter = ("kind", "region__level")
    search_fields = ("region__name",)
    search_help_text = "按区域名称查找"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Where it is only read, the classes are a plain text and not the field's own writing."""
        if obj is None or self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        *others, (name, options) = self.fieldsets
        return (*others, (name, {"fields": (*options["fields"][:-1], "classes_text")}))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any] | tuple[Any, ...]:
        return (*super().get_readonly_fields(request, obj), "classes_text")

    @admin.display(description="办理结果分类")
    def classes_text(self, profile: HandlingProfile) -> str:
        return "\n".join(f"{letter} {label}" for letter, label in profile.result_classes.items())


class EventInline(RecordInline):
    model = Event
    fields = ("at", "verb", "actor_label", "office", "public_text", "inner_note")
    ordering = ("version",)


@admin.register(Suggestion)
class SuggestionAdmin(RecordAdmin, ScopedAdmin):
    """Cases are found and read here. They are worked on in the workbench, where each step asks for what it needs."""

    fieldsets = (
        (None, {"fields": ("number", "page", "kind", "status", "title", "text", "place")}),
        ("反映人", {"fields": ("submitter_kind", "masked", "channel", "callback", "direct")}),
        ("联络站与承接", {"fields": ("station", "deputy", "lead", "holder", "category", "problem_kind", "region")}),
        (
            "期限与结果",
            {"fields": ("submitted_at", "handed_over_on", "due_on", "replied_on", "result", "rated", "closed_on")},
        ),
    )
    readonly_fields = ("number", "page", "status", "masked", "result", "rated")
    inlines = (EventInline,)
    list_display = ("number", "heading", "kind", "status", "holder", "submitted_on")
    list_select_related = ("holder",)
    list_filter = ("status", "kind", ("category", admin.RelatedOnlyFieldListFilter), "rating")
    search_fields = ("number",)
    search_help_text = "按受理编号或内容查找"
    date_hierarchy = "submitted_on"

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[QuerySet[Any], bool]:
        """As in the workbench, with the same words."""
        return queryset.matching(search_term), False

    @admin.display(description="内容")
    def heading(self, suggestion: Suggestion) -> str:
        return suggestion.heading

    @admin.display(description="办理")
    def page(self, suggestion: Suggestion) -> SafeString:
        return format_html('<a href="{}">在工作平台打开</a>', reverse("suggestion", args=[suggestion.number]))

    @admin.display(description="姓名与电话")
    def masked(self, suggestion: Suggestion) -> str:
        """Whole only on the case's own page, for those who call back."""
        return f"{masked_name(suggestion.name)} {masked_phone(suggestion.phone)}".strip() or "未留"

    @admin.display(description="办理结果")
    def result(self, suggestion: Suggestion) -> str:
        return suggestion.result_class or "尚无"

    @admin.display(description="评价")
    def rated(self, suggestion: Suggestion) -> str:
        return suggestion.rating_label
