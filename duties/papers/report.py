"""述职报告 as a draft (domain.md §6): the four things voters hear about, in sentences made of the file's own figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.calendar import in_words, today

# Titles told in one sentence; the file has them all.
MOST_TOLD = 8
TO_ADD = "（本部分系统中没有记录，请补充或删去。）"


@dataclass(frozen=True)
class Section:
    head: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    seat: str
    name: str
    period: str
    date: str
    sections: tuple[Section, ...]


class _Told:
    """The blocks of a file's content by their keys."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.blocks = {block["key"]: block for block in content["blocks"]}

    def figure(self, block: str, key: str) -> int:
        facts = self.blocks.get(block, {}).get("facts", [])
        return next((fact["value"] for fact in facts if fact["key"] == key), 0)

    def figures(self, block: str, *asked: tuple[str, str]) -> str:
        """参加学习培训3次，走访12户: what is nought is not said."""
        said = [words.format(self.figure(block, key)) for key, words in asked if self.figure(block, key)]
        return "，".join(said) + "。" if said else ""

    def titles(self, block: str, *records: str) -> str:
        lines = [line for line in self.blocks.get(block, {}).get("lines", []) if line["record"] in records]
        told = "；".join(f"{line['day']}，{line['text']}" for line in lines[:MOST_TOLD])
        more = f"；等共{len(lines)}项" if len(lines) > MOST_TOLD else ""
        return f"{told}{more}。" if told else ""

    def lines(self, block: str, record: str) -> list[str]:
        lines = self.blocks.get(block, {}).get("lines", [])
        return [f"{line['text']}（{line['detail']}）。" for line in lines if line["record"] == record]


def draft_of(content: dict[str, Any], seat: str) -> Draft:
    told = _Told(content)
    parts = (
        ("学习法律政策，提高履职能力", _learning(told)),
        ("出席会议，提出议案建议", _session(told)),
        ("参加闭会期间的活动", _between(told)),
        ("联系群众，推动解决问题", _contact(told)),
        ("接受监督", _reports(told)),
        ("存在的不足和今后打算", ["（请本人填写。）"]),
    )
    numerals = "一二三四五六"
    sections = tuple(
        Section(f"{numerals[n]}、{head}", tuple(text for text in texts if text) or (TO_ADD,))
        for n, (head, texts) in enumerate(parts)
    )
    return Draft(seat, content["name"], content["period"], in_words(today()), sections)


def _learning(told: _Told) -> list[str]:
    return [
        told.figures("training", ("training", "参加学习培训{}次")),
        told.titles("training", "activity", "declaration"),
    ]


def _session(told: _Told) -> list[str]:
    figures = (("led", "领衔提出建议{}件"), ("cosigned", "联名提出建议{}件"), ("answered", "领衔建议已答复{}件"))
    return [
        told.figures("meetings", ("meetings", "出席会议{}次")),
        told.titles("meetings", "activity", "declaration"),
        told.figures("proposals", *figures),
        *told.lines("proposals", "suggestion")[:MOST_TOLD],
    ]


def _between(told: _Told) -> list[str]:
    figures = (("surveys", "参加视察、调研和检查{}次"), ("research", "执笔调研报告{}篇"), ("adopted", "报告被采纳{}次"))
    return [
        told.figures("surveys", *figures),
        told.titles("surveys", "activity", "research"),
        told.figures("groups", ("group_activities", "参加代表小组活动{}次")),
        told.titles("groups", "activity"),
    ]


def _contact(told: _Told) -> list[str]:
    work = (("station_activities", "进站和联系群众{}次"), ("receptions", "其中接待群众{}次"))
    visits = (("visits", "走访{}次"), ("households", "走访{}户"), ("people", "联系群众{}人次"))
    results = (("collected", "收集意见{}条"), ("solved", "推动解决问题{}个"), ("mediations", "参与化解矛盾纠纷{}件次"))
    return [told.figures("contact", *figures) for figures in (work, visits, results)]


def _reports(told: _Told) -> list[str]:
    lines = told.blocks.get("contact", {}).get("lines", [])
    said = [f"{line['day']}向选民述职，{line['detail']}。" for line in lines if line["text"].startswith("述职：")]
    honours = told.titles("honours", "award")
    return said + ([f"获得表彰：{honours}"] if honours else [])
