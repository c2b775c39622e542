"""Plain tables in and out of the back office. The roster of deputies has its own reader in deputies.

Columns are named in Chinese and fixed for each table; a sheet that brings others is refused as a whole. Rows are found
by a natural key among those in scope, so a foreign row can be neither read nor overwritten, whatever key is typed.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.utils.html import format_html
from import_export.fields import Field
from import_export.formats.base_formats import Format
from import_export.resources import ModelResource
from import_export.widgets import DateWidget, ForeignKeyWidget, ManyToManyWidget, Widget

from accounts.errors import Refused
from accounts.models import Organization, Region, User

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED = 50 * 1024 * 1024
MAX_ENTRIES = 200
MAX_RATIO = 100
MAX_ROWS = 20_000
MAX_COLUMNS = 60
# What a spreadsheet takes for the beginning of a formula, also in its full width.
FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")


# Files


class Workbook(Format):  # type: ignore[misc]
    """xlsx, read by calamine and written by xlsxwriter: ten times as fast, blanks stay "", text never a formula."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def get_title(self) -> str:
        return "xlsx"

    def get_extension(self) -> str:
        return "xlsx"

    def get_content_type(self) -> str:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        from python_calamine import CalamineError, CalamineWorkbook

        _check(in_stream)
        try:
            rows = CalamineWorkbook.from_filelike(io.BytesIO(in_stream)).get_sheet_by_index(0).to_python()
        except (CalamineError, IndexError) as error:
            raise Refused(NO_WORKBOOK) from error
        return _dataset(rows)

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        import xlsxwriter

        file = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        with xlsxwriter.Workbook(file, options) as workbook:
            sheet = workbook.add_worksheet("数据")
            sheet.freeze_panes(1, 0)
            bold = workbook.add_format({"bold": True})
            for column, name in enumerate(dataset.headers or []):
                sheet.set_column(column, column, max(10, 2 * len(name) + 4))
                sheet.write_string(0, column, name, bold)
            for number, row in enumerate(dataset, 1):
                for column, value in enumerate(row):
                    if isinstance(value, int | float) and not isinstance(value, bool):
                        sheet.write_number(number, column, value)
                    else:
                        sheet.write_string(number, column, "" if value is None else str(value))
        return file.getvalue()


class CommaText(Format):  # type: ignore[misc]
    """csv for other programs. What a spreadsheet would take for a formula gets a ' before it, taken off again on the way in."""

    def __init__(self, encoding: str | None = None) -> None:
        self.encoding = encoding

    def get_title(self) -> str:
        return "csv"

    def get_extension(self) -> str:
        return "csv"

    def get_content_type(self) -> str:
        return "text/csv; charset=utf-8"

    def can_import(self) -> bool:
        return True

    def can_export(self) -> bool:
        return True

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        if len(in_stream) > MAX_BYTES:
            raise Refused(TOO_BIG)
        for encoding in ("utf-8-sig", "gb18030"):  # the second is what Excel saves in China
            try:
                text = in_stream.decode(encoding)
            except UnicodeDecodeError:
                continue
            rows = [[_without_quote(cell) for cell in row] for row in csv.reader(io.StringIO(text))]
            return _dataset(rows)
        raise Refused("这个文件的文字编码认不出来，请另存为“CSV UTF-8”或xlsx后再上传。")

    def export_data(self, dataset: tablib.Dataset, **kwargs: Any) -> bytes:
        file = io.StringIO()
        writer = csv.writer(file)
        for row in [dataset.headers or [], *dataset]:
            writer.writerow([_with_quote(value) for value in row])
        return file.getvalue().encode("utf-8-sig")  # with its mark, else Excel reads it in the local code page


FORMATS = [Workbook, CommaText]

NO_WORKBOOK = "这个文件打不开，不像Excel工作簿（.xlsx）；请用Excel或WPS打开，另存为.xlsx后再上传。"
TOO_BIG = "这个文件过大，不像一张登记表；请只保留要导入的工作表，另存后再上传。"


def _with_quote(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _without_quote(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Z]*)(\d+)["']""")


