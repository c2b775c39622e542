from django.urls import path

from activities import office_views

office_urls = [
    path("activities/", office_views.activities, name="activities"),
    path("activities/new/", office_views.log_activity, name="log_activity"),
    path("activities/<int:pk>/", office_views.activity, name="activity"),
    path("activities/<int:pk>/photos/<int:photo>/", office_views.photo, name="office_activity_photo"),
    path("activities/<int:pk>/<slug:status>/", office_views.change_activity, name="change_activity"),
    path("visits/", office_views.visits, name="visits"),
    path("visits/<int:pk>/", office_views.visit, name="visit"),
    path("visits/<int:pk>/confirm/", office_views.confirm_visit, name="confirm_visit"),
]
