"""Draws the gallery and takes its pictures: `python tests/face/shoot.py [page ...]` writes var/shots/face-*.png.

It also measures what the house rules promise: the weight of the page over the wire, no sideways scrolling, and a
console without complaints under the content policy of the portal. Standalone, so that it works on an empty database.
"""

from __future__ import annotations

import gzip
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver

from tests.portal import CHROMIUM

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "var" / "shots"
POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
WIDTHS = (375, 1280)


class ContentPolicy:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["Content-Security-Policy"] = POLICY
        return response


def site(request: HttpRequest) -> dict[str, Any]:
    office = request.path.startswith("/office")
    texts = (
        ("工作台", "意见建议", "接待登记", "活动", "走访", "报表", "后台管理")
        if office
        else ("首页", "联络站", "查询办理进度")
    )
    return {
        "SITE": {
            "name": "郸城县人大代表联络站",
            "sponsor": "郸城县人民代表大会常务委员会",
            "address": "河南省周口市郸城县",
            "phone": "0394-0000000",
            "icp": "豫ICP备00000000号",
            "site_code": "0000000000",
        },
        "nav": [(text, f"/#{i}", i == 0) for i, text in enumerate(texts)],
        "breadcrumbs": []
        if request.path in ("/", "/office/")
        else [("首页", "/"), ("宁平镇特色养殖站", "/"), ("反映问题", "")],
    }


SAMPLE: dict[str, Any] = {
    "statuses": [
        ("draft", "草稿"),
        ("submitted", "待受理"),
        ("accepted", "已受理"),
        ("transferred", "待签收"),
        ("handling", "办理中"),
        ("replied", "已答复"),
        ("reviewing", "待复核"),
        ("tracking", "跟踪办理"),
        ("closed", "已办结"),
        ("declined", "不予受理"),
        ("merged", "已并案"),
        ("withdrawn", "已撤回"),
    ],
    "events": [
        {"title": "收到您的意见", "time": "2026年11月3日 09:12", "actor": "宁平镇特色养殖代表联络站"},
        {
            "title": "上报县人大",
            "time": "2026年11月4日 15:40",
            "actor": "联络员",
            "text": "变压器容量不足，乡级电管站没有增容权限，报县人大常委会协调。",
        },
        {
            "title": "县供电公司办理中",
            "time": "2026年11月6日 10:05",
            "actor": "县供电公司",
            "text": "已到现场查看，计划更换 400 千伏安变压器。",
            "current": True,
        },
    ],
    "cards": [
        {
            "title": "宁平镇特色养殖代表联络站",
            "eyebrow": "专业站 · 郸城县",
            "text": "联系养殖户与加工企业，16 名五级人大代表进站。",
            "meta": ["每月 10 日接待", "0394-0000000"],
        },
        {
            "title": "夏天用电高峰，养殖场变压器经常跳闸",
            "eyebrow": "2611038215",
            "status": "handling",
            "label": "办理中",
            "light": "yellow",
            "meta": ["12月30日到期", "县供电公司"],
        },
        {
            "title": "园区东门到国道的路灯不亮",
            "eyebrow": "2611009377",
            "status": "closed",
            "label": "已办结",
            "meta": ["满意", "城市管理局"],
        },
    ],
    "rows": [
        [
            ("编号", "2611038215", "#"),
            ("内容", "夏天用电高峰，养殖场变压器经常跳闸", ""),
            ("承办单位", "县供电公司", ""),
            ("状态", "办理中", ""),
            ("期限", "2026-12-30", ""),
        ],
        [
            ("编号", "2611009377", "#"),
            ("内容", "园区东门到国道的路灯不亮", ""),
            ("承办单位", "城市管理局", ""),
            ("状态", "已办结", ""),
            ("期限", "2026-11-20", ""),
        ],
    ],
    "facts": [
        ("站长", "李国强（人大）\n赵敏（企业）"),
        ("地址", "宁平镇政府东侧 200 米，养殖合作社一楼"),
        ("接待日", "每月 10 日上午"),
        ("电话", "0394-0000000"),
        ("进站代表", "16 人"),
    ],
}


def configure(database: str) -> None:
    settings.configure(
        DEBUG=True, SECRET_KEY="gallery", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=True,
        LANGUAGE_CODE="zh-hans", TIME_ZONE="Asia/Shanghai", STATIC_URL="/static/", STATICFILES_DIRS=[ROOT / "static"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", FORM_RENDERER="django.forms.renderers.TemplatesSetting",
        INSTALLED_APPS=[
            "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
            "django.contrib.messages", "django.contrib.staticfiles", "django.forms", "import_export",
        ],
        MIDDLEWARE=[
            f"{__name__}.ContentPolicy", "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[{
            "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
            "DIRS": [ROOT / "templates", Path(__file__).parent],
            "OPTIONS": {"context_processors": [
                "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages", f"{__name__}.site",
            ]},
        }],
    )  # fmt: skip
    django.setup()


