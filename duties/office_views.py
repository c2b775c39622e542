"""履职: one page that leads to what is owed and done, for each of its readers."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.pages import OfficeRequest, only
from deputies.models import Deputy
from stations.models import Station


@login_required
def duties(request: OfficeRequest) -> HttpResponse:
    user = request.user
    was_deputy = Deputy.objects.filter(user=user).exists()
    is_deputy = was_deputy and Deputy.objects.in_office().filter(user=user).exists()
    staff = user.is_congress_staff
    desk = staff or Station.objects.served_by(user).exists()
    only(was_deputy or desk)
    offered = [
        ("我的履职档案", "own_file", "八个方面，从记录里自动汇总；一键出述职报告。", was_deputy),
        ("积分", "point_sheet", "每一分从哪条记录来；申报、异议。没有采用积分办法的地方不计分。", True),
        ("年度任务", "targets", "今年要做多少，做了多少，快到期的和没完成的。", desk or is_deputy),
        ("履职档案", "files", "代表一人一档，小组也有一份。", desk),
        ("年终", "year_end", "评价意见、抽查、通报本人、推荐和表彰。", is_deputy or staff),
        ("换届", "terms", "一届届满：职务终止、档案归档、站点和二维码即时更新。", staff),
    ]
    pages = [(label, reverse(name), words) for label, name, words, may in offered if may]
    return render(request, "duties/duties.html", {"pages": pages})
