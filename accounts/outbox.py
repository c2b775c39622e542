"""Everybody is told (mission.md, S14): `tell` puts a message into the outbox, `send_outbox` sends what is due.

No gateway is spoken to inside the act itself: a gateway that is away never holds up a case or undoes one
(security.md, T33), and an act that is rolled back tells nobody.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPException
from time import monotonic
from typing import Any
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone

from accounts.calendar import ONE_DAY, SHANGHAI
from accounts.errors import Refused
from accounts.models import Notice

Channel = Notice.Channel

MORNING, EVENING = 8, 21
# With a minute before the second try and twice as long before each further one, the tenth is eight and a half hours on.
TRIES = 10
FIRST_PAUSE = timedelta(minutes=1)
# Longer than any one try takes. A notice whose sender died in the middle is tried again after it.
LEASE = timedelta(minutes=10)
# Seconds a gateway may keep silent, and seconds after which a run begins no further notice: the next tick goes on.
PATIENCE = 10.0
BUDGET = 40.0
MOST = 1000
# How long a given-up notice may still be sent again by hand; then its address goes.
SECOND_CHANCE = timedelta(days=7)

logger = logging.getLogger(__name__)


def channels() -> frozenset[str]:
    """What is set up here. Who can be reached by none of them is told by a person (请电话告知)."""
    on = {Channel.SMS: settings.SMS_GATEWAY_URL, Channel.MAIL: settings.EMAIL_URL}
    return frozenset(str(channel) for channel, setting in on.items() if setting)


def by_day(moment: datetime) -> datetime:
    """The moment itself, or eight o'clock where it falls between 21:00 and 8:00 in Shanghai: nobody is woken."""
    local = moment.astimezone(SHANGHAI)
    if MORNING <= local.hour < EVENING:
        return moment
    day = local + ONE_DAY if local.hour >= EVENING else local
    return day.replace(hour=MORNING, minute=0, second=0, microsecond=0)


def _is_night() -> bool:
    now = timezone.now()
    return by_day(now) != now


def tell(key: str, channel: str, to: str, text: str) -> bool:
    """Queue a message in the caller's transaction; False if there is no way to that person by this channel.

    `key` names event and recipient, never by an address: the same key tells once, however often it is called. `text`
    holds a case's number and what to do, and nothing about a person; it stays when the address is gone.
    """
    if channel not in channels() or not to:
        return False
    notice = Notice(key=key, channel=channel, to=to, text=text, next_try_at=by_day(timezone.now()))
    Notice.objects.bulk_create([notice], ignore_conflicts=True)
    return True


def send_outbox() -> int:
    """Send what is due, and return how many went out. Never at night; two at once send nothing twice.

    To be called outside a transaction: each notice is taken, by a conditional UPDATE that must be seen by others,
    before it is sent.
    """
    begun, now = monotonic(), timezone.now()
    _forget_addresses(now)
    sent = 0
    for notice in list(Notice.objects.due(now).filter(channel__in=channels())[:MOST]):
        if monotonic() - begun >= BUDGET or _is_night():
            break
        if _taken(notice):
            sent += _sent(notice)
    return sent


def send_again(notice: Notice) -> None:
    """Raises Refused where it was not given up, or so long ago that the address is gone."""
    fresh = {"failed_at": None, "attempts": 0, "next_try_at": by_day(timezone.now())}
    if not Notice.objects.given_up().filter(pk=notice.pk).exclude(to="").update(**fresh):
        raise Refused("只有未送达、并且放弃不超过7天的通知可以重新发送；更早的请打电话告知。")


def _taken(notice: Notice) -> bool:
    """Whether this run has it. Its next try is set before this one begins, so that a crash loses nothing."""
    row = Notice.objects.waiting().filter(pk=notice.pk, attempts=notice.attempts, next_try_at=notice.next_try_at)
    notice.attempts += 1
    return bool(row.update(attempts=notice.attempts, next_try_at=timezone.now() + LEASE))


def _sent(notice: Notice) -> bool:
    row = Notice.objects.waiting().filter(pk=notice.pk, attempts=notice.attempts)
    if notice.attempts > TRIES:
        row.update(**_after(notice, "最后一次发送中断"))
        return False
    try:
        SEND[notice.channel](notice)
    except (OSError, HTTPException, ValueError) as error:
        row.update(**_after(notice, _reason(error)))
        return False
    row.update(sent_at=timezone.now(), to="", last_error="")
    return True


def _after(notice: Notice, reason: str) -> dict[str, Any]:
    now = timezone.now()
    if notice.attempts >= TRIES:
        logger.warning("notice %s given up after %s tries: %s", notice.pk, notice.attempts, reason)
        return {"failed_at": now, "last_error": reason}
    return {"next_try_at": by_day(now + FIRST_PAUSE * 2 ** (notice.attempts - 1)), "last_error": reason}


def _reason(error: Exception) -> str:
    """What went wrong, in words of our own: the libraries' sentences quote the address."""
    if isinstance(error, HTTPError):
        return f"短信网关回答{error.code}"
    cause = getattr(error, "reason", error)
    if isinstance(cause, TimeoutError):
        return "对方没有回应（超时）"
    if isinstance(cause, ConnectionError):
        return "连不上对方"
    return f"没有发出（{type(cause if isinstance(cause, Exception) else error).__name__}）"


def _forget_addresses(now: datetime) -> None:
    Notice.objects.given_up().filter(failed_at__lt=now - SECOND_CHANCE).exclude(to="").update(to="")


class _NoRedirect(HTTPRedirectHandler):
    """A redirected POST arrives as a GET without its message, and would count as sent."""

    def redirect_request(self, *args: Any) -> None:
        return None


def _send_sms(notice: Notice) -> None:
    """One POST; 2xx means the gateway has it. After a timeout only the gateway knows: it may drop a known key."""
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": f"notice-{notice.pk}"}
    if settings.SMS_GATEWAY_TOKEN:
        headers["Authorization"] = f"Bearer {settings.SMS_GATEWAY_TOKEN}"
    body = json.dumps({"to": notice.to, "text": notice.text}, ensure_ascii=False).encode()
    # Straight to the gateway, whatever proxy the machine uses for the rest.
    gateway = build_opener(ProxyHandler({}), _NoRedirect)
    with gateway.open(Request(settings.SMS_GATEWAY_URL, body, headers), timeout=PATIENCE):
        pass


def _send_mail(notice: Notice) -> None:
    EmailMessage(settings.SITE["name"], notice.text, to=[notice.to]).send()


SEND: dict[str, Callable[[Notice], None]] = {Channel.SMS: _send_sms, Channel.MAIL: _send_mail}
