"""The settings of an installation: one file, everything that differs comes from environment variables (`SPORTELLO_…`).

Modes: `production` (default), `demo` (simulators instead of real channels, demo sign-ins shown), `test`.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from sportello.config import environment as env

PACKAGE = Path(__file__).resolve().parent.parent

MODE = env.text("MODE", "test" if "pytest" in sys.modules else "production")
if MODE not in {"production", "demo", "test"}:
    msg = f"SPORTELLO_MODE is production, demo or test, not {MODE!r}"
    raise ImproperlyConfigured(msg)
DEMO, TEST = MODE == "demo", MODE == "test"
SECURE = MODE == "production" and not env.switch("INSECURE_HTTP", default=False)
"""Whether people reach the portal by HTTPS. Off only for a trial on one machine."""

DATA_FOLDER = Path(env.text("DATA_FOLDER", "var")).resolve()
"""Everything that one embedded installation keeps: database, usage records, drop folder, secrets."""
if TEST:
    SECRET_KEY = "only-for-tests-" + "x" * 40
    _fernet_keys = ["MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="]
else:
    SECRET_KEY = env.kept_secret("SECRET_KEY", DATA_FOLDER / "secrets")
    _fernet_keys = env.kept_secret(
        "ENCRYPTION_KEYS", DATA_FOLDER / "secrets", make=lambda: Fernet.generate_key().decode()
    ).split(",")

DEBUG = False
PUBLIC_URL = env.text("PUBLIC_URL", f"http://{env.text('LISTEN', '127.0.0.1:8000')}").rstrip("/")
_host = PUBLIC_URL.split("://", 1)[-1].split("/")[0].rsplit(":", 1)[0]
ALLOWED_HOSTS = [_host, *env.words("ALLOWED_HOSTS")]
if not SECURE:
    ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]", "testserver"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

_schemas = DATA_FOLDER / "fatturapa"
if not _schemas.is_dir():  # a checkout that has them beside it needs no setting to try the bills out
    _schemas = PACKAGE.parents[2] / "shared" / "data" / "fatturapa"

SPORTELLO: dict[str, Any] = {
    "DEMO": DEMO,
    "PUBLIC_URL": PUBLIC_URL,
    "SECRET_KEYS": _fernet_keys,
    "OPERATOR_NAME": env.text("OPERATOR_NAME", "Sportello"),
    "COUNTRY": env.text("COUNTRY", "IT"),
    "PATRON_SAINT": env.text("PATRON_SAINT"),  # MM-DD, the operator's seat
    "DATA_FOLDER": DATA_FOLDER,
    # usage
    "USAGE_FOLDER": Path(env.text("USAGE_FOLDER", str(DATA_FOLDER / "usage"))),
    "USAGE_DROP_FOLDER": Path(env.text("USAGE_DROP_FOLDER", str(DATA_FOLDER / "drop"))),
    "USAGE_RETENTION_MONTHS": env.number("USAGE_RETENTION_MONTHS", 6),
    "USAGE_MEMORY_MB": env.number("USAGE_MEMORY_MB", 1600),
    # bills: the official schemas (XSD files), where files are dropped, whose bills are taken (none named: everybody's)
    "FATTURAPA_SCHEMAS": Path(env.text("FATTURAPA_SCHEMAS", str(_schemas))),
    "BILL_DROP_FOLDER": Path(env.text("BILL_DROP_FOLDER", str(DATA_FOLDER / "bills"))),
    "BILL_SUPPLIERS": env.words("BILL_SUPPLIERS"),
    "BILL_IBAN": env.text("BILL_IBAN", "IT60X0542811101000000123456" if DEMO else ""),  # on the bills of our own runs
    "BILL_ARCHIVE_LIFETIME": timedelta(hours=env.number("BILL_ARCHIVE_HOURS", 48)),
    "BILL_REMINDER_DAYS": env.number("BILL_REMINDER_DAYS", 7),
    # tickets: what may be handed in, how long the links of mails open a ticket
    "TICKET_FILE_BYTES": env.number("TICKET_FILE_MB", 25) * 1024 * 1024,
    "TICKET_FILES_PER_ENTRY": env.number("TICKET_FILES_PER_ENTRY", 10),
    "TICKET_BYTES": env.number("TICKET_MB", 500) * 1024 * 1024,
    "TICKET_LINK_LIFETIME": timedelta(days=env.number("TICKET_LINK_DAYS", 30)),
    # dual billing (DOMAIN §5): what is dialled before a private number, the access points of private data
    "DUAL_BILLING_PREFIX": env.text("DUAL_BILLING_PREFIX", "4146"),
    "DUAL_BILLING_APNS": env.words("DUAL_BILLING_APNS", "pamobilepersonale.tim.it,padipendente.tim.it"),
    # one-time codes (product/01, ABUSE.md)
    "CODE_LIFETIME": timedelta(minutes=env.number("CODE_LIFETIME_MINUTES", 30)),
    "CODE_TRIES": env.number("CODE_TRIES", 5),
    "CODE_LOCK_AFTER": env.number("CODE_LOCK_AFTER", 10),
    "CODE_LOCK_TIME": timedelta(minutes=env.number("CODE_LOCK_MINUTES", 15)),
    "CODE_RESEND_AFTER": timedelta(seconds=env.number("CODE_RESEND_SECONDS", 60)),
    "CODE_SENDS_PER_LIFETIME": env.number("CODE_SENDS", 5),
    "CODES_FROZEN_FOR": timedelta(hours=env.number("CODES_FROZEN_HOURS", 24)),  # after a change of SIM (ABUSE A15)
    "SMS_ALLOWED_PREFIXES": env.words("SMS_ALLOWED_PREFIXES", "+39,+34,EU"),
    "SMS_DAILY_BUDGET_PER_NUMBER": env.number("SMS_DAILY_BUDGET_PER_NUMBER", 60),
    "SMS_DAILY_BUDGET_PER_CUSTOMER": env.number("SMS_DAILY_BUDGET_PER_CUSTOMER", 2000),
    "SMS_DAILY_BUDGET": env.number("SMS_DAILY_BUDGET", 20000),
    "SESSION_IDLE": timedelta(minutes=env.number("SESSION_IDLE_MINUTES", 30)),
    "SESSION_ABSOLUTE": timedelta(hours=env.number("SESSION_ABSOLUTE_HOURS", 12)),
    "PASSWORD_TRIES": env.number("PASSWORD_TRIES", 5),
    "PASSWORD_LOCK_TIME": timedelta(minutes=env.number("PASSWORD_LOCK_MINUTES", 1)),
    "ADDRESS_TRIES": env.number("ADDRESS_TRIES", 30),
    "ADDRESS_LOCK_TIME": timedelta(minutes=env.number("ADDRESS_LOCK_MINUTES", 10)),
    # In the demo alone the operator's people come in without an authenticator app, so that a newcomer can look around.
    "STAFF_NEEDS_AUTHENTICATOR": not DEMO,
    "RESET_LIFETIME": timedelta(minutes=env.number("RESET_MINUTES", 60)),
    "INVITATION_LIFETIME": timedelta(days=env.number("INVITATION_DAYS", 7)),
    "TRUSTED_PROXIES": env.number("TRUSTED_PROXIES", 0),
    # connectors
    "SMS_TRANSPORT": "simulator" if DEMO or TEST else env.text("SMS_TRANSPORT", "smpp"),
    "SMS_SENDER": env.text("SMS_SENDER", "Sportello"),
    "SMPP_HOST": env.text("SMPP_HOST", "127.0.0.1"),
    "SMPP_PORT": env.number("SMPP_PORT", 2775),
    "SMPP_SYSTEM_ID": env.text("SMPP_SYSTEM_ID"),
    "SMPP_PASSWORD": env.text("SMPP_PASSWORD"),
    "SMPP_SYSTEM_TYPE": env.text("SMPP_SYSTEM_TYPE"),
    "SMPP_WINDOW": env.number("SMPP_WINDOW", 10),
    "SMPP_ANSWER_ID_BASE": env.number("SMPP_ANSWER_ID_BASE", 0) or None,  # 10 or 16, where answers and receipts differ
    "SMPP_RECEIPT_ID_BASE": env.number("SMPP_RECEIPT_ID_BASE", 0) or None,
    # the network (TM Forum TMF702); the demo runs one of its own, the tests point to one where they need it
    "NETWORK_URL": env.text("NETWORK_URL", "http://127.0.0.1:8702" if DEMO else "http://127.0.0.1:9" if TEST else ""),
    "NETWORK_TOKEN": env.text("NETWORK_TOKEN"),
    "NETWORK_TIMEOUT": env.number("NETWORK_TIMEOUT_SECONDS", 10),
    # mail in: the address that answers come to (its domain is all ours), and by which way
    "MAIL_IN_ADDRESS": env.text("MAIL_IN_ADDRESS", "tickets@risposte.telefonia-esempio.example" if DEMO else ""),
    "MAIL_IMAP_HOST": env.text("MAIL_IMAP_HOST"),
    "MAIL_IMAP_PORT": env.number("MAIL_IMAP_PORT", 0),
    "MAIL_IMAP_USER": env.text("MAIL_IMAP_USER"),
    "MAIL_IMAP_PASSWORD": env.text("MAIL_IMAP_PASSWORD"),
    "MAIL_IMAP_SECURITY": env.text("MAIL_IMAP_SECURITY", "ssl"),
    "MAIL_IMAP_FOLDER": env.text("MAIL_IMAP_FOLDER", "INBOX"),
    "MAIL_IMAP_DONE_FOLDER": env.text("MAIL_IMAP_DONE_FOLDER", "Processed"),
    "MAIL_LMTP_LISTEN": env.text("MAIL_LMTP_LISTEN"),
    # the names that our mail server signs its findings with
    "MAIL_AUTHSERV_IDS": env.words("MAIL_AUTHSERV_IDS", "mx.telefonia-esempio.example" if DEMO else ""),
    "MAIL_TAKE_UNCONFIRMED": env.switch("MAIL_TAKE_UNCONFIRMED", default=False),
    "MAIL_MOST_PER_HOUR": env.number("MAIL_MOST_PER_HOUR", 20),
    "MAIL_MOST_OUT_PER_HOUR": env.number("MAIL_MOST_OUT_PER_HOUR", 60),  # of one conversation to one address
    "MAIL_MOST_OCTETS": env.number("MAIL_MOST_MB", 60) * 1024 * 1024,
    "EMAIL_TRANSPORT": "simulator" if DEMO or TEST else env.text("EMAIL_TRANSPORT", "smtp"),
}

INSTALLED_APPS = [
    "sportello.shell",
    "sportello.tickets",
    "sportello.thresholds",
    "sportello.dual_billing",
    "sportello.billing",
    "sportello.orders",
    "sportello.usage",
    "sportello.inventory",
    "sportello.messaging",
    "sportello.network",
    "sportello.accounts",
    "sportello.parties",
    "sportello.kernel.ui",
    "sportello.kernel",
    "sportello.config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "csp",
    "django_tasks",
]

MIDDLEWARE = [
    "sportello.kernel.web.middleware.request_id_middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "sportello.kernel.web.middleware.private_pages_middleware",
    "django.middleware.locale.LocaleMiddleware",
    "sportello.kernel.web.middleware.row_security_middleware",
    "sportello.accounts.web.middleware.SignedInMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sportello.kernel.web.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "sportello.config.urls"
WSGI_APPLICATION = "sportello.config.wsgi.application"

_partial_loader = [
    (
        "template_partials.loader.Loader",
        [
            (
                "django.template.loaders.cached.Loader",
                ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
            )
        ],
    )
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "sportello.shell.navigation.context",
            ],
            "loaders": _partial_loader,
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "sportello.kernel.ui.templatetags.ui",
            ],
        },
    }
]

# --- database ---------------------------------------------------------------------------------------------------------
_database_url = os.environ.get("DATABASE_URL", "")
if _database_url:
    DATABASES = {"default": dj_database_url.parse(_database_url, conn_max_age=60, conn_health_checks=True)}
    if DATABASES["default"]["ENGINE"].endswith("postgresql"):
        # Compiling takes seconds for queries of milliseconds whose cost is guessed too high (a sum per row of a list).
        DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
else:
    if not TEST:
        DATA_FOLDER.mkdir(parents=True, exist_ok=True)
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(DATA_FOLDER / "sportello.sqlite3"),
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                # Several processes write: readers never wait (WAL), writers queue up for 30 s, and take their lock at the start.
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000; "
                    "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY;"
                ),
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TASKS = {"default": {"BACKEND": "sportello.kernel.jobs.backend.DatabaseBackend", "QUEUES": []}}

# --- people and sessions ----------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS: list[str] = []  # sign-in is sportello.accounts alone
LOGIN_URL = "/sign-in/"
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"] if TEST else ["django.contrib.auth.hashers.Argon2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_FAILURE_VIEW = "sportello.accounts.web.csrf.csrf_failure"
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# --- headers ----------------------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = SECURE and env.switch("SSL_REDIRECT", default=True)
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.number("TRUSTED_PROXIES", 0) else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "manifest-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3000

# --- language, time, static files -------------------------------------------------------------------------------------
LANGUAGE_CODE = "it" if not TEST else "en"
LANGUAGES = [("it", _("Italian")), ("es", _("Spanish")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "config" / "locale"]
USE_I18N = USE_TZ = True
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = env.text("TIME_ZONE", "Europe/Rome")
STATIC_URL = "/static/"
STATIC_ROOT = DATA_FOLDER / "static"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = MODE != "production"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_FOLDER / "files"},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if MODE == "production"
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

EMAIL_HOST = env.text("SMTP_HOST", "127.0.0.1")
EMAIL_PORT = env.number("SMTP_PORT", 25)
EMAIL_HOST_USER = env.text("SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("SMTP_PASSWORD")
EMAIL_USE_TLS = env.switch("SMTP_STARTTLS", default=False)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "portal@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"lines": {"()": "sportello.config.logs.formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "WARNING" if TEST else "INFO")},
}
