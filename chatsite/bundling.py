"""Joins the modules of a page into one, so that a first visit loads one file instead of fifty.

The headers of fifty answers are as large as the page itself, and one file is compressed better. The
modules stay files of their own in development, where browsers load them as they are.
"""

import posixpath
import re
from collections.abc import Callable

IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(
    r"^export (?=(?:async )?(?:function|class|const|let) ([A-Za-z_$][\w$]*))", re.MULTILINE
)


class Bundle:
    """The modules that an entry imports, each as a function that returns what it exports.

    `read(path)` returns the source of a module, and `is_part(path)` says whether a module belongs
    into the bundle. The entry keeps its imports of other modules, and no part may have any.
    """

    def __init__(self, read: Callable[[str], str], is_part: Callable[[str], bool]) -> None:
        self.read = read
        self.is_part = is_part
        self.names: dict[str, str] = {}  # the variable of each part, by its path
        self.parts: list[str] = []

    def make(self, entry: str) -> str:
        """Return the source of the entry with its parts before it. Raises `ValueError`."""
        outside, body = self.split(entry)
        return "".join([*outside, *self.parts, body])

    def split(self, path: str) -> tuple[list[str], str]:
        """Return the imports of a module that stay, and its source, which uses the parts."""
        outside: list[str] = []

        def take(match: re.Match[str]) -> str:
            imported = posixpath.normpath(posixpath.join(posixpath.dirname(path), match[2]))
            if not self.is_part(imported):
                outside.append(match[0])
                return ""
            self.add(imported)
            return f"const {{{match[1].replace(' as ', ': ')}}} = {self.names[imported]};\n"

        return outside, IMPORT.sub(take, self.read(path))

    def add(self, path: str) -> None:
        """Add a part, after those that it imports itself."""
        if path in self.names:
            return
        outside, body = self.split(path)
        if outside:
            raise ValueError(f"{path} imports a module from outside of the bundle")
        exported = ", ".join(match[1] for match in EXPORT.finditer(body))
        self.names[path] = name = f"module{len(self.names)}"
        body = EXPORT.sub("", body)
        if re.search(r"^(import|export)\b", body, re.MULTILINE):
            raise ValueError(f"{path} has an import or an export that cannot be joined")
        self.parts.append(f"const {name} = (() => {{\n{body}return {{ {exported} }};\n}})();\n")
