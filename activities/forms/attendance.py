"""Who was there: by tick, from a pasted list, by code; leave; and what is put right afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from unicodedata import normalize

from django import forms

from accounts.forms import TickedField, in_plain_words
from activities.models import Activity, Attendance
from activities.name_list import MOST_SIGNS
from activities.services.attendance import invited_to
from activities.services.name_lists import Line, Resolved
from deputies.models import Deputy

P = Attendance.Presence
NOBODY, NOT_A_DEPUTY = "none", "不是代表，不登记"


class Plain(forms.Form):
    """Every mistake in the words of the house."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_plain_words(self)


class TickForm(Plain):
    deputies = TickedField(Deputy.objects.none(), label="到场的代表", required=False)
    rest_absent = forms.BooleanField(
        label="其余应到的记缺席", required=False, help_text="请假的不受影响；只记名单上应到而没有消息的。"
    )

    def __init__(self, *args: Any, activity: Activity, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        present = activity.attendances.filter(presence=P.PRESENT)
        left = invited_to(activity).exclude(pk__in=present.values("deputy")) & Deputy.objects.in_office()
        self.fields["deputies"].queryset = left.in_order()  # type: ignore[attr-defined]


class NameListForm(Plain):
    text = forms.CharField(
        label="接龙或名单",
        max_length=MOST_SIGNS,
        widget=forms.Textarea(attrs={"rows": 12}),
        help_text="从微信群里整段复制过来就行，序号、备注、表情不用删；写着“请假”的记请假。",
    )
    rest_absent = forms.BooleanField(
        label="名单里没有的应到代表记缺席", required=False, help_text="名单不全的，不要勾选。"
    )


def who(deputy: Deputy) -> str:
    """A person told apart from one of the same name, by what is public: the seat and the stations."""
    seats = [str(seat.constituency or seat.congress.region) for seat in getattr(deputy, "sitting_mandates", ())]
    stations = [str(membership.station) for membership in getattr(deputy, "sitting_memberships", ())]
    return f"{deputy.name}（{'，'.join([*seats, *stations]) or deputy.region}）"


class AskForm(Plain):
    """What the list left open: which of two people, who a name is, and whether 请假 was said of this one or the last."""

    def __init__(self, *args: Any, resolved: Resolved, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._resolved = resolved
        for line in resolved.asked:
            if line.asks_who:
                self._ask_who(line)
            if line.asks_how:
                self._ask_how(line)
        in_plain_words(self)

    def _ask_who(self, line: Line) -> None:
        people = line.choices or self._resolved.others
        same, said = len(line.choices), line.named.said
        label = f"“{said}”有{same}位同名，是哪一位" if same else f"没有找到“{said}”，是谁"
        choices = [("", "请选择"), *((str(deputy.pk), who(deputy)) for deputy in people), (NOBODY, NOT_A_DEPUTY)]
        self.fields[f"who_{line.index}"] = forms.ChoiceField(
            label=label, choices=choices, error_messages={"required": f"请选定是谁；不是代表的，选“{NOT_A_DEPUTY}”。"}
        )

    def _ask_how(self, line: Line) -> None:
        choices = [(str(presence.value), presence.label) for presence in (P.PRESENT, P.LEAVE, P.ABSENT)]
        self.fields[f"how_{line.index}"] = forms.ChoiceField(
            label=f"{line.deputy or line.named.said}：到场还是请假", choices=choices, widget=forms.RadioSelect
        )

    def answered(self) -> Iterable[tuple[Deputy, str, str]]:
        """Everybody of the list as settled: who, how, and why not."""
        known = {str(deputy.pk): deputy for line in self._resolved.lines for deputy in line.choices}
        known |= {str(deputy.pk): deputy for deputy in self._resolved.others}
        for line in self._resolved.lines:
            if line.is_suspended or line.is_repeated:
                continue
            deputy = line.deputy or known.get(self.cleaned_data.get(f"who_{line.index}", ""))
            if deputy is not None:
                presence = self.cleaned_data.get(f"how_{line.index}") or line.named.presence
                yield deputy, presence, line.named.reason


class CorrectForm(Plain):
    presence = forms.ChoiceField(label="到场情况", choices=P.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label="请假事由", max_length=60, required=False, help_text="改为请假的才填。")
    correction = forms.CharField(label="为什么更正", max_length=60, help_text="例如：本人说明当天到场。")


class LeaveForm(Plain):
    reason = forms.CharField(label="请假事由", max_length=60, help_text="几个字就行，例如“出差”。只有本站人员看得到。")


class SignInForm(Plain):
    code = forms.CharField(
        label="签到码",
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "pattern": "[0-9 ]*"}),
        help_text="现场展示的6位数字，当天有效。",
    )

    def clean_code(self) -> str:
        """As it is shown, in two groups, or as it is typed in full width."""
        return "".join(normalize("NFKC", self.cleaned_data["code"]).split())
