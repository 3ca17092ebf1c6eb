"""URLs of services: how they are read, and that no error shows a part of one."""

from urllib.parse import quote

import pytest
from redis.asyncio.connection import parse_url

from chatsite import service_urls
from chatsite.service_urls import InvalidUrl, database_settings, mail_settings, redis_url

SECRET = "sw0rdf1sh"
PASSWORD = "$a/b#c?d@e:f%g h[i]+"


@pytest.mark.parametrize("password", [PASSWORD, *PASSWORD, "$HOME", "$$", "\\$x"])
def test_a_percent_encoded_password_is_read_as_it_is(password):
    encoded = quote(password, "")
    settings = database_settings(f"postgres://chat:{encoded}@db.example/chatsite")
    assert settings["PASSWORD"] == password
    settings = mail_settings(f"smtp+tls://chat:{encoded}@mail.example:587")
    assert settings["EMAIL_HOST_PASSWORD"] == password
    assert parse_url(redis_url(f"redis://:{encoded}@bus.example/3"))["password"] == password


@pytest.mark.parametrize("password", ["$HOME", "a:b", "a@b", "a$b", "a+b", "a&b=c", "a[b]", "pä"])
def test_a_password_with_characters_that_have_no_meaning_there_is_taken_as_it_stands(password):
    settings = database_settings(f"postgres://chat:{password}@db.example/chatsite")
    assert (settings["PASSWORD"], settings["HOST"]) == (password, "db.example")
    if password.isascii():  # Python's smtplib cannot send others
        settings = mail_settings(f"smtp://me@example.org:{password}@mail.example")
        assert settings["EMAIL_HOST_PASSWORD"] == password
    assert parse_url(redis_url(f"redis://:{password}@bus.example"))["password"] == password


@pytest.mark.parametrize("sign", ["/", "#", "?", " ", "%", "%zz", "%ff", "%00", "\n"])
@pytest.mark.parametrize("place", [f"{SECRET}{{}}", f"{{}}{SECRET}", f"x{{}}{SECRET}:1"])
@pytest.mark.parametrize(
    ("read", "url"),
    [
        (database_settings, "postgres://chat:{}@db.example/chatsite"),
        (mail_settings, "smtp://chat:{}@mail.example"),
        (redis_url, "redis://:{}@bus.example/0"),
    ],
)
def test_a_password_that_is_not_percent_encoded_is_refused_and_never_shown(read, url, place, sign):
    with pytest.raises(InvalidUrl) as refusal:
        read(url.format(place.format(sign)))
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///db.sqlite3", "db.sqlite3"),
        ("sqlite:////srv/chat/db.sqlite3", "/srv/chat/db.sqlite3"),
        ("sqlite:////srv/$5 a+b/c@d%20e%23", "/srv/$5 a+b/c@d e#"),
    ],
)
def test_the_path_of_an_sqlite_database_is_taken_as_it_stands(url, path):
    assert database_settings(url)["NAME"] == path


@pytest.mark.parametrize(
    "url",
    [
        *("", "sqlite", "sqlite:", "sqlite://", "sqlite:///", "sqlite:db.sqlite3"),
        *("sqlite://db.sqlite3", "sqlite://folder/db.sqlite3", "sqlite:////srv/", "SQLITE:///x"),
        *("sqlite:///:memory:", "sqlite://:memory:", "sqlite:///a?b", "sqlite:///a#b"),
        *("sqlite:///%00", "sqlite:///%ff", "sqlite:///" + "x" * 300, "sqlite:///" + "x/" * 3000),
        *("mysql://h/n", "postgres:", "postgres://", "postgres://h", "postgres://h/", "//h/n"),
        *("postgres://h:port/n", "postgres://h:0/n", "postgres://h:65536/n", "postgres://h:٣/n"),
        *("postgres://a b/n", "postgres://[::1/n", "postgres://[x]/n", "postgres://::1/n"),
        *("postgres://h/n#x", "postgres://h/n/m", "postgres://h/" + "n" * 64, "postgres://h/n%00"),
        *("postgres://h/n?x", "postgres://h/n?unknown=1", "postgres://h/n?pool=1"),
        *("postgres://h/n?options=-c", "postgres://h/n?connect_timeout=1", "postgres://h/n?&"),
        *('"postgres://h/n"', "postgres://h/n?ATOMIC_REQUESTS=1", "postgres://h/n?sslmode=%00"),
    ],
)
def test_a_database_url_that_cannot_be_used_is_refused(url):
    with pytest.raises(InvalidUrl):
        database_settings(url)


