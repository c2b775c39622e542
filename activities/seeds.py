"""The activity types that ship (mission U1). A county adds its own in the back office."""

from activities.models import ActivityType

TYPES = [
    ("station_meeting", "联络站例会"),
    ("station_visit", "代表进站"),
    ("on_site", "现场办公"),
    ("group_meeting", "代表小组会议"),
    ("training", "学习培训"),
    ("discussion", "座谈研讨"),
    ("survey", "调研视察"),
    ("voter_contact", "联系选民"),
    ("reception", "接待群众"),
    ("duty_report", "代表述职"),
    ("lecture", "代表讲堂"),
    ("director_visit", "局长进站"),
    ("skills_training", "技能培训"),
    ("legal_service", "法律服务"),
    ("law_check", "执法检查"),
    ("assistance", "帮扶"),
    ("meeting", "出席（列席）会议"),
]


def load_activity_types() -> None:
    ActivityType.objects.bulk_create(
        [ActivityType(code=code, name=name, order=order) for order, (code, name) in enumerate(TYPES, 1)],
        ignore_conflicts=True,
    )
