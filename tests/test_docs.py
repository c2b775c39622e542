"""What the documents name is there, and what is there the documents name."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.urls import URLPattern, URLResolver

from reports.chapters import CHAPTERS
from suggestions.forms.pages import PAGES
from suggestions.permissions import RIGHTS, Hat
from suggestions.workflow import TABLE, Kind, Status, Verb
from tests.cast import ROLES

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
DOCUMENTS = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
# Said without a page in the office: on the tracking page, or by the system.
BY_OTHERS = {Verb.REQUEST_REOPEN, Verb.CLOSE, Verb.MOVE_DUE}
KINDS_TOLD = {"意见": {Kind.OPINION}, "建议": {Kind.PROPOSAL}, "都": set(Kind)}


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def pairs(word: str, code: str) -> bool:
    """Whether the glossary has a line that begins with the Chinese word and pairs it with the code."""
    return (
        re.search(rf"^\| {re.escape(word)}[^|]*\| `{re.escape(code)}`", text("docs/glossary.md"), re.MULTILINE)
        is not None
    )


def own_models() -> list[Any]:
    return [model for app in apps.get_app_configs() if (ROOT / app.name).is_dir() for model in app.get_models()]


@pytest.mark.parametrize("verb", list(Verb))
def test_the_glossary_pairs_every_verb_with_its_label(verb: Verb) -> None:
    assert pairs(verb.label, verb.value)


@pytest.mark.parametrize("verb", list(Verb))
def test_the_glossary_tells_which_verbs_work_now(verb: Verb) -> None:
    works = verb in PAGES or verb in BY_OTHERS
    assert f"`{verb.value}` | {'●' if works else '○'} |" in text("docs/glossary.md")


@pytest.mark.parametrize("verb", sorted(PAGES))
def test_a_manual_tells_every_verb_that_has_a_page(verb: Verb) -> None:
    manuals = "".join(page.read_text(encoding="utf-8") for page in (DOCS / "manual").iterdir())
    assert verb.label in manuals


def test_the_manual_names_the_chapters_of_the_report_in_their_order() -> None:
    told = text("docs/manual/committee.md")
    assert f"：{'、'.join(chapter.title for chapter in CHAPTERS)}。" in told


@pytest.mark.parametrize("status", list(Status))
def test_the_glossary_pairs_every_state_with_its_label(status: Status) -> None:
    assert pairs(status.label, status.value)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_glossary_pairs_both_kinds(kind: Kind) -> None:
    assert f"{kind.label} {kind.value}" in text("docs/glossary.md")


def test_the_glossary_names_every_model_by_its_label() -> None:
    assert len(own_models()) > 30
    missing = [model.__name__ for model in own_models() if not pairs(str(model._meta.verbose_name), model.__name__)]
    assert missing == []


def named(patterns: list[Any]) -> Iterator[tuple[str, str]]:
    """Route and name of every address, those of an included list with their names as well."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from named(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield str(pattern.pattern), str(pattern.name)


def test_every_address_stands_in_the_interface_under_its_name() -> None:
    from liaison.urls import office_urls, public_urls

    interface = text("docs/interface.md")
    addresses = [("/", *pair) for pair in named(public_urls)] + [("/office/", *pair) for pair in named(office_urls)]
    assert len(addresses) > 40
    missing = []
    for before, route, name in addresses:
        start = before + route.split("<", 1)[0]
        if re.search(rf"^\| `{re.escape(start)}[^|]*\| `{re.escape(name)}` \|", interface, re.MULTILINE) is None:
            missing.append((start, name))
    assert missing == []


def test_no_address_stands_in_the_interface_that_is_gone() -> None:
    from liaison.urls import office_urls, public_urls

    listed = set(re.findall(r"^\| `/[^|]*\| `([a-z_]+)` \|", text("docs/interface.md"), re.MULTILINE))
    assert listed == {name for _, name in named([*public_urls, *office_urls])}


def test_every_variable_stands_in_the_example_file_and_in_the_interface() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text("liaison/settings.py")))
    listed = set(re.findall(r"^([A-Z_]+)=", text(".env.example"), re.MULTILINE))
    told = set(re.findall(r"`([A-Z_]+)`", text("docs/interface.md")))
    assert read and read <= listed and listed <= told


def own_commands() -> set[str]:
    return {name for name, app in get_commands().items() if (ROOT / str(app)).is_dir()}


def test_every_command_stands_in_the_interface() -> None:
    now = text("docs/interface.md").partition("## 命令")[2].partition("以后 later")[0]
    assert [name for name in sorted(own_commands()) if f"manage.py {name} " not in now] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_commands_of_a_document_exist(document: Path) -> None:
    known = set(get_commands())
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    words = document.read_text(encoding="utf-8")
    words = re.sub(r"^以后 later.*$", "", words, flags=re.MULTILINE)
    assert set(re.findall(r"manage\.py ([a-z_]+)", words)) <= known
    assert set(re.findall(r"\bmake ([a-z]+)\b(?=[ `\n])", re.sub(r"\bmake (?:a|the|an)\b", "", words))) <= targets


def test_every_role_has_its_line() -> None:
    table = text("docs/roles.md")
    assert [role for role in ROLES if f"`{role}` |" not in table] == []


def hats_told() -> dict[str, str]:
    return dict(re.findall(r"^\| ([^|`]+) \| `([a-z_]+)` \| [^|]+ \|$", text("docs/roles.md"), re.MULTILINE))


def test_the_roles_explain_every_capacity() -> None:
    assert sorted(hats_told().values()) == sorted(Hat)


@pytest.mark.parametrize("verb", list(Verb))
def test_the_roles_tell_who_may_say_a_verb(verb: Verb) -> None:
    told = re.search(rf"^\| {verb.label} \| `{verb}` \| (\S+) \| (\S+) \|", text("docs/roles.md"), re.MULTILINE)
    assert told, "the verb has no line"
    assert {hats_told().get(name) for name in told[2].split("、")} == RIGHTS[verb].hats
    assert KINDS_TOLD[told[1]] == frozenset().union(*(move.kinds for move in TABLE[verb]))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_that_exist(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8"))
    own = [link for link in links if "://" not in link]
    assert [link for link in own if not (document.parent / link).exists()] == []


def test_the_readme_is_short_and_leads_to_every_manual() -> None:
    readme = text("README.md")
    assert len(readme.splitlines()) <= 200
    assert [page.name for page in sorted((DOCS / "manual").iterdir()) if f"docs/manual/{page.name}" not in readme] == []


def test_files_that_the_documents_name_exist() -> None:
    """Paths in backticks that begin with a folder of the house."""
    folders = "accounts|stations|deputies|activities|suggestions|reports|liaison|templates|static|tests|docs"
    gone = []
    for document in DOCUMENTS:
        for path in re.findall(rf"`((?:{folders})/[\w./-]+\.\w+)`", document.read_text(encoding="utf-8")):
            if not (ROOT / path).exists():
                gone.append((document.name, path))
    assert gone == []
