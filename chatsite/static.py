"""The names and the serving of static files: the sources in development, hashed in production."""

import re
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.http import Http404
from servestatic import ServeStaticASGI
from servestatic.compress import Compressor
from servestatic.storage import CompressedManifestStaticFilesStorage

from chatsite.headers import SecurityHeaders


class SourceFilesHandler(ASGIStaticFilesHandler):
    """Serves the static files from the source directories, under their own names."""

    def serve(self, request):
        try:
            return super().serve(request)
        except SuspiciousFileOperation as error:  # a path that leads out of the directory
            raise Http404 from error


class SelectiveCompressor(Compressor):
    """Compresses the site's own files with Brotli too, which makes a first visit a tenth smaller.

    The files of the admin are many and rarely loaded. Brotli would delay the start by seconds.
    """

    def __init__(self, **options):
        super().__init__(**options)
        self.without_brotli = Compressor(**{**options, "use_brotli": False})

    def compress(self, path):
        if Path(path).is_relative_to(settings.STATIC_ROOT / "chat"):
            return super().compress(path)
        return self.without_brotli.compress(path)


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Adds a hash of the content to each file's name, also in the imports of ES modules.

    The site's own scripts and styles are published without comments. A first visit loads them all,
    and the comments would be a quarter of it.
    """

    support_js_module_import_aggregation = True

    def create_compressor(self, **options):
        return SelectiveCompressor(**options)

    def _save(self, name, content):
        if re.fullmatch(r"chat/.+\.(css|js)", name):
            content.seek(0)  # Django saves some contents twice
            content = ContentFile(without_comments(content.read()))
        return super()._save(name, content)


def without_comments(source: bytes) -> bytes:
    """Return a script or a style sheet without its comments.

    A comment with a quotation mark after code stays, because it may be part of a string.
    """
    alone = rb"^[ \t]*(//.*|/\*[\s\S]*?\*/[ \t]*)\n"
    after_code = rb"""[ \t]+// [^"'`\n]*$"""
    return re.sub(rb"%b|%b" % (alone, after_code), b"", source, flags=re.MULTILINE)


def with_static_files(application):
    """Return the application extended to serve the static files, so that no proxy has to."""
    return SecurityHeaders(_with_files(application))


def _with_files(application):
    if settings.HASHED_STATIC:
        return ServeStaticASGI(
            application,
            root=settings.STATIC_ROOT,
            prefix=settings.STATIC_URL,
            max_age=3600,
            allow_all_origins=False,  # no other site needs these files
        )
    return SourceFilesHandler(application)
