"""Roster import: `plan` reads, `preview` stores the plan, `confirm` writes it once, `undo` takes it back."""

from deputies.imports.batches import MISSING_SHOWN, Preview, confirm, preview, undo
from deputies.imports.planning import Plan, plan

__all__ = ["MISSING_SHOWN", "Plan", "Preview", "confirm", "plan", "preview", "undo"]
