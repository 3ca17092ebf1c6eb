"""The names of files that people send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.names.files import MAX_FILE_NAME, clean_file_name, with_extension
from chat.wire.characters import is_visible
from chat.wire.commands import UNSAFE


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("photo.jpg", "photo.jpg"),
        ("  holiday   photo .jpg ", "holiday photo .jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\notes.txt", "notes.txt"),
        ("/", "file"),
        ("..", "file"),
        ("", "file"),
        ("\u200b\u202e", "file"),
        (".htaccess", "htaccess"),
        ("photo\u202egpj.exe", "photo gpj.exe"),
        ("one\ntwo\x1b[31m\x00.txt", "one two _31m .txt"),
        ('a]b[c"d<e>f|g?h*i.txt', "a_b_c_d_e_f_g_h_i.txt"),
        ("thumbnail", "thumbnail_"),
        ("фото 日本 👩‍👧.png", "фото 日本 👩‍👧.png"),
        ("e\u0301.txt", "é.txt"),
        ("x" * 300 + ".tar", "x" * 96 + ".tar"),
        ("x." + "y" * 300, "x." + "y" * 98),
    ],
)
def test_a_name_is_one_line_without_folders(sent, kept):
    assert clean_file_name(sent) == kept


@given(st.text())
def test_every_name_becomes_one_that_can_be_shown(sent):
    name = clean_file_name(sent)
    assert 0 < len(name) <= MAX_FILE_NAME
    assert is_visible(name)
    assert UNSAFE.search(name) is None
    assert not set(name) & set("/\\\n[]")
    assert clean_file_name(name) == name


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("photo.JPEG", "photo.JPEG"),
        ("photo.png", "photo.jpg"),
        ("photo", "photo.jpg"),
        ("page.html", "page.jpg"),
        (".png", "png.jpg"),
        ("x" * 100, "x" * 96 + ".jpg"),
    ],
)
def test_an_image_has_the_extension_of_what_it_is(name, kept):
    assert with_extension(clean_file_name(name), ("jpg", "jpeg")) == kept
