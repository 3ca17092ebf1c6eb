"""The program that makes images safe: it decodes an image, and encodes it anew with a thumbnail.

It runs as a process of its own, which has little memory and time, because decoders of images are
large and their input comes from strangers:

    python images.py FILE FOLDER

It writes `image` and `thumbnail` into the folder, and prints what they are as JSON, or
`{"problem": NAME}`. What is written contains pixels only: no metadata, and nothing that stood
behind the image.
"""

import io
import json
import os
import resource
import sys
from pathlib import Path

from PIL import Image, ImageCms, ImageOps, ImageSequence

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp"}

MAX_PIXELS = 50_000_000  # of one frame: as many as the camera of a good phone makes
MAX_FRAMES = 300
MAX_PIXELS_OF_FRAMES = 60_000_000  # of all frames together
MAX_SIDE = 4096  # pixels; larger images are made smaller
THUMBNAIL = 640, 480  # twice as many pixels as the page shows

MEMORY = 1 << 30  # bytes
CPU_SECONDS = 20
OUTPUT = 64 << 20  # bytes of a file that is written
NICENESS = 10  # the chat comes first


class Problem(Exception):
    """An image that is not accepted; the text is the name of the reason."""


def attempt(source: Path, folder: Path) -> dict[str, object]:
    """Do the same as `convert`, and return the problem if there is one."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS  # Pillow warns above it, and refuses twice as many
    try:
        return convert(source, folder)
    except Problem as problem:
        return {"problem": str(problem)}
    except Image.DecompressionBombError:
        return {"problem": "too_many_pixels"}
    except Exception:  # Pillow raises errors of many kinds for damaged files
        return {"problem": "damaged"}


def convert(source: Path, folder: Path) -> dict[str, object]:
    """Write an image and its thumbnail into a folder. Returns what they are. Raises `Problem`."""
    with Image.open(source, formats=list(TYPES)) as image:
        frames = count_frames(image)
        check_size(image.size, frames)
        name = str(image.format)
        if frames == 1:
            image.thumbnail((MAX_SIDE, MAX_SIDE))  # decodes few more pixels than are kept
            name = "PNG" if name == "GIF" else name
        still = upright(image)
        if frames > 1:
            save_animation(image, folder / "image")
        else:
            save_pixels(still, name, folder / "image")
    still.thumbnail(THUMBNAIL)
    save_pixels(still, "WEBP", folder / "thumbnail")
    with Image.open(folder / "image", formats=[name]) as saved:
        return {"type": TYPES[name], "width": saved.width, "height": saved.height}


def count_frames(image: Image.Image) -> int:
    """Return the number of frames of an animation, and 1 for all other images."""
    if image.format == "WEBP":
        frames = getattr(image, "n_frames", 1)
        if frames > MAX_FRAMES:
            raise Problem("too_many_frames")
        return frames
    if image.format != "GIF":
        return 1
    # Counting them needs the whole file, so it ends at the limits.
    for number in range(1, MAX_FRAMES + 1):
        check_size(image.size, number)
        try:
            image.seek(number)
        except EOFError:
            image.seek(0)
            return number
    raise Problem("too_many_frames")


def check_size(size: tuple[int, int], frames: int) -> None:
    """Raise `Problem` for images with too many pixels, before they are decoded."""
    pixels = size[0] * size[1]
    if pixels > MAX_PIXELS:
        raise Problem("too_many_pixels")
    if frames > 1 and pixels * frames > MAX_PIXELS_OF_FRAMES:
        raise Problem("too_many_frames")


def upright(image: Image.Image) -> Image.Image:
    """Return the pixels of an image as it is meant to be seen, in the colours of browsers."""
    profile = image.info.get("icc_profile")
    turned = ImageOps.exif_transpose(image)
    has_alpha = turned.mode in ("RGBA", "LA", "PA") or "transparency" in turned.info
    if profile and turned.mode in ("RGB", "RGBA", "CMYK"):
        turned = in_srgb(turned, profile)
    return turned.convert("RGBA" if has_alpha else "RGB")


def in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return an image whose colours need no profile. A damaged profile is ignored."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, own, srgb, outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image


def save_pixels(image: Image.Image, name: str, path: Path) -> None:
    """Save the pixels of an image and nothing else."""
    pixels = Image.new(image.mode, image.size)
    pixels.paste(image)
    if name == "JPEG":
        pixels.convert("RGB").save(path, "JPEG", quality=85, optimize=True, progressive=True)
    elif name == "WEBP":
        pixels.save(path, "WEBP", quality=80, method=2)
    else:
        pixels.save(path, name)


def save_animation(image: Image.Image, path: Path) -> None:
    """Save all frames of an animation, with their times."""
    frames, durations = [], []
    for frame in ImageSequence.Iterator(image):
        durations.append(max(20, int(frame.info.get("duration") or 100)))
        frames.append(frame.convert("RGBA"))
        frames[-1].info.clear()
    options = {"quality": 80, "method": 0} if image.format == "WEBP" else {"disposal": 2}
    frames[0].save(
        path,
        image.format,
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        **options,
    )


def limit_process() -> None:
    """Bound what this process may use, before it reads anything."""
    os.nice(NICENESS)
    for kind, limit in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, OUTPUT),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))


def main() -> None:
    source, folder = map(Path, sys.argv[1:])
    limit_process()
    print(json.dumps(attempt(source, folder)))


if __name__ == "__main__":
    main()
