"""Images as people send them, and as attackers make them."""

import io
import struct
import zlib

from PIL import Image

ORIENTATION, GPS = 0x0112, 0x8825  # tags of EXIF


def encoded(image, name, **options):
    """Return an image as bytes."""
    file = io.BytesIO()
    image.save(file, name, **options)
    return file.getvalue()


def picture(name="JPEG", size=(1200, 800), colour=(200, 40, 40), mode="RGB", **options):
    """Return a picture of one colour, with a blue corner at its top left."""
    image = Image.new(mode, size, colour)
    image.paste((0, 0, 255), (0, 0, size[0] // 4, size[1] // 4))
    return encoded(image, name, **options)


def photo():
    """Return a photo with a place, a comment and a description, whose camera was turned."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # turned by a quarter
    exif[0x010E] = "SECRET-DESCRIPTION"
    exif.get_ifd(GPS)[1] = "SECRET-PLACE"
    return picture(exif=exif, comment=b"SECRET-COMMENT")


def animation(name="GIF", frames=3, size=(40, 30)):
    """Return an animation."""
    colours = [(index * 90 % 256, index * 50 % 256, index * 7 % 256) for index in range(frames)]
    images = [Image.new("RGB", size, colour) for colour in colours]
    return encoded(images[0], name, save_all=True, append_images=images[1:], duration=50)


def chunk(kind, data):
    """Return a part of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, data=None, *parts):
    """Return a PNG in shades of grey that says that it has a size; without data it is all black."""
    data = zlib.compress(bytes((width + 1) * height)) if data is None else data
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"".join(
        [b"\x89PNG\r\n\x1a\n", header, *parts, chunk(b"IDAT", data), chunk(b"IEND", b"")]
    )
