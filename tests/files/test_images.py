"""Images of people and of attackers: what is kept of them, and what is refused."""

import io
import zipfile
import zlib

import pytest
from PIL import Image

from chat.files import converting, images
from chat.files.converting import NotConverted
from tests.support import pictures
from tests.support.pictures import animation, chunk, encoded, photo, picture, png

pytestmark = pytest.mark.same_on_every_database

BLUE = (0, 0, 255)


@pytest.fixture
def convert(tmp_path, monkeypatch):
    """Convert bytes. Returns (what is known, the image as bytes, the thumbnail as bytes).

    The program runs in the process of the test, since starting it takes longer than most images.
    """
    monkeypatch.setattr(converting, "run_program", images.attempt)
    monkeypatch.setattr(images.Image, "MAX_IMAGE_PIXELS", None)
    return converting_in(tmp_path)


@pytest.fixture
def convert_apart(tmp_path):
    """Do the same in a process of its own, as the site does."""
    return converting_in(tmp_path)


def converting_in(folder):
    def convert(data):
        source = folder / "received"
        source.write_bytes(data)
        assert converting.is_image(source)
        done = converting.convert(source, folder)
        return done, done.image.read_bytes(), done.thumbnail.read_bytes()

    return convert


def opened(data):
    return Image.open(io.BytesIO(data))


def is_near(colour, other):
    return all(abs(one - two) < 40 for one, two in zip(colour[:3], other, strict=True))


def problem_of(convert, data):
    with pytest.raises(NotConverted) as raised:
        convert(data)
    assert raised.value.code in converting.PROBLEMS
    return raised.value.code


def test_a_photo_loses_its_metadata_and_stands_upright(convert_apart):
    data = photo()
    assert data.count(b"SECRET") == 3
    done, image, thumbnail = convert_apart(data)
    assert (done.type, done.width, done.height) == ("image/jpeg", 800, 1200)
    assert opened(image).size == (800, 1200)
    assert not opened(image).getexif()
    assert b"SECRET" not in image + thumbnail
    assert is_near(opened(image).convert("RGB").getpixel((790, 10)), BLUE)  # it was at the left


def test_a_thumbnail_fits_and_keeps_the_proportions(convert):
    _, _, thumbnail = convert(picture(size=(1200, 300)))
    assert (opened(thumbnail).format, opened(thumbnail).size) == ("WEBP", (640, 160))
    _, _, thumbnail = convert(picture("PNG", size=(20, 10)))
    assert opened(thumbnail).size == (20, 10)


@pytest.mark.parametrize("name", ["PNG", "WEBP"])
def test_what_can_be_seen_through_stays_so(convert, name):
    image = Image.new("RGBA", (40, 40), (200, 40, 40, 0))
    done, kept, thumbnail = convert(encoded(image, name))
    assert done.type == f"image/{name.lower()}"
    for data in (kept, thumbnail):
        assert opened(data).convert("RGBA").getpixel((20, 20))[3] == 0


def test_colours_of_a_print_become_those_of_screens(convert):
    _, image, _ = convert(encoded(Image.new("CMYK", (40, 40), (255, 0, 0, 0)), "JPEG"))
    assert opened(image).mode == "RGB"


def test_a_very_large_photo_becomes_smaller(convert):
    done, image, _ = convert(picture(size=(6000, 2000)))
    assert (done.width, done.height) == (images.MAX_SIDE, 1365)
    assert opened(image).size == (images.MAX_SIDE, 1365)


@pytest.mark.parametrize("name", ["GIF", "WEBP"])
def test_an_animation_keeps_its_frames_and_gets_a_still_thumbnail(convert, name):
    done, image, thumbnail = convert(animation(name))
    assert (done.type, opened(image).n_frames) == (f"image/{name.lower()}", 3)
    assert getattr(opened(thumbnail), "n_frames", 1) == 1


def test_a_gif_of_one_frame_becomes_a_png(convert):
    done, image, _ = convert(animation(frames=1))
    assert (done.type, opened(image).format) == ("image/png", "PNG")


# Attacks


