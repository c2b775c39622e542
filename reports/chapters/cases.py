"""The case on its way: what was said, who has it, who pushes it on, what was promised (mission S2-S10, S15)."""

from __future__ import annotations

from django.db.models import Q

from reports.counting import Chapter, Counted
from reports.promises import KEPT
from reports.sources import (
    ACTS_APART,
    AGAIN,
    APART,
    LATE,
    RAISED,
    acts,
    assigned,
    clues,
    collected,
    consultations,
    extensions,
    handed_over,
    overdue,
    promises,
    promises_ended,
    promises_open,
    promises_overdue,
    published,
    replied,
    returns,
    solved,
    submitted,
    supervised,
)
from suggestions.models.handling import Decision
from suggestions.workflow import Kind, Verb

_OPINION = Q(kind=Kind.OPINION)
_PROXIED = Q(on_behalf_of__isnull=False)
_APPROVED = Q(decision=Decision.APPROVED)

HANDLE = Chapter(
    "handle",
    "转办—办理—反馈",
    (
        Counted(
            "opinions", "意见建议", "条", "本期提交的群众意见，不含已撤回的；并案的各计一条。", submitted, _OPINION
        ),
        Counted(
            "matters",
            "意见建议（并案后）",
            "件",
            "意见建议中没有并入其他事项的。意见建议（条）等于并案后（件）加并案（条）。",
            submitted,
            _OPINION & APART,
        ),
        Counted(
            "merged",
            "并案",
            "条",
            "意见建议中现在并入其他意见或代表建议、随其办理的；撤销并案的不计。",
            submitted,
            _OPINION & ~APART,
        ),
        Counted(
            "raised",
            "转为代表建议",
            "条",
            "并案中直接并入代表建议的；先并入其他意见、再随其转为代表建议的不另计。",
            submitted,
            _OPINION & ~APART & Q(RAISED),
        ),
        Counted(
            "proposals", "代表建议", "件", "本期提交的代表建议，不含草稿和已撤回的。", submitted, Q(kind=Kind.PROPOSAL)
        ),
        Counted(
            "accepted",
            "受理",
            "件",
            "本期作出受理的事项，每件计一次；后来并案的随主件，不单独计。",
            acts,
            ACTS_APART & Q(verb=Verb.ACCEPT),
            distinct="suggestion",
        ),
        Counted(
            "answered",
            "当场答复",
            "件",
            "本期由联络站或人大机构当场答复、没有转办的事项。",
            acts,
            ACTS_APART & Q(verb=Verb.ANSWER),
            distinct="suggestion",
        ),
        Counted(
            "declined",
            "不予受理",
            "件",
            "本期作出不予受理并告知去处的事项，后来重新受理的也计。",
            acts,
            ACTS_APART & Q(verb=Verb.DECLINE),
            distinct="suggestion",
        ),
        Counted(
            "handed_over",
            "交办",
            "件",
            "首次交办日期在本期的事项；退回后再交办的不重复计，并案的随主件。",
            handed_over,
        ),
        Counted(
            "replied",
            "已答复",
            "件",
            "答复日期在本期、现在仍以该答复为准的事项；正在重新办理的不计，并案的随主件。",
            replied,
        ),
        Counted(
            "on_time",
            "按期答复",
            "件",
            "已答复中，每一轮、每个单位的答复都不晚于应复日期的（延期的按延期后）；当场答复计为按期。",
            replied,
            Q(~LATE),
        ),
        Counted(
            "overdue",
            "逾期未答复",
            "件",
            "到期末（本期未完的到今天）应复日期已过、主办单位（分别办理的任一单位）还没有答复的事项。",
            overdue,
            distinct="suggestion",
        ),
        Counted(
            "rehandled",
            "重新办理",
            "件",
            "因不满意，本期决定重新办理的事项。",
            acts,
            ACTS_APART & Q(verb=Verb.REHANDLE),
            distinct="suggestion",
        ),
        Counted(
            "solved",
            "帮助解决问题",
            "个",
            "群众意见和代表建议中，现行答复为A类（已经解决或基本解决）且答复日期在本期的。不论何时提交，并案的随主件，不与意见建议条数相比。",
            solved,
        ),
    ),
)

