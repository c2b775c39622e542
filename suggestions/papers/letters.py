"""What each paper says, as plain words. The wording around them stands in the templates, where the office edits it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, fields, is_dataclass
from typing import Any


@dataclass(frozen=True)
class Matter:
    """One case as the handling unit reads it on paper: no name and no phone of who spoke up, no inner note."""

    number: str
    title: str
    paragraphs: tuple[str, ...]
    place: str
    source: str  # 群众、企业、职工; of a proposal, the deputies
    category: str
    occasion: str  # of a proposal, the congress and its session
    received: str
    role: str
    units: str
    due: str

    @property
    def lines(self) -> tuple[str, ...]:
        """In a list: the title, unless it is only the first words of the text, and the place."""
        is_text = bool(self.paragraphs) and self.paragraphs[0].startswith(self.title.removesuffix("…"))
        place = (f"地点：{self.place}",) if self.place else ()
        return (*(() if is_text else (self.title,)), *self.paragraphs, *place)


@dataclass(frozen=True)
class HandOver:
    """转办单 (one opinion), 交办函 (one proposal) or 问题清单 (several cases of one unit)."""

    form: str
    issuer: str
    unit: str
    date: str
    due: str
    basis: str
    return_until: str
    is_assist: bool
    lead_unit: str
    phone: str
    matters: tuple[Matter, ...]

    @property
    def matter(self) -> Matter:
        return self.matters[0]


@dataclass(frozen=True)
class Answer:
    """答复函 (河南办法 2017 art. 21; fields of domain.md §3.5) with its 征询意见表: process and result asked apart."""

    result_class: str
    result_label: str
    document_number: str
    signer: str
    title: str
    number: str
    subject: str
    said: str
    addressee: str
    paragraphs: tuple[str, ...]
    promised_on: str
    unit: str
    date: str
    contact: str
    phone: str
    copies: str
    organ: str


@dataclass(frozen=True)
class Reminder:
    """督办通知单 for one unit and one case."""

    unit: str
    role: str
    number: str
    subject: str
    assigned_on: str
    due: str
    basis: str
    days_overdue: int
    reminders: int
    asked: str
    issuer: str
    date: str
    phone: str


def paragraphs(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def words(letter: Any) -> Any:
    """The letter as plain dicts, tuples, texts and numbers, with the properties that a template may name.

    Control characters go: no file format of either kind can hold them, and nobody can read them.
    """
    if isinstance(letter, str):
        return "".join(ch for ch in letter if unicodedata.category(ch) not in ("Cc", "Cs", "Cn"))
    if isinstance(letter, list | tuple):
        return tuple(words(part) for part in letter)
    if isinstance(letter, dict):
        return {key: words(part) for key, part in letter.items()}
    if is_dataclass(letter):
        named = [field.name for field in fields(letter)]
        named += [name for name, value in vars(type(letter)).items() if isinstance(value, property)]
        return {name: words(getattr(letter, name)) for name in named}
    return letter
