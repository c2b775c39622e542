from django.contrib import admin
from django.urls import include, path

from activities import urls as activities
from deputies import urls as deputies
from duties import urls as duties
from liaison import office_views, public_views
from reports import urls as reports
from suggestions import urls as suggestions

public_urls = [
    path("", public_views.home, name="home"),
    path("stations/", public_views.stations, name="stations"),
    path("s/<slug:slug>/", public_views.station, name="station"),
    path("s/<slug:slug>/qr.<slug:form>", public_views.station_qr, name="station_qr"),
    path("s/<slug:slug>/photos/<int:pk>/", public_views.station_photo, name="station_photo"),
    path("d/<slug:slug>/", public_views.deputy, name="deputy"),
    path("d/<slug:slug>/qr.<slug:form>", public_views.deputy_qr, name="deputy_qr"),
    path("d/<slug:slug>/photo/", public_views.deputy_photo, name="deputy_photo"),
    path("a/<int:pk>/photos/<int:photo>/", public_views.activity_photo, name="activity_photo"),
    path("privacy/", public_views.privacy, name="privacy"),
    path("accessibility/", public_views.accessibility, name="accessibility"),
    path("size/", public_views.size, name="size"),
    path("healthz/", public_views.healthz, name="healthz"),
    path("readyz/", public_views.readyz, name="readyz"),
    *activities.public_urls,
    *suggestions.public_urls,
]

office_urls = [
    path("", office_views.workbench, name="workbench"),
    path("login/", office_views.Login.as_view(), name="login"),
    path("logout/", office_views.Logout.as_view(), name="logout"),
    path("password/", office_views.Password.as_view(), name="password"),
    *suggestions.office_urls,
    *activities.office_urls,
    *deputies.office_urls,
    *duties.office_urls,
    *reports.office_urls,
]

urlpatterns = [
    *public_urls,
    path("office/", include(office_urls)),
    path("admin/", admin.site.urls),
]

handler400 = "liaison.public_views.bad_request"
handler403 = "liaison.public_views.forbidden"
handler404 = "liaison.public_views.not_found"
handler500 = "liaison.public_views.server_error"