def build_urls() -> list[URLPattern | URLResolver]:
    from django import forms
    from django.contrib import admin
    from django.contrib.auth import get_user_model, login
    from django.contrib.auth.admin import UserAdmin
    from django.core.paginator import Paginator
    from django.shortcuts import redirect, render
    from django.urls import path
    from import_export.admin import ExportMixin

    class Opinion(forms.Form):
        text = forms.CharField(
            label="要反映的事",
            widget=forms.Textarea,
            help_text="什么地方、什么事、盼望怎样解决。",
            error_messages={"required": "请写下要反映的事，或者拍一张手写的照片。"},
        )
        place = forms.CharField(label="地点", required=False)
        who = forms.ChoiceField(
            label="您是", widget=forms.RadioSelect, choices=[("p", "群众"), ("e", "企业"), ("w", "职工")], initial="p"
        )
        kind = forms.ChoiceField(label="类别", choices=[("", "请选择"), ("e", "电力"), ("f", "融资")], required=False)
        phone = forms.RegexField(
            r"^1\d{10}$",
            label="电话",
            required=False,
            error_messages={"invalid": "电话应是 11 位手机号，请核对。"},
            help_text="只用来告诉您结果，不公开。",
        )
        day = forms.DateField(label="发生日期", required=False, widget=forms.DateInput(attrs={"type": "date"}))
        photos = forms.FileField(label="照片", required=False, help_text="JPEG、PNG 或 WebP，每张不超过 10 MB。")
        callback = forms.BooleanField(label="请给我回电话", required=False)
        consent = forms.BooleanField(
            label="我同意为办理这件事使用我的姓名和电话",
            help_text="办结后按期限删除。",
            error_messages={"required": "留了电话，就需要您同意使用它。"},
        )

    class Search(forms.Form):
        q = forms.CharField(label="名称或地点", required=False)
        kind = forms.ChoiceField(label="类型", choices=[("", "全部"), ("i", "产业站")], required=False)
        county = forms.ChoiceField(label="县区", choices=[("", "全部"), ("d", "郸城县")], required=False)

    class Users(ExportMixin, UserAdmin):  # type: ignore[misc, type-arg]
        pass

    admin.site.unregister(get_user_model())
    admin.site.register(get_user_model(), Users)
    admin.site.site_header = "郸城县人大代表联络站 · 后台管理"

    def page(name: str) -> Callable[[HttpRequest], HttpResponse]:
        def view(request: HttpRequest) -> HttpResponse:
            bad = Opinion({"text": "", "phone": "0394-12", "who": "e", "place": "宁平镇"})
            form = bad if "bad" in request.GET else Opinion()
            context = SAMPLE | {
                "form": form,
                "filter": Search(),
                "page": Paginator(range(95), 10).page(3),
                "path": request.path,
            }
            if name == "office.html":
                enter(request)
            return render(request, name, context)

        return view

    def enter(request: HttpRequest) -> HttpResponse:
        login(request, get_user_model().objects.get(), backend="django.contrib.auth.backends.ModelBackend")
        return redirect("/")

    blank = page("gallery.html")
    return [
        path("", page("gallery.html"), name="home"),
        path("form/", page("form.html")),
        path("office/", page("office.html")),
        path("enter/", enter),
        path("size/", blank, name="size"),
        path("logout/", blank, name="logout"),
        *[path(f"{code}/", page(f"{code}.html")) for code in ("400", "403", "404", "429", "500", "503")],
        path("admin/", admin.site.urls),
    ]


PAGES = {
    "gallery": "/", "form": "/form/", "form-bad": "/form/?bad", "office": "/office/", "404": "/404/", "429": "/429/",
    "admin": "/admin/", "admin-list": "/admin/auth/user/", "admin-form": "/admin/auth/user/1/change/",
    "admin-export": "/admin/auth/user/export/",
}  # fmt: skip


def serve() -> str:
    from django.contrib.auth import get_user_model
    from django.contrib.staticfiles.handlers import StaticFilesHandler
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    call_command("migrate", verbosity=0)
    get_user_model().objects.create_superuser("sample", "", "x", first_name="建国", last_name="王")
    server = make_server("127.0.0.1", 0, StaticFilesHandler(get_wsgi_application()), handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def shoot(names: list[str]) -> int:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
    from playwright.sync_api import sync_playwright

    SHOTS.mkdir(parents=True, exist_ok=True)
    base, faults = serve(), 0
    css = len(gzip.compress((ROOT / "static/css/site.css").read_bytes(), 9))
    print(f"site.css {css} B gz, admin.css {len(gzip.compress((ROOT / 'static/css/admin.css').read_bytes(), 9))} B gz")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for width in WIDTHS:
            context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
            tab = context.new_page()
            tab.on("console", lambda message: print("   console:", message.text[:200]))
            tab.goto(f"{base}/enter/")
            for name in names or [*PAGES, "gallery-large", "gallery-print"]:
                large, printed = name.endswith("-large"), name.endswith("-print")
                context.add_cookies([{"name": "size", "value": "large" if large else "normal", "url": base}])
                tab.emulate_media(media="print" if printed else "screen")
                response = tab.goto(base + PAGES[name.removesuffix("-large").removesuffix("-print")])
                assert response, name
                wide = tab.evaluate("document.documentElement.scrollWidth")
                weight = len(gzip.compress(response.body(), 6))
                fault = wide > width and not name.startswith("admin")
                faults += fault
                print(f"{width:5} {name:15} html {weight} B gz{'  SCROLLS SIDEWAYS ' + str(wide) if fault else ''}")
                if not printed and not name.startswith("admin"):
                    for found in Axe().run(tab).response["violations"]:
                        faults += 1
                        print("   axe:", found["id"], found["nodes"][0]["html"][:120])
                tab.screenshot(path=str(SHOTS / f"face-{name}-{width}.png"), full_page=True)
            context.close()
        browser.close()
    return faults


if __name__ == "__main__":
    # The settings name this module; without this line it would be imported a second time under that name.
    sys.modules["gallery_site"] = sys.modules[__name__]
    __name__ = "gallery_site"
    with tempfile.TemporaryDirectory() as folder:
        configure(f"{folder}/gallery.sqlite3")
        urlpatterns = build_urls()
        sys.exit(shoot(sys.argv[1:]))
