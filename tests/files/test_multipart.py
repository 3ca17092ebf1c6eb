"""Forms with files, as browsers send them and as attackers do."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.files import multipart
from chat.files.multipart import BadForm, Field

pytestmark = pytest.mark.same_on_every_database


def part(name, content, file_name=None):
    file = f'; filename="{file_name}"\r\nContent-Type: text/plain' if file_name is not None else ""
    head = f'Content-Disposition: form-data; name="{name}"{file}\r\n\r\n'
    return b"--x\r\n" + head.encode() + content + b"\r\n"


def read(body, tmp_path):
    path = tmp_path / "body"
    path.write_bytes(body)
    with path.open("rb") as file:
        return multipart.read(file, "x")


def test_a_form_has_fields_and_files(tmp_path):
    body = part("text", "größer".encode()) + part("files", b"\r\n--y\r\n\0", "a.txt")
    body += part("files", b"", "") + b"--x--\r\n"
    assert read(body, tmp_path) == [
        Field("text", None, "größer".encode()),
        Field("files", "a.txt", b"\r\n--y\r\n\0"),
        Field("files", "", b""),
    ]


def test_names_of_files_are_read_as_browsers_write_them(tmp_path):
    body = part("files", b"1", "日本 %22a%22%0D%0A.txt") + b"--x--"
    assert read(body, tmp_path)[0].file_name == '日本 "a"  .txt'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--",
        b"--x",
        b"--x\r\n",
        b"--x--"[:4],
        b"--y\r\n",
        part("text", b"no end"),
        b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n--x--',
        b"--x\r\n" + b"h" * 5000 + b"\r\n\r\n1\r\n--x--",
        part("a", b"1") * 41 + b"--x--",
    ],
)
def test_what_is_no_form_is_refused(tmp_path, body):
    with pytest.raises(BadForm):
        read(body, tmp_path)


@given(st.lists(st.sampled_from([b"--x", b"\r\n", b"--", b'; name="a"', b"\r\n\r\n", b"z"])))
def test_every_body_is_a_form_or_is_refused(pieces):
    with os.fdopen(os.memfd_create("body"), "w+b") as file:
        file.write(b"".join(pieces))
        file.flush()
        try:
            multipart.read(file, "x")
        except BadForm:
            pass


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        (
            "multipart/form-data; boundary=----WebKitFormBoundaryAbc123",
            "----WebKitFormBoundaryAbc123",
        ),
        ('multipart/form-data; boundary="a b"', None),
        ("multipart/form-data; boundary=x; charset=hex", None),
        ("multipart/form-data; charset=hex; boundary=x", None),
        ("multipart/form-data; boundary*=hex''%61", None),
        ("multipart/form-data", None),
        ("multipart/mixed; boundary=x", None),
        ("multipart/form-data; boundary=" + "x" * 71, None),
    ],
)
def test_only_the_content_type_of_a_browser_is_understood(content_type, boundary):
    assert multipart.boundary_of(content_type) == boundary
