"""The house as a whole: what lies at the root, what the pages may load, what may be written in a file."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

APPS = {"accounts", "stations", "deputies", "activities", "suggestions", "duties", "reports", "liaison"}
FOLDERS = {"templates", "static", "tests", "docs"}
FILES = {
    "manage.py",
    "pyproject.toml",
    "README.md",
    "docker-compose.yml",
    "Dockerfile",
    "Makefile",
    "requirements.txt",
    "requirements-dev.txt",
}
# What a run leaves behind, ignored by git.
LEFT = {"var"}

TEXT = {".py", ".html", ".css", ".svg", ".js", ".txt", ".md", ".toml", ".yml", ".conf", ".sh", ".csv", ""}
# Addresses that are followed by a click: the law wants the record numbers of a site to lead there.
RECORDS = ("https://beian.miit.gov.cn/", "https://beian.mps.gov.cn/")


def shipped(*suffixes: str, under: tuple[str, ...] = ()) -> list[Path]:
    folders = under or tuple(sorted(APPS | FOLDERS))
    files = [file for folder in folders for file in (ROOT / folder).rglob("*") if file.is_file()]
    if not under:
        files += [file for file in ROOT.iterdir() if file.is_file() and file.name != ".env"]
        files += (ROOT / ".ci").iterdir()
    return [file for file in files if file.suffix in (suffixes or TEXT) and "__pycache__" not in file.parts]


def offences(pattern: str, files: list[Path], flags: int = re.IGNORECASE) -> list[str]:
    """file:line of every place where the pattern occurs, however the line is broken."""
    assert files, "no file was looked at"
    found = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        for match in re.finditer(pattern, text, flags):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{file.relative_to(ROOT)}:{line}: {match.group(0)[:60]}")
    return found


def test_the_root_holds_what_the_plan_names_and_nothing_else() -> None:
    present = {entry.name for entry in ROOT.iterdir() if not entry.name.startswith(".")}
    assert present - LEFT == APPS | FOLDERS | FILES


def test_every_app_of_the_ladder_is_installed() -> None:
    from django.apps import apps

    own = {config.name for config in apps.get_app_configs() if Path(config.path).is_relative_to(ROOT)}
    assert {name for name in own if (ROOT / name).is_dir() and ".venv" not in name} >= APPS


def test_the_compose_file_is_valid() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, "docker-compose.yml"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_misspelt_key_in_the_compose_file_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text((ROOT / "docker-compose.yml").read_text().replace("healthcheck:", "heathcheck:"))
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    assert subprocess.run([*command, str(wrong)], capture_output=True).returncode == 1


# Judged in one table, so that the same patterns are shown to find what they forbid.
FORBIDDEN_IN_PAGES = {
    "inline style": (r"<[a-z][^>]*\sstyle\s*=|<style\b", '<p class="a"\n style="color:red">'),
    "inline script": (r"<script\b(?![^>]*\bsrc\s*=)|<[a-z][^>]*\son[a-z]+\s*=|javascript:", '<a onclick="x()">'),
    "outside host": (r"(?:src|srcset|action|data)\s*=\s*[\"']?\s*(?:https?:)?//", '<img src="//cdn.cn/a.png">'),
    "outside sheet": (r"<link\b[^>]*href\s*=\s*[\"']?(?:https?:)?//", '<link rel="x" href="https://cdn.cn/a.css">'),
    # A field's help text is written in our own code.
    "unescaped text": (r"(?<!help_text)\|\s*safe\b|\{%\s*autoescape\s+off", "{{ text|safe }}"),
}


@pytest.mark.parametrize("what", FORBIDDEN_IN_PAGES)
def test_no_page_holds(what: str) -> None:
    pattern, example = FORBIDDEN_IN_PAGES[what]
    assert re.search(pattern, example, re.IGNORECASE)
    assert offences(pattern, shipped(".html", under=("templates",))) == []


def test_links_lead_to_no_other_host() -> None:
    found = offences(r"href\s*=\s*[\"']?https?://[^\"'\s>]+", shipped(".html", under=("templates",)))
    assert [place for place in found if not any(address in place for address in RECORDS)] == []


def test_style_files_load_nothing_from_elsewhere() -> None:
    assert offences(r"(?:url\(\s*[\"']?|@import\s+[\"']?)(?:https?:)?//", shipped(".css", under=("static",))) == []


def test_no_file_tells_the_paths_of_a_machine() -> None:
    others = [file for file in shipped() if file != Path(__file__).resolve()]
    assert offences(r"(?<![\w.$}/])/(?:work|root|home|Users)/", others, flags=0) == []


def test_the_lock_files_pin_with_hashes_and_name_no_registry() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text and "--index" not in text
        pins = re.split(r"\n(?=\S)", text.strip())
        assert len(pins) > 20
        assert [pin.splitlines()[0] for pin in pins if "==" not in pin or "--hash=sha256:" not in pin] == []


def test_both_lock_files_hold_the_same_versions() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^(\S+==\S+)", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.txt") <= pins("requirements-dev.txt")


def test_starting_the_portal_loads_no_document_or_image_library() -> None:
    """They double the time and memory of every command and worker; the functions that need one import it."""
    program = (
        "import sys, django; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns; "
        "print([name for name in ('PIL', 'qrcode', 'xlsxwriter', 'python_calamine', 'docx', 'openpyxl', 'typst') "
        "if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
