"""What staff may do next with a person: one small form for each act, which says what it did."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from accounts.calendar import today
from accounts.errors import Refused
from accounts.forms import in_plain_words, refuse
from accounts.models import Organization, User
from accounts.paths import within
from deputies import services
from deputies.forms.finding import DateInput
from deputies.models import Deputy, DeputyGroup, Mandate, Pairing, StationMembership
from deputies.permissions import pairs, reads_people
from deputies.services.mandates import vacant
from deputies.services.memberships import kind_of
from stations.models import Enterprise, Station

# Under the state that each may be the reason for.
REASONS_TO_CHOOSE = [
    (target.label, [(one.value, one.label) for one in Mandate.Reason if one in reasons])
    for target, reasons in services.REASONS.items()
]
NOT_LATER = "不能晚于今天。"


def day(label: str) -> forms.DateField:
    return forms.DateField(label=label, widget=DateInput(), initial=today, help_text=NOT_LATER)


def choice(label: str, **kwargs: Any) -> Any:
    return forms.ModelChoiceField(None, label=label, empty_label="请选择", **kwargs)


class ActForm(forms.Form):
    """`choices` says what each list of the form offers to this user; an act without any choice is not offered."""

    title: ClassVar[str]
    hint: ClassVar[str] = ""
    subject: ClassVar[str] = ""  # the list without which there is nothing to do

    def __init__(self, *args: Any, deputy: Deputy, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deputy, self.by = deputy, by
        for name, rows in self.choices(deputy, by).items():
            field: Any = self.fields[name]
            field.queryset = rows
            field.label_from_instance = self.line
            only = list(rows[:2]) if field.required else []
            if len(only) == 1:
                field.initial = only[0]
        in_plain_words(self)

    @classmethod
    def choices(cls, deputy: Deputy, by: User) -> dict[str, Any]:
        return {}

    @classmethod
    def offered(cls, deputy: Deputy, by: User) -> bool:
        return cls.choices(deputy, by)[cls.subject].exists() if cls.subject else True

    @staticmethod
    def line(row: Any) -> str:
        return str(row)

    def say(self) -> bool:
        """Whether it was done; else the refusal stands beside its field."""
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
        return f"{self.deputy}：{self.title}已登记。"


def stations_kept(by: User) -> Any:
    """Those at work whose members this user chooses."""
    if not by.is_congress_staff or by.scope is None:
        return Station.objects.none()
    return Station.objects.public().filter(within(by.scope)).order_by("name")


def memberships_kept(deputy: Deputy, by: User) -> Any:
    rows = StationMembership.objects.sitting().filter(deputy=deputy).select_related("station")
    if not by.is_congress_staff or by.scope is None:
        return rows.none()
    return rows.filter(within(by.scope, "station__region__path"))


class EnterForm(ActForm):
    title = "进站"
    hint = "区域联络站是所在选区联络站，产业站、专业站是第二个站：一位代表最多各进一个（双进站）。"
    subject = "station"
    station = choice("联络站")
    since = day("进站日期")

    @classmethod
    def choices(cls, deputy: Deputy, by: User) -> dict[str, Any]:
        sitting = StationMembership.objects.sitting().filter(deputy=deputy).select_related("station")
        taken = {kind_of(row.station) for row in sitting}
        stations = stations_kept(by) if deputy.is_in_office else Station.objects.none()
        if StationMembership.Kind.HOME in taken:
            stations = stations.exclude(kind=Station.Kind.REGIONAL)
        if StationMembership.Kind.SECTOR in taken:
            stations = stations.filter(kind=Station.Kind.REGIONAL)
        return {"station": stations}

    @staticmethod
    def line(row: Station) -> str:
        return f"{row}（{row.get_kind_display()}）"

    def act(self, values: dict[str, Any]) -> None:
        services.enter_station(self.deputy, values["station"], by=self.by, since=values["since"])


class MembershipForm(ActForm):
    subject = "membership"

    @classmethod
    def choices(cls, deputy: Deputy, by: User) -> dict[str, Any]:
        return {"membership": memberships_kept(deputy, by)}

    @staticmethod
    def line(row: Any) -> str:
        return f"{row.station}（{row.get_kind_display()}）" if isinstance(row, StationMembership) else str(row)


class LeaveForm(MembershipForm):
    title = "离站"
    hint = "进站记录保留，今后不再算作本站代表。"
    membership = choice("从哪个站离开")
    on = day("离站日期")

    def act(self, values: dict[str, Any]) -> None:
        services.leave_station(values["membership"], by=self.by, on=values["on"])


class MoveForm(MembershipForm):
    title = "转站"
    hint = "同一天离开原来的站、进入另一个同类的站。"
    membership = choice("从哪个站")
    station = choice("转到哪个站")
    on = day("转站日期")

    @classmethod
    def choices(cls, deputy: Deputy, by: User) -> dict[str, Any]:
        kept = super().choices(deputy, by)["membership"]
        stations = stations_kept(by) if deputy.is_in_office else Station.objects.none()
        return {"membership": kept, "station": stations.exclude(pk__in=kept.values("station"))}

    @classmethod
    def offered(cls, deputy: Deputy, by: User) -> bool:
        return all(rows.exists() for rows in cls.choices(deputy, by).values())

    def act(self, values: dict[str, Any]) -> None:
        services.move_station(values["membership"], values["station"], by=self.by, on=values["on"])


class MandateForm(ActForm):
    title = "改变代表职务"
    hint = "终止最后一个代表职务时，进站、小组、结对和二维码同时结束，公开页随之消失。"
    subject = "mandate"
    mandate = choice("哪个职务")
    to = forms.ChoiceField(label="改为", choices=[("", "请选择"), *Mandate.Status.choices[1:]])
    reason = forms.ChoiceField(
        label="原因",
        required=False,
        help_text="暂停和终止要选择，恢复职务和到任不选。",
        choices=[("", "不选"), *REASONS_TO_CHOOSE],
    )
    on = day("日期")

    @classmethod
    def choices(cls, deputy: Deputy, by: User) -> dict[str, Any]:
        movable = [status for status, targets in services.MOVES.items() if targets]
        rows = Mandate.objects.filter(deputy=deputy, status__in=movable)
        kept = Deputy.objects.editable_by(by).filter(pk=deputy.pk).exists()
        return {"mandate": rows.select_related("congress__region", "constituency") if kept else rows.none()}

    @staticmethod
    def line(row: Mandate) -> str:
        return f"{row.congress}，现在是“{row.get_status_display()}”"

    def act(self, values: dict[str, Any]) -> None:
        services.change_mandate(
            values["mandate"], to=values["to"], by=self.by, reason=values["reason"], on=values["on"]
        )


class ByElectForm(ActForm):
    title = "补选"
    hint = "补本届的缺额。登记后是“当选”，资格审查通过后再改为“在任”。"
    subject = "constituency"
    constituency = choice("选区（选举单位）", help_text="只列出有缺额的。")
    since = day("当选日期")
    card_number = forms.CharField(label="代表证号", max_length=30, required=False)

    @classmethod
    def choices(cls, deputy: Deputy, by: User) -> dict[str, Any]:
        rows = vacant(by)
        kept = Deputy.objects.editable_by(by).filter(pk=deputy.pk).exists()
        standing = Mandate.objects.exclude(status=Mandate.Status.ENDED).filter(deputy=deputy)
        return {"constituency": rows.exclude(congress__in=standing.values("congress")) if kept else rows.none()}

    @staticmethod
    def line(row: Any) -> str:
        return f"{row.congress}　{row}"

    def act(self, values: dict[str, Any]) -> None:
        services.by_elect(self.deputy, by=self.by, **values)


class JoinForm(ActForm):
    title = "加入小组"
    subject = "group"
    group = choice("代表小组")
    since = day("入组日期")

    @classmethod
    def choices(cls, deputy: Deputy, by: User) -> dict[str, Any]:
        groups = DeputyGroup.objects.active()
        if not by.is_congress_staff or by.scope is None or not deputy.is_in_office:
            return {"group": groups.none()}
        own = deputy.group_memberships.filter(ended_on__isnull=True).values("group")
        return {"group": groups.filter(within(by.scope)).exclude(pk__in=own)}

    def act(self, values: dict[str, Any]) -> None:
        services.join_group(self.deputy, values["group"], by=self.by, since=values["since"])


class PairForm(ActForm):
    title = "结对联系"
    hint = "每次联系记一次走访，走访页面可以选这项结对。联系户只写地点和类别，不写姓名和电话。"
    TARGETS = ("station", "enterprise", "village", "household")

    kind = forms.ChoiceField(label="联系对象", choices=Pairing.Kind, widget=forms.RadioSelect)
    household = forms.CharField(
        label="联系户", max_length=40, required=False, help_text="如“刘庄村三组养殖户”。只在联系户时填写。"
    )
    enterprise = choice("企业", required=False)
    village = choice("村（社区）", required=False)
    station = choice("联络站", required=False)
    is_assistance = forms.BooleanField(label="对口帮扶", required=False)
    purpose = forms.CharField(label="帮扶事项", max_length=120, required=False)
    since = day("开始日期")

    @classmethod
    def choices(cls, deputy: Deputy, by: User) -> dict[str, Any]:
        """What lies in the deputy's own region: a pairing is for seeing each other."""
        here = within(deputy.region.path)
        return {
            "enterprise": Enterprise.objects.filter(here),
            "village": Organization.objects.active().filter(here, kind=Organization.Kind.VILLAGE_COMMITTEE),
            "station": Station.objects.public().filter(here).order_by("name"),
        }

    @classmethod
    def offered(cls, deputy: Deputy, by: User) -> bool:
        return deputy.is_in_office and pairs(by, deputy)

    def clean(self) -> dict[str, Any]:
        """Of the four targets the one that the kind names; what was typed beside it is asked about, not dropped."""
        values = super().clean() or self.cleaned_data
        kind = values.get("kind")
        if kind and not values.get(kind):
            self.add_error(kind, f"请填写{self.fields[kind].label}。")
        for name in self.TARGETS:
            if kind and name != kind and values.get(name):
                self.add_error(name, "与所选联系对象不符，请清空，或改选联系对象。")
        return values

    def act(self, values: dict[str, Any]) -> None:
        since = values.pop("since")
        services.pair(Pairing(deputy=self.deputy, **values), by=self.by, since=since)


ACTS: dict[str, type[ActForm]] = {
    "enter": EnterForm,
    "move": MoveForm,
    "leave": LeaveForm,
    "join": JoinForm,
    "pair": PairForm,
    "mandate": MandateForm,
    "by_elect": ByElectForm,
}


def offers(deputy: Deputy, by: User) -> list[tuple[str, str]]:
    """What this user may do next with this person: (act, its name)."""
    if not reads_people(by):
        return []
    return [(name, form.title) for name, form in ACTS.items() if form.offered(deputy, by)]
