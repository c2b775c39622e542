"""The production settings with test keys, a throw-away folder for database and uploads, and a fast hasher."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


_var = Path(__file__).resolve().parent.parent / "var"
_var.mkdir(exist_ok=True)
# A folder for each process, so that two runs in one tree do not meet. A killed run leaves its folder to the next one.
for _old in _var.glob("test-*"):
    if not _alive(_old.name.split("-")[1]):
        shutil.rmtree(_old, ignore_errors=True)
_folder = tempfile.mkdtemp(prefix=f"test-{os.getpid()}-", dir=_var)
atexit.register(shutil.rmtree, _folder, ignore_errors=True)

os.environ.update(
    ENV_FILE="",
    DEBUG="False",
    DEMO="False",
    HTTPS="False",
    SECRET_KEY="8mVq2nXc0tYw5uZr7pLk3jHg9fDs1aQe6bTn4vRx-only-for-tests",
    CODE_KEY="Wk7dPz3sLq9xNf2vHb8yRt5mJc1gTe6u",
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    CSRF_TRUSTED_ORIGINS="",
    SECRET_KEY_FALLBACKS="",
    SITE_URL="http://testserver",
    SMS_GATEWAY_URL="",
    SMS_GATEWAY_TOKEN="",
    EMAIL_URL="",
    TRUSTED_PROXY_COUNT="0",
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{_folder}/portal.sqlite3",
    MEDIA_ROOT=f"{_folder}/media",
)

from liaison.settings import *  # noqa: E402, F403
from liaison.settings import DATABASES  # noqa: E402

if "TEST_DATABASE_URL" not in os.environ:
    # A file, not memory: the browser tests' server thread needs connections of its own, with the real locking.
    DATABASES["default"]["TEST"] = {"NAME": f"{_folder}/test.sqlite3"}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
