"""The figures of the report, chapter by chapter, each with its definition: one registry for page, files and rows."""

from __future__ import annotations

from reports.chapters.cases import HANDLE, LIVELIHOOD, OVERSEE, PROMISE, UNITS
from reports.chapters.ends import JUDGE
from reports.chapters.places import BUILD, GATHER
from reports.chapters.work import ADOPT, USE
from reports.counting import Counted

CHAPTERS = (BUILD, GATHER, USE, ADOPT, HANDLE, UNITS, OVERSEE, PROMISE, JUDGE, LIVELIHOOD)
REGISTRY: dict[str, Counted] = {counted.key: counted for chapter in CHAPTERS for counted in chapter.counted}