def _check(content: bytes) -> None:
    """Refused unread: what is no workbook, is too big, or has a cell so far out that its rectangle would fill the memory."""
    if len(content) > MAX_BYTES:
        raise Refused(TOO_BIG)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            entries = package.infolist()
            unpacked = sum(entry.file_size for entry in entries)
            packed = sum(entry.compress_size for entry in entries)
            if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 1):
                raise Refused(TOO_BIG)
            for entry in entries:
                if not entry.filename.endswith((".xml", ".rels")):
                    continue
                part = package.read(entry)
                # Other encodings and declarations would carry a reference past the next line.
                if b"\0" in part or b"<!DOCTYPE" in part or b"<!ENTITY" in part:
                    raise Refused(NO_WORKBOOK)
                if "worksheets/" in entry.filename and any(
                    int(row) > MAX_ROWS or _column(letters) > MAX_COLUMNS for letters, row in _PLACE.findall(part)
                ):
                    raise Refused(f"工作表超过{MAX_ROWS}行或{MAX_COLUMNS}列，请删去多余的内容后再上传。")
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, NotImplementedError, RuntimeError) as error:
        raise Refused(NO_WORKBOOK) from error


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _dataset(rows: Iterable[Iterable[Any]]) -> tablib.Dataset:
    """The first line that says anything is the head; lines without anything are no rows."""
    filled = [cells for row in rows if any(cells := [_cell(value) for value in row])]
    if len(filled) < 2:
        raise Refused("文件里没有可导入的内容：第一行应是表头，以下每行一条。")
    head = [str(name).strip() for name in filled[0]]
    while head and not head[-1]:
        head.pop()
    data = tablib.Dataset(headers=head)
    for row in filled[1 : MAX_ROWS + 1]:
        data.append([*row, *[""] * len(head)][: len(head)])
    return data


def _cell(value: Any) -> Any:
    """Text, whatever the sheet made of it: a whole number has no “.0”, a day no time."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value).strip()


# Columns


class RegionByCode(ForeignKeyWidget):  # type: ignore[misc]
    """A region by its 12 digits, among those that the user keeps."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Region, "code", **kwargs)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Region | None:
        if not value:
            raise ValidationError("请填写区划代码（12位数字）。")
        region = self.in_scope.filter(code=value).first()
        if region is None:
            raise ValidationError(f"区划代码“{value}”不在您管理的区域内，请核对。")
        return region  # type: ignore[no-any-return]


class NamedInScope(ForeignKeyWidget):  # type: ignore[misc]
    """A row of another table by its name, among those that the user sees."""

    def __init__(self, model: type[Model], **kwargs: Any) -> None:
        super().__init__(model, "name", **kwargs)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return _named(self, str(value)) if value else None


class NamesInScope(ManyToManyWidget):  # type: ignore[misc]
    """Several names in one cell, with 、 between them."""

    def __init__(self, model: type[Model], **kwargs: Any) -> None:
        super().__init__(model, separator="、", field="name", **kwargs)

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[Any]:
        return [_named(self, name) for name in re.split(r"[、，,;；\s]+", str(value or "")) if name]


def _named(widget: Any, name: str) -> Any:
    found = list(widget.in_scope.filter(name=name)[:2])
    kind = widget.model._meta.verbose_name
    if not found:
        raise ValidationError(f"没有名为“{name}”的{kind}，请先在后台添加，或改正名称。")
    if len(found) > 1:
        raise ValidationError(f"有几个同名的{kind}“{name}”，请在后台逐条选择。")
    return found[0]


class Choice(Widget):  # type: ignore[misc]
    """One of a fixed list, written as people read it."""

    def __init__(self, choices: Iterable[tuple[str, Any]]) -> None:
        super().__init__()
        self.labels = {str(value): str(label) for value, label in choices}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        if not value:
            return ""
        for stored, label in self.labels.items():
            if value in (label, stored):
                return stored
        raise ValidationError(f"“{value}”不在可选范围：{'、'.join(self.labels.values())}。")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return self.labels.get(str(value or ""), "")


class YesNo(Choice):
    def __init__(self) -> None:
        super().__init__((("True", "是"), ("False", "否")))

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        return super().clean(value) == "True" if value else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return "是" if value else "否"


class Day(DateWidget):  # type: ignore[misc]
    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> date | None:
        if not value:
            return None
        found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", str(value))
        try:
            if found:
                return date(*map(int, found.groups()))
        except ValueError:
            pass
        raise ValidationError(f"“{value}”不是日期，请写成2026-03-01的样子。")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return value.isoformat() if value else ""


