"""Categories, problem kinds and the handling profiles that ship (domain.md §3.3, §3.7, §11)."""

from accounts.models import Region
from suggestions.models import Category, HandlingProfile, ProblemKind
from suggestions.workflow import Kind

CATEGORIES = [
    ("economy", "财政经济"),
    ("judicial", "监察司法"),
    ("urban", "城建环资"),
    ("agriculture", "农业农村"),
    ("education", "教科文卫"),
    ("social", "社会建设"),
    ("ethnic", "民族宗教"),
    ("transport", "交通运输"),
    ("other", "其他"),
]
PROBLEM_KINDS = [
    ("finance", "融资"),
    ("land", "土地"),
    ("power", "用电"),
    ("labour", "用工"),
    ("sales", "销售"),
    ("technology", "技术"),
    ("park", "园区管理"),
    ("road", "道路"),
    ("water", "供水排水"),
    ("livelihood", "民生服务"),
    ("other", "其他"),
]


def load_case_data() -> None:
    """Idempotent: what a county has changed stays."""
    Category.objects.bulk_create(
        [Category(code=code, name=name, order=order) for order, (code, name) in enumerate(CATEGORIES, 1)],
        ignore_conflicts=True,
    )
    ProblemKind.objects.bulk_create(
        [ProblemKind(code=code, name=name, order=order) for order, (code, name) in enumerate(PROBLEM_KINDS, 1)],
        ignore_conflicts=True,
    )
    nation = Region.objects.get(path="")
    HandlingProfile.objects.bulk_create(
        [
            HandlingProfile(region=nation, kind=Kind.PROPOSAL, reply_months=3),
            HandlingProfile(region=nation, kind=Kind.OPINION, reply_months=0, reply_working_days=15),
        ],
        ignore_conflicts=True,
    )
