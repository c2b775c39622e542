"""Word files from the office's own templates: each is an ordinary .docx that the office edits in Word or WPS."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from suggestions.papers.letters import words

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEMPLATES = Path(__file__).parent / "templates"


def write(template: str, letter: Any, folder: Path = TEMPLATES) -> bytes:
    """The template filled with the words of a letter, which stand in it exactly as they were typed.

    A name that a template uses and the letter does not know is an error: a paper with a hole would go out unnoticed.
    """
    from docxtpl import DocxTemplate
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment
    from markupsafe import Markup, escape

    def as_typed(value: Any) -> Any:
        # After rendering, the library turns "{_{" into "{{": a brace that was typed must not look like one.
        return Markup(str(escape(value)).replace("{", "&#123;").replace("}", "&#125;"))

    rules = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined, finalize=as_typed)
    paper = DocxTemplate(folder / f"{template}.docx")
    paper.render(words(letter), jinja_env=rules, autoescape=True)
    stream = io.BytesIO()
    paper.save(stream)
    return stream.getvalue()
