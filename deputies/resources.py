from __future__ import annotations

from import_export.fields import Field

from accounts.resources import Choice, ScopedResource, Table, text
from deputies.models import Deputy


class DeputyResource(ScopedResource):
    """Out only: deputies come in by the roster import. Without phone and birthday, which the office reads on the page."""

    name = text("name", "姓名")
    sex = Field(attribute="sex", column_name="性别", widget=Choice(Deputy.Sex.choices))
    ethnicity = text("ethnicity", "民族")
    party = text("party", "政治面貌")
    education = text("education", "文化程度")
    work_unit = text("work_unit", "工作单位及职务")
    occupation = text("occupation", "职业（界别）")
    expertise = text("expertise", "专长")
    seats = Field(column_name="代表职务", readonly=True)
    seat_count = Field(column_name="席位（席）", readonly=True)
    constituencies = Field(column_name="选区（选举单位）", readonly=True)
    stations = Field(column_name="联络站", readonly=True)
    region = text("region__name", "档案所在区域")

    class Meta(Table):
        model = Deputy
        fields = (
            "name",
            "sex",
            "ethnicity",
            "party",
            "education",
            "work_unit",
            "occupation",
            "expertise",
            "seats",
            "seat_count",
            "constituencies",
            "stations",
            "region",
        )

    def dehydrate_seats(self, deputy: Deputy) -> str:
        return "、".join(f"{mandate.congress.region.name}{mandate}" for mandate in deputy.sitting_mandates)  # type: ignore[attr-defined]

    def dehydrate_seat_count(self, deputy: Deputy) -> int:
        return len(deputy.sitting_mandates)  # type: ignore[attr-defined]

    def dehydrate_constituencies(self, deputy: Deputy) -> str:
        mandates = deputy.sitting_mandates  # type: ignore[attr-defined]
        return "、".join(mandate.constituency.name for mandate in mandates if mandate.constituency)

    def dehydrate_stations(self, deputy: Deputy) -> str:
        return "、".join(m.station.name for m in deputy.sitting_memberships)  # type: ignore[attr-defined]
