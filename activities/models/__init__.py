from activities.models.plans import ActivityType, AnnualPlan, PlanItem, Theme
from activities.models.results import Adopted, Adoption, DutyReport, Mediation, ResearchReport
from activities.models.visits import Visit, VisitPhoto
from activities.models.work import Activity, ActivityPhoto, Attendance

__all__ = [
    "Activity",
    "ActivityPhoto",
    "ActivityType",
    "Adopted",
    "Adoption",
    "AnnualPlan",
    "Attendance",
    "DutyReport",
    "Mediation",
    "PlanItem",
    "ResearchReport",
    "Theme",
    "Visit",
    "VisitPhoto",
]
