from __future__ import annotations

from typing import Any

from django.urls import path

from duties import (
    declaring_views,
    file_views,
    honour_views,
    office_views,
    point_views,
    target_views,
    term_views,
    year_end_views,
)

public_urls: list[Any] = []
file_urls: list[Any] = [
    path("duties/", office_views.duties, name="duties"),
    path("duties/targets/", target_views.targets, name="targets"),
    path("duties/targets/ship/", target_views.ship, name="ship_targets"),
    path("duties/targets/<int:pk>/", target_views.target_gaps, name="target_gaps"),
    path("duties/files/", file_views.files, name="files"),
    path("duties/file/", file_views.own_file, name="own_file"),
    path("duties/file/<slug:slug>/", file_views.duty_file, name="duty_file"),
    path("duties/file/<slug:slug>/file.<slug:form>", file_views.file_paper, name="file_paper"),
    path("duties/groups/<int:pk>/", file_views.group_file, name="group_file"),
    path("duties/groups/<int:pk>/file.pdf", file_views.group_paper, name="group_paper"),
]

term_urls: list[Any] = [
    path("duties/terms/", term_views.terms, name="terms"),
    path("duties/terms/<int:pk>/", term_views.term, name="term"),
    path("duties/year_end/", year_end_views.year_end, name="year_end"),
    path("duties/year_end/opinions/", year_end_views.year_opinions, name="year_opinions"),
    path(
        "duties/year_end/opinions/<int:year>/<slug:slug>/<slug:side>/", year_end_views.year_opinion, name="year_opinion"
    ),
    path("duties/year_end/checks/", year_end_views.spot_checks, name="spot_checks"),
    path("duties/year_end/checks/<int:pk>/", year_end_views.spot_check, name="spot_check"),
    path("duties/year_end/checks/<int:pk>/<int:result>/", year_end_views.spot_check_result, name="spot_check_result"),
    path("duties/year_end/notices/", year_end_views.year_notices, name="year_notices"),
    path("duties/year_end/notices/<int:pk>/", year_end_views.year_notice, name="year_notice"),
    path("duties/year_end/candidates/", honour_views.candidates, name="candidates"),
    path("duties/year_end/awards/", honour_views.awards, name="awards"),
    path("duties/year_end/awards/new/", honour_views.new_award, name="new_award"),
    path("duties/year_end/awards/<int:pk>/", honour_views.award, name="award"),
]

point_urls: list[Any] = [
    path("duties/points/", point_views.point_sheet, name="point_sheet"),
    path("duties/points/deputies/", point_views.point_deputies, name="point_deputies"),
    path("duties/points/deputies/<slug:slug>/", point_views.deputy_points, name="deputy_points"),
    path("duties/points/deputies/<slug:slug>/deduct/", declaring_views.deduct, name="deduct_points"),
    path("duties/points/scheme/", point_views.point_scheme, name="point_scheme"),
    path("duties/points/scheme/draft/", point_views.draft_scheme, name="draft_scheme"),
    path("duties/points/scheme/<int:pk>/", point_views.scheme_page, name="scheme_page"),
    path("duties/points/scheme/<int:pk>/adopt/", point_views.adopt_scheme, name="adopt_scheme"),
    path("duties/points/scheme/<int:pk>/version/", point_views.new_scheme_version, name="new_scheme_version"),
    path("duties/points/scheme/<int:pk>/settle/", point_views.settle_now, name="settle_points"),
    path("duties/points/scheme/<int:pk>/close/", point_views.close_points, name="close_points"),
    path("duties/points/declare/", declaring_views.declare, name="declare_points"),
    path("duties/points/declarations/", declaring_views.declarations, name="declarations"),
    path("duties/points/declarations/<int:pk>/", declaring_views.declaration, name="declaration"),
    path("duties/points/declarations/<int:pk>/decide/", declaring_views.decide_declaration, name="decide_declaration"),
    path(
        "duties/points/declarations/<int:pk>/withdraw/",
        declaring_views.withdraw_declaration,
        name="withdraw_declaration",
    ),
    path("duties/points/declarations/<int:pk>/<int:file>/", declaring_views.evidence, name="evidence"),
    path("duties/points/objections/", declaring_views.objections, name="objections"),
    path("duties/points/objections/new/", declaring_views.object_to_points, name="object_to_points"),
    path("duties/points/objections/<int:pk>/", declaring_views.objection, name="objection"),
]

office_urls: list[Any] = [*file_urls, *term_urls, *point_urls]