@pytest.mark.parametrize(
    ("url", "host", "port", "name"),
    [
        ("postgres://h/n", "h", "", "n"),
        ("postgresql://h:5433/n", "h", "5433", "n"),
        ("postgres://[::1]:5433/n", "::1", "5433", "n"),
        ("postgres:///n", "", "", "n"),
        ("postgres:////var/run/postgresql/n", "/var/run/postgresql", "", "n"),
        ("postgres://%2Fvar%2Frun/n", "/var/run", "", "n"),
        ("postgres://a:1,b:2/n", "a,b", "1,2", "n"),
        ("postgres://h/$n%2Bm", "h", "", "$n+m"),
    ],
)
def test_the_place_of_a_postgresql_database_is_read(url, host, port, name):
    settings = database_settings(url)
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == (host, port, name)


def test_options_of_postgresql_are_passed_on():
    settings = database_settings("postgres://h/n?sslmode=require&application_name=chat%20site")
    assert settings["OPTIONS"] == {"sslmode": "require", "application_name": "chat site"}


@pytest.mark.parametrize(
    "url",
    [
        *("", "smtp:", "smtp://", "smtp://:25", "smtp://user:pass@", "smtp:///", "imap://h"),
        *("smtp://h:port", "smtp://h:0", "smtp://h/x", "smtp://h?x=y", "smtp://a,b", "smtp://a b"),
        *("smtp://u@h", "smtp://:p@h", "smtp://u:@h", "smtp://ü:p@h", "smtp://u:%C3%A4@h"),
        *("smtp://*", "smtp://h:25:25", "consolemail://x", "consolemail", '"smtp://h"'),
    ],
)
def test_a_mail_url_that_cannot_be_used_is_refused(url):
    with pytest.raises(InvalidUrl):
        mail_settings(url)


@pytest.mark.parametrize(
    "url",
    [
        *("redis:", "redis://", "redis:///0", "memcached://h", "redis://h/16", "redis://h/-1"),
        *("redis://h/x", "redis://h/1/2", "redis://h/٣", "redis://h/1e1", "redis://h/0#"),
        *("redis://h/" + "9" * 5000, "redis://h:port", "redis://h:0", "redis://h?db=16"),
        *("redis://h?socket_timeout=1", "redis://h?ssl_cert_reqs=none", "rediss://h?ssl_x=1"),
        *("rediss://h?ssl_cert_reqs=maybe", "redis://a,b/0", "redis://a b/0", "redis://h/0 1"),
    ],
)
def test_a_redis_url_that_cannot_be_used_is_refused(url):
    with pytest.raises(InvalidUrl):
        redis_url(url)


@pytest.mark.parametrize(
    ("url", "host", "port", "number"),
    [
        ("redis://h", "h", 6379, 0),
        ("redis://h/", "h", 6379, 0),
        ("redis://h/15", "h", 6379, 15),
        ("redis://[::1]:6380/07", "::1", 6380, 7),
        ("rediss://h/1?ssl_cert_reqs=none", "h", 6379, 1),
    ],
)
def test_the_place_of_a_redis_is_read(url, host, port, number):
    found = parse_url(redis_url(url))
    assert (found["host"], found["port"], found["db"]) == (host, port, number)


def test_a_path_is_usable_while_the_file_system_takes_it():
    assert service_urls.is_usable_path("/" + "ä" * 127)
    assert not service_urls.is_usable_path("/" + "ä" * 128)
