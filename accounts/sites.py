from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User


class PortalAdminSite(AdminSite):
    """The back office: open to congress staff and the three administrators, each model by its own permission and scope."""

    site_header = "联络站后台管理"
    site_title = "联络站后台"
    index_title = "后台管理"
    enable_nav_sidebar = False
    site_url = "/office/"

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return (
            isinstance(user, User)
            and user.is_active
            and (user.is_congress_staff or user.is_system_admin or user.is_security_admin or user.is_auditor)
        )

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """One door for everybody: the workbench's own. Who is in already and has no business here is told so there."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            messages.warning(request, "后台管理只对人大机构工作人员和管理员开放。")
            return redirect("workbench")
        return redirect(f"{reverse('login')}?{urlencode({'next': request.GET.get('next') or reverse('admin:index')})}")
