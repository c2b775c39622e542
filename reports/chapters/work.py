"""What happened at the stations in the period."""

from __future__ import annotations

from django.db.models import Q

from activities.models import Adopted
from deputies.models import DeputyGroup
from reports.counting import Chapter, Counted
from reports.sources import (
    activities,
    adopted_opinions,
    adopted_reports,
    attendances,
    duty_reports,
    mediations,
    research,
    visits,
)
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
        Counted("duty_reports", "代表述职", "人次", "本期已开展的述职活动上作了述职的代表。", duty_reports),
        Counted(
            "reporting_deputies",
            "述职代表",
            "人",
            "本期至少述职一次的代表，每人计一次。",
            duty_reports,
            distinct="deputy",
        ),
        Counted("research", "调研报告", "篇", "完成日期在本期的调研报告，不论由联络站还是代表小组形成。", research),
        Counted("mediations", "化解矛盾纠纷", "件次", "本期登记的矛盾纠纷化解件次之和。", mediations, total="times"),
    ),
)

_DECISION = Q(use=Adopted.Use.DECISION)

ADOPT = Chapter(
    "adopt",
    "成果采纳",
    (
        Counted(
            "decisive_reports",
            "进入决策程序的调研成果",
            "篇",
            "本期被采纳、进入党委政府决策的调研报告，每篇计一次。",
            adopted_reports,
            _DECISION,
            distinct="report",
        ),
        Counted(
            "absorbed_reports",
            "被立法和监督吸收的调研成果",
            "篇",
            "本期被立法、监督工作吸收的调研报告，每篇计一次。",
            adopted_reports,
            ~_DECISION,
            distinct="report",
        ),
        Counted(
            "absorbed_opinions",
            "被立法和监督吸收的意见",
            "条",
            "本期被立法、监督工作吸收的意见建议，每条计一次。",
            adopted_opinions,
            ~_DECISION,
            distinct="suggestion",
        ),
        Counted(
            "decisive_opinions",
            "进入决策的意见",
            "条",
            "本期进入党委政府决策的意见建议，每条计一次。",
            adopted_opinions,
            _DECISION,
            distinct="suggestion",
        ),
    ),
)
