"""Django's settings.

Those that an operator may change are read from environment variables, which
chatsite/README.md lists.
"""

import os
import sys
from pathlib import Path
from urllib.parse import quote

from chatsite.environment import (
    Environment,
    InvalidSetting,
    exit_with,
    load_or_create_secret_key,
)

BASE_DIR = Path(__file__).resolve().parent.parent
COMMAND = sys.argv[1] if Path(sys.argv[0]).name == "manage.py" and len(sys.argv) > 1 else ""
TESTING = "pytest" in sys.modules
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
    HTTPS = env.flag("HTTPS")
    HSTS = env.choice("HSTS", "host", ("host", "subdomains", "preload", "off"))
    SIGNUP = env.choice("SIGNUP", "open", ("open", "closed"))
    RESERVED_NAMES = env.items("RESERVED_NAMES", DEFAULT_RESERVED_NAMES)
    SITE_NAME = env.title("SITE_NAME", "Chatsite")
    CHAT_ROOM = env.title("CHAT_ROOM", "Lobby")
    LEGACY_HOST = env.local_host("LEGACY_HOST", "")
    LEGACY_PORT = env.port("LEGACY_PORT", 6666)
    EMAIL_SETTINGS = env.email("EMAIL_URL", "consolemail://")
    STATIC_ROOT_PATH = env.folder("STATIC_ROOT", str(BASE_DIR / "staticroot"))
    TRUSTED_PROXIES = env.proxies("TRUSTED_PROXIES", ["127.0.0.1", "::1"])
    DEFAULT_FROM_EMAIL = env.mail_address("EMAIL_FROM", "chatsite@localhost")
    STATIC_ROOT = Path(STATIC_ROOT_PATH).absolute()
    SOURCES = BASE_DIR / "static"
    if STATIC_ROOT == SOURCES or SOURCES in STATIC_ROOT.parents or STATIC_ROOT in SOURCES.parents:
        raise InvalidSetting("STATIC_ROOT must be a folder of its own, apart from the program")

    EMBEDDED = DATABASE["ENGINE"].endswith("sqlite3")
    if EMBEDDED:
        DATABASE["NAME"] = str(BASE_DIR / DATABASE["NAME"])
    if not SECRET_KEY:
        home = Path(DATABASE["NAME"]).parent if EMBEDDED else BASE_DIR
        SECRET_KEY = load_or_create_secret_key(home / "secret_key")
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
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL",
    }
    DATABASE["TEST"] = {"NAME": str(BASE_DIR / "test.sqlite3")}
else:
    DATABASE["OPTIONS"] = {
        **DATABASE.get("OPTIONS", {}),
        "connect_timeout": 5,
        # A process that is frozen in the middle of a transaction must not keep the room locked.
        "options": "-c lock_timeout=4s -c idle_in_transaction_session_timeout=5s",
        # A host that has vanished sends nothing, so only these timeouts end a call to it.
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        "tcp_user_timeout": 5000,  # ms
        "pool": {"min_size": 1, "max_size": 16, "timeout": 5, "reconnect_timeout": 5},
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
    "chat",  # before daphne and staticfiles, so that its `runserver` is used
    "daphne",
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
LOGIN_REDIRECT_URL = "room"
LOGOUT_REDIRECT_URL = "login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS.append({"NAME": "chat.models.passwords.PasswordValidator"})

# Holds the counters of failed sign-ins and new accounts. It is large, so that an attacker who
# invents names cannot push out the counters of real ones.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

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
    "staticfiles": {
        "BACKEND": "chatsite.static.HashedFiles"
        if HASHED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
STATICFILES_DIRS = [SOURCES]

vars().update(EMAIL_SETTINGS)
EMAIL_TIMEOUT = 10  # seconds

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
SECURE_REFERRER_POLICY = "same-origin"
SESSION_ENGINE = "chat.accounts.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 0 if HSTS == "off" else 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = HSTS in ("subdomains", "preload")
    SECURE_HSTS_PRELOAD = HSTS == "preload"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "chat": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}

if TESTING:
    # Tests create many accounts, and a strong hash would only make them slow.
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