def text(attribute: str, name: str) -> Field:
    return Field(attribute=attribute, column_name=name)


# Tables


class Difference:
    """Before and after, side by side in one cell; the library's own brings inline styles, which the content policy forbids."""

    def __init__(self, resource: Any, instance: Any, new: bool) -> None:
        self.new = new
        self.before = self._values(resource, instance)
        self.after: list[str] = []

    def compare_with(self, resource: Any, instance: Any) -> None:
        self.after = self._values(resource, instance)

    def as_html(self) -> list[str]:
        return [
            format_html("{}", after)
            if self.new or before == after
            else format_html("<del>{}</del> <ins>{}</ins>", before, after)
            for before, after in zip(self.before, self.after, strict=True)
        ]

    @staticmethod
    def _values(resource: Any, instance: Any) -> list[str]:
        return [str(field.export(instance)) for field in resource.get_import_fields()]


class ScopedResource(ModelResource):  # type: ignore[misc]
    """One table for one user: finds, checks and writes rows in that user's scope only."""

    def __init__(self, user: User, **kwargs: Any) -> None:
        super().__init__()
        self.user = user
        for field in self.fields.values():
            if isinstance(field.widget, ForeignKeyWidget | ManyToManyWidget):
                field.widget.in_scope = field.widget.model._default_manager.visible_to(user)

    def get_queryset(self) -> QuerySet[Any]:
        return super().get_queryset().visible_to(self.user)  # type: ignore[no-any-return]

    def before_import(self, dataset: tablib.Dataset, **kwargs: Any) -> None:
        known = {field.column_name for field in self.get_import_fields()}
        head = list(dataset.headers or [])
        strange = [name for name in head if name not in known]
        if strange:
            raise Refused(f"表头“{'、'.join(strange)}”不能导入，请删去这些列。可以导入：{'、'.join(sorted(known))}。")
        missing = [
            self.fields[key].column_name
            for key in self.get_import_id_fields()
            if self.fields[key].column_name not in head
        ]
        if missing:
            raise Refused(f"缺少“{'、'.join(missing)}”列：每行靠它认出是哪一条。")

    def import_instance(self, instance: Any, row: Any, **kwargs: Any) -> None:
        """All that is wrong with a row at once, not the first thing only."""
        errors = {}
        for field in self.get_import_fields():
            if isinstance(field.widget, ManyToManyWidget):
                continue
            try:
                self.import_field(field, instance, row, **kwargs)
            except ValidationError as error:
                errors[field.attribute] = error
        if errors:
            raise ValidationError(errors)

    def validate_instance(self, instance: Any, *args: Any, **kwargs: Any) -> None:
        """Errors under the names of the columns as the sheet has them."""
        try:
            super().validate_instance(instance, *args, **kwargs)
        except ValidationError as error:
            columns = {field.attribute: field.column_name for field in self.get_import_fields()}
            raise ValidationError({columns.get(key, key): wrong for key, wrong in error.error_dict.items()}) from error

    @classmethod
    def get_diff_class(cls) -> type[Difference]:
        return Difference


class Table:
    """What the Meta of every resource has in common."""

    clean_model_instances = True
    skip_unchanged = True
    report_skipped = True


class RegionResource(ScopedResource):
    """Names and kinds. New regions are added one by one: their code decides who sees what."""

    code = text("code", "区划代码")
    name = text("name", "名称")
    level = Field(attribute="level", column_name="层级", widget=Choice(Region._meta.get_field("level").choices or ()))
    form = Field(attribute="form", column_name="类型", widget=Choice(Region.Form.choices))

    class Meta(Table):
        model = Region
        fields = ("code", "name", "level", "form")
        import_id_fields = ("code",)


class OrganizationResource(ScopedResource):
    region = Field(attribute="region", column_name="区划代码", widget=RegionByCode())
    name = text("name", "名称")
    kind = Field(attribute="kind", column_name="类别", widget=Choice(Organization.Kind.choices))
    phone = text("phone", "联系电话")
    is_active = Field(attribute="is_active", column_name="在用", widget=YesNo(), default=True)

    class Meta(Table):
        model = Organization
        fields = ("region", "name", "kind", "phone", "is_active")
        import_id_fields = ("region", "name")
