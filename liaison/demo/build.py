"""Build the demo once, all or nothing, and tell what is in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, transaction

from accounts.calendar import today
from accounts.errors import Refused
from accounts.models import AUDITOR, SECURITY_ADMIN, SYSTEM_ADMIN, Organization, Region, User
from accounts.paths import ancestors
from deputies.models import Congress, Deputy, PostHolder
from liaison.demo import dancheng, doings, livelihood, luohe, together, waiting, watched, xinxiang
from liaison.demo.accounts import ACCOUNTS, PASSWORD
from liaison.demo.book import CaseBook
from liaison.demo.diary import Diary
from liaison.demo.people import Crowd
from liaison.demo.places import CITY_UNITS, Places
from liaison.demo.stage import Stage
from stations.models import Station
from suggestions.codes import form_key_hash, query_code
from suggestions.models import Suggestion

Say = Callable[[str], None]
ADMINISTRATORS = {"system_admin": SYSTEM_ADMIN, "security_admin": SECURITY_ADMIN, "auditor": AUDITOR}
SEED = 2022


def last_full_year(day: date) -> int:
    """Every period of the bulletin lies inside the last calendar year that is over."""
    return day.year - 1


def is_built() -> bool:
    """One transaction wrote it, so its first and its last rows stand for all of it."""
    accounts = User.objects.filter(username__in=[account.username for account in ACCOUNTS]).count()
    key = form_key_hash(waiting.KNOWN[0])
    return accounts == len(ACCOUNTS) and Suggestion.objects.filter(form_key_hash=key).exists()


def build(say: Say) -> None:
    """Writes the demo where it is not there yet. Raises Refused where the database holds other data."""
    if is_built():
        return
    for model in (User, Organization, Station, Deputy, Congress, Suggestion):
        if model._default_manager.exists():
            raise Refused(
                f"数据库里已有其他数据（{model._meta.verbose_name}），演示数据没有装入。请换一个空数据库，例如另设 DATABASE_URL。"
            )
    with transaction.atomic():
        _write(say)


def _write(say: Say) -> None:
    call_command("seed", verbosity=0, stdout=_Nowhere())
    chance = Random(SEED)
    day = today()
    stage = Stage(
        year=last_full_year(day),
        today=day,
        chance=chance,
        places=Places(chance),
        crowd=Crowd(chance),
        diary=Diary(chance),
        book=CaseBook(chance),
    )
    _upper_levels(stage.places)
    say(f"演示年度 {stage.year} 年")
    for name, story in (("新乡市", xinxiang), ("漯河市", luohe), ("郸城县", dancheng)):
        say(f"正在准备{name}：站点、机构、代表、活动、意见建议……")
        story.build(stage)
    say(f"正在写入 {len(stage.crowd.deputies)} 名代表……")
    stage.crowd.save()
    PostHolder.objects.bulk_create(stage.holders)
    say(f"正在写入 {len(stage.diary.activities)} 场活动、{len(stage.diary.visits)} 次走访……")
    stage.diary.save()
    say(f"正在写入 {len(stage.book.suggestions)} 件意见建议及其办理过程……")
    stage.book.save()
    _count()
    say("正在逐件讲述并案、联名、督办等少见的办理过程……")
    county = stage.places.by_path[dancheng.COUNTY]
    together.build(stage, county)
    doings.build(stage, county)
    watched.build(stage)
    livelihood.build(stage)
    stage.print_codes()
    _count()


def _count() -> None:
    """So many rows at once: until the planner has counted them, a report takes it ten times as long, and one look at a
    deputy's groups ran into PostgreSQL's time limit.

    Table by table, because a bare ANALYZE also locks what the databases of one server share, until the transaction ends.
    """
    with connection.cursor() as cursor:
        for model in apps.get_models():
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _upper_levels(places: Places) -> None:
    places.settle(Region.objects.filter(path__in=("", "41")), lambda region: {})
    places.settle(Region.objects.filter(path__in=("4107", "4111", "4116")), lambda region: CITY_UNITS)
    for username, group in ADMINISTRATORS.items():
        user = places.account(username)
        user.save()
        user.groups.add(Group.objects.get(name=group))


def summary() -> dict[str, Any]:
    """What outside checks need to drive the demo (docs/interface.md). Read from the rows, so it is the same each time."""
    cases = {case.form_key_hash: case for case in Suggestion.objects.filter(form_key_hash__in=_keys())}
    first = cases[form_key_hash(waiting.KNOWN[0])]
    assert first.submitted_on is not None
    places = {user.username: user for user in User.objects.select_related("organization__region")}
    sitting = set(Congress.objects.sitting().values_list("region__path", flat=True))
    # A zone elects no congress, so its towns have none above them: an outside check could not seat a roster there.
    regions = [r for r in Region.objects.filter(path__in=sitting).order_by("path") if set(ancestors(r.path)) <= sitting]
    deputies = Deputy.objects.filter(memberships__station__slug__in=[row[0] for row in dancheng.STATIONS]).order_by(
        "pk"
    )
    return {
        "year": first.submitted_on.year,
        "accounts": [
            {
                "username": account.username,
                "password": PASSWORD,
                "role": account.role,
                "region": _region_of(places[account.username]),
            }
            for account in ACCOUNTS
        ],
        "regions": [{"code": r.code, "name": r.name, "level": r.level} for r in regions],
        "stations": [
            {"slug": station.slug, "name": station.name, "region": station.region.code}
            for station in sorted(Station.objects.select_related("region"), key=_own_first)
        ],
        "deputies": [{"slug": deputy.slug, "name": deputy.name} for deputy in deputies],
        "cases": [{"number": cases[form_key_hash(key)].number, "query_code": query_code(key)} for key in waiting.KNOWN],
    }


def _region_of(user: User) -> str | None:
    """Where the account works: by its organisation, its station or its file. The three administrators have none."""
    if user.organization is not None:
        return user.organization.region.code
    post = user.posts.select_related("station__region").first()
    if post is not None:
        return post.station.region.code
    deputy = Deputy.objects.select_related("region").filter(user=user).first()
    return deputy.region.code if deputy else None


def _own_first(station: Station) -> tuple[int, str, int]:
    """The stations of 郸城, where the accounts work, before the others; the officer's own on top."""
    slugs = [row[0] for row in dancheng.STATIONS]
    return slugs.index(station.slug) if station.slug in slugs else len(slugs), station.kind, station.pk


def _keys() -> list[str]:
    return [form_key_hash(key) for key in waiting.KNOWN]


class _Nowhere:
    def write(self, text: str) -> None:
        """The loaders' own words are not the demo's."""
