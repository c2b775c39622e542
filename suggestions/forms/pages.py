"""Every verb that has a page, with its form and its service: the buttons of the case page and the addresses under it."""

from __future__ import annotations

from suggestions.forms import closing, handling, intake, joining, oversight
from suggestions.forms.verb import Page
from suggestions.workflow import Verb

PAGES: dict[Verb, Page] = {
    **intake.PAGES,
    **handling.PAGES,
    **closing.PAGES,
    **joining.PAGES,
    **oversight.PAGES,
}
