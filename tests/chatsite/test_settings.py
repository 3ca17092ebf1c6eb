"""The settings as a whole, read from environment variables."""

import os
import runpy
from pathlib import Path

import pytest
from django.db.utils import load_backend
from django.http.request import validate_host
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from redis.asyncio import ConnectionPool

from tests.support.commands import SECRET_KEY, assert_no_traceback, run_command
from tests.support.starts import PROJECT

NAMES = sorted(
    [
        *("ALLOWED_HOSTS", "CHAT_ROOM", "CSRF_TRUSTED_ORIGINS", "DATABASE_URL", "DEBUG"),
        *("EMAIL_FROM", "EMAIL_URL", "HSTS", "HTTPS", "LEGACY_HOST", "LEGACY_PORT"),
        *("LEGACY_PROXY_PROTOCOL", "REDIS_URL", "SECRET_KEY_FALLBACKS", "SIGNUP", "SITE_NAME"),
        *("SITE_URL", "STATIC_ROOT", "TRUSTED_PROXIES"),
    ]
)
# Pieces of which usable and nearly usable values consist.
PIECES = [
    *("sqlite", "postgres", "redis", "rediss", "smtp", "smtp+tls", "consolemail", "https", "http"),
    *("://", "/", ":", "@", "#", "?", "=", "&", "%", "%00", "%2F", "%ff", "$", "$HOME", ",", ".."),
    *("[", "]", "::1", "[::1]", "*", "*.", ".", "-", "_", " ", "\t", "\n", '"', "'", "\\", "~"),
    *("chat", "example.org", "EXAMPLE", "bücher", "xn--", "127.0.0.1", "0", "8000", "99999", "٣"),
    *("on", "off", "open", "preload", "ß", "\u200d", "\u202e", "\udcff", "\ufeff", "x" * 300),
    *("sslmode=require", "ssl_cert_reqs=none", "db=99", "9" * 5000),
]
VALUES = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=30),
)


def load(**values):
    """Return the settings that a process with these environment variables has."""
    kept = {name: value for name, value in os.environ.items() if name not in NAMES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "environ", {**kept, "SECRET_KEY": SECRET_KEY, **values})
        return runpy.run_path(str(PROJECT / "chatsite" / "settings.py"))


@given(name=st.sampled_from(NAMES), value=VALUES)
def test_no_value_leads_to_a_traceback(name, value):
    try:
        settings = load(**{name: value})
    except SystemExit as end:
        assert end.code == 1
    else:
        assert_usable(settings)


def assert_usable(settings):
    """Let the parts that get the settings look at them, as far as they can without a network."""
    database = settings["DATABASE"]
    database = {"TIME_ZONE": None, "USER": "", "PASSWORD": "", "HOST": "", "PORT": "", **database}
    load_backend(database["ENGINE"]).DatabaseWrapper(database).get_connection_params()
    validate_host("chat.example.org", settings["ALLOWED_HOSTS"])
    if settings["REDIS_URL"]:
        ConnectionPool.from_url(settings["REDIS_URL"]).make_connection()
    with override_settings(CSRF_TRUSTED_ORIGINS=settings["CSRF_TRUSTED_ORIGINS"]):
        from django.core.checks.compatibility.django_4_0 import check_csrf_trusted_origins

        assert check_csrf_trusted_origins(None) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "$q*eo(3$HOME" + "x7" * 25),
        ("SECRET_KEY", "$SITE_NAME"),
        ("CHAT_ROOM", "$5 club"),
        ("SITE_NAME", r"\$5 $HOME"),
        ("STATIC_ROOT", "/srv/$HOME/static"),
    ],
)
def test_a_dollar_sign_has_no_meaning(name, value):
    assert str(load(**{name: value})[name]) == value


def test_a_dollar_sign_has_no_meaning_in_lists_and_urls():
    settings = load(
        SECRET_KEY_FALLBACKS="$HOME,$x",
        DATABASE_URL="postgres://$USER:$HOME@h/$x",
        EMAIL_URL="smtp://$u:$HOME@h",
    )
    assert settings["SECRET_KEY_FALLBACKS"] == ["$HOME", "$x"]
    database = settings["DATABASE"]
    assert (database["USER"], database["PASSWORD"], database["NAME"]) == ("$USER", "$HOME", "$x")
    assert settings["EMAIL_HOST_PASSWORD"] == "$HOME"


