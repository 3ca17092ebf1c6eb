"""Settings in environment variables: what is accepted, and how the rest is rejected."""

import errno
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import pytest

from chatsite.environment import Environment, InvalidSetting, load_or_create_secret_key


def environment(**variables):
    return Environment(variables)


@pytest.mark.parametrize("value", ["on", "ON", "true", "yes", "1"])
def test_a_switch_can_be_turned_on(value):
    assert environment(DEBUG=value).flag("DEBUG") is True


@pytest.mark.parametrize("value", ["off", "Off", "false", "no", "0", "", " "])
def test_a_switch_can_be_turned_off(value):
    assert environment(DEBUG=value).flag("DEBUG", default=True) is False


def test_a_variable_that_is_not_set_has_its_default():
    nothing = environment()
    assert nothing.text("CHAT_ROOM", "Lobby") == "Lobby"
    assert nothing.items("ALLOWED_HOSTS", ["localhost"]) == ["localhost"]
    assert nothing.flag("HTTPS") is False
    assert nothing.port("LEGACY_PORT", 6666) == 6666


@pytest.mark.parametrize("value", ["Käse & Brot", "日本", "👩‍💻 chat", "می‌خواهم", " x ", "x" * 64])
def test_the_name_of_the_site_may_have_any_visible_characters(value):
    assert environment(SITE_NAME=value).title("SITE_NAME", "Chatsite") == value.strip()


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "x" * 65,
        "two\nlines",
        "tab\there",
        "\u202etahc",
        "\u3164",
        "\u200d",
        "\u0301",
        "\x7f",
    ],
)
def test_a_name_of_the_site_that_cannot_be_shown_is_rejected(value):
    with pytest.raises(InvalidSetting, match="SITE_NAME must have 1 to 64 visible characters"):
        environment(SITE_NAME=value).title("SITE_NAME", "Chatsite")


@pytest.mark.parametrize(
    ("value", "rate"),
    [("300+10/s", (300, 10)), ("384K+16K/s", (393_216, 16_384)), (" 1M+1/s ", (1_048_576, 1))],
)
def test_a_rate_says_how_much_may_come_at_once_and_how_much_a_second(value, rate):
    assert environment(FLOOD=value).rate("FLOOD", "1+1/s") == rate


@pytest.mark.parametrize(
    "value",
    ["", "300", "300/s", "0+10/s", "300+0/s", "-1+1/s", "1k+1/s", "1.5+1/s", "٣+1/s", "9" * 99],
)
def test_a_rate_in_another_form_is_rejected(value):
    with pytest.raises(InvalidSetting, match=r"FLOOD must say how much .* such as 300"):
        environment(FLOOD=value).rate("FLOOD", "300+10/s")


def test_the_items_of_a_list_are_stripped_and_empty_ones_ignored():
    assert environment(ALLOWED_HOSTS=" a.example , ,b.example,").items("ALLOWED_HOSTS", []) == [
        "a.example",
        "b.example",
    ]


@pytest.mark.parametrize("value", ["telnet", "-1", "65536", "٣", "6666.0", ""])
def test_a_port_that_cannot_be_used_is_rejected(value):
    with pytest.raises(InvalidSetting, match="LEGACY_PORT must be a port"):
        environment(LEGACY_PORT=value).port("LEGACY_PORT", 6666)


def test_a_value_that_is_not_among_the_choices_is_rejected():
    with pytest.raises(InvalidSetting, match="SIGNUP must be one of open, closed"):
        environment(SIGNUP="perhaps").choice("SIGNUP", "open", ("open", "closed"))


def test_a_database_url_becomes_djangos_settings():
    url = "postgres://chat:secret@db.example/chatsite"
    settings = environment(DATABASE_URL=url).database("DATABASE_URL", "")
    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert (settings["USER"], settings["HOST"], settings["NAME"]) == (
        *("chat", "db.example", "chatsite"),
    )


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "sqlite:///", "sqlite://:memory:", "postgres://x:port/y", "postgres://x"]
)
def test_a_database_url_that_cannot_be_used_is_rejected(url):
    with pytest.raises(InvalidSetting, match="DATABASE_URL"):
        environment(DATABASE_URL=url).database("DATABASE_URL", "")


def test_an_email_url_becomes_djangos_settings():
    url = "smtp+tls://user:secret@mail.example:587"
    settings = environment(EMAIL_URL=url).email("EMAIL_URL", "consolemail://")
    assert settings["EMAIL_HOST"] == "mail.example"
    assert settings["EMAIL_USE_TLS"] is True


def test_processes_that_start_together_agree_on_one_secret_key(tmp_path, monkeypatch):
    path = tmp_path / "data" / "secret_key"
    # Threads stand for processes, which differ in their ids.
    ids = iter(range(100))
    monkeypatch.setattr("chatsite.environment.os.getpid", lambda: next(ids))
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(load_or_create_secret_key, [path] * 32))
    assert keys == {path.read_text()}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret_key"]


def test_nothing_is_left_of_a_secret_key_that_could_not_be_written(tmp_path, monkeypatch):
    """In a container the next process has the same id, and could not create its file."""
    full = Mock(side_effect=OSError(errno.ENOSPC, "No space left on device"))
    monkeypatch.setattr("chatsite.environment.secrets.token_urlsafe", full)
    with pytest.raises(OSError, match="No space left"):
        load_or_create_secret_key(tmp_path / "secret_key")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "short", "ä" * 60])
def test_a_file_without_a_usable_secret_key_is_rejected(tmp_path, content):
    path = tmp_path / "secret_key"
    path.write_text(content)
    with pytest.raises(InvalidSetting, match="holds no usable secret key"):
        load_or_create_secret_key(path)


def test_a_storage_is_written_as_django_writes_it():
    value = '{"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": "chat"}}'
    storage = environment(UPLOAD_STORAGE=value).storage("UPLOAD_STORAGE", "")
    assert storage["OPTIONS"] == {"bucket_name": "chat"}
    assert environment().storage("UPLOAD_STORAGE", "") == {}


@pytest.mark.parametrize(
    "value",
    [
        "s3://chat",
        "[]",
        "1",
        '{"OPTIONS": {}}',
        '{"BACKEND": 1}',
        '{"BACKEND": "x", "OPTIONS": []}',
        '{"BACKEND": "x", "secret_key": "hidden"}',
        "[" * 100_000,
    ],
)
def test_a_storage_in_another_form_is_rejected_without_showing_it(value):
    with pytest.raises(InvalidSetting) as raised:
        environment(UPLOAD_STORAGE=value).storage("UPLOAD_STORAGE", "")
    assert "hidden" not in str(raised.value)
