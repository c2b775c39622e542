from __future__ import annotations

from duties.point_admin import DeclarationAdmin, ObjectionAdmin, PointEntryAdmin, PointItemAdmin, PointSchemeAdmin
from duties.target_admin import TargetAdmin

__all__ = [
    "DeclarationAdmin",
    "ObjectionAdmin",
    "PointEntryAdmin",
    "PointItemAdmin",
    "PointSchemeAdmin",
    "TargetAdmin",
]
