"""Django's settings.

Those that an operator may change are read from environment variables, which
chatsite/README.md lists.
"""

import logging
import os
import sys
from pathlib import Path
from urllib.parse import quote

from chatsite.environment import Environment, InvalidSetting, exit_with, load_or_create_secret_key
from chatsite.file_storage import private_folder
from chatsite.logs.configuration import logging_configuration

BASE_DIR = Path(__file__).resolve().parent.parent
COMMAND = sys.argv[1] if Path(sys.argv[0]).name == "manage.py" and len(sys.argv) > 1 else ""
TESTING = "pytest" in sys.modules
LARGEST_LIMIT = 1_000_000  # of a number of connections
LARGEST_HOLD = 1000  # messages of a new account, which are counted each time
env = Environment()

# Names under which somebody could speak for the site.
DEFAULT_RESERVED_NAMES = [
    *("admin", "administrator", "system", "moderator", "staff"),
    *("room", "all", "here", "everyone"),
]

try:
    DEBUG = env.flag("DEBUG")
    DATABASE = env.database("DATABASE_URL", f"sqlite:///{quote(str(BASE_DIR / 'db.sqlite3'))}")
    REDIS_URL = env.redis("REDIS_URL", "")
    SECRET_KEY = env.text("SECRET_KEY", "")
    SECRET_KEY_FALLBACKS = env.items("SECRET_KEY_FALLBACKS", [])
    ALLOWED_HOSTS = env.allowed_hosts(
        "ALLOWED_HOSTS", ["localhost", ".localhost", "127.0.0.1", "[::1]"]
    )
    CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS", [])
    SITE_URL = env.site_url("SITE_URL", "")
    HTTPS = env.flag("HTTPS")
    HSTS = env.choice("HSTS", "host", ("host", "subdomains", "preload", "off"))
    SIGNUP = env.choice("SIGNUP", "open", ("open", "invite", "approve", "closed"))
    HOLD_FIRST = env.number("HOLD_FIRST", 0, 0, LARGEST_HOLD)
    ROOM_CREATION = env.choice("ROOM_CREATION", "members", ("members", "staff"))
    RESERVED_NAMES = env.items("RESERVED_NAMES", DEFAULT_RESERVED_NAMES)
    LOG_FORMAT = env.choice("LOG_FORMAT", "text", ("text", "json"))
    SITE_NAME = env.title("SITE_NAME", "Chatsite")
    CHAT_ROOM = env.title("CHAT_ROOM", "Lobby")
    LEGACY_HOST = env.local_host("LEGACY_HOST", "")
    LEGACY_PORT = env.port("LEGACY_PORT", 6666)
    LEGACY_PROXY_PROTOCOL = env.flag("LEGACY_PROXY_PROTOCOL")
    EMAIL_SETTINGS = env.email("EMAIL_URL", "consolemail://")
    STATIC_ROOT_PATH = env.folder("STATIC_ROOT", str(BASE_DIR / "staticroot"))
    TRUSTED_PROXIES = env.proxies("TRUSTED_PROXIES", ["127.0.0.1", "::1"])
    EDIT_MINUTES = env.number("EDIT_MINUTES", 0, 0, LARGEST_LIMIT)
    SECURITY_EVENT_DAYS = env.number("SECURITY_EVENT_DAYS", 90, 1, 3650)
    ADDRESS_DAYS = env.number("ADDRESS_DAYS", 30, 1, 3650)
    DEFAULT_FROM_EMAIL = env.mail_address("EMAIL_FROM", "chatsite@localhost")
    MAX_WEB_CONNECTIONS = env.number("MAX_WEB_CONNECTIONS", 0, 0, LARGEST_LIMIT)
    MAX_LEGACY_CONNECTIONS = env.number("MAX_LEGACY_CONNECTIONS", 0, 0, LARGEST_LIMIT)
    MAX_CONNECTIONS_PER_ADDRESS = env.number("MAX_CONNECTIONS_PER_ADDRESS", 64, 1, LARGEST_LIMIT)
    MAX_CONNECTIONS_PER_ACCOUNT = env.number("MAX_CONNECTIONS_PER_ACCOUNT", 20, 1, LARGEST_LIMIT)
    MAX_PENDING_INPUT = env.number("MAX_PENDING_INPUT", 16, 1, LARGEST_LIMIT)  # MiB
    if LEGACY_PROXY_PROTOCOL and not TRUSTED_PROXIES:
        raise InvalidSetting(
            "LEGACY_PROXY_PROTOCOL=on needs the addresses of your proxies in TRUSTED_PROXIES"
        )
    UPLOAD_MB = env.number("UPLOAD_MB", 10, 0, 1000)
    UPLOAD_DAILY_MB = env.number("UPLOAD_DAILY_MB", 200, 0, LARGEST_LIMIT)
    UPLOAD_TOTAL_MB = env.number("UPLOAD_TOTAL_MB", 10_000, 0, LARGEST_LIMIT * 1000)
    UPLOAD_STORAGE = env.storage("UPLOAD_STORAGE", "")
    # The lines and bytes that clients may send, each as (at once, a second); None: no limit.
    FLOOD_LIMITS = {
        "connection": (
            env.rate("FLOOD_CONNECTION_LINES", "300+10/s"),
            env.rate("FLOOD_CONNECTION_BYTES", "384K+16K/s"),
        ),
        "person": (
            env.rate("FLOOD_PERSON_LINES", "600+20/s"),
            env.rate("FLOOD_PERSON_BYTES", "512K+24K/s"),
        ),
        "address": (
            env.rate("FLOOD_ADDRESS_LINES", "2000+40/s"),
            env.rate("FLOOD_ADDRESS_BYTES", "1M+32K/s"),
        ),
    }
    if env.choice("FLOOD_LIMIT", "on", ("on", "off")) == "off":
        FLOOD_LIMITS = None
    STATIC_ROOT = Path(STATIC_ROOT_PATH).absolute()
    SOURCES = BASE_DIR / "static"
    if STATIC_ROOT == SOURCES or SOURCES in STATIC_ROOT.parents or STATIC_ROOT in SOURCES.parents:
        raise InvalidSetting("STATIC_ROOT must be a folder of its own, apart from the program")

    EMBEDDED = DATABASE["ENGINE"].endswith("sqlite3")
    if EMBEDDED:
        DATABASE["NAME"] = str(BASE_DIR / DATABASE["NAME"])
    home = Path(DATABASE["NAME"]).parent if EMBEDDED else BASE_DIR
    if not SECRET_KEY:
        SECRET_KEY = load_or_create_secret_key(home / "secret_key")
    UPLOAD_ROOT = Path(env.folder("UPLOAD_ROOT", str(home / "files"))).absolute()
    if UPLOAD_ROOT == STATIC_ROOT or STATIC_ROOT in UPLOAD_ROOT.parents:
        raise InvalidSetting("UPLOAD_ROOT must be a folder apart from STATIC_ROOT")
