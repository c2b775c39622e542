"""What staff may do next with a group."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from accounts.errors import Refused
from accounts.forms import in_plain_words, refuse
from accounts.models import User
from deputies import services
from deputies.forms.acts import choice, day, stations_kept
from deputies.models import DeputyGroup, GroupEntry, GroupMembership
from deputies.permissions import keeps_group


class GroupActForm(forms.Form):
    """One list of what the act is about, and its day."""

    title: ClassVar[str]
    hint: ClassVar[str] = ""
    subject: ClassVar[str]

    def __init__(self, *args: Any, group: DeputyGroup, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group, self.by = group, by
        field: Any = self.fields[self.subject]
        field.queryset = self.rows(group, by)
        field.label_from_instance = self.line
        in_plain_words(self)

    @classmethod
    def rows(cls, group: DeputyGroup, by: User) -> Any:
        raise NotImplementedError

    @staticmethod
    def line(row: Any) -> str:
        return str(row)

    def say(self) -> bool:
        try:
            self.act(self.cleaned_data)
        except Refused as refused:
            refuse(self, refused)
            return False
        return True

    def act(self, values: dict[str, Any]) -> None:
        raise NotImplementedError

    @property
    def done(self) -> str:
        return f"{self.group}：{self.title}已登记。"


class MemberForm(GroupActForm):
    subject = "membership"

    @classmethod
    def rows(cls, group: DeputyGroup, by: User) -> Any:
        rows = GroupMembership.objects.filter(group=group, ended_on__isnull=True).select_related("deputy")
        return rows.order_by("deputy__name_strokes", "deputy__name")

    @staticmethod
    def line(row: GroupMembership) -> str:
        return f"{row.deputy}（组长）" if row.is_leader else str(row.deputy)


class LeadForm(MemberForm):
    title = "任命组长"
    hint = "一个小组一位组长。换人时，原组长从这一天起是组员。"
    membership = choice("组长")
    on = day("任命日期")

    @classmethod
    def rows(cls, group: DeputyGroup, by: User) -> Any:
        return super().rows(group, by).filter(is_leader=False)

    def act(self, values: dict[str, Any]) -> None:
        services.appoint_leader(values["membership"], by=self.by, on=values["on"])


class LeaveGroupForm(MemberForm):
    title = "退出小组"
    hint = "入组记录保留。"
    membership = choice("哪位组员")
    on = day("退出日期")

    def act(self, values: dict[str, Any]) -> None:
        services.leave_group(values["membership"], by=self.by, on=values["on"])


class EnterGroupForm(GroupActForm):
    title = "整组进站"
    hint = "小组以整体进站，组员不因此成为本站代表；要成为本站代表的，另行办理进站。"
    subject = "station"
    station = choice("联络站")
    since = day("进站日期")

    @classmethod
    def rows(cls, group: DeputyGroup, by: User) -> Any:
        entered = GroupEntry.objects.filter(group=group, ended_on__isnull=True)
        return stations_kept(by).exclude(pk__in=entered.values("station"))

    def act(self, values: dict[str, Any]) -> None:
        services.enter_group(self.group, values["station"], by=self.by, since=values["since"])


class EndEntryForm(GroupActForm):
    title = "整组离站"
    subject = "entry"
    entry = choice("从哪个站离开")
    on = day("离站日期")

    @classmethod
    def rows(cls, group: DeputyGroup, by: User) -> Any:
        return GroupEntry.objects.filter(group=group, ended_on__isnull=True).select_related("station")

    @staticmethod
    def line(row: GroupEntry) -> str:
        return str(row.station)

    def act(self, values: dict[str, Any]) -> None:
        services.end_entry(values["entry"], by=self.by, on=values["on"])


GROUP_ACTS: dict[str, type[GroupActForm]] = {
    "lead": LeadForm,
    "leave": LeaveGroupForm,
    "enter": EnterGroupForm,
    "end_entry": EndEntryForm,
}


def group_offers(group: DeputyGroup, by: User) -> list[tuple[str, str]]:
    """What this user may do next with this group: (act, its name)."""
    if not keeps_group(by, group) or group.ended_on is not None:
        return []
    return [(name, form.title) for name, form in GROUP_ACTS.items() if form.rows(group, by).exists()]
