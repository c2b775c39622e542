"""The activity types that ship (mission U1). A county adds its own in the back office.

Targets, points and figures ask for the code, so that a code never changes its meaning: `survey` stays beside the two
kinds it was split into (视察 and 专题调研, 代表法 art. 29–30), and `meeting` is what is neither the own session nor one that is observed.
"""

from activities.models import ActivityType

TYPES = [
    ("station_meeting", "联络站例会"),
    ("station_visit", "代表进站"),
    ("on_site", "现场办公"),
    ("group_meeting", "代表小组会议"),
    ("training", "学习培训"),
    ("discussion", "座谈研讨"),
    ("survey", "调研视察"),
    ("inspection", "视察"),
    ("research", "专题调研"),
    ("voter_contact", "联系选民"),
    ("reception", "接待群众"),
    ("duty_report", "代表述职"),
    ("lecture", "代表讲堂"),
    ("director_visit", "局长进站"),
    ("skills_training", "技能培训"),
    ("legal_service", "法律服务"),
    ("law_check", "执法检查"),
    ("inquiry", "专题询问（工作评议、旁听）"),
    ("invited", "受邀参加活动"),
    ("assistance", "帮扶"),
    ("preparation", "会前准备"),
    ("session", "出席本级人代会"),
    ("observing", "列席会议"),
    ("meeting", "其他会议"),
    ("learning", "线上学习、宣讲"),
]


def load_activity_types() -> None:
    ActivityType.objects.bulk_create(
        [ActivityType(code=code, name=name, order=order) for order, (code, name) in enumerate(TYPES, 1)],
        ignore_conflicts=True,
    )
