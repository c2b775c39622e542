"""A pasted list is read as people write it, whatever numbers, nicknames and flowers stand around the names."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.name_list import ABSENT, LEAVE, PRESENT, read

CHAIN = """#接龙
关于8月20日进站活动的通知，请各位代表报名😀
例 张三 13800000000

1. 李代表
2、王五（小王）
③赵六 请假
4 平安是福（钱七）
5. 孙八🙏🙏 请假（出差）
6. 李　明
7. 吴十一因公出差请假
８．郑十二 13812345678
9. 冯十三、陈十四
10. 褚十五代表 参加
11. 卫十六 病假
请假：蒋十七、沈十八（开会）
缺席：
韩十九
"""


def told(text: str) -> list[tuple[str, str, str]]:
    return [(one.readings[-1], one.presence, one.reason) for one in read(text).named if not one.loose]


def test_a_chain_as_it_is_pasted() -> None:
    assert told(CHAIN) == [
        ("李代表", PRESENT, ""),
        ("小王", PRESENT, ""),
        ("赵六", LEAVE, ""),
        ("钱七", PRESENT, ""),
        ("孙八", LEAVE, "出差"),
        ("李明", PRESENT, ""),
        ("吴十一", LEAVE, "因公出差"),
        ("郑十二", PRESENT, ""),
        ("冯十三", PRESENT, ""),
        ("陈十四", PRESENT, ""),
        ("褚十五", PRESENT, ""),
        ("卫十六", LEAVE, "病假"),
        ("蒋十七", LEAVE, ""),
        ("沈十八", LEAVE, "开会"),
        ("韩十九", ABSENT, ""),
    ]
    assert "#接龙" in read(CHAIN).headings
    # A nickname beside a name is only a second reading.
    assert read("2、王五（小王）").named[0].readings == ("王五", "小王")


@pytest.mark.parametrize(
    ("line", "name", "presence", "reason"),
    [
        ("李代表 请假", "李代表", LEAVE, ""),
        ("请假：张三", "张三", LEAVE, ""),
        ("请假张三", "张三", LEAVE, ""),
        ("（小李）", "小李", PRESENT, ""),
        ("张三，家里有事请假", "张三", LEAVE, "家里有事"),
        ("1. 张三 不能参加，家里有事", "张三", LEAVE, "不能参加"),
        ("张三 出差 请假", "张三", LEAVE, "出差"),
        ("1️⃣ 张三", "张三", PRESENT, ""),
        ("🌹张三🌹", "张三", PRESENT, ""),
        ("张三\u200b+1", "张三", PRESENT, ""),
        ("（1）张三 收到", "张三", PRESENT, ""),
        ("张三 未到", "张三", ABSENT, ""),
        ("阿卜杜拉·买买提 到", "阿卜杜拉·买买提", PRESENT, ""),
    ],
)
def test_one_line(line: str, name: str, presence: str, reason: str) -> None:
    assert told(line) == [(name, presence, reason)]


def test_leave_behind_several_names_is_asked() -> None:
    assert [one.doubtful for one in read("张三、李四请假").named] == [True, True]
    assert not any(one.doubtful for one in read("张三、李四（请假）").named)
    assert not any(one.doubtful for one in read("请假：张三、李四").named)


def test_names_run_together_in_one_line() -> None:
    assert [one.readings[0] for one in read("1.张三2.李四 3、王五").named] == ["张三", "李四", "王五"]


SURNAMES, GIVEN = "赵钱孙李周吴郑王", "伟芳娜敏静丽强磊军洋"
NAMES = st.builds(lambda a, b: a + b, st.sampled_from(SURNAMES), st.text(GIVEN, min_size=1, max_size=2))
BEFORE = ["{n}. ", "{n}、", "{n}．", "（{n}）", "{n} ", ""]
AFTER = ["", " ", "🌹", "（小{0}）", " 收到", "代表", " 13812345678"]


@settings(max_examples=40)
@given(
    names=st.lists(NAMES, min_size=2, max_size=30, unique=True),
    before=st.sampled_from(BEFORE),
    after=st.lists(st.sampled_from(AFTER), min_size=1, max_size=5),
    away=st.sets(st.integers(0, 29)),
)
def test_every_name_is_found_once_and_in_order(names: list[str], before: str, after: list[str], away: set[int]) -> None:
    lines = []
    for index, name in enumerate(names):
        behind = after[index % len(after)].format(name[0])
        lines.append(before.format(n=index + 1) + name + behind + (" 请假" if index in away else ""))
    found = read("#接龙\n" + "\n".join(lines)).named
    assert [name in one.readings for name, one in zip(names, found, strict=True)] == [True] * len(names)
    assert [one.presence == LEAVE for one in found] == [index in away for index in range(len(names))]


@settings(max_examples=60)
@given(st.text(max_size=400))
def test_any_text_is_read_and_no_number_becomes_a_name(text: str) -> None:
    for one in read(text).named:
        assert one.readings and all(len(reading) > 1 for reading in one.readings)
        assert not any(sign.isdigit() and sign.isascii() for reading in one.readings for sign in reading)
        assert len(one.reason) <= 60
