"""The sheet as arithmetic: caps, times, reversals, grades."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from duties.points import VIOLATION, Entry, Grade, Item, Major, Scheme, Sheet, sheet

SCHEME = Scheme(
    (
        Major("A", Decimal(20), (Item("A1"), Item("A2", Decimal(6)), Item("A3", Decimal(4), (("duty", 1),)))),
        Major("E", Decimal(10), (Item("E1", Decimal("4.5")), Item("E4"))),
    )
)
RULES = ("attended", "duty", "declared")


def entry(item: str, points: float | str, record_id: int = 1, rule: str = "attended") -> Entry:
    return Entry(item, rule, "attendance", record_id, Decimal(str(points)))


rows = st.lists(
    st.builds(
        Entry,
        st.sampled_from(["A1", "A2", "A3", "E1", "E4"]),
        st.sampled_from(RULES),
        st.just("attendance"),
        st.integers(1, 30),
        st.decimals(-5, 9, places=1),
    ),
    max_size=14,
    unique_by=lambda e: (e.item, e.rule, e.record_id),
)


def counted(made: Sheet, code: str) -> Decimal:
    return next(item.counted for major in made.majors for item in major.items if item.code == code)


@settings(max_examples=30)
@given(rows)
def test_nothing_counts_beyond_its_cap(entries: list[Entry]) -> None:
    made = sheet(entries, SCHEME)
    for major, of in zip(made.majors, SCHEME.majors, strict=True):
        assert major.counted <= of.cap
        for item, its in zip(major.items, of.items, strict=True):
            assert its.most is None or item.counted <= its.most
    assert made.total == sum(major.counted for major in made.majors) <= 30


@settings(max_examples=20)
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_the_entries_is_nothing(entries: list[Entry], random: object) -> None:
    shuffled = list(entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert sheet(shuffled, SCHEME) == sheet(entries, SCHEME)


@settings(max_examples=20)
@given(rows, st.data())
def test_what_is_taken_back_leaves_nothing(entries: list[Entry], data: st.DataObject) -> None:
    gone = data.draw(st.lists(st.sampled_from(entries), unique=True) if entries else st.just([]))
    reversals = [Entry(e.item, e.rule, e.record, e.record_id, -e.points) for e in gone]
    left = [e for e in entries if e not in gone]
    assert sheet([*entries, *reversals], SCHEME) == sheet(left, SCHEME)


def test_given_again_counts_once() -> None:
    made = sheet([entry("A1", 3), entry("A1", -3), entry("A1", 3)], SCHEME)
    assert made.total == 3


def test_of_what_is_limited_to_once_a_year_the_best_counts() -> None:
    made = sheet([entry("A3", 1, 1, "duty"), entry("A3", 3, 2, "duty")], SCHEME)
    assert counted(made, "A3") == 3


def test_a_deduction_is_not_paid_with_points_that_would_not_have_counted() -> None:
    full = [entry("A1", 9, n) for n in (1, 2, 3)]
    scheme = Scheme((Major("A", Decimal(20), (Item("A1"), Item("A9"))),))
    assert sheet(full, scheme).total == 20
    assert sheet([*full, entry("A9", -5)], scheme).total == 15


def test_without_caps_the_majors_add_up() -> None:
    scheme = Scheme(SCHEME.majors, is_capped=False)
    assert sheet([entry("A1", 9, n) for n in range(5)], scheme).total == 45


def test_the_grades_begin_where_the_scheme_says() -> None:
    scheme = Scheme((Major("A", Decimal(100), (Item("A1"),)),))
    grades = {points: sheet([entry("A1", points)], scheme).grade for points in ("80", "79.9", "60", "59.9")}
    assert list(grades.values()) == [Grade.GOOD, Grade.FAIR, Grade.FAIR, Grade.POOR]


def test_a_violation_refuses_the_grade_until_it_is_taken_back() -> None:
    many = [entry("A1", 90)]
    scheme = Scheme((Major("A", Decimal(100), (Item("A1"), Item("E4"))),))
    found = entry("E4", -5, 7, VIOLATION)
    made = sheet([*many, found], scheme)
    assert (made.vetoed, made.grade, made.total) == (True, Grade.REFUSED, 85)
    back = sheet([*many, found, entry("E4", 5, 7, VIOLATION)], scheme)
    assert (back.vetoed, back.grade) == (False, Grade.GOOD)
