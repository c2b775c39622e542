from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import RequestFactory

from accounts.limits import (
    SUBMISSIONS_PER_ADDRESS,
    TRACK_TRIES_PER_ADDRESS,
    TRACK_TRIES_PER_NUMBER,
    TRACK_TRIES_PER_NUMBER_AND_ADDRESS,
    Rate,
    allow,
    client_address,
    forget_past_windows,
)
from accounts.models import Limit

FIVE = Rate("test", limit=5, seconds=900)


def tries(count: int, *key: str, rate: Rate = FIVE) -> list[bool]:
    return [rate.allows(*key) for _ in range(count)]


@pytest.mark.django_db
def test_the_first_five_are_allowed_and_the_rest_refused() -> None:
    assert tries(7, "a") == [True] * 5 + [False] * 2
    assert Limit.objects.get().count == 5


@pytest.mark.django_db
def test_other_keys_and_other_buckets_are_counted_apart() -> None:
    tries(6, "a")
    assert FIVE.allows("b")
    assert allow("other", "a", limit=5, seconds=900)


@pytest.mark.django_db
def test_parts_of_a_key_do_not_run_together() -> None:
    tries(6, "1", "23")
    assert FIVE.allows("12", "3")


@pytest.mark.django_db
def test_a_new_window_begins_anew() -> None:
    with time_machine.travel("2026-11-24T08:14:59Z", tick=False) as clock:
        assert tries(6, "a")[-1] is False
        clock.move_to("2026-11-24T08:15:00Z")
        assert FIVE.allows("a")


@pytest.mark.django_db
def test_a_limit_of_nothing_allows_nothing() -> None:
    assert not allow("shut", "a", limit=0, seconds=60)


@pytest.mark.django_db
def test_no_address_is_kept_in_clear() -> None:
    FIVE.allows("203.0.113.9")
    kept = Limit.objects.values_list("key", flat=True).get()
    assert "203.0.113.9" not in kept
    assert len(kept) <= Limit._meta.get_field("key").max_length


@pytest.mark.django_db
def test_a_counted_try_costs_one_statement_after_the_first(django_assert_num_queries: Any) -> None:
    FIVE.allows("a")
    with django_assert_num_queries(1):
        FIVE.allows("a")


@pytest.mark.django_db
def test_past_windows_are_forgotten_and_open_ones_are_not() -> None:
    with time_machine.travel("2026-11-24T08:00:00Z", tick=False) as clock:
        tries(5, "a")
        TRACK_TRIES_PER_NUMBER.allows("a")
        assert forget_past_windows() == 0
        clock.move_to("2026-11-26T08:00:01Z")
        FIVE.allows("b")
        assert forget_past_windows() == 2
        assert Limit.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_get_five_tries_between_them() -> None:
    def attempt(_: int) -> bool:
        try:
            return FIVE.allows("a")
        finally:
            connection.close()

    with time_machine.travel("2026-11-24T08:00:00Z", tick=False), ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(20))) == 5


def test_the_figures_are_those_of_the_security_design() -> None:
    assert (TRACK_TRIES_PER_NUMBER_AND_ADDRESS.limit, TRACK_TRIES_PER_NUMBER_AND_ADDRESS.seconds) == (5, 15 * 60)
    assert (TRACK_TRIES_PER_ADDRESS.limit, TRACK_TRIES_PER_ADDRESS.seconds) == (20, 15 * 60)
    assert (TRACK_TRIES_PER_NUMBER.limit, TRACK_TRIES_PER_NUMBER.seconds) == (100, 24 * 60 * 60)
    assert (SUBMISSIONS_PER_ADDRESS.limit, SUBMISSIONS_PER_ADDRESS.seconds) == (20, 10 * 60)


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "address"),
    [
        (0, "203.0.113.9", "198.51.100.1", "203.0.113.9"),  # no proxy of ours: the header is only a claim
        (1, "127.0.0.1", "198.51.100.1", "198.51.100.1"),
        (1, "127.0.0.1", "10.9.8.7, 198.51.100.1", "198.51.100.1"),  # what the caller wrote stands left
        (2, "127.0.0.1", "10.9.8.7, 198.51.100.1, 192.0.2.5", "198.51.100.1"),
        (2, "127.0.0.1", "198.51.100.1", "127.0.0.1"),  # came past one of the proxies
        (1, "127.0.0.1", "", "127.0.0.1"),
        (1, "127.0.0.1", "<script>", "127.0.0.1"),
        (1, "", "198.51.100.1", "198.51.100.1"),  # a unix socket has no peer address
        (0, "", "", "0.0.0.0"),
        (0, "2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::"),
        (0, "::ffff:203.0.113.9", "", "203.0.113.9"),
    ],
)
def test_whose_address_counts(settings: Any, proxies: int, peer: str, forwarded: str, address: str) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=peer, **headers)) == address
