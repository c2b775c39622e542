"""What happened at the stations in the period."""

from __future__ import annotations

from django.db.models import Q

from deputies.models import DeputyGroup
from reports.counting import Chapter, Counted
from reports.sources import activities, attendances, visits
from stations.models import Station


def _type(*codes: str) -> Q:
    return Q(type__code__in=codes)


_TRAINING = _type("training", "skills_training", "lecture")
_BY_INDUSTRY_GROUP = Q(group__kind=DeputyGroup.Kind.INDUSTRY)

USE = Chapter(
    "use",
    "用站",
    (
        Counted("activities", "各类活动", "场次", "本期已开展的活动（含未公开的），不含计划和取消的。", activities),
        Counted(
            "station_activities",
            "产业站进站及调研等活动",
            "次",
            "各类活动中，由产业代表联络站开展的。",
            activities,
            Q(station__kind=Station.Kind.INDUSTRY),
        ),
        Counted(
            "surveys",
            "集体视察调研",
            "次",
            "类型为调研视察的活动，不含特色（产业链）小组开展的。",
            activities,
            _type("survey") & (Q(group__isnull=True) | ~_BY_INDUSTRY_GROUP),
        ),
        Counted(
            "industry_group_surveys",
            "特色小组视察调研",
            "次",
            "特色（产业链）代表小组开展的调研视察。",
            activities,
            _type("survey") & _BY_INDUSTRY_GROUP,
        ),
        Counted("trainings", "培训", "次", "类型为学习培训、技能培训、代表讲堂的活动。", activities, _TRAINING),
        Counted(
            "trainees",
            "培训人次",
            "人次",
            "上述培训中代表以外的参加人次之和。",
            activities,
            _TRAINING,
            total="outsiders",
        ),
        Counted(
            "talks",
            "座谈和现场办公",
            "次",
            "类型为座谈研讨、现场办公的活动。",
            activities,
            _type("discussion", "on_site"),
        ),
        Counted("director_visits", "局长进站", "次", "类型为局长进站的活动。", activities, _type("director_visit")),
        Counted("attendances", "代表参加", "人次", "上述各类活动中实到的代表；一人参加一场计一次。", attendances),
        Counted(
            "participants",
            "参加活动代表",
            "人",
            "至少实到一场活动的代表，每人计一次。",
            attendances,
            distinct="deputy",
        ),
        Counted("visits", "走访", "次", "本期的走访，经代表本人确认；小组走访由登记人确认。", visits),
        Counted("visited_households", "走访户数", "户", "上述走访的户数之和。", visits, total="households"),
        Counted("visited_people", "走访人次", "人次", "上述走访的人次之和。", visits, total="people"),
    ),
)
