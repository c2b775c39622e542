"""Brakes for public forms, counted in the database so that all processes count together.

Fixed windows: around the border of two windows a caller gets up to twice the number, which no figure here minds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import Limit

MINUTE = 60
DAY = 24 * 60 * MINUTE
# One subscriber line has a whole /64: counted by single address it would have 2^64 fresh ones.
IPV6_PREFIX = 64

# A caller without an address, as over a socket. Still written like one: what is kept of a login has a column for it.
NOWHERE = "0.0.0.0"

TRY_LATER = "尝试次数过多，请15分钟后再试。如果仍然不行，请明天再试，或者直接打电话、到联络站询问。"


def allow(bucket: str, key: str, *, limit: int, seconds: int) -> bool:
    """Count one try, and say whether it is among the first `limit` of the current window of `seconds`.

    A refused try is not counted. To be called outside the transaction of the act: what is rolled back was not counted.
    """
    window = _window(bucket, key, seconds)
    if _count(window, limit):
        return True
    # No window yet, or a full one. Whoever opens it, us or another process, the second count is right.
    Limit.objects.bulk_create([window], ignore_conflicts=True)
    return _count(window, limit)


@dataclass(frozen=True)
class Rate:
    """So many tries in so many seconds, counted by one kind of key."""

    bucket: str
    limit: int
    seconds: int

    def allows(self, *key: str) -> bool:
        return allow(self.bucket, "\n".join(key), limit=self.limit, seconds=self.seconds)

    def is_spent(self, *key: str) -> bool:
        """Whether the next try would be refused, without counting one: for brakes that count failures alone."""
        window = _window(self.bucket, "\n".join(key), self.seconds)
        counted = Limit.objects.filter(key=window.key, window_start=window.window_start, count__gte=self.limit)
        return counted.exists()


# With 5 tries in 15 minutes, half of the 10^10 query codes of one number take 28,000 years.
TRACK_TRIES_PER_NUMBER_AND_ADDRESS = Rate("track number address", limit=5, seconds=15 * MINUTE)
TRACK_TRIES_PER_ADDRESS = Rate("track address", limit=20, seconds=15 * MINUTE)
# Many addresses against one number. Low enough to stop them, high enough that nobody locks the submitter out by chance.
TRACK_TRIES_PER_NUMBER = Rate("track number", limit=100, seconds=DAY)
# A whole station may sit behind one address: an afternoon's reception must fit. Only forms without a mistake count.
SUBMISSIONS_PER_ADDRESS = Rate("submit address", limit=20, seconds=10 * MINUTE)
# All forms sent, those with mistakes too: far above what people do.
SUBMIT_TRIES_PER_ADDRESS = Rate("submit tries address", limit=200, seconds=10 * MINUTE)
# One password tried on many names. By name and address together the lock is axes', after five.
LOGIN_FAILURES_PER_ADDRESS = Rate("login address", limit=20, seconds=15 * MINUTE)


def client_address(request: HttpRequest) -> str:
    """Whom to count: the address as the outermost of our own proxies saw it, an IPv6 one as the first of its /64.

    `TRUSTED_PROXY_COUNT` proxies of our own append to X-Forwarded-For; whatever stands left of their entries was
    written by the caller and is not believed. With none of them, or with too few entries, the peer itself counts.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    proxies: int = settings.TRUSTED_PROXY_COUNT
    forwarded = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    seen = forwarded[-proxies] if 0 < proxies <= len(forwarded) else peer
    return _subscriber(seen) or _subscriber(peer) or NOWHERE


def forget_past_windows() -> int:
    """Delete the windows that can no longer count, and return how many; the tick calls it."""
    return Limit.objects.filter(window_start__lt=timezone.now() - timedelta(seconds=DAY)).delete()[0]


def _window(bucket: str, key: str, seconds: int) -> Limit:
    # Keyed, because a plain digest of an address is found by trying all 2^32 of them.
    digest = salted_hmac(f"accounts.limits.{bucket}", key, algorithm="sha256").hexdigest()
    return Limit(key=f"{bucket}:{digest}", window_start=_window_start(seconds))


def _window_start(seconds: int) -> datetime:
    now = int(timezone.now().timestamp())
    return datetime.fromtimestamp(now - now % seconds, UTC)


def _count(window: Limit, limit: int) -> bool:
    """One statement that both asks and counts, so that two at once never share the last try."""
    row = Limit.objects.filter(key=window.key, window_start=window.window_start, count__lt=limit)
    return bool(row.update(count=F("count") + 1))


def _subscriber(text: str) -> str:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    return str(address.ipv4_mapped or ip_network((int(address), IPV6_PREFIX), strict=False).network_address)
