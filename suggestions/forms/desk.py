"""What is taken down in the office: at the desk, and on a visit."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from accounts.forms import in_plain_words
from accounts.models import User
from activities.forms import PhotosField, VisitForm
from activities.models import Visit
from stations.models import Station
from suggestions import services
from suggestions.forms.parts import MatterForm, words
from suggestions.models import Suggestion


class DeskForm(MatterForm):
    """接待登记: a visitor's matter in under a minute. Only the matter itself is needed."""

    BUTTON = "登记并出回执"
    CHANNELS = [
        (c.value, c.label) for c in (Suggestion.Channel.DESK, Suggestion.Channel.PHONE, Suggestion.Channel.LETTER)
    ]
    SUBMITTERS = [(s.value, s.label) for s in Suggestion.Submitter if s is not Suggestion.Submitter.DEPUTY]

    station = forms.ModelChoiceField(Station.objects.none(), label="联络站", to_field_name="slug", empty_label=None)
    text = words("反映事项", rows=5, help_text="照来访人的话记：什么事、希望怎样解决。一件事记一条。")
    place = forms.CharField(label="地点", max_length=120, required=False, help_text="写到村、路或企业。")
    channel = forms.ChoiceField(
        label="来源", choices=CHANNELS, initial=Suggestion.Channel.DESK, widget=forms.RadioSelect, required=False
    )
    submitter_kind = forms.ChoiceField(
        label="反映人",
        choices=SUBMITTERS,
        initial=Suggestion.Submitter.RESIDENT,
        widget=forms.RadioSelect,
        required=False,
    )
    name = forms.CharField(label="姓名", max_length=40, required=False, help_text="不愿留名可以不填。")
    phone = forms.CharField(
        label="电话",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    callback = forms.BooleanField(label="请回电话", required=False)
    consent = forms.BooleanField(
        label="已告知，反映人同意留下个人信息",
        required=False,
        help_text="当面或电话里口头同意。填了姓名、电话或附了照片时要勾选。",
    )
    direct = forms.BooleanField(
        label="直接交人大机构",
        required=False,
        help_text="反映代表、联络站工作人员或其所在单位的，本站回避，登记后本站看不到这一件。",
    )
    photos = PhotosField(most=3)

    def __init__(self, *args: Any, stations: QuerySet[Station], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["station"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = stations
        first = list(stations[:2])
        # Where there is one station only, it is said and not asked.
        self.only_station = first[0] if len(first) == 1 else None
        if self.only_station is not None:
            field.widget, field.initial = forms.HiddenInput(), self.only_station.slug

    def clean_channel(self) -> str:
        return self.cleaned_data["channel"] or Suggestion.Channel.DESK

    def clean_submitter_kind(self) -> str:
        return self.cleaned_data["submitter_kind"] or Suggestion.Submitter.RESIDENT

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        self.remind_of_photos()
        return values

    def submit(self, by: User) -> Suggestion:
        values = self.cleaned_data
        return services.submit(
            self.statement(),
            form_key=values["key"],
            station=values["station"],
            channel=values["channel"],
            photos=values["photos"],
            by=by,
        )


class FindingForm(VisitForm):
    """A visit and what was found on it, on one screen (mission U7): the finding becomes a case of the station."""

    finding = words(
        "发现的问题", required=False, help_text="群众反映的难处写在这里，会作为一件意见交联络站受理；没有就不填。"
    )

    SUBMITTERS: ClassVar[dict[str, str]] = {
        Visit.Target.ENTERPRISE: Suggestion.Submitter.ENTERPRISE,
        Visit.Target.WORKERS: Suggestion.Submitter.WORKER,
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_plain_words(self)
