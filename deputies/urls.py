from django.urls import path

from deputies import group_views, office_views, people_views

office_urls = [
    path("deputies/", people_views.deputies, name="deputies"),
    path("deputies/own/", people_views.own_deputy, name="own_deputy"),
    path("deputies/<slug:slug>/", people_views.deputy, name="office_deputy"),
    path("deputies/<slug:slug>/<slug:act>/", people_views.deputy_act, name="deputy_act"),
    path("stations/<slug:slug>/members/", people_views.station_members, name="station_members"),
    path("groups/", group_views.groups, name="groups"),
    path("groups/<int:pk>/members/", people_views.group_members, name="group_members"),
    path("groups/<int:pk>/<slug:act>/", group_views.group_act, name="group_act"),
    path("import/", office_views.upload, name="import"),
    path("import/<int:pk>/", office_views.preview, name="import_preview"),
    path("import/<int:pk>/confirm/", office_views.confirm, name="import_confirm"),
    path("import/<int:pk>/undo/", office_views.undo, name="import_undo"),
]