except InvalidSetting as error:
    exit_with(error)
except OSError as error:
    exit_with(f"the secret key cannot be stored: {error}")

if EMBEDDED:
    # IMMEDIATE takes the write lock when a transaction begins. A deferred transaction that reads
    # and then writes fails at once when another connection writes in between.
    # FULL keeps acknowledged messages through a power cut; group commits make it affordable.
    DATABASE["OPTIONS"] = {
        "timeout": 5,
        "transaction_mode": "IMMEDIATE",
        # Copying the log of changes into the database every 8000 pages, instead of every 1000,
        # saves up to half more messages when many rooms are busy. The log grows to 32 MB.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        " PRAGMA wal_autocheckpoint=8000",
    }
    DATABASE["TEST"] = {"NAME": str(BASE_DIR / "test.sqlite3")}
else:
    DATABASE["OPTIONS"] = {
        **DATABASE.get("OPTIONS", {}),
        "connect_timeout": 5,
        # A process that is frozen in the middle of a transaction must not keep the room locked.
        # Compiling the statement that counts what a thousand members have not read takes ten times
        # as long as running it.
        "options": "-c lock_timeout=4s -c idle_in_transaction_session_timeout=5s -c jit=off",
        # A host that has vanished sends nothing, so only these timeouts end a call to it.
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "tcp_user_timeout": 5000,  # ms
        # Commands that do not serve end with the first error, which a pool would hide.
        "pool": COMMAND in ("", "serve", "runserver")
        and {"min_size": 1, "max_size": 16, "timeout": 5, "reconnect_timeout": 5},
    }
    DATABASE["CONN_HEALTH_CHECKS"] = True
