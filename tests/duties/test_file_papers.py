"""The file as PDF and the 述职报告 as a Word draft, read back as a reader would read them."""

from __future__ import annotations

import io
import subprocess
import zipfile
from datetime import date
from typing import Any

import pytest
import time_machine

from duties import papers
from duties.file import file_of, year_period
from duties.models import DutyFile
from duties.papers.report import TO_ADD, draft_of
from duties.services.filing import freeze
from tests.cast import World
from tests.conftest import needs
from tests.duties.doing import held, proposal, reported, visited

NOON = "2026-09-20 04:00:00+00:00"


@pytest.fixture
def busy(world: World) -> Any:
    with time_machine.travel(NOON, tick=False):
        held(world, "training", date(2026, 4, 9), world.deputy, title="监督法培训")
        held(world, "reception", date(2026, 6, 5), world.deputy, title="接待选民")
        visited(world, world.deputy, date(2026, 6, 8), 3, 7)
        reported(world, world.deputy, date(2026, 8, 1))
        proposal(world, world.deputy, date(2026, 3, 3), "11", title="关于变压器的建议")
        yield world


def text_of(made: bytes) -> str:
    needs("pdftotext", "poppler-utils")
    read = subprocess.run(["pdftotext", "-layout", "-", "-"], input=made, capture_output=True, check=True)
    return read.stdout.decode()


def words_of(made: bytes) -> list[str]:
    from docx import Document

    return [paragraph.text for paragraph in Document(io.BytesIO(made)).paragraphs]


def test_the_pdf_says_what_the_page_says(busy: World, as_: Any) -> None:
    answer = as_("deputy").get(f"/office/duties/file/{busy.deputy.slug}/file.pdf?year=2026")
    assert answer["Content-Type"] == "application/pdf"
    said = "".join(text_of(answer.content).split())
    for words in ("代表履职档案", busy.deputy.name, "监督法培训", "关于变压器的建议", "走访：3户", "满意率90.0%"):
        assert words in said
    assert "截至2026年9月20日" in said


def test_nothing_typed_is_read_as_source(busy: World) -> None:
    held(busy, "training", date(2026, 5, 9), busy.deputy, title='#panic("x") *粗* $x$ \\ {{ name }} {% if %}')
    content = file_of(busy.deputy, year_period(2026)).as_dict()
    assert '#panic("x")*粗*$x$' in "".join(text_of(papers.file_pdf(content, "")).split())
    assert any("{{ name }} {% if %}" in words for words in words_of(papers.report_draft(content, "代表")))


def test_the_frozen_pdf_says_the_same_for_ever(busy: World, as_: Any) -> None:
    freeze(busy.deputy, busy.congress, busy.county_staff)
    path = f"/office/duties/file/{busy.deputy.slug}/file.pdf?congress={busy.congress.pk}"
    before = text_of(as_("deputy").get(path).content)
    with time_machine.travel("2027-05-05 04:00:00+00:00", tick=False):
        held(busy, "training", date(2026, 4, 10), busy.deputy, title="后来补录")
        busy.deputy.name = "李改名"
        busy.deputy.save()
        after = text_of(as_("county_staff").get(path).content)
    assert before == after and "后来补录" not in after and "2026年9月20日归档" in after
    assert DutyFile.objects.count() == 1


def test_the_draft_is_an_ordinary_word_file_that_tells_the_year(busy: World, as_: Any) -> None:
    answer = as_("deputy").get(f"/office/duties/file/{busy.deputy.slug}/file.docx?year=2026")
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
    words = words_of(answer.content)
    assert words[0] == "述职报告" and busy.deputy.name in words[1]
    told = "\n".join(words)
    for sentence in (
        "参加学习培训1次。",
        "2026年4月9日，监督法培训。",
        "领衔提出建议1件。",
        "走访1次，走访3户，联系群众7人次。",
        "2026年8月1日向选民述职",
        "（请本人填写。）",
    ):
        assert sentence in told
    assert "{{" not in told and "{%" not in told


def test_a_part_without_records_says_so(world: World) -> None:
    content = file_of(world.deputy, year_period(2026)).as_dict()
    draft = draft_of(content, "代表")
    assert [section.paragraphs for section in draft.sections[:5]] == [(TO_ADD,)] * 5
    assert "0" not in "".join(text for section in draft.sections for text in section.paragraphs)


def test_a_paper_of_no_form_is_a_missing_page(busy: World, as_: Any) -> None:
    assert as_("deputy").get(f"/office/duties/file/{busy.deputy.slug}/file.xlsx").status_code == 404
