from suggestions.models.case import Attachment, Event, Suggestion
from suggestions.models.handling import Assignment, Feedback, Promise, Reply, ReturnRequest, Review
from suggestions.models.profile import Category, HandlingProfile, ProblemKind

__all__ = [
    "Assignment",
    "Attachment",
    "Category",
    "Event",
    "Feedback",
    "HandlingProfile",
    "ProblemKind",
    "Promise",
    "Reply",
    "ReturnRequest",
    "Review",
    "Suggestion",
]
