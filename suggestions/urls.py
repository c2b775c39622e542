from django.urls import path

from suggestions import (
    case_views,
    code_views,
    livelihood_views,
    office_views,
    paper_views,
    proposal_views,
    public_views,
)

public_urls = [
    path("s/<slug:slug>/suggest/", public_views.suggest_to_station, name="suggest_to_station"),
    path("d/<slug:slug>/suggest/", public_views.suggest_to_deputy, name="suggest_to_deputy"),
    path("receipt/", public_views.receipt, name="receipt"),
    path("track/", public_views.track, name="track"),
    path("track/feedback/", public_views.feedback, name="track_feedback"),
    path("track/request_reopen/", public_views.request_reopen, name="track_request_reopen"),
    path("track/withdraw/", public_views.withdraw, name="track_withdraw"),
    path("track/photos/<int:pk>/", public_views.photo, name="track_photo"),
    path("cases/", case_views.published_cases, name="published_cases"),
    path("cases/<slug:number>/", case_views.published_case, name="published_case"),
    path("projects/<int:year>/", livelihood_views.projects, name="projects"),
]

office_urls = [
    path("suggestions/", office_views.suggestions, name="suggestions"),
    path("suggestions/papers/", paper_views.papers, name="papers"),
    path("suggestions/papers/list.<slug:form>", paper_views.paper_list, name="paper_list"),
    path("suggestions/new/", proposal_views.propose, name="propose"),
    path("suggestions/<slug:number>/", office_views.suggestion, name="suggestion"),
    path("suggestions/<slug:number>/files/<int:pk>/", office_views.attachment, name="attachment"),
    path("suggestions/<slug:number>/papers/<slug:kind>.<slug:form>", paper_views.paper, name="paper"),
    path("suggestions/<slug:number>/reissue_code/", code_views.reissue_code, name="reissue_code"),
    path("suggestions/<slug:number>/edit/", proposal_views.edit_proposal, name="edit_proposal"),
    path("suggestions/<slug:number>/<slug:verb>/", office_views.say, name="say"),
    path("visits/new/", office_views.log_visit, name="log_visit"),
    path("desk/", office_views.desk, name="desk"),
    path("desk/slip/", office_views.slip, name="slip"),
    path("projects/", livelihood_views.office_projects, name="office_projects"),
    path("projects/opinions/", livelihood_views.collected_opinions, name="collected_opinions"),
    path("projects/calls/new/", livelihood_views.open_call, name="open_call"),
    path("projects/calls/<int:pk>/comb/", livelihood_views.comb, name="comb"),
    path("projects/<int:pk>/", livelihood_views.clue, name="clue"),
    path("projects/<int:pk>/<slug:step>/", livelihood_views.clue_step, name="clue_step"),
]
