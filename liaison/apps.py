from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from tablib.formats import registry


class XLSX:
    """tablib's own workbook format, loaded at its first use.

    import-export asks at every start whether tablib knows xlsx; the answer would load openpyxl and Pillow each time.
    """

    title = "xlsx"
    extensions = ("xlsx",)

    @staticmethod
    def _format() -> Any:
        from tablib.formats._xlsx import XLSXFormat

        return XLSXFormat

    @classmethod
    def detect(cls, stream: Any) -> bool:
        return bool(cls._format().detect(stream))

    @classmethod
    def export_set(cls, dataset: Any, **options: Any) -> bytes:
        return bytes(cls._format().export_set(dataset, **options))

    @classmethod
    def import_set(cls, dataset: Any, in_stream: Any, **options: Any) -> None:
        cls._format().import_set(dataset, in_stream, **options)


class LiaisonConfig(AppConfig):
    name = "liaison"
    verbose_name = "门户"


class PortalAdminConfig(AdminConfig):
    """The back office is one site, set here once; the apps register with `@admin.register`."""

    default_site = "accounts.sites.PortalAdminSite"


# Here and not in ready(): the admin modules, import-export's among them, are loaded by the first ready() of all.
registry.register("xlsx", XLSX)
