from deputies.models.groups import DeputyGroup, GroupEntry, GroupMembership
from deputies.models.pairing import Pairing
from deputies.models.people import Deputy, Mandate, StationMembership
from deputies.models.shown import Consent, PostHolder, PrintCode, ScanCount
from deputies.models.terms import Congress, Constituency, Session

__all__ = [
    "Congress",
    "Consent",
    "Constituency",
    "Deputy",
    "DeputyGroup",
    "GroupEntry",
    "GroupMembership",
    "Mandate",
    "Pairing",
    "PostHolder",
    "PrintCode",
    "ScanCount",
    "Session",
    "StationMembership",
]
