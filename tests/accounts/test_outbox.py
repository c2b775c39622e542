"""Messages go out once, by day, and a gateway that is away holds up nobody (mission.md S14, security.md T33)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.management import call_command
from django.db import connections, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import outbox
from accounts.errors import Refused
from accounts.models import Notice
from accounts.outbox import by_day, channels, send_again, send_outbox, tell

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
PHONE = "13900000001"
LIST = "admin:accounts_notice_changelist"


class Gateway(ThreadingHTTPServer):
    """A gateway on this machine that keeps what it was sent, and answers as it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.got: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200
        self.bad_numbers: set[str] = set()
        self.silent_for = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/send"


class Answer(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.got.append(message)
        self.server.headers.append(dict(self.headers))
        time.sleep(self.server.silent_for)
        status = 500 if message["to"] in self.server.bad_numbers else self.server.status
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.server.url)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """Where a redirected POST would end."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    with Gateway() as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        settings.SMS_GATEWAY_URL = server.url
        yield server
        server.shutdown()


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def tell_some(*numbers: str) -> None:
    for number in numbers:
        assert tell(f"event:1:{number[-4:]}", "sms", number, "有一件事等您办理")


def only() -> Notice:
    return Notice.objects.get()


# Telling


def test_nothing_is_queued_where_nothing_is_set_up(settings: Any) -> None:
    settings.SMS_GATEWAY_URL = settings.EMAIL_URL = ""
    assert channels() == frozenset()
    assert not tell("a", "sms", PHONE, "您好") and not tell("a", "mail", "li@example.cn", "您好")
    assert not Notice.objects.exists()


def test_who_left_no_address_is_not_told(gateway: Gateway) -> None:
    assert channels() == {"sms"}
    assert not tell("a", "sms", "", "您好")
    assert not Notice.objects.exists()


def test_the_same_key_tells_once_even_after_it_was_sent(gateway: Gateway, clock: Any) -> None:
    assert tell("a", "sms", PHONE, "第一次") and tell("a", "sms", PHONE, "第二次")
    assert send_outbox() == 1
    assert tell("a", "sms", PHONE, "第三次")
    assert send_outbox() == 0
    assert [message["text"] for message in gateway.got] == ["第一次"]


def test_what_is_rolled_back_tells_nobody(gateway: Gateway, clock: Any) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        tell("a", "sms", PHONE, "您好")
        raise RuntimeError
    assert send_outbox() == 0 and gateway.got == []


# Sending


def test_an_accepted_message_is_sent_and_its_address_forgotten(gateway: Gateway, clock: Any) -> None:
    tell_some(PHONE)
    assert send_outbox() == 1
    assert gateway.got == [{"to": PHONE, "text": "有一件事等您办理"}]
    notice = only()
    assert (notice.sent_at, notice.to, notice.attempts, notice.state) == (NOON, "", 1, "已发出")
    assert gateway.headers[0]["Idempotency-Key"] == f"notice-{notice.pk}"
    assert "Authorization" not in gateway.headers[0]


def test_the_token_goes_along_where_the_gateway_wants_one(gateway: Gateway, clock: Any, settings: Any) -> None:
    settings.SMS_GATEWAY_TOKEN = "t-1"
    tell_some(PHONE)
    send_outbox()
    assert gateway.headers[0]["Authorization"] == "Bearer t-1"


def test_a_proxy_of_the_machine_is_not_asked(gateway: Gateway, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    tell_some(PHONE)
    assert send_outbox() == 1


@pytest.mark.parametrize("status", [302, 400, 500])
def test_any_other_answer_than_2xx_is_a_failure(gateway: Gateway, clock: Any, status: int) -> None:
    gateway.status = status
    tell_some(PHONE)
    assert send_outbox() == 0
    notice = only()
    assert (notice.sent_at, notice.to, notice.last_error) == (None, PHONE, f"短信网关回答{status}")


def test_a_gateway_that_keeps_silent_is_left_in_time(
    gateway: Gateway, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "PATIENCE", 0.1)
    gateway.silent_for = 0.5
    tell_some(PHONE)
    assert send_outbox() == 0
    assert only().last_error == "对方没有回应（超时）"


def test_a_gateway_that_is_not_there_is_tried_again(clock: Any, settings: Any) -> None:
    with Gateway() as closed:
        settings.SMS_GATEWAY_URL = closed.url
    tell_some(PHONE)
    assert send_outbox() == 0
    assert only().last_error == "连不上对方" and only().state == "待发送"


def test_one_that_fails_does_not_stop_the_others(gateway: Gateway, clock: Any) -> None:
    gateway.bad_numbers = {PHONE}
    tell_some(PHONE, "13900000002", "13900000003")
    assert send_outbox() == 2
    assert [notice.to for notice in Notice.objects.waiting()] == [PHONE]


def test_a_slow_gateway_gets_no_more_than_the_time_of_a_run(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BUDGET", 0.1)
    gateway.silent_for = 0.2
    with time_machine.travel(NOON, tick=True):
        tell_some(PHONE, "13900000002")
        assert send_outbox() == 1
        assert sorted(Notice.objects.values_list("attempts", flat=True)) == [0, 1]
        assert send_outbox() == 1


def test_mail_goes_out_under_the_name_of_the_portal(settings: Any, clock: Any) -> None:
    settings.EMAIL_URL = "smtp://mail.example.cn"
    assert tell("a", "mail", "li@example.cn", "有一件事等您办理")
    assert send_outbox() == 1
    assert (mail.outbox[0].to, mail.outbox[0].body) == (["li@example.cn"], "有一件事等您办理")
    assert mail.outbox[0].subject == "人大代表联络站"
    assert only().to == ""


def test_a_mail_address_with_a_second_line_is_refused_and_not_quoted(settings: Any, clock: Any) -> None:
    settings.EMAIL_URL = "smtp://mail.example.cn"
    tell("a", "mail", "li@example.cn\nBcc: all@example.cn", "您好")
    assert send_outbox() == 0 and mail.outbox == []
    assert only().last_error and "example" not in only().last_error


def test_a_channel_that_was_switched_off_keeps_what_it_has(gateway: Gateway, clock: Any, settings: Any) -> None:
    tell_some(PHONE)
    settings.SMS_GATEWAY_URL = ""
    assert send_outbox() == 0
    assert only().attempts == 0


# Again, and giving up


def test_the_pause_doubles_and_after_the_last_try_it_is_given_up(gateway: Gateway, settings: Any) -> None:
    gateway.status = 500
    with time_machine.travel(NOON - timedelta(hours=3, minutes=59), tick=False) as clock:
        tell_some(PHONE)
        pauses = []
        for attempt in range(1, outbox.TRIES):
            send_outbox()
            notice = only()
            assert (notice.attempts, notice.state) == (attempt, "待发送")
            pauses.append(notice.next_try_at - timezone.now())
            clock.move_to(notice.next_try_at - timedelta(seconds=1))
            assert send_outbox() == 0 and len(gateway.got) == attempt
            clock.move_to(notice.next_try_at)
        send_outbox()
        assert pauses == [timedelta(minutes=2**n) for n in range(9)]
        assert (only().state, only().failed_at) == ("未送达", timezone.now())
        clock.move_to(timezone.now() + timedelta(days=2))
        assert send_outbox() == 0 and len(gateway.got) == outbox.TRIES


def test_a_pause_that_ends_at_night_ends_in_the_morning(gateway: Gateway, clock: Any) -> None:
    gateway.status = 500
    tell_some(PHONE)
    clock.move_to(shanghai(20, 59, 30))
    send_outbox()
    assert only().next_try_at == shanghai(8, 0, day=25)


def test_a_given_up_message_may_be_sent_again_by_hand_for_a_week(gateway: Gateway, clock: Any) -> None:
    tell_some(PHONE)
    Notice.objects.update(attempts=outbox.TRIES, failed_at=NOON)
    send_again(only())
    assert send_outbox() == 1
    with pytest.raises(Refused, match="只有未送达"):
        send_again(only())


def test_after_the_week_its_address_is_gone(gateway: Gateway, clock: Any) -> None:
    tell_some(PHONE)
    Notice.objects.update(attempts=outbox.TRIES, failed_at=NOON)
    clock.move_to(NOON + timedelta(days=7))
    send_outbox()
    assert only().to == PHONE
    clock.move_to(NOON + timedelta(days=7, minutes=1))
    send_outbox()
    assert only().to == "" and only().state == "未送达"
    with pytest.raises(Refused):
        send_again(only())


def test_a_crash_in_the_middle_loses_nothing(gateway: Gateway, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class PowerCut(BaseException):
        pass

    def cut(notice: Notice) -> None:
        raise PowerCut

    tell_some(PHONE)
    with monkeypatch.context() as patch, pytest.raises(PowerCut):
        patch.setitem(outbox.SEND, "sms", cut)
        send_outbox()
    assert send_outbox() == 0  # for as long as the other might still be at it
    clock.move_to(NOON + outbox.LEASE)
    assert send_outbox() == 1 and only().attempts == 2


def test_a_crash_in_the_last_try_is_given_up_and_not_tried_for_ever(gateway: Gateway, clock: Any) -> None:
    tell_some(PHONE)
    Notice.objects.update(attempts=outbox.TRIES)
    assert send_outbox() == 0 and gateway.got == []
    assert (only().state, only().last_error) == ("未送达", "最后一次发送中断")


# Two at once


def test_what_another_run_has_taken_is_left_alone(gateway: Gateway, clock: Any) -> None:
    """As if both had read the list before either took anything."""
    tell_some(PHONE)
    mine, theirs = only(), only()
    assert outbox._taken(mine)
    assert not outbox._taken(theirs)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_eight_ticks_at_once_send_each_message_once(gateway: Gateway) -> None:
    start = Barrier(8)

    def run(_: int) -> int:
        try:
            start.wait(10)
            return send_outbox()
        finally:
            connections.close_all()

    gateway.silent_for = 0.02
    with time_machine.travel(NOON, tick=True), ThreadPoolExecutor(8) as pool:
        tell_some(*(f"1390000{n:04}" for n in range(40)))
        assert sum(pool.map(run, range(8))) == 40
    assert len(gateway.got) == 40 == len({message["to"] for message in gateway.got})


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_acts_at_once_with_one_key_tell_once(gateway: Gateway) -> None:
    start = Barrier(4)

    def act(_: int) -> bool:
        try:
            start.wait(10)
            with transaction.atomic():
                return tell("a", "sms", PHONE, "您好")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(act, range(4)))
    assert Notice.objects.count() == 1


# At night


def shanghai(hour: int, minute: int = 0, second: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        (shanghai(0, 0), shanghai(8)),
        (shanghai(7, 59, 59), shanghai(8)),
        (shanghai(8), shanghai(8)),
        (shanghai(20, 59, 59), shanghai(20, 59, 59)),
        (shanghai(21), shanghai(8, day=25)),
        (shanghai(23, 59, 59), shanghai(8, day=25)),
    ],
)
def test_nothing_goes_out_between_nine_at_night_and_eight(
    gateway: Gateway, moment: datetime, allowed: datetime
) -> None:
    assert by_day(moment) == allowed
    with time_machine.travel(NOON - timedelta(days=1), tick=False) as clock:
        tell("before", "sms", PHONE, "白天写好的")
        clock.move_to(moment)
        tell("now", "sms", PHONE, "此时写好的")
        assert Notice.objects.get(key="now").next_try_at == allowed
        assert send_outbox() == (2 if allowed == moment else 0)
        clock.move_to(allowed)
        send_outbox()
        assert len(gateway.got) == 2


def test_a_run_that_reaches_nine_stops_there(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    with time_machine.travel(shanghai(20, 59, 59), tick=False) as clock:
        tell_some(PHONE, "13900000002")
        monkeypatch.setitem(outbox.SEND, "sms", lambda notice: clock.move_to(shanghai(21)))
        assert send_outbox() == 1
        assert Notice.objects.waiting().count() == 1


def test_the_tick_sends_and_says_how_many(gateway: Gateway, clock: Any, capsys: pytest.CaptureFixture[str]) -> None:
    tell_some(PHONE)
    call_command("tick")
    assert "发出通知：1件" in capsys.readouterr().out


# The back office


def test_the_system_administrator_sees_that_it_failed_and_never_what_it_said(
    gateway: Gateway, clock: Any, as_: Any
) -> None:
    gateway.status = 500
    tell_some(PHONE)
    send_outbox()
    client = as_("system_admin")
    for address in (reverse(LIST), reverse("admin:accounts_notice_change", args=[only().pk])):
        page = client.get(address).content.decode()
        assert "139****0001" in page and "短信网关回答500" in page
        assert PHONE not in page and "等您办理" not in page


def test_a_mail_address_is_masked_as_well(settings: Any, as_: Any) -> None:
    settings.EMAIL_URL = "smtp://mail.example.cn"
    tell("a", "mail", "lixiaoming@example.cn", "您好")
    page = as_("system_admin").get(reverse(LIST)).content.decode()
    assert "l***@example.cn" in page and "lixiaoming" not in page


@pytest.mark.parametrize(("state", "shown"), [("waiting", "待发送"), ("failed", "未送达"), ("sent", "已发出")])
def test_the_list_is_narrowed_by_state(gateway: Gateway, as_: Any, state: str, shown: str) -> None:
    tell_some(PHONE, "13900000002", "13900000003")
    first, second, _ = Notice.objects.all()
    Notice.objects.filter(pk=first.pk).update(sent_at=NOON)
    Notice.objects.filter(pk=second.pk).update(failed_at=NOON)
    rows = as_("system_admin").get(reverse(LIST), {"state": state}).context["cl"].result_list
    assert [notice.state for notice in rows] == [shown]


def test_sending_again_is_an_act_of_the_list_and_refuses_what_was_sent(gateway: Gateway, clock: Any, as_: Any) -> None:
    tell_some(PHONE, "13900000002")
    given_up, sent = Notice.objects.all()
    Notice.objects.filter(pk=given_up.pk).update(attempts=outbox.TRIES, failed_at=NOON)
    Notice.objects.filter(pk=sent.pk).update(sent_at=NOON, to="")
    chosen = {"action": "resend", "_selected_action": [given_up.pk, sent.pk]}
    page = as_("system_admin").post(reverse(LIST), chosen, follow=True).content.decode()
    assert "重新发送1项。" in page and "只有未送达" in page and PHONE not in page
    assert send_outbox() == 1


@pytest.mark.parametrize("role", ["county_staff", "security_admin", "auditor"])
def test_nobody_else_sees_or_sends_notices(gateway: Gateway, as_: Any, role: str) -> None:
    tell_some(PHONE)
    Notice.objects.update(failed_at=NOON)
    chosen = {"action": "resend", "_selected_action": [only().pk]}
    assert as_(role).get(reverse(LIST)).status_code == 403
    assert as_(role).post(reverse(LIST), chosen).status_code == 403
    assert only().state == "未送达"
