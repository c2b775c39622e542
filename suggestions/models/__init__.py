from suggestions.models.case import Attachment, Event, Suggestion
from suggestions.models.handling import (
    Assignment,
    ExtensionRequest,
    Feedback,
    Promise,
    Reply,
    ReturnRequest,
    Review,
)
from suggestions.models.joining import CoSignature, Merge
from suggestions.models.livelihood import CollectedOpinion, LivelihoodCall, LivelihoodClue
from suggestions.models.oversight import Consultation, Publication
from suggestions.models.profile import Category, HandlingProfile, ProblemKind
from suggestions.models.research import OpinionAdoption, ReportSource

__all__ = [
    "Assignment",
    "Attachment",
    "Category",
    "CoSignature",
    "CollectedOpinion",
    "Consultation",
    "Event",
    "ExtensionRequest",
    "Feedback",
    "HandlingProfile",
    "LivelihoodCall",
    "LivelihoodClue",
    "Merge",
    "OpinionAdoption",
    "ProblemKind",
    "Promise",
    "Publication",
    "Reply",
    "ReportSource",
    "ReturnRequest",
    "Review",
    "Suggestion",
]