# Each request runs on its own thread and closes its connection. The connections of
# `chat.live.database` are kept open, because opening one costs more than saving a batch.
DATABASE["CONN_MAX_AGE"] = 0
DATABASES = {"default": DATABASE}

if REDIS_URL:
    # By default redis-py gives up on an idle socket after 5 s, which is also how long
    # channels_redis waits in a blocking pop. With that timeout a healthy but idle Redis would
    # end the reader.
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "chat.live.layer.RingLayer",
            "CONFIG": {
                "hosts": [{"address": REDIS_URL, "socket_timeout": 15, "health_check_interval": 5}],
                "capacity": 10_000,
                "group_expiry": 3600,  # seconds; running processes renew theirs
            },
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

INSTALLED_APPS = [
    "chat",  # before staticfiles, so that its `runserver` is used
    "channels",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "chat.middleware.PermissionsPolicyMiddleware",
    "chat.middleware.BannedMiddleware",
    "chat.middleware.TooManyHashesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["chat.views.template_tags"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

ROOT_URLCONF = "chatsite.urls"
ASGI_APPLICATION = "chatsite.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "chat.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "chat.models.passwords.PasswordValidator"},
]

# The Redis that counts attempts, such as sign-ins, for all processes; empty for the database.
COUNTERS_REDIS_URL = REDIS_URL

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
# `serve` collects the static files and gives them hashed names. `runserver` and the tests serve
# the source files.
HASHED_STATIC = COMMAND in ("serve", "collectstatic") or (
    COMMAND != "runserver" and not TESTING and os.access(STATIC_ROOT / "staticfiles.json", os.R_OK)
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "uploads": UPLOAD_STORAGE or private_folder(UPLOAD_ROOT),
    "staticfiles": {
        "BACKEND": "chatsite.static.HashedFiles"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
STATICFILES_DIRS = [SOURCES]

# A server's output is its log, and no log may contain a link that sets a new password. So mail is
# printed by `runserver` and by commands that somebody runs at a terminal, but not by other servers.
CONSOLE = "django.core.mail.backends.console.EmailBackend"
SENDS_MAIL = EMAIL_SETTINGS["EMAIL_BACKEND"] != CONSOLE or COMMAND not in ("", "serve") or TESTING
if not SENDS_MAIL:
    EMAIL_SETTINGS = {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
vars().update(EMAIL_SETTINGS)
EMAIL_TIMEOUT = 10  # seconds
PASSWORD_RESET_TIMEOUT = 3 * 24 * 3600  # seconds; mails and pages say three days

PASSWORD_HASHERS = ["chat.accounts.hashing.LimitedPasswordHasher"]

# Pages load and run only what this site serves, and no other site may show them in a frame.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "chat.views.csrf.refuse_form"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "chat.accounts.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 0 if HSTS == "off" else 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = HSTS in ("subdomains", "preload")
    SECURE_HSTS_PRELOAD = HSTS == "preload"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

DEFAULT_EXCEPTION_REPORTER_FILTER = "chatsite.logs.debug_pages.SettingsFilter"
# uvicorn decides whether it writes a log of requests before these settings are read.
ACCESS_LOG = bool(logging.getLogger("uvicorn.access").handlers)
LOGGING = logging_configuration(LOG_FORMAT, ACCESS_LOG)

if TESTING:
    # Tests create many accounts, and a strong hash would only make them slow.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Test processes share a Redis, but each has a database of its own, where other accounts and
    # rooms have the same ids.
    COUNTERS_REDIS_URL = ""
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