UNITS = Chapter(
    "units",
    "承办单位",
    (
        Counted(
            "assigned",
            "单位承办",
            "件次",
            "本期交给单位主办或分别办理的，退回后再交办、重新办理的各计一次；只作转交的政府办公室、督查部门和协办单位不计。",
            assigned,
        ),
        Counted("returns", "申请退回", "次", "承办单位在本期提出的退回申请，不论是否同意。", returns),
        Counted("returned", "同意退回", "次", "上述申请中已经同意的。", returns, _APPROVED),
        Counted(
            "pushed",
            "反复申请退回",
            "件",
            "本期又有单位申请退回、此前已经申请退回过的事项，每件计一次。",
            returns,
            Q(AGAIN),
            distinct="assignment__suggestion",
        ),
        Counted("extensions", "申请延期", "次", "承办单位在本期提出的延期申请，不论是否同意。", extensions),
        Counted("extended", "同意延期", "次", "上述申请中已经同意的。", extensions, _APPROVED),
        Counted("proxied", "代录", "次", "本期由人大机构依纸质件代承办单位办理的操作。", acts, _PROXIED),
        Counted("proxied_signatures", "代录签收", "次", "代录中的签收。", acts, _PROXIED & Q(verb=Verb.SIGN_FOR)),
        Counted(
            "proxied_replies",
            "代录答复",
            "次",
            "代录中的答复、兑现承诺和协办意见。",
            acts,
            _PROXIED & Q(verb__in=(Verb.REPLY, Verb.FULFIL, Verb.CONTRIBUTE)),
        ),
    ),
)

OVERSEE = Chapter(
    "oversee",
    "督办与公开",
    (
        Counted("reminders", "催办", "次", "本期由联络站、人大机构、督查部门作出的催办。", acts, Q(verb=Verb.REMIND)),
        Counted("supervised", "重点督办", "件", "本期列为重点督办、现在仍是的事项。", supervised),
        Counted("consultations", "五方协商", "次", "协商日期在本期的五方协商；一件协商几次计几次。", consultations),
        Counted("informed", "电话告知", "次", "本期登记的已电话告知反映人。", acts, Q(verb=Verb.INFORM)),
        Counted("published", "公开", "件", "本期公开、现在仍公开的公开件。", published),
    ),
)

PROMISE = Chapter(
    "promise",
    "承诺事项",
    (
        Counted("promises", "承诺事项", "项", "答复日期在本期的B类答复所作的承诺。", promises),
        Counted(
            "promises_kept",
            "已兑现承诺",
            "项",
            "本期再次答复为A类（已经解决或基本解决）的承诺，不论何时作出；说明不能解决的不计。",
            promises_ended,
            Q(KEPT),
        ),
        Counted(
            "promises_explained",
            "说明未能兑现",
            "项",
            "本期再次答复、但不是A类的承诺。",
            promises_ended,
            ~Q(KEPT),
        ),
        Counted(
            "promises_open",
            "未兑现承诺",
            "项",
            "到期末（本期未完的到今天）已经作出、还没有再次答复的承诺；已由后一轮答复取代的不计。",
            promises_open,
        ),
        Counted(
            "promises_overdue",
            "逾期未兑现承诺",
            "项",
            "未兑现承诺中，承诺期限已过的。",
            promises_overdue,
        ),
    ),
)

LIVELIHOOD = Chapter(
    "livelihood",
    "民生实事",
    (
        Counted(
            "livelihood_opinions",
            "民生实事征集意见",
            "条",
            "本期收入民生实事征集的群众意见；同一条意见一个年度只收一次。",
            collected,
        ),
        Counted(
            "livelihood_clues",
            "民生实事备选项目线索",
            "条",
            "本期经综合把关列入备选的线索，后来列为候选、票决、建成的也计。",
            clues,
        ),
    ),
)
