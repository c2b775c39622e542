"""Settings come from environment variables only (.env.example lists them).

A `.env` file in the root, or the file that ENV_FILE names, fills in what the environment leaves open and never
overrides it.
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from csp.constants import NONE, SELF

from liaison import environment

# Lets `ModelAdmin[Station]` and the like be written as the type checker reads them.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env_file = Path(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
if env_file.is_file():
    env.read_env(str(env_file))

# Where it runs

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
HTTPS = env.bool("HTTPS", default=not DEBUG)

if DEBUG:
    SECRET_KEY = env.str("SECRET_KEY", default="insecure-development-key-never-used-outside-this-machine")
    CODE_KEY = env.str("CODE_KEY", default="insecure-development-code-key-of-this-machine")
    ALLOWED_HOSTS = environment.only_local(
        "ALLOWED_HOSTS", env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
    )
    database_config = env.db_url("DATABASE_URL", default="sqlite:///var/portal.sqlite3")
else:
    SECRET_KEY = environment.key("SECRET_KEY", env.str("SECRET_KEY", default=""), length=50)
    CODE_KEY = environment.key("CODE_KEY", env.str("CODE_KEY", default=""), length=32)
    if CODE_KEY == SECRET_KEY:
        environment.refuse("CODE_KEY", "与 SECRET_KEY 相同。两个密钥各管各的事，请另外生成一个。")
    ALLOWED_HOSTS = environment.hosts("ALLOWED_HOSTS", env.list("ALLOWED_HOSTS", default=[]))
    if not env.str("DATABASE_URL", default=""):
        environment.refuse("DATABASE_URL", "没有设置。请填写数据库地址，例如 postgres://用户:口令@主机/库名。")
    database_config = env.db_url("DATABASE_URL")

# Keys that were in use before: sessions signed with them stay good until they are taken out.
SECRET_KEY_FALLBACKS = [
    environment.key("SECRET_KEY_FALLBACKS", old, length=50) for old in env.list("SECRET_KEY_FALLBACKS", default=[])
]
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = environment.address(
    "SITE_URL",
    env.str("SITE_URL", default="") or f"{'https' if HTTPS else 'http'}://{ALLOWED_HOSTS[0].lstrip('.')}",
)

# How many of our own proxies stand before the portal: so many entries of X-Forwarded-For, counted from the right,
# are believed, and X-Forwarded-Proto with them. With 0 a forged header changes nothing.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

DATABASES = {
    "default": environment.database(
        "DATABASE_URL",
        database_config,
        base=str(BASE_DIR),
        statement_seconds=env.int("DATABASE_STATEMENT_SECONDS", default=30),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SILENCED_SYSTEM_CHECKS = [
    # One set of models for two databases: SQLite leaves out the extra columns of a covering index, and is small.
    "models.W040",
    # The preload list binds a whole registered domain: a county's portal may not decide that for its government.
    "security.W021",
]

# What it is made of

INSTALLED_APPS = [
    "liaison.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "import_export",
    "auditlog",
    "axes",
    "csp",
    "accounts",
    "stations",
    "deputies",
    "activities",
    "suggestions",
    "duties",
    "reports",
    "liaison.apps.LiaisonConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "liaison.middleware.session_limits",
    "liaison.middleware.OwnRecordsOnly",
    "auditlog.middleware.AuditlogMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "liaison.urls"
WSGI_APPLICATION = "liaison.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "liaison.context.site",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Who comes in

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "/office/login/"
LOGIN_REDIRECT_URL = "/office/"
LOGOUT_REDIRECT_URL = LOGIN_URL

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.PortalBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# By name and address together: a stranger who knows a name locks out only himself, not the office.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "accounts/lockout.html"
AXES_CLIENT_IP_CALLABLE = "accounts.limits.client_address"
AXES_VERBOSE = False

SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_ABSOLUTE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = HTTPS

# What a browser is told

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
# Not no-referrer, not even on the tracking pages: see docs/decisions/referrer-policy.md.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz/$", r"^readyz/$"]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None

# Files

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / (env.str("STATIC_ROOT", default="") or "var/static")
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
# Uploads have no address of their own: views hand them out after asking who may see them.
MEDIA_ROOT = BASE_DIR / (env.str("MEDIA_ROOT", default="") or "var/media")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o750
# More than any form takes, so that too many photos are a sentence beside the field and no bare 400.
DATA_UPLOAD_MAX_NUMBER_FILES = 50

# None would give whoever may open a list the right to load and unload it.
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "import"
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "export"

# Who changed what outside a case, before and after. A case keeps its own events.
AUDITLOG_INCLUDE_TRACKING_MODELS = (
    "accounts.Region",
    "accounts.Organization",
    {"model": "accounts.User", "exclude_fields": ["password", "last_login"], "mask_fields": ["phone", "email"]},
    "accounts.Holiday",
    "accounts.ImportBatch",
    "stations.IndustryChain",
    "stations.Enterprise",
    "stations.Station",
    "stations.StationPhoto",
    "stations.StationPost",
    "deputies.Congress",
    "deputies.Constituency",
    {"model": "deputies.Deputy", "mask_fields": ["phone"]},
    "deputies.Mandate",
    "deputies.StationMembership",
    "deputies.DeputyGroup",
    "deputies.GroupMembership",
    "deputies.GroupEntry",
    "deputies.PostHolder",
    "deputies.Consent",
    "deputies.PrintCode",
    "activities.ActivityType",
    "activities.Theme",
    "activities.AnnualPlan",
    "activities.PlanItem",
    "activities.Activity",
    "activities.Attendance",
    "activities.Visit",
    "suggestions.Category",
    "suggestions.ProblemKind",
    "suggestions.HandlingProfile",
    "suggestions.LivelihoodCall",
    {"model": "suggestions.LivelihoodClue", "m2m_fields": {"screened_with"}},
    "suggestions.CollectedOpinion",
    "duties.PointScheme",
    "duties.PointMajor",
    "duties.PointItem",
    {"model": "duties.PointSource", "m2m_fields": {"types"}},
    "duties.PointPeriod",
    "duties.Objection",
    "duties.YearOpinion",
    "duties.SpotCheckResult",
    "duties.Award",
)

# Who is told by what: a channel without its address is off (accounts/outbox.py)

SMS_GATEWAY_URL = environment.gateway("SMS_GATEWAY_URL", env.str("SMS_GATEWAY_URL", default=""))
SMS_GATEWAY_TOKEN = env.str("SMS_GATEWAY_TOKEN", default="")
EMAIL_URL = env.str("EMAIL_URL", default="")
vars().update(environment.mail("EMAIL_URL", EMAIL_URL))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM", default="") or f"portal@{urlsplit(SITE_URL).hostname}"

# Language and time

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"

# What the pages say of the office that runs them; an empty item is not shown.
SITE = {
    "name": env.str("SITE_NAME", default="人大代表联络站"),
    "sponsor": env.str("SITE_SPONSOR", default=""),
    "address": env.str("SITE_ADDRESS", default=""),
    "phone": env.str("SITE_PHONE", default=""),
    "icp": env.str("SITE_ICP", default=""),
    "icp_url": "https://beian.miit.gov.cn/",
    "police": env.str("SITE_POLICE", default=""),
    "police_url": env.str("SITE_POLICE_URL", default=""),
    "site_code": env.str("SITE_CODE", default=""),
    "url": SITE_URL,
    "demo": DEMO,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "liaison.logs.OneLine", "format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}
