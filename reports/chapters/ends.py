"""The two end facts, never one (mission S5): the unit's result class and the submitter's rating, their rates side by side."""

from __future__ import annotations

from django.db.models import Q

from reports.counting import Chapter, Counted, Ratio
from reports.sources import answers, feedbacks, replied
from suggestions.models import Suggestion
from suggestions.workflow import Kind

_R = Suggestion.Rating
_CONTENT = Q(rating__in=(_R.SATISFIED, _R.BASICALLY))
_UNRATED = Q(rating="")
_OPINION = Q(kind=Kind.OPINION)
_PROPOSAL = Q(kind=Kind.PROPOSAL)

JUDGE = Chapter(
    "judge",
    "评价",
    (
        Counted("rated", "已评价", "件", "已答复中，反映人或代表作出了评价的。", replied, ~_UNRATED),
        Counted(
            "unrated",
            "未评价",
            "件",
            "已答复中还没有评价的，含评价期限未到的。未评价从不计为满意。",
            replied,
            _UNRATED,
        ),
        Counted(
            "dissatisfied",
            "不满意",
            "件",
            "已评价中不满意的；对过程或结果有一项不满意即计，联名代表有一人不满意即计。",
            replied,
            Q(rating=_R.DISSATISFIED),
        ),
        Counted(
            "opinions_rated",
            "群众评价",
            "条",
            "得到答复的群众意见中反映人作出了评价的；并案的各自评价，各计一条。",
            answers,
            _OPINION & ~_UNRATED,
        ),
        Counted(
            "opinions_satisfied",
            "群众评价满意和基本满意",
            "条",
            "群众评价中满意和基本满意的。",
            answers,
            _OPINION & _CONTENT,
        ),
        Counted(
            "opinions_unrated",
            "群众未评价",
            "条",
            "得到答复的群众意见中反映人还没有评价的，并案的各计一条。",
            answers,
            _OPINION & _UNRATED,
        ),
        Counted(
            "proposals_rated",
            "代表评价",
            "件",
            "已评价中的代表建议；联名代表各自评价的，一件计一次。",
            replied,
            _PROPOSAL & ~_UNRATED,
        ),
        Counted(
            "proposals_satisfied",
            "代表评价满意和基本满意",
            "件",
            "代表评价中满意和基本满意的。",
            replied,
            _PROPOSAL & _CONTENT,
        ),
        Counted(
            "proposals_unrated", "代表未评价", "件", "已答复的代表建议中还没有评价的。", replied, _PROPOSAL & _UNRATED
        ),
        Counted(
            "phone_ratings",
            "电话评价",
            "次",
            "本期由工作人员依电话登记的评价，已含在上述评价中，在此单列。",
            feedbacks,
            Q(entered_by__isnull=False),
        ),
    ),
    (
        Ratio(
            "proposal_satisfaction",
            "代表满意率",
            "proposals_satisfied",
            "proposals_rated",
            "代表评价中满意和基本满意所占的比例；未评价的不在分子，也不在分母。",
        ),
        Ratio(
            "opinion_satisfaction",
            "群众满意率",
            "opinions_satisfied",
            "opinions_rated",
            "群众评价中满意和基本满意所占的比例；未评价的不在分子，也不在分母。",
        ),
        Ratio("solution", "问题解决率", "solved", "replied", "帮助解决问题与已答复之比。办理结果，不是满意率。"),
        Ratio("rated_share", "评价率", "rated", "replied", "已评价与已答复之比。"),
    ),
)
