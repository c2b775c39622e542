from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from accounts.models import ImportBatch
from deputies.models import Deputy
from tests.cast import World

HEADER = ["序号", "姓名", "性别", "民族", "出生年月", "文化程度", "政治面貌", "工作单位及职务", "代表层级", "选区"]


def a_roster(*rows: list[Any], name: str = "名册.xlsx") -> SimpleUploadedFile:
    book = Workbook()
    sheet = book.active
    sheet.append(HEADER)
    for row in rows:
        sheet.append(row)
    content = BytesIO()
    book.save(content)
    return SimpleUploadedFile(name, content.getvalue())


def a_row(number: int, name: str, level: str = "县") -> list[Any]:
    return [number, name, "男", "汉族", "1975.03", "大专", "中共党员", f"{name}合作社理事长", level, "宁平镇第一选区"]


def upload(client: Any, world: World, file: SimpleUploadedFile) -> Any:
    return client.post("/office/import/", {"file": file, "region": world.county.pk})


def test_preview_then_one_confirmation_then_undo(as_: Any, world: World) -> None:
    client, before = as_("county_staff"), Deputy.objects.count()
    response = upload(client, world, a_roster(a_row(1, "孟庆丰"), a_row(2, "许文光")))
    batch = ImportBatch.objects.get()
    url = f"/office/import/{batch.pk}/"
    assert response["Location"] == url
    body = client.get(url).content.decode()
    assert "孟庆丰" in body and "新增" in body and "确认导入" in body
    assert "李代表" in body
    assert Deputy.objects.count() == before
    client.post(f"{url}confirm/")
    assert Deputy.objects.count() == before + 2
    body = client.get(url).content.decode()
    assert "整批撤销" in body and "确认导入" not in body
    again = client.post(f"{url}confirm/", follow=True)
    assert "已经导入" in again.content.decode()
    client.post(f"{url}undo/")
    assert Deputy.objects.count() == before


def test_a_file_with_refused_rows_writes_nothing_unless_they_are_skipped(as_: Any, world: World) -> None:
    client, before = as_("county_staff"), Deputy.objects.count()
    upload(client, world, a_roster(a_row(1, "孟庆丰"), a_row(2, "")))
    batch = ImportBatch.objects.get()
    url = f"/office/import/{batch.pk}/"
    body = client.get(url).content.decode()
    assert "有1行不能导入" in body and "skip_refused" in body
    refused = client.post(f"{url}confirm/", follow=True)
    assert "一行也没有写入" in refused.content.decode()
    assert Deputy.objects.count() == before
    client.post(f"{url}confirm/", {"skip_refused": "on"})
    assert Deputy.objects.count() == before + 1


@pytest.mark.parametrize("content", [b"", b"not a workbook", b"PK\x03\x04broken"])
def test_a_broken_file_is_a_sentence_beside_the_field(as_: Any, world: World, content: bytes) -> None:
    response = upload(as_("county_staff"), world, SimpleUploadedFile("名册.xlsx", content))
    assert response.status_code == 200
    assert response.context["form"].errors["file"]
    assert not ImportBatch.objects.exists()


def test_only_congress_staff_import_and_only_in_their_region(as_: Any, world: World) -> None:
    for role in ("deputy", "station_officer", "unit_clerk", "supervision_office", "system_admin", "auditor"):
        assert as_(role).get("/office/import/").status_code == 404
    response = upload(as_(world.other_staff), world, a_roster(a_row(1, "孟庆丰")))
    assert response.context["form"].errors["region"]
    upload(as_("county_staff"), world, a_roster(a_row(1, "孟庆丰")))
    batch = ImportBatch.objects.get()
    stranger = as_(world.other_staff)
    assert stranger.get(f"/office/import/{batch.pk}/").status_code == 404
    assert stranger.post(f"/office/import/{batch.pk}/confirm/").status_code == 404
    assert stranger.post(f"/office/import/{batch.pk}/undo/").status_code == 404
