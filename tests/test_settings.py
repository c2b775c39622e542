"""The portal refuses to start half configured, and says in one sentence what to do."""

import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from liaison.logs import OneLine

ROOT = Path(__file__).resolve().parent.parent

GOOD = {
    "SECRET_KEY": "q3Zt8vN1xKc5LpR7sWm2Yb9Hd4Gf6Jj0UaEeTtOoPpQqXxZz_-Vv",
    "CODE_KEY": "H7kLm2Nq9Rt4Vw8Xz1Bc5Df3Gj6Ps0YuAaEe",
    "ALLOWED_HOSTS": "llz.changyuan.gov.cn",
    "DATABASE_URL": "sqlite:///:memory:",
}


def manage(*arguments: str, env_file: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """manage.py in an environment that holds nothing but what is given."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "ENV_FILE": env_file, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def settings(expression: str, env_file: str = "", **environment: str) -> str:
    """What a setting holds in such an environment."""
    program = f"from django.conf import settings; print(({expression}))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "ENV_FILE": env_file,
            "DJANGO_SETTINGS_MODULE": "liaison.settings",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    return (done.stdout + done.stderr).strip()


def test_complete_production_settings_start_and_have_nothing_to_complain_of() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING", **GOOD)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("variable", sorted(GOOD))
def test_production_names_the_variable_that_is_missing(variable: str) -> None:
    done = manage("check", **{name: value for name, value in GOOD.items() if name != variable})
    assert done.returncode != 0
    assert f"环境变量 {variable} 没有设置。" in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("SECRET_KEY", "short", "SECRET_KEY 太短，至少要50个字符。"),
        ("SECRET_KEY", "a" * 60, "SECRET_KEY 太简单"),
        ("SECRET_KEY", "12345" * 10, "SECRET_KEY 太简单"),
        ("SECRET_KEY", "q3Zt8vN1xKc5LpR7sWm2Yb9Hd" * 2, "SECRET_KEY 太简单"),
        ("SECRET_KEY", "django-insecure-" + GOOD["SECRET_KEY"], "SECRET_KEY 还是示例里的占位文字。"),
        ("SECRET_KEY", "changeme" * 8, "SECRET_KEY 还是示例里的占位文字。"),
        ("SECRET_KEY_FALLBACKS", "old", "SECRET_KEY_FALLBACKS 太短"),
        ("CODE_KEY", "1234567890abcdef", "CODE_KEY 太短，至少要32个字符。"),
        ("CODE_KEY", GOOD["SECRET_KEY"], "CODE_KEY 与 SECRET_KEY 相同。"),
        ("ALLOWED_HOSTS", "*", "ALLOWED_HOSTS 不能用 *。"),
        ("DATABASE_URL", "mysql://portal@db/portal", "DATABASE_URL 只支持 postgres:// 和 sqlite:///"),
        ("SITE_URL", "llz.changyuan.gov.cn", "SITE_URL 写的是 llz.changyuan.gov.cn"),
        ("SMS_GATEWAY_URL", "sms.changyuan.gov.cn/send", "SMS_GATEWAY_URL 不是完整的网址。"),
        ("SMS_GATEWAY_URL", "file:///etc/passwd", "SMS_GATEWAY_URL 不是完整的网址。"),
        ("EMAIL_URL", "mail.changyuan.gov.cn", "EMAIL_URL 不是邮件服务器地址。"),
        ("EMAIL_URL", "smtp://", "EMAIL_URL 不是邮件服务器地址。"),
        ("EMAIL_URL", "smtp://mail.changyuan.gov.cn:mail", "EMAIL_URL 不是邮件服务器地址。"),
        ("DEBUG", "True", "DEBUG 不能在对外的域名（llz.changyuan.gov.cn）上打开。"),
    ],
)
def test_production_refuses_what_is_unsafe(variable: str, value: str, sentence: str) -> None:
    done = manage("check", **{**GOOD, variable: value})
    assert done.returncode != 0
    assert sentence in done.stderr


def test_a_development_machine_needs_no_variable_but_debug() -> None:
    assert manage("check", DEBUG="True").returncode == 0


def test_the_env_file_fills_in_and_never_overrides(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("\n".join(f"{name}={value}" for name, value in GOOD.items()))
    assert settings("settings.ALLOWED_HOSTS", env_file=str(file)) == "['llz.changyuan.gov.cn']"
    assert settings("settings.ALLOWED_HOSTS", env_file=str(file), ALLOWED_HOSTS="a.cn,b.cn") == "['a.cn', 'b.cn']"


def test_the_example_file_lists_every_variable_that_is_read() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "liaison/settings.py").read_text()))
    listed = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert listed - {"POSTGRES_PASSWORD", "CERTIFICATES"} == read


def test_cookies_and_addresses_follow_https() -> None:
    assert settings("settings.SESSION_COOKIE_SECURE, settings.SITE_URL", **GOOD) == (
        "(True, 'https://llz.changyuan.gov.cn')"
    )
    assert settings("settings.CSRF_COOKIE_SECURE, settings.SITE_URL", HTTPS="False", **GOOD) == (
        "(False, 'http://llz.changyuan.gov.cn')"
    )


def test_a_forwarded_protocol_is_believed_only_behind_a_proxy_of_ours() -> None:
    assert settings("settings.SECURE_PROXY_SSL_HEADER", **GOOD) == "None"
    assert "HTTP_X_FORWARDED_PROTO" in settings("settings.SECURE_PROXY_SSL_HEADER", TRUSTED_PROXY_COUNT="1", **GOOD)


def test_without_their_addresses_nothing_is_sent_by_message_or_mail() -> None:
    assert settings("settings.SMS_GATEWAY_URL, settings.EMAIL_URL, settings.EMAIL_BACKEND", **GOOD) == (
        "('', '', 'django.core.mail.backends.dummy.EmailBackend')"
    )


def test_the_mail_server_is_taken_from_its_address() -> None:
    told = settings(
        "settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_SSL, "
        "settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD, settings.DEFAULT_FROM_EMAIL, settings.EMAIL_TIMEOUT",
        **GOOD,
        EMAIL_URL="smtp+ssl://llz%40changyuan.gov.cn:p%2Fw@mail.changyuan.gov.cn:465",
    )
    assert told == (
        "('django.core.mail.backends.smtp.EmailBackend', 'mail.changyuan.gov.cn', 465, True, "
        "'llz@changyuan.gov.cn', 'p/w', 'portal@llz.changyuan.gov.cn', 10)"
    )


def test_sqlite_waits_for_its_turn_and_stays_open() -> None:
    options = settings(
        "settings.DATABASES['default']['OPTIONS'], settings.DATABASES['default']['CONN_MAX_AGE']", **GOOD
    )
    assert "'IMMEDIATE'" in options and "journal_mode=WAL" in options and "'timeout': 20" in options
    assert options.endswith("None)")


def test_postgresql_gives_up_in_time_and_is_found_on_a_socket() -> None:
    database = "settings.DATABASES['default']"
    told = settings(
        f"{database}['HOST'], {database}['OPTIONS'], {database}['CONN_HEALTH_CHECKS']",
        **{**GOOD, "DATABASE_URL": "postgres://portal@/portal?host=/run/postgresql"},
    )
    assert told == (
        "('/run/postgresql', {'connect_timeout': 3, 'options': '-c statement_timeout=30000 -c lock_timeout=5000 "
        "-c idle_in_transaction_session_timeout=30000'}, True)"
    )


def test_what_a_visitor_typed_cannot_forge_a_second_line_of_the_log() -> None:
    record = logging.LogRecord("axes", logging.WARNING, "", 0, "login failed: %s", ("li\r\n2026 INFO ok",), None)
    assert OneLine("{levelname} {message}", style="{").format(record) == "WARNING login failed: li\\r\\n2026 INFO ok"
