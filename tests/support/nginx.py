"""Debian's nginx, configured with the examples of chatsite/PRODUCTION.md."""

import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from tests.support import documents
from tests.support.ports import answers
from tests.support.services import missing
from tests.support.waiting import PATIENCE, wait_until

STREAM_MODULE = Path("/usr/lib/nginx/modules/ngx_stream_module.so")


def documented_block(number, changes):
    """Return an example of chatsite/PRODUCTION.md, counted from 0, with parts of it replaced."""
    document = documents.read("chatsite/PRODUCTION.md")
    block = documents.fenced_blocks(document, "nginx")[number]
    for documented, tested in changes.items():
        assert documented in block
        block = block.replace(documented, tested)
    return block


@contextmanager
def running_nginx(folder, port, body):
    """Run nginx with a configuration; gives the port on which it listens."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin") or missing("nginx")
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off;\nuser root;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"{body}\nevents {{}}\n"
    )
    process = subprocess.Popen(
        [program, "-c", str(path), "-e", str(folder / "error.log")], stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: answers(port), (folder / "error.log").read_text)
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)
