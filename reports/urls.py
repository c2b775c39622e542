from django.urls import path

from reports import circular_views, office_views, register_views

office_urls = [
    path("reports/", office_views.reports, name="reports"),
    path("reports/annual/<slug:code>/<int:year>/", office_views.annual, name="annual"),
    path("reports/annual/station/<slug:slug>/<int:year>/", office_views.annual_station, name="annual_station"),
    path("reports/circular/", circular_views.circular, name="circular"),
    path("reports/register/", register_views.register, name="register"),
    path("reports/promises/", register_views.promises, name="promises"),
    path("reports/table/", office_views.table, name="table"),
    path("reports/rows/<slug:figure>/", office_views.rows, name="rows"),
]
