"""A name list as it is pasted from a chat group (微信接龙): which names it holds, and who asks for leave.

Pure: it knows no deputy. What a piece may mean is handed on as several readings, nearest first; whoever resolves them
against real people decides. Nothing is thrown away in silence: what was taken for a heading is returned as such.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace

PRESENT, LEAVE, ABSENT = "present", "leave", "absent"

MOST_SIGNS = 6000
MOST_NAMES = 400

# A Han name, with the dot of names like 阿卜杜拉·买买提.
NAME = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af〇]{1,6}(?:·[\u3400-\u9fff]{1,8})*")
NUMBER = re.compile(
    r"^\s*(?:第?\d{1,3}\s*(?:[.、,:)]|号\b)|[(\[]\d{1,3}[)\]]|\d{1,3}(?=[^\d月日年号点时:%人名位/-]))\s*"
)
# “1.张三2.李四” in one line.
RUN_TOGETHER = re.compile(r"(?<=[\u4e00-\u9fff)）])[ \t]*(?=\d{1,3}[.、．])")
EXAMPLE = re.compile(r"^\s*(?:例|示例|格式)\s*[:.、\s]")
BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】|《[^《》]*》|<([^<>]*)>")
# Negative words first: “不能参加” holds “参加”.
AWAY = re.compile(
    r"(?:请|事|病|公|休|婚|产|丧|年)假|不能?(?:参加|到会|来|去)|(?:参加|来|去)不了|无法(?:参加|到会)|不参加"
)
MISSED = re.compile(r"缺席|未到|没到|没来|旷会|无故")
PLAIN = ("请假", "缺席", "未到", "没到", "没来")
COMES = re.compile(
    r"(?:准时|按时|确认|可以|可|能|会|已经|已)*(?:参加|参会|出席|到会|到场|签到|实到|收到|报名|已到|到)\s*$|ok$|[+]1$",
    re.I,
)
BECAUSE = re.compile(r"(?:因为|由于|因(?!公|病|事))(.*)$|(因[公病事].*)$")
WHY = re.compile(
    r"出差|外出|开会|有事|生病|住院|看病|培训|出国|学习|值班|家里|家中|在外|外地|回家|下乡|公务|孩子|老人|冲突"
)
HEADING = re.compile(
    r"^(?P<what>请假|事假|病假|公假|缺席|未到|参加|参会|出席|到会|实到|应到|到场|签到|报名)"
    r"(?:的|了)?(?:人员|名单|代表|情况|同志)*\s*(?:\(?共?\d+[人名位]?\)?)?\s*:\s*(?P<rest>.*)$"
)
TITLES = ("代表", "同志", "主任", "主席", "书记", "老师", "先生", "女士", "组长")
HEADLINE = re.compile(
    r"接龙|通知|活动|名单|会议|时间|地点|报名|请各位|各位|大家|收到请|统计|截止|\d+月\d+日|\d{4}年|附件|签到表|[?？。！!]"
)


@dataclass(frozen=True)
class Named:
    """One piece that may be a person. `readings` are names to look for, nearest first; `said` is what stood there."""

    said: str
    readings: tuple[str, ...]
    presence: str = PRESENT
    reason: str = ""
    # In a numbered list a line without number is rather a heading: it counts only if somebody has that name.
    loose: bool = False
    # 请假 at the end of a line of several names: of the last, or of all?
    doubtful: bool = False


@dataclass
class NameList:
    named: list[Named] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)


def read(text: str) -> NameList:
    """The names of a pasted text, in its order."""
    text = RUN_TOGETHER.sub("\n", text[:MOST_SIGNS])
    lines = [line for line in (plain(line) for line in text.splitlines()) if line]
    numbered = sum(bool(NUMBER.match(line)) for line in lines) >= 2
    found, mode = NameList(), PRESENT
    for line in lines:
        if line.startswith("#") or EXAMPLE.match(line):
            found.headings.append(line)
            continue
        body = NUMBER.sub("", line, count=1)
        heading = HEADING.match(body)
        if heading is not None:
            kind = _kind(heading["what"])
            if not heading["rest"].strip():
                mode = kind
                continue
            found.named += _pieces(heading["rest"], kind, loose=False)
            continue
        has_number = body != line
        loose = (numbered and not has_number and mode == PRESENT) or (not has_number and bool(HEADLINE.search(body)))
        pieces = _pieces(body, mode, loose=loose)
        found.named += pieces
        if not pieces:
            found.headings.append(line)
    found.named = found.named[:MOST_NAMES]
    return found


def plain(line: str) -> str:
    """Full-width signs as narrow ones, ① as 1., and no emoji, no invisible joiners: only what carries meaning."""
    line = re.sub(r"[①-⑳]|[㉑-㉟]|[㊱-㊿]|[⑴-⒇]|[⒈-⒛]|[❶-❿]|[➀-➓]", _circled, line)
    line = re.sub(r"(\d)\ufe0f?\u20e3", r"\1.", line)
    line = unicodedata.normalize("NFKC", line)
    line = line.replace("•", "·").replace("・", "·").replace("‧", "·").replace("﹒", "·")
    return "".join(_sign(sign) for sign in line).strip(" *_~|-—·\t")


def _sign(sign: str) -> str:
    kind = unicodedata.category(sign)
    if kind in ("Cf", "Mn", "Me", "Cs", "Co", "Cn"):
        return ""
    return " " if kind in ("So", "Sk", "Cc", "Zs") else sign


def _circled(match: re.Match[str]) -> str:
    return f"{int(unicodedata.numeric(match.group(0)))}."


def _kind(word: str) -> str:
    return LEAVE if AWAY.search(word) else ABSENT if MISSED.search(word) else PRESENT


def _pieces(body: str, mode: str, *, loose: bool) -> list[Named]:
    """The people of one line: parted by 、 and the like, or by blanks where a blank is not inside 张　三."""
    found: list[Named] = []
    for part in _parts(body):
        for one in _part(part, mode, loose=loose):
            if found and one.presence != ABSENT and WHY.search(one.readings[0]):
                # “张三，家里有事请假”: not a second person.
                found[-1] = replace(found[-1], presence=LEAVE, reason=found[-1].reason or one.readings[0])
            else:
                found.append(one)
    said_once = len(found) > 1 and {one.presence for one in found[:-1]} == {mode} != {found[-1].presence}
    if said_once and "(" not in found[-1].said:
        return [replace(one, doubtful=True) for one in found]
    return found


def _parts(body: str) -> list[str]:
    """At 、，；/ outside brackets."""
    parts, depth, now = [], 0, ""
    for sign in body:
        depth += (sign in "([【<") - (sign in ")]】>")
        if depth <= 0 and sign in "、,;/|。&":
            parts.append(now)
            now, depth = "", 0
        else:
            now += sign
    return [part.strip() for part in [*parts, now] if part.strip()]


def _part(part: str, mode: str, *, loose: bool) -> list[Named]:
    asides = [next((group for group in groups if group), "").strip() for groups in BRACKETS.findall(part)]
    # Phone numbers are not read, and “+1” brings somebody who is not named.
    bare = re.sub(r"[-+()\d:]{7,}|[+]\d+\s*$", " ", BRACKETS.sub(" ", part))
    presence, reason, names = _split(bare, mode)
    nicknames: list[str] = []
    for aside in asides:
        if _kind(aside) != PRESENT:
            presence, reason = _kind(aside), reason or _reason(aside)
        elif presence == LEAVE and (WHY.search(aside) or not NAME.fullmatch(aside)):
            reason = reason or aside
        else:
            nicknames += [word for word in _words(COMES.sub("", aside)) if NAME.fullmatch(word)]
    if not names:
        readings = _readings(nicknames)
        return [Named(part, readings, presence, reason[:60], loose)] if readings else []
    *others, last = names
    said = part if not others else last
    nearest = [last, *(nicknames if not others else [])]
    return [Named(name, _readings([name]), mode, "", loose) for name in others] + [
        Named(said, _readings(nearest), presence, reason[:60], loose)
    ]


def _split(bare: str, mode: str) -> tuple[str, str, list[str]]:
    """What a piece says of the presence, why, and its names."""
    presence, reason = mode, ""
    away = AWAY.search(bare) or MISSED.search(bare)
    if away is not None:
        presence = _kind(away.group(0))
        before, after = bare[: away.start()].strip(" :-"), bare[away.end() :].strip(" :-")
        bare, reason = _because(before or after)
        reason = reason or (after if before else "") or _said_by(away)
    words = [COMES.sub("", word) for word in _words(bare)]
    names = [word for word in words if NAME.fullmatch(word) and len(word) > 1]
    if away is not None and presence == LEAVE:
        # “张三 出差 请假”: a word that only says why.
        whys = [name for name in names[1:] if WHY.search(name)]
        names = [name for name in names if name not in whys]
        reason = " ".join(whys) or reason
    return presence, reason, names


def _because(text: str) -> tuple[str, str]:
    because = BECAUSE.search(text)
    if because is None:
        return text, ""
    return text[: because.start()].strip(), (because.group(1) or because.group(2) or "").strip()


def _said_by(away: re.Match[str] | None) -> str:
    """病假 and 家里走不开 say why; plain 请假 does not."""
    word = away.group(0) if away is not None else ""
    return "" if word in PLAIN else word


def _words(bare: str) -> list[str]:
    """Words, with lone signs side by side put together: names of two signs are often spread to the width of three."""
    words: list[str] = []
    lone = False
    for word in re.split(r"[\s:]+", bare.strip(" .、,:;-*")):
        word = word.strip(" .、,:;-*!?'\"“”")
        if not word:
            continue
        if len(word) == 1 and lone:
            words[-1] += word
            lone = len(words[-1]) < 3
            continue
        lone = len(word) == 1
        words.append(word)
    return words


def _reason(aside: str) -> str:
    rest = AWAY.sub("", MISSED.sub("", aside)).strip(" :,-")
    return _because(rest)[1] or rest or _said_by(AWAY.search(aside))


def _readings(names: list[str]) -> tuple[str, ...]:
    """Each name as it stands, then without 代表 or 同志 behind it."""
    found: list[str] = []
    for name in names:
        found.append(name)
        for title in TITLES:
            if name.endswith(title) and len(name) - len(title) >= 2:
                found.append(name[: -len(title)])
    return tuple(dict.fromkeys(found))
