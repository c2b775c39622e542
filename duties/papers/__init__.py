"""Papers of a duty file: its stored or living content goes in, the bytes of a PDF or Word file come out.

What a paper says is the content alone, so that the PDF of a frozen file says the same for ever.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from duties.papers.report import draft_of
from suggestions.papers import pdf, word

TEMPLATES = Path(__file__).parent / "templates"
TYPES = {"pdf": pdf.CONTENT_TYPE, "docx": word.CONTENT_TYPE}


def file_pdf(content: dict[str, Any], as_of: str) -> bytes:
    return pdf.write("file", {**content, "as_of": as_of}, TEMPLATES)


def report_draft(content: dict[str, Any], seat: str) -> bytes:
    return word.write("report", draft_of(content, seat), TEMPLATES)