def test_an_image_bomb_is_refused_before_it_is_decoded(convert_apart):
    assert problem_of(convert_apart, png(50_000, 50_000, b"")) == "too_many_pixels"
    assert problem_of(convert_apart, png(100_000_000, 1, b"")) == "too_many_pixels"


def test_an_image_of_many_black_pixels_is_allowed_and_stays_small(convert_apart):
    data = png(7000, 7000)
    assert len(data) < 100_000
    done, image, _ = convert_apart(data)
    assert max(done.width, done.height) == images.MAX_SIDE
    assert len(image) < 1_000_000


def test_animations_have_a_limit_of_frames_and_of_pixels_in_all_frames(convert):
    assert problem_of(convert, animation(frames=images.MAX_FRAMES + 1)) == "too_many_frames"
    assert problem_of(convert, animation(frames=20, size=(2000, 2000))) == "too_many_frames"
    many = animation("WEBP", frames=images.MAX_FRAMES + 1, size=(8, 8))
    assert problem_of(convert, many) == "too_many_frames"


@pytest.mark.parametrize(
    "data",
    [
        picture()[: len(picture()) // 2],
        picture("PNG")[:200],
        picture("WEBP")[:100],
        animation()[:60],
        b"\xff\xd8\xff",
        b"\x89PNG\r\n\x1a\n" + bytes(1000),
        b"RIFF\xff\xff\xff\xffWEBPVP8 " + bytes(1000),
        png(0, 0),
    ],
    ids=["jpeg", "png", "webp", "gif", "begin", "zeros", "webp head", "no pixels"],
)
def test_a_cut_or_broken_image_is_refused(convert, data):
    assert problem_of(convert, data) == "damaged"


def test_texts_that_unpack_to_gigabytes_do_no_harm(convert_apart):
    bomb = zlib.compress(bytes(80 << 20))
    data = png(10, 10, None, *[chunk(b"zTXt", b"Comment\0\0" + bomb)] * 8)
    try:
        _, image, _ = convert_apart(data)
    except NotConverted as error:
        assert error.code == "damaged"
    else:
        assert len(image) < 1000


def archive():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("page.html", "<script>alert(1)</script>")
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        picture() + archive(),
        picture("PNG") + b"<script>alert(1)</script>",
        picture(comment=b"<script>alert(1)</script>"),
        animation().replace(b"GIF89a", b"GIF89a") + b"*/;alert(1)//<script>",
        pictures.png(8, 8, None, chunk(b"tEXt", b"Comment\0<script>alert(1)</script>")),
    ],
    ids=["zip", "html behind", "html in a comment", "script", "html in a text"],
)
def test_what_is_two_files_at_once_keeps_only_the_image(convert, data):
    _, image, thumbnail = convert(data)
    for kept in (image, thumbnail):
        assert b"alert" not in kept
        assert b"<script" not in kept
        assert not zipfile.is_zipfile(io.BytesIO(kept))


def test_a_damaged_colour_profile_is_ignored(convert):
    _, image, _ = convert(picture(icc_profile=b"acsp" * 100))
    assert "icc_profile" not in opened(image).info


def test_a_decoder_that_needs_too_much_ends_without_harm(convert_apart, monkeypatch):
    monkeypatch.setattr(converting, "TIMEOUT", 0.01)
    assert problem_of(convert_apart, picture()) == "damaged"


def test_only_a_few_images_are_prepared_at_the_same_time(convert_apart, monkeypatch):
    monkeypatch.setattr(converting, "WAIT_FOR_TURN", 0)
    for _ in range(converting.AT_ONCE):
        assert converting.turns.acquire(blocking=False)
    try:
        assert problem_of(convert_apart, picture()) == "busy"
    finally:
        for _ in range(converting.AT_ONCE):
            converting.turns.release()
    convert_apart(picture())


@pytest.mark.parametrize(
    "data",
    [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"%PDF-1.7", b"BM", b"RIFF....WAVE"],
)
def test_other_files_are_no_images(tmp_path, data):
    path = tmp_path / "received"
    path.write_bytes(data)
    assert not converting.is_image(path)
