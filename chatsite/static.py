"""How static files are named and served: the sources on a laptop, hashed and compressed else."""

from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.exceptions import SuspiciousFileOperation
from django.http import Http404
from servestatic import ServeStaticASGI
from servestatic.storage import CompressedManifestStaticFilesStorage


class Sources(ASGIStaticFilesHandler):
    """The static files as they lie in the source."""

    def serve(self, request):
        try:
            return super().serve(request)
        except SuspiciousFileOperation as error:
            raise Http404 from error


class HashedFiles(CompressedManifestStaticFilesStorage):
    """Names with a hash of what is in the file, also in the imports of ES modules."""

    support_js_module_import_aggregation = True


def with_static_files(application):
    """The pages with their static files, so that no other server is needed."""
    if settings.HASHED_STATIC:
        return ServeStaticASGI(
            application, root=settings.STATIC_ROOT, prefix=settings.STATIC_URL, max_age=3600
        )
    return Sources(application)
