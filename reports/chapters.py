"""The figures of the report, chapter by chapter, each with its definition: one registry for page, files and rows."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from deputies.models import DeputyGroup
from reports.counting import (
    LATE,
    Counted,
    Ratio,
    activities,
    acts,
    attendances,
    double_memberships,
    entries,
    groups,
    handed_over,
    memberships,
    overdue,
    replied,
    returns,
    seats,
    solved,
    stations,
    submitted,
    visits,
)
from stations.models import Station
from suggestions.models import Suggestion
from suggestions.workflow import Kind, Verb


@dataclass(frozen=True)
class Chapter:
    key: str
    title: str
    counted: tuple[Counted, ...]
    ratios: tuple[Ratio, ...] = ()


def _type(*codes: str) -> Q:
    return Q(type__code__in=codes)


_K = Station.Kind
_G = DeputyGroup.Kind
_R = Suggestion.Rating
_TRAINING = _type("training", "skills_training", "lecture")
_BY_INDUSTRY_GROUP = Q(group__kind=_G.INDUSTRY)
_CONTENT = Q(rating__in=(_R.SATISFIED, _R.BASICALLY))
_RATED = ~Q(rating="")
_OPINION = Q(kind=Kind.OPINION)
_PROPOSAL = Q(kind=Kind.PROPOSAL)

BUILD = Chapter(
    "build",
    "建站",
    (
        Counted(
            "stations",
            "联络站",
            "个",
            "期末在用的联络站：已挂牌，处于试点或正式阶段，期末前没有撤销；未填挂牌日期的不计。",
            stations,
        ),
        Counted(
            "industry_stations",
            "产业代表联络站",
            "个",
            "期末在用的联络站中，类型为产业联络站的。",
            stations,
            Q(kind=_K.INDUSTRY),
        ),
        Counted(
            "regional_stations",
            "区域联络站",
            "个",
            "期末在用的联络站中，类型为区域联络站的。",
            stations,
            Q(kind=_K.REGIONAL),
        ),
        Counted(
            "professional_stations",
            "专业联络站",
            "个",
            "期末在用的联络站中，类型为专业联络站的。",
            stations,
            Q(kind=_K.PROFESSIONAL),
        ),
    ),
)

GATHER = Chapter(
    "gather",
    "聚代表",
    (
        Counted(
            "industry_deputies",
            "进站五级代表",
            "人",
            "期末进驻产业代表联络站的代表；进驻几个站、有几个席位都只计一人。",
            memberships,
            Q(station__kind=_K.INDUSTRY),
            distinct="deputy",
        ),
        Counted("members", "驻站代表", "人", "期末进驻各类联络站的代表，每人计一次。", memberships, distinct="deputy"),
        Counted(
            "both_stations",
            "双进站代表",
            "人",
            "驻站代表中，期末既在所在选区联络站、又在产业（专业）联络站的。",
            double_memberships,
            distinct="deputy",
        ),
        Counted(
            "deputies",
            "五级人大代表",
            "人",
            "期末实有职务（含暂停执行职务）的代表：档案、所在的人民代表大会或所驻联络站在本范围内的，每人计一次。",
            seats,
            distinct="deputy",
        ),
        Counted("seats", "代表席位", "席", "上述代表期末实有的全部职务；一人兼任两级代表的计两席。", seats),
        Counted(
            "regional_groups",
            "区域代表小组",
            "个",
            "期末存在的区域小组；联络站的报告计进驻本站的小组。",
            groups,
            Q(kind=_G.REGIONAL),
        ),
        Counted(
            "professional_groups",
            "专业代表小组",
            "个",
            "期末存在的专业小组；联络站的报告计进驻本站的小组。",
            groups,
            Q(kind=_G.PROFESSIONAL),
        ),
        Counted(
            "professional_categories",
            "专业代表小组类别",
            "类",
            "专业代表小组所属的不同类别，如财经预算、城建环保。",
            groups,
            Q(kind=_G.PROFESSIONAL),
            distinct="category",
        ),
        Counted(
            "industry_groups",
            "特色（产业链）代表小组",
            "个",
            "期末存在的特色（产业链）小组；联络站的报告计进驻本站的小组。",
            groups,
            Q(kind=_G.INDUSTRY),
        ),
        Counted(
            "entered_groups",
            "进站代表小组",
            "个",
            "期末整组进驻联络站的代表小组，每组计一次。",
            entries,
            distinct="group",
        ),
    ),
)

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
            Q(station__kind=_K.INDUSTRY),
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

HANDLE = Chapter(
    "handle",
    "转办—办理—反馈",
    (
        Counted(
            "opinions", "意见建议", "条", "本期提交的群众意见，不含已撤回的；并案的各计一条。", submitted, _OPINION
        ),
        Counted("proposals", "代表建议", "件", "本期提交的代表建议，不含草稿和已撤回的。", submitted, _PROPOSAL),
        Counted(
            "accepted",
            "受理",
            "件",
            "本期作出受理的事项，每件计一次。",
            acts,
            Q(verb=Verb.ACCEPT),
            distinct="suggestion",
        ),
        Counted(
            "answered",
            "当场答复",
            "件",
            "本期由联络站或人大机构当场答复、没有转办的事项。",
            acts,
            Q(verb=Verb.ANSWER),
            distinct="suggestion",
        ),
        Counted(
            "declined",
            "不予受理",
            "件",
            "本期作出不予受理并告知去处的事项，后来重新受理的也计。",
            acts,
            Q(verb=Verb.DECLINE),
            distinct="suggestion",
        ),
        Counted("handed_over", "交办", "件", "首次交办日期在本期的事项；退回后再交办的不重复计。", handed_over),
        Counted(
            "replied",
            "已答复",
            "件",
            "答复日期在本期、现在仍以该答复为准的事项；正在重新办理的不计。",
            replied,
        ),
        Counted(
            "on_time",
            "按期答复",
            "件",
            "已答复中，每一轮答复都不晚于应复日期的（延期的按延期后）；当场答复计为按期。",
            replied,
            Q(~LATE),
        ),
        Counted(
            "overdue",
            "逾期未答复",
            "件",
            "到期末（本期未完的到今天）应复日期已过、主办单位还没有答复的事项。",
            overdue,
            distinct="suggestion",
        ),
        Counted("returns", "申请退回", "次", "承办单位在本期提出的退回申请，不论是否同意。", returns),
        Counted(
            "rehandled",
            "重新办理",
            "件",
            "因不满意，本期决定重新办理的事项。",
            acts,
            Q(verb=Verb.REHANDLE),
            distinct="suggestion",
        ),
        Counted(
            "proxied",
            "代录",
            "次",
            "本期由人大机构依纸质件代承办单位办理的操作。",
            acts,
            Q(on_behalf_of__isnull=False),
        ),
        Counted(
            "solved",
            "帮助解决问题",
            "个",
            "群众意见和代表建议中，现行答复为A类（已经解决或基本解决）且答复日期在本期的。不论何时提交，不与意见建议条数相比。",
            solved,
        ),
    ),
    (Ratio("solution", "问题解决率", "solved", "replied", "帮助解决问题与已答复之比。办理结果，不是满意率。"),),
)

JUDGE = Chapter(
    "judge",
    "评价",
    (
        Counted("rated", "已评价", "件", "已答复中，反映人或代表作出了评价的。", replied, _RATED),
        Counted(
            "unrated",
            "未评价",
            "件",
            "已答复中还没有评价的，含评价期限未到的。未评价从不计为满意。",
            replied,
            Q(rating=""),
        ),
        Counted(
            "dissatisfied",
            "不满意",
            "件",
            "已评价中不满意的；对过程或结果有一项不满意即计。",
            replied,
            Q(rating=_R.DISSATISFIED),
        ),
        Counted("opinions_rated", "群众评价", "件", "已评价中的群众意见。", replied, _OPINION & _RATED),
        Counted(
            "opinions_satisfied",
            "群众评价满意和基本满意",
            "件",
            "群众评价中满意和基本满意的。",
            replied,
            _OPINION & _CONTENT,
        ),
        Counted("proposals_rated", "代表评价", "件", "已评价中的代表建议。", replied, _PROPOSAL & _RATED),
        Counted(
            "proposals_satisfied",
            "代表评价满意和基本满意",
            "件",
            "代表评价中满意和基本满意的。",
            replied,
            _PROPOSAL & _CONTENT,
        ),
    ),
    (
        Ratio("rated_share", "评价率", "rated", "replied", "已评价与已答复之比。"),
        Ratio(
            "opinion_satisfaction",
            "群众满意率",
            "opinions_satisfied",
            "opinions_rated",
            "群众评价中满意和基本满意所占的比例；未评价的不在分子，也不在分母。",
        ),
        Ratio(
            "proposal_satisfaction",
            "代表满意率",
            "proposals_satisfied",
            "proposals_rated",
            "代表评价中满意和基本满意所占的比例；未评价的不在分子，也不在分母。",
        ),
    ),
)

CHAPTERS = (BUILD, GATHER, USE, HANDLE, JUDGE)
REGISTRY: dict[str, Counted] = {counted.key: counted for chapter in CHAPTERS for counted in chapter.counted}
