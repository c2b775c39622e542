from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from accounts.models import User


class PortalBackend(ModelBackend):
    """Who is logged in comes with organisation and region: every page of the office asks for both."""

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("organization__region").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
