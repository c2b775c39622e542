"""The two orders of a published list of names."""

from __future__ import annotations

import re
from datetime import date
from random import Random
from typing import Any

import pytest

from deputies.models import Deputy
from deputies.names import by_pinyin, by_strokes
from liaison.demo.people import Crowd
from tests.cast import World
from tests.deputies.test_import_roster import HEADER, ZHANG, congresses, put_in, workbook

__all__ = ["congresses"]

# Counted by hand in the dictionary: strokes of each character, the surname read as a surname.
WELL_KNOWN = {
    "丁汝昌": ("02 06 08", "ding1 ru3 chang1"),
    "卜式": ("02 06", "bu3 shi4"),
    "于谦": ("03 12", "yu2 qian1"),
    "马连良": ("03 07 07", "ma3 lian2 liang2"),
    "仇英": ("04 08", "qiu2 ying1"),
    "区大相": ("04 03 09", "ou1 da4 xiang1"),
    "邓稼先": ("04 15 06", "deng4 jia4 xian1"),
    "司马迁": ("05 03 06", "si1 ma3 qian1"),
    "宁浩": ("05 10", "ning4 hao4"),
    "任弼时": ("06 12 07", "ren2 bi4 shi2"),
    "华罗庚": ("06 08 08", "hua4 luo2 geng1"),
    "朴树": ("06 09", "piao2 shu4"),
    "李大钊": ("07 03 07", "li3 da4 zhao1"),
    "单田芳": ("08 05 07", "shan4 tian2 fang1"),
    "欧阳修": ("08 06 09", "ou1 yang2 xiu1"),
    "查良镛": ("09 07 16", "zha1 liang2 yong1"),
    "贾平凹": ("10 05 05", "jia3 ping2 ao1"),
    "尉迟恭": ("11 07 10", "yu4 chi2 gong1"),
    "葛优": ("12 06", "ge3 you1"),
    "曾国藩": ("12 08 18", "zeng1 guo2 fan1"),
    "解海龙": ("13 10 05", "xie4 hai3 long2"),
    "翟志刚": ("14 07 06", "zhai2 zhi4 gang1"),
}


@pytest.mark.parametrize("name", WELL_KNOWN)
def test_the_keys_of_well_known_names(name: str) -> None:
    strokes = by_strokes(name)
    assert (re.sub(r"[^\d ]", "", strokes), by_pinyin(name)) == WELL_KNOWN[name]
    assert re.sub(r"[\d ]", "", strokes) == name


def test_a_list_stands_in_either_order(world: World) -> None:
    for name in ("曾国藩", "丁汝昌", "安一", "任弼时", "丁一", "安九九", "任八"):
        Deputy.objects.create(region=world.county, name=name)
    named = Deputy.objects.exclude(pk=world.deputy.pk)
    assert [one.name for one in named.in_order()] == ["丁一", "丁汝昌", "任八", "任弼时", "安一", "安九九", "曾国藩"]
    assert [one.name for one in named.in_order("pinyin")] == [
        "安九九",
        "安一",
        "丁汝昌",
        "丁一",
        "任八",
        "任弼时",
        "曾国藩",
    ]


def test_who_writes_many_at_once_writes_the_keys_too(congresses: World) -> None:
    put_in(workbook(HEADER, ZHANG), congresses.county)
    crowd = Crowd(Random(1))
    crowd.person(congresses.county, [congresses.congress], since=date(2025, 1, 1))
    crowd.save()
    keyless: Any = Deputy.objects.filter(name_strokes="") | Deputy.objects.filter(name_pinyin="")
    assert not keyless.exists()
    assert Deputy.objects.get(name="张三").name_strokes == "07张 03三"
