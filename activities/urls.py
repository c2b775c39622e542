from django.urls import path

from activities import (
    attendance_views,
    calendar_views,
    group_views,
    log_views,
    office_views,
    pairing_views,
    plan_views,
    public_views,
    result_views,
)

public_urls = [
    path("plan/<slug:code>/<int:year>/", public_views.plan, name="plan"),
]

office_urls = [
    path("activities/", office_views.activities, name="activities"),
    path("activities/new/", log_views.log_activity, name="log_activity"),
    path("activities/plan/", plan_views.plan_activity, name="plan_activity"),
    path("activities/<int:pk>/", office_views.activity, name="activity"),
    path("activities/<int:pk>/edit/", plan_views.change_planned, name="change_planned"),
    path("activities/<int:pk>/record/", plan_views.record_activity, name="record_activity"),
    path("activities/<int:pk>/attendance/", attendance_views.attendance, name="attendance"),
    path("activities/<int:pk>/attendance/list/", attendance_views.name_list, name="name_list"),
    path("activities/<int:pk>/attendance/<int:row>/", attendance_views.correct_attendance, name="correct_attendance"),
    path("activities/<int:pk>/code/", attendance_views.sign_in_code, name="sign_in_code"),
    path("activities/<int:pk>/leave/", attendance_views.request_leave, name="request_leave"),
    path("activities/<int:pk>/photos/<int:photo>/", office_views.photo, name="office_activity_photo"),
    path("activities/<int:pk>/duty_reports/", result_views.duty_reports, name="duty_reports"),
    path(
        "activities/<int:pk>/duty_reports/<int:report>/",
        result_views.correct_duty_report,
        name="correct_duty_report",
    ),
    path("activities/<int:pk>/<slug:status>/", office_views.change_activity, name="change_activity"),
    path("sign_in/", attendance_views.sign_in, name="sign_in"),
    path("plans/", plan_views.plans, name="plans"),
    path("plans/new/", plan_views.begin_plan, name="begin_plan"),
    path("plans/<int:pk>/", plan_views.annual_plan, name="annual_plan"),
    path("plans/<int:pk>/edit/", plan_views.write_plan, name="write_plan"),
    path("plans/<int:pk>/publish/", plan_views.publish_plan, name="publish_plan"),
    path("plans/<int:pk>/unpublish/", plan_views.unpublish_plan, name="unpublish_plan"),
    path("mediations/", result_views.mediations, name="mediations"),
    path("mediations/new/", result_views.new_mediation, name="new_mediation"),
    path("visits/", log_views.visits, name="visits"),
    path("visits/<int:pk>/", log_views.visit, name="visit"),
    path("visits/<int:pk>/photos/<int:photo>/", log_views.visit_photo, name="office_visit_photo"),
    path("visits/<int:pk>/confirm/", log_views.confirm_visit, name="confirm_visit"),
    path("calendar/", calendar_views.calendar, name="calendar"),
    path("groups/<int:pk>/", group_views.group, name="group"),
    path("pairings/", pairing_views.pairings, name="pairings"),
    path("pairings/<int:pk>/end/", pairing_views.end_pairing, name="end_pairing"),
]
