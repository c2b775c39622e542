"""What is told of an activity in the working group chat: nothing but names of deputies, numbers, and reviewed words."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.calendar import in_words
from activities.models import Activity, Attendance

P = Attendance.Presence


def group_text(activity: Activity, rows: Iterable[Attendance]) -> str:
    """复制到微信群. Why somebody is on leave stays inside, and so does a summary that nobody has read yet."""
    names = {
        presence: "、".join(row.deputy.name for row in rows if row.presence == presence)
        for presence in (P.PRESENT, P.LEAVE, P.ROTA)
    }
    came = sum(row.presence == P.PRESENT for row in rows)
    where = " ".join(str(part) for part in (activity.station or activity.group, activity.place) if part)
    lines = [f"【{activity.type}】{activity.title}", f"时间：{in_words(activity.held_on)}", f"地点：{where}"]
    if activity.status == Activity.Status.PLANNED:
        lines += [f"应到代表：{names[P.ROTA]}"] if names[P.ROTA] else []
        lines += [f"已请假：{names[P.LEAVE]}"] if names[P.LEAVE] else []
        return "\n".join([*lines, "不能参加的请提前请假。"])
    lines.append(f"参加{came + activity.outsiders}人次（代表{came}人，群众{activity.outsiders}人次）")
    lines += [f"参加代表：{names[P.PRESENT]}"] if names[P.PRESENT] else []
    if activity.status == Activity.Status.PUBLISHED and activity.summary:
        lines.append(activity.summary.strip())
    return "\n".join(lines)