@pytest.mark.parametrize("name", [*NAMES, "SECRET_KEY"])
def test_a_value_that_is_not_utf_8_is_refused_in_one_sentence(capfd, name):
    with pytest.raises(SystemExit, match="1"):
        load(**{name: "\udcff" + "x" * 60})
    assert capfd.readouterr().err == f"chatsite: {name} must be text in UTF-8\n"


@pytest.mark.parametrize(
    ("name", "value", "advice"),
    [
        ("ALLOWED_HOSTS", "a.example,https://b.example", "such as chat.example.org"),
        ("CSRF_TRUSTED_ORIGINS", "https://b.example/", "such as https://chat.example.org"),
        ("TRUSTED_PROXIES", "localhost", "such as 127.0.0.1"),
        ("SITE_URL", "chat.example.org", "begin with https://"),
        ("SITE_URL", "ftp://chat.example.org", "begin with https://"),
        ("SITE_URL", "https://chat.example.org/chat/", "such as https://chat.example.org"),
        ("SITE_URL", "https://chat.example.org//", "such as https://chat.example.org"),
        ("SITE_URL", "https://*.example.org", "name one host"),
        ("SITE_URL", "https://ann@chat.example.org", "leave out the user name"),
        ("SITE_URL", "https://chat.example.org:443", "leave out the port 443"),
        ("SITE_URL", "https://", "such as https://chat.example.org"),
        ("SITE_URL", "https://ann:se-cret@chat.example.org", "leave out the user name"),
        ("SITE_URL", "https://ann:se/cret@chat.example.org", "not shown"),
        ("CSRF_TRUSTED_ORIGINS", "https://ann:se-cret@b.example", "leave out the user name"),
        ("CSRF_TRUSTED_ORIGINS", "https://ann:x-cret,x-cret@b.example", "not shown"),
        ("ALLOWED_HOSTS", "https://ann:se-cret@b.example", "leave out the scheme"),
        ("LEGACY_HOST", "postgres://ann:se-cret@b.example", "not shown"),
        ("LOG_FORMAT", "redis://:se-cret@b.example", "not shown"),
        ("EMAIL_FROM", "smtp+tls://ann:se-cret@b.example:587", "not shown"),
        ("TRUSTED_PROXIES", "0.0.0.0/0", "name the proxies"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,::/0", "name the proxies"),
        ("LEGACY_HOST", "127.0.0.1:6666", "such as 127.0.0.1"),
        ("LEGACY_PORT", "9" * 5000, "from 0 to 65535"),
        ("EMAIL_FROM", "Chatsite", "such as chat@example.org"),
        ("EMAIL_FROM", "", "such as chat@example.org"),
        ("EMAIL_FROM", "a@b\nBcc: c@d", "such as chat@example.org"),
        ("EMAIL_FROM", "Chat <a@b.example", "such as chat@example.org"),
        ("EMAIL_FROM", "Chat, Inc <a@b.example>", "such as chat@example.org"),
        ("EMAIL_FROM", "a@b.example, c@d.example", "such as chat@example.org"),
        ("EMAIL_FROM", "a b@c.example", "such as chat@example.org"),
        ("EMAIL_FROM", "bücher@b.example", "such as chat@example.org"),
        ("EMAIL_FROM", '"', "such as chat@example.org"),
        ("EMAIL_FROM", "x" * 65 + "@b.example", "such as chat@example.org"),
        ("EMAIL_URL", "smtp://", "HOST:587"),
        ("EMAIL_URL", "smtp://ann@mail.example", "both a user name and a password"),
        ("EMAIL_URL", "smtp://:se-cret@mail.example", "both a user name and a password"),
        ("EMAIL_URL", "smtp://ann:sé-cret@mail.example", "ASCII"),
        ("DATABASE_URL", "", "begin with sqlite:/// or postgres://"),
        ("DATABASE_URL", "postgres://chat:se/cret@h/n", "percent-encode"),
        ("REDIS_URL", "redis://localhost/16", "from 0 to 15"),
        ("HSTS", "on", "host, subdomains, preload, off"),
        ("STATIC_ROOT", "", "the path of a folder"),
        ("STATIC_ROOT", str(PROJECT), "a folder of its own"),
        ("STATIC_ROOT", str(PROJECT / "static" / "x"), "a folder of its own"),
    ],
)
def test_an_unusable_value_is_refused_in_one_short_sentence(capfd, name, value, advice):
    with pytest.raises(SystemExit, match="1"):
        load(**{name: value})
    (sentence,) = capfd.readouterr().err.splitlines()
    assert sentence.startswith(f"chatsite: {name} ")
    assert advice in sentence
    assert "cret" not in sentence
    assert len(sentence) < 300


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite:////proc/none/chat.sqlite3", "there is no folder /proc/none"),
        ("sqlite:////proc", "the database /proc is a folder"),
        ("postgres://chat:se%2Fcret@127.0.0.1:1/chat", "the database cannot be used: "),
        ("postgres://chat:se%2Fcret@127.0.0.1:1/chat?sslmode=perhaps", "cannot be used: "),
    ],
)
@pytest.mark.same_on_every_database
def test_a_database_that_cannot_be_used_is_one_sentence_in_every_command(url, sentence):
    status, output = run_command("migrate", DATABASE_URL=url, SECRET_KEY=SECRET_KEY)
    assert status == 1
    assert_no_traceback(output)
    assert "chatsite: the database " in output
    assert sentence in output
    assert "cret" not in output


