from django.urls import path

from suggestions import office_views, public_views

public_urls = [
    path("s/<slug:slug>/suggest/", public_views.suggest_to_station, name="suggest_to_station"),
    path("d/<slug:slug>/suggest/", public_views.suggest_to_deputy, name="suggest_to_deputy"),
    path("receipt/", public_views.receipt, name="receipt"),
    path("track/", public_views.track, name="track"),
    path("track/feedback/", public_views.feedback, name="track_feedback"),
    path("track/request_reopen/", public_views.request_reopen, name="track_request_reopen"),
    path("track/photos/<int:pk>/", public_views.photo, name="track_photo"),
]

office_urls = [
    path("suggestions/", office_views.suggestions, name="suggestions"),
    path("suggestions/<slug:number>/", office_views.suggestion, name="suggestion"),
    path("suggestions/<slug:number>/files/<int:pk>/", office_views.attachment, name="attachment"),
    path("suggestions/<slug:number>/<slug:verb>/", office_views.say, name="say"),
    path("visits/new/", office_views.log_visit, name="log_visit"),
    path("desk/", office_views.desk, name="desk"),
    path("desk/slip/", office_views.slip, name="slip"),
]
