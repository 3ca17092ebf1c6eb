"""How static files are named and served: from the sources in development, hashed in production."""

from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404
from servestatic import ServeStaticASGI
from servestatic.storage import CompressedManifestStaticFilesStorage


class SourceFilesHandler(ASGIStaticFilesHandler):
    """Serves the static files from the source directories, under their own names."""

    def serve(self, request):
        try:
            return super().serve(request)
        except SuspiciousFileOperation as error:  # a path that leads out of the directory
            raise Http404 from error


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Adds a hash of the content to each file's name, also in the imports of ES modules."""

    support_js_module_import_aggregation = True


def with_static_files(application):
    """Return the application extended to serve the static files, so that no proxy has to."""
    if settings.HASHED_STATIC:
        return ServeStaticASGI(
            application, root=settings.STATIC_ROOT, prefix=settings.STATIC_URL, max_age=3600
        )
    return SourceFilesHandler(application)