@pytest.mark.parametrize(
    "value",
    ["chat@localhost", "Chat <a@b.example>", '"Chat, Inc" <a+b@c.example>', "Bücher <a@ä.example>"],
)
def test_the_sender_of_mails_is_taken_as_it_stands(value):
    assert load(EMAIL_FROM=value)["DEFAULT_FROM_EMAIL"] == value


@pytest.mark.parametrize("value", ["", " ", ",", " , "])
def test_an_empty_list_of_hosts_is_no_list(value):
    assert load(ALLOWED_HOSTS=value)["ALLOWED_HOSTS"] == load()["ALLOWED_HOSTS"]


@pytest.mark.parametrize(
    ("value", "url"),
    [
        ("", ""),
        ("https://chat.example.org", "https://chat.example.org"),
        ("HTTPS://Chat.Example.org/", "https://chat.example.org"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_the_address_of_the_site_has_a_scheme_and_a_host(value, url):
    assert load(SITE_URL=value)["SITE_URL"] == url


def test_an_empty_list_of_proxies_trusts_nobody():
    assert load(TRUSTED_PROXIES="")["TRUSTED_PROXIES"] == []


def test_the_proxy_protocol_needs_a_trusted_proxy(capfd):
    assert load(LEGACY_PROXY_PROTOCOL="on")["LEGACY_PROXY_PROTOCOL"] is True
    with pytest.raises(SystemExit, match="1"):
        load(LEGACY_PROXY_PROTOCOL="on", TRUSTED_PROXIES="")
    assert "in TRUSTED_PROXIES" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("hsts", "seconds", "subdomains", "preload"),
    [
        (None, 31_536_000, False, False),
        ("host", 31_536_000, False, False),
        ("subdomains", 31_536_000, True, False),
        ("preload", 31_536_000, True, True),
        ("off", 0, False, False),
    ],
)
def test_hsts_is_for_subdomains_only_when_the_operator_says_so(hsts, seconds, subdomains, preload):
    settings = load(HTTPS="on", **({"HSTS": hsts} if hsts else {}))
    assert settings["SECURE_HSTS_SECONDS"] == seconds
    assert settings["SECURE_HSTS_INCLUDE_SUBDOMAINS"] is subdomains
    assert settings["SECURE_HSTS_PRELOAD"] is preload


def test_the_folder_of_the_program_may_have_any_name():
    database = load()["DATABASE"]
    assert Path(database["NAME"]) == PROJECT / "db.sqlite3"
