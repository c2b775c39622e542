"""The back office: `base` is what the pages of every app have in common, `tables` loads and unloads them."""

from accounts.admin import logs, notices, people, places

__all__ = ["logs", "notices", "people", "places"]
