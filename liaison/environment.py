"""What production must be told, and the sentences with which it refuses to start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]", "testserver"})
PLACEHOLDERS = ("insecure", "changeme", "change-me", "placeholder", "example", "development", "secret-key", "请")


def refuse(variable: str, sentence: str) -> NoReturn:
    raise ImproperlyConfigured(f"无法启动：环境变量 {variable} {sentence}")


def key(variable: str, value: str, *, length: int) -> str:
    """The key itself, once it is long, varied and not copied from an example. Raises ImproperlyConfigured."""
    remedy = f'请用命令 python3 -c "import secrets; print(secrets.token_urlsafe({length}))" 生成一个新的密钥。'
    if not value:
        refuse(variable, f"没有设置。{remedy}")
    if len(value) < length:
        refuse(variable, f"太短，至少要{length}个字符。{remedy}")
    if any(word in value.lower() for word in PLACEHOLDERS):
        refuse(variable, f"还是示例里的占位文字。{remedy}")
    if len(set(value)) < 10 or value in (value * 2)[1:-1]:
        refuse(variable, f"太简单，重复的字符过多。{remedy}")
    return value


def hosts(variable: str, values: Sequence[str]) -> list[str]:
    """The hosts that may be asked for. An empty list or a wildcard would let a forged Host header through."""
    if not values:
        refuse(variable, "没有设置。请填写本站的域名，多个域名用英文逗号隔开，例如 llz.example.gov.cn。")
    if "*" in values:
        refuse(variable, "不能用 *。请逐个写出本站的域名。")
    return list(values)


def only_local(variable: str, values: Sequence[str]) -> list[str]:
    foreign = sorted(set(values) - LOCAL_HOSTS)
    if foreign:
        refuse("DEBUG", f"不能在对外的域名（{'、'.join(foreign)}）上打开。请设 DEBUG=False，或只在 localhost 上调试。")
    return list(values)


def database(variable: str, config: dict[str, Any], *, base: str, statement_seconds: int) -> dict[str, Any]:
    """Django's settings for SQLite or PostgreSQL from a parsed address.

    Connections persist: reopening SQLite doubles the cost of a page, reopening PostgreSQL takes it six times over.
    """
    engine = str(config.get("ENGINE", ""))
    options = dict(config.get("OPTIONS", {}))
    common = {**config, "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
    if engine.endswith("sqlite3"):
        name = str(config["NAME"])
        # IMMEDIATE takes the write lock at BEGIN, where the timeout is honoured; a deferred one fails as it writes.
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        }
        return {**common, "NAME": name if name.startswith(("/", ":")) else f"{base}/{name}", "OPTIONS": options}
    if engine.endswith("postgresql"):
        milliseconds = {
            "statement_timeout": statement_seconds * 1000,
            "lock_timeout": 5_000,
            "idle_in_transaction_session_timeout": 30_000,
        }
        options |= {
            "connect_timeout": 3,
            "options": " ".join(f"-c {name}={value}" for name, value in milliseconds.items()),
        }
        # A socket directory comes as ?host=/dir, where the command line client of Django would not find it.
        host = options.pop("host", config.get("HOST", ""))
        return {**common, "HOST": host, "OPTIONS": options}
    refuse(variable, "只支持 postgres:// 和 sqlite:/// 两种地址。")


def address(variable: str, value: str) -> str:
    """The portal's own address as printed in QR codes, without a path or a closing slash."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        refuse(variable, f"写的是 {value}，应当是完整的网址，例如 https://llz.example.gov.cn，后面不带路径。")
    return f"{parts.scheme}://{parts.netloc}"


def gateway(variable: str, value: str) -> str:
    """The address of the SMS gateway, or nothing where there is none."""
    parts = urlsplit(value)
    if value and (parts.scheme not in {"http", "https"} or not parts.hostname):
        refuse(variable, "不是完整的网址。请填写短信网关的 http:// 或 https:// 地址；没有网关就留空。")
    return value


def mail(variable: str, value: str) -> dict[str, Any]:
    """Django's settings for mail from an address, or mail that goes nowhere where there is none."""
    if not value:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    try:
        parts, config = urlsplit(value), dict(Env.email_url_config(value))
    except (ImproperlyConfigured, ValueError):
        parts = None
    if parts is None or not parts.scheme.startswith("smtp") or not parts.hostname:
        refuse(variable, "不是邮件服务器地址。请照 smtp+ssl://用户:口令@主机:465 填写；不发邮件就留空。")
    return config
