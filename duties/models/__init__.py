from duties.models.declaring import Declaration, DeclarationStep, Evidence, Objection
from duties.models.files import Award, DutyFile
from duties.models.ledger import PointEntry, PointPeriod
from duties.models.scheme import PointItem, PointMajor, PointScheme, PointSource
from duties.models.targets import Target
from duties.models.year_end import SpotCheck, SpotCheckResult, YearNotice, YearOpinion

__all__ = [
    "Award",
    "Declaration",
    "DeclarationStep",
    "DutyFile",
    "Evidence",
    "Objection",
    "PointEntry",
    "PointItem",
    "PointMajor",
    "PointPeriod",
    "PointScheme",
    "PointSource",
    "SpotCheck",
    "SpotCheckResult",
    "Target",
    "YearNotice",
    "YearOpinion",
]
