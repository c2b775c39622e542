from __future__ import annotations

from import_export.fields import Field

from accounts.resources import Choice, Day, NamedInScope, NamesInScope, RegionByCode, ScopedResource, Table, text
from stations.models import Enterprise, IndustryChain, Station


class IndustryChainResource(ScopedResource):
    region = Field(attribute="region", column_name="区划代码", widget=RegionByCode())
    name = text("name", "名称")

    class Meta(Table):
        model = IndustryChain
        fields = ("region", "name")
        import_id_fields = ("region", "name")


class EnterpriseResource(ScopedResource):
    region = Field(attribute="region", column_name="区划代码", widget=RegionByCode())
    name = text("name", "名称")
    chains = Field(attribute="chains", column_name="产业链", widget=NamesInScope(IndustryChain))
    address = text("address", "地址")

    class Meta(Table):
        model = Enterprise
        fields = ("region", "name", "chains", "address")
        import_id_fields = ("region", "name")


class StationResource(ScopedResource):
    slug = text("slug", "网址标识")
    name = text("name", "名称")
    region = Field(attribute="region", column_name="区划代码", widget=RegionByCode())
    kind = Field(attribute="kind", column_name="类型", widget=Choice(Station.Kind.choices))
    tier = Field(
        attribute="tier", column_name="层级", widget=Choice(Station.Tier.choices), default=Station.Tier.STATION
    )
    life = Field(
        attribute="life", column_name="建设阶段", widget=Choice(Station.Life.choices), default=Station.Life.PLANNED
    )
    opened_on = Field(attribute="opened_on", column_name="挂牌日期", widget=Day())
    closed_on = Field(attribute="closed_on", column_name="撤销日期", widget=Day())
    host_kind = Field(
        attribute="host_kind",
        column_name="依托类别",
        widget=Choice(Station.HostKind.choices),
        default=Station.HostKind.OTHER,
    )
    host_name = text("host_name", "依托单位")
    enterprise = Field(attribute="enterprise", column_name="所在企业", widget=NamedInScope(Enterprise))
    chains = Field(attribute="chains", column_name="服务产业链", widget=NamesInScope(IndustryChain))
    bases = text("bases", "服务基地")
    address = text("address", "地址")
    hours = text("hours", "开放时间")
    phone = text("phone", "联系电话")
    introduction = text("introduction", "站情简介")
    duties = text("duties", "工作职责")

    class Meta(Table):
        model = Station
        fields = (
            "slug",
            "name",
            "region",
            "kind",
            "tier",
            "life",
            "opened_on",
            "closed_on",
            "host_kind",
            "host_name",
            "enterprise",
            "chains",
            "bases",
            "address",
            "hours",
            "phone",
            "introduction",
            "duties",
        )
        import_id_fields = ("slug",)
