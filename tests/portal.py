"""The portal as a county would run it: own database with the demo data, real gunicorn, real settings, one browser."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

PHONE = {"width": 375, "height": 740}
DESK = {"width": 1280, "height": 900}

# The shell draws no windows that nobody sees, at half the cost; the whole browser does as well.
CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
]


@dataclass(frozen=True)
class Portal:
    url: str
    env: dict[str, str]
    demo: dict[str, Any]

    def manage(self, *words: str) -> str:
        return manage(self.env, *words)

    def prepare(self, what: str) -> Any:
        """What an administrator has set up before the story begins: a function of tests/journeys/prepare.py."""
        told = self.manage("shell", "-v0", "-c", f"from tests.journeys import prepare; prepare.run({what!r})")
        return json.loads(told.strip().splitlines()[-1])

    def account(self, who: str) -> dict[str, str]:
        """By user name; each role of the demo has an account of that name. All of them have one password."""
        accounts: list[dict[str, str]] = self.demo["accounts"]
        return next((a for a in accounts if a["username"] == who), {**accounts[0], "username": who})


def manage(env: dict[str, str], *words: str) -> str:
    done = subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def _database(folder: Path) -> Iterator[str]:
    """An empty database of its own on the same engine as the suite."""
    url = os.environ.get("TEST_DATABASE_URL")
    if not url:
        yield f"sqlite:///{folder}/portal.sqlite3"
        return
    import psycopg

    base, _, options = url.partition("?")
    server, _, _ = base.rpartition("/")
    name = f"journeys_{os.getpid()}"
    host = dict(pair.split("=", 1) for pair in options.split("&"))["host"]
    with psycopg.connect(host=host, user="portal", dbname="postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server}/{name}?{options}"
        finally:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def running(folder: Path) -> Iterator[Portal]:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    with _database(folder) as database:
        env = {
            **{k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"},
            "ENV_FILE": "",
            "DEBUG": "False",
            "DEMO": "True",
            "HTTPS": "False",
            "SECRET_KEY": "journeys-5tZq8wXn2mVb7cLk3jHg9fDs1aQe6pRy4uIo0-KtWz",
            "CODE_KEY": "journeys-Wk7dPz3sLq9xNf2vHb8yRt5mJc1gTe6u",
            "ALLOWED_HOSTS": "127.0.0.1",
            "CSRF_TRUSTED_ORIGINS": "",
            # As behind one proxy: each browser says its own address, so that people are not braked as one.
            "TRUSTED_PROXY_COUNT": "1",
            "SITE_URL": url,
            "DATABASE_URL": database,
            "MEDIA_ROOT": str(folder / "media"),
            "STATIC_ROOT": str(folder / "static"),
        }
        manage(env, "migrate", "--noinput", "-v0")
        manage(env, "collectstatic", "--noinput", "-v0")
        demo = json.loads(manage(env, "demo", "--json"))
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "liaison.wsgi", "--workers", "2", "--bind", f"127.0.0.1:{port}"],
            cwd=ROOT,
            env=env,
            stderr=(folder / "gunicorn.log").open("w"),
        )
        try:
            _wait_for(f"{url}/readyz/", server)
            yield Portal(url, env, demo)
        finally:
            server.terminate()
            server.wait(20)


def _wait_for(url: str, server: subprocess.Popen[bytes], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert server.poll() is None, "gunicorn did not start"
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} did not answer within {seconds} s")
