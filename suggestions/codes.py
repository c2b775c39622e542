"""Numbers and query codes of a case.

The number names a case and is no secret. The query code is: ten digits from HMAC(CODE_KEY, one-time form key), so a
retry of the same form shows the same receipt; only digests are stored, so the database alone reveals no code.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from datetime import date

from django.conf import settings

from accounts.form_keys import form_key_hash as form_key_hash
from accounts.form_keys import new_form_key as new_form_key

CODE_DIGITS = 10
NUMBER_RANDOM_DIGITS = 6


def _mac(purpose: str, text: str) -> bytes:
    return hmac.new(settings.CODE_KEY.encode(), f"{purpose}:{text}".encode(), hashlib.sha256).digest()


def query_code(form_key: str) -> str:
    return str(int.from_bytes(_mac("issue", form_key)[:16], "big") % 10**CODE_DIGITS).zfill(CODE_DIGITS)


def code_hash(code: str) -> str:
    return _mac("store", code).hex()


def new_number(day: date) -> str:
    """Year, month and six random digits: easy to say on the phone, and it does not tell how many cases there are."""
    return f"{day:%y%m}{secrets.randbelow(10**NUMBER_RANDOM_DIGITS):0{NUMBER_RANDOM_DIGITS}d}"


def digits(typed: str) -> str:
    """What was meant: full-width digits, spaces and hyphens are how people copy a slip by hand."""
    return "".join(ch for ch in unicodedata.normalize("NFKC", typed) if ch not in " -–—\u3000\t")


def matches(code: str, stored_hash: str) -> bool:
    """In constant time; a case without a code (a proposal) is opened by none."""
    return hmac.compare_digest(code_hash(code), stored_hash or "no code opens this")
