"""公开: a separate, reviewed act on a redacted text (mission S13). The case's own words are never shown by it."""

from __future__ import annotations

from django.db import transaction

from accounts.errors import Refused
from accounts.models import User
from accounts.redaction import personal
from suggestions.models import Event, Publication, Suggestion
from suggestions.models.joining import merged_into
from suggestions.permissions import require
from suggestions.services.moves import move
from suggestions.workflow import Status, Verb

LABELS = {"title": "公开标题", "text": "公开的事由", "reply": "公开的答复"}


@transaction.atomic
def publish(
    suggestion: Suggestion, *, title: str, text: str, by: User, reply: str = "", checked: bool = False
) -> Event:
    """Said again, it replaces what is public; the event keeps what stood there.

    Refused while the words still tell who the submitter is: no disclosure without consent (个人信息保护法 art. 25).
    """
    acting = require(Verb.PUBLISH, suggestion, by)
    words = {"title": title.strip(), "text": text.strip(), "reply": reply.strip()}
    for field in ("title", "text"):
        if not words[field]:
            raise Refused(f"请填写{LABELS[field]}。", field=field)
    people = [(suggestion.name, suggestion.phone)]
    people += Suggestion.objects.filter(pk__in=merged_into(suggestion)).values_list("name", "phone")
    for field, said in words.items():
        found = next(filter(None, (personal(said, name=name, phone=phone) for name, phone in people)), "")
        if found:
            raise Refused(f"{LABELS[field]}里还有{found}，请删去或改写后再公开。", field=field)
    if not checked:
        raise Refused("请核对以后勾选：已核对，不含个人信息和不宜公开的内容。", field="checked")
    event = move(
        suggestion,
        Verb.PUBLISH,
        Status(suggestion.status),
        acting,
        public_text="经审核，这件事的事由和办理情况已经公开，不含个人信息。",
        data=dict(words),
    )
    kept = {**words, "published_at": event.at, "published_by": by, "withdrawn_at": None}
    Publication.objects.update_or_create(suggestion=suggestion, defaults=kept)
    return event


@transaction.atomic
def unpublish(suggestion: Suggestion, *, reason: str, by: User) -> Event:
    acting = require(Verb.UNPUBLISH, suggestion, by)
    if not reason.strip():
        raise Refused("请写明取消公开的理由。", field="reason")
    event = move(
        suggestion,
        Verb.UNPUBLISH,
        Status(suggestion.status),
        acting,
        public_text="已取消公开。",
        inner_note=reason.strip(),
    )
    Publication.objects.filter(suggestion=suggestion).update(withdrawn_at=event.at)
    return event
