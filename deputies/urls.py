from django.urls import path

from deputies import office_views

office_urls = [
    path("import/", office_views.upload, name="import"),
    path("import/<int:pk>/", office_views.preview, name="import_preview"),
    path("import/<int:pk>/confirm/", office_views.confirm, name="import_confirm"),
    path("import/<int:pk>/undo/", office_views.undo, name="import_undo"),
]
