"""Which rows tell of one person. The name alone never makes one person of two (domain.md §8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from accounts.errors import Refused
from deputies.roster import values
from deputies.roster.rows import RosterRow

Likeness = Literal["same", "different", "unclear"]


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells two people of one name apart."""

    birth_year: int | None
    birth_month: int | None
    unit: str
    phone: str

    @classmethod
    def of(cls, birth_year: int | None, birth_month: int | None, unit: str, phone: str) -> Identity:
        return cls(birth_year, birth_month, values.compact(unit), phone if len(phone) == 11 and phone.isdigit() else "")

    @property
    def birth_is_known(self) -> bool:
        return self.birth_year is not None and self.birth_month is not None


def likeness(one: Identity, other: Identity) -> Likeness:
    """Of two records with the same name. The name alone never makes one person of two (domain.md §8)."""
    if one == other and (one.birth_year or one.unit or one.phone):
        return "same"
    same_phone = bool(one.phone) and one.phone == other.phone
    if _contradict(one.birth_year, other.birth_year) or _contradict(one.birth_month, other.birth_month):
        return "unclear" if same_phone else "different"
    same_unit = bool(one.unit) and one.unit == other.unit
    if same_phone or same_unit:
        return "same"
    same_birth = one.birth_is_known and other.birth_is_known
    if one.unit and other.unit:
        return "unclear" if same_birth else "different"
    return "different" if one.phone and other.phone and not same_birth else "unclear"


def _contradict(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one != other


def identity(row: RosterRow) -> Identity:
    return Identity.of(row.birth_year, row.birth_month, row.work_unit_and_post, row.phone)


NAMESAKES = 100  # each row is compared with its namesakes, so their number is bounded


def people(rows: Iterable[RosterRow]) -> tuple[list[RosterRow], list[tuple[int, ...]]]:
    checked = list(rows)
    found: list[list[int]] = []
    by_name: dict[str, list[int]] = {}
    for index, row in enumerate(checked):
        if row.is_refused:
            continue
        if len(by_name.get(row.name, ())) >= NAMESAKES:
            raise Refused(f"“{row.name}”在名册里出现了{NAMESAKES}次以上，不像一份代表名册；请核对姓名列。")
        owner = None
        for person in by_name.get(row.name, ()):
            alikes = [likeness(identity(checked[other]), identity(row)) for other in found[person]]
            alike = max(alikes, key=_RANK.index)
            where = _where(checked[found[person][0]], row)
            if alike == "same":
                owner = person
                seated = {level for other in found[person] for level in checked[other].levels or ("",)}
                if seated & set(row.levels or ("",)):
                    checked[index] = checked[index].doubt(f"与{where}是同一人、同一层级，只记一席，请核对。")
                break
            if alike == "unclear":
                checked[index] = checked[index].doubt(f"与{where}同名，不能确定是不是同一人，暂按两人，请核对。")
        if owner is None:
            by_name.setdefault(row.name, []).append(len(found))
            found.append([index])
        else:
            found[owner].append(index)
    return checked, [tuple(person) for person in found]


_RANK: list[Likeness] = ["different", "unclear", "same"]


def _where(row: RosterRow, seen_from: RosterRow) -> str:
    return f"第{row.row}行" if row.sheet == seen_from.sheet else f"工作表“{row.sheet}”第{row.row}行"
