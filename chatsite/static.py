"""The names and the serving of static files: the sources in development, hashed in production."""

import re
from functools import partial
from pathlib import Path
from stat import S_ISREG

from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile
from django.http import Http404
from servestatic import ServeStaticASGI
from servestatic.compress import Compressor
from servestatic.storage import CompressedManifestStaticFilesStorage
from servestatic.utils import scantree

from chatsite import static_collection
from chatsite.bundling import Bundle
from chatsite.headers import SecurityHeaders

# The script of the room's page, and the one that is published with all that it imports.
ROOM_SCRIPT, ROOM_BUNDLE = "chat/room/room.js", "chat/room/bundle.js"
BUNDLED = re.compile(r"chat/(core|room)/[^/]+")


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


class BundledFiles(ManifestStaticFilesStorage):
    """Publishes the modules of the room's page also as one file.

    Its name is in the manifest only. The files of the modules are published too, because scripts
    that are loaded later import some of them.
    """

    def post_process(self, paths, dry_run=False, **options):
        yield from super().post_process(paths, dry_run=dry_run, **options)
        if dry_run or ROOM_SCRIPT not in paths:
            return
        # The files are read with the hashed names that they import by now.
        entry = self.hashed_files[ROOM_SCRIPT]
        content = Bundle(self.read_text, BUNDLED.fullmatch).make(entry).encode()
        name = ROOM_BUNDLE.replace(".", f".{self.file_hash(ROOM_BUNDLE, ContentFile(content))}.")
        for path in (ROOM_BUNDLE, name):
            self.delete(path)
            self._save(path, ContentFile(content))
        self.hashed_files[ROOM_BUNDLE] = name
        self.save_manifest()
        yield ROOM_BUNDLE, name, True

    def read_text(self, path):
        with self.open(path) as file:
            return file.read().decode()


class HashedFiles(CompressedManifestStaticFilesStorage, BundledFiles):
    """Adds a hash of the content to each file's name, also in the imports of ES modules.

    The site's own scripts and styles are published without comments, which would be a quarter of a
    first visit.
    """

    support_js_module_import_aggregation = True
    max_post_process_passes = 12  # one for each step in the longest chain of imports

    def post_process(self, paths, dry_run=False, **options):
        yield from super().post_process(paths, dry_run=dry_run, **options)
        if not dry_run:
            static_collection.record(paths)

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


class StaticFiles(ServeStaticASGI):
    """Serves the collected files, and looks at each of them when it is first asked for.

    Looking at all five hundred would take a third of the processor time of a start.
    """

    def update_files_dictionary(self, root, prefix):
        self.files = FilesOnDemand(self, root, prefix)


class FilesOnDemand(dict):
    """The files of a folder by their addresses: those that were asked for."""

    def __init__(self, server, root, prefix):
        super().__init__()
        stats = {path: found for path, found in scantree(root) if S_ISREG(found.st_mode)}
        self.paths = {prefix + path.removeprefix(root): path for path in stats}
        self.add = partial(server.add_file_to_dictionary, root=root, stat_cache=stats)

    def get(self, address, default=None):
        if path := self.paths.pop(address, None):
            self.add(address, path)
        return super().get(address, default)


def with_static_files(application):
    """Return the application extended to serve the static files, so that no proxy has to."""
    return SecurityHeaders(_with_files(application))


def _with_files(application):
    if settings.HASHED_STATIC:
        return StaticFiles(
            application,
            root=settings.STATIC_ROOT,
            prefix=settings.STATIC_URL,
            max_age=3600,
            allow_all_origins=False,  # no other site needs these files
        )
    return SourceFilesHandler(application)
