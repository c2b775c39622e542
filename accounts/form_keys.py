"""The one-time key of a form: a second tap, or a retry after a lost answer, finds what the first one made."""

from __future__ import annotations

import hashlib
import secrets


def new_form_key() -> str:
    return secrets.token_hex(16)


def form_key_hash(form_key: str) -> str:
    return hashlib.sha256(form_key.encode()).hexdigest()
