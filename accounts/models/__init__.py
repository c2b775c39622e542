from accounts.models.dates import Dated, Holiday, ends_after_it_begins
from accounts.models.kept import ImportBatch, ImportRow, Limit
from accounts.models.notice import Notice
from accounts.models.scope import (
    ADMIN_GROUPS,
    AUDITOR,
    SECURITY_ADMIN,
    SYSTEM_ADMIN,
    Level,
    Organization,
    Region,
    RegionKeyed,
    User,
    Viewer,
)

__all__ = [
    "ADMIN_GROUPS",
    "AUDITOR",
    "SECURITY_ADMIN",
    "SYSTEM_ADMIN",
    "Dated",
    "Holiday",
    "ImportBatch",
    "ImportRow",
    "Level",
    "Limit",
    "Notice",
    "Organization",
    "Region",
    "RegionKeyed",
    "User",
    "Viewer",
    "ends_after_it_begins",
]
