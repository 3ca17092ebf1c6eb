"""The documents: their sections, and the tables and commands in them."""

import re

from tests.support.starts import PROJECT

FENCE = "```"

DOCUMENTS = sorted(
    path
    for top in (PROJECT, *(PROJECT / name for name in ("chatsite", "chat", "tests")))
    for path in (top.glob("*.md") if top == PROJECT else top.rglob("*.md"))
)
CHANGES = PROJECT / "chatsite" / "CHANGES.md"
# Those that describe the present; CHANGES.md names what was there before, and results are made.
MANUALS = [path for path in DOCUMENTS if path.name not in ("CHANGES.md", "results.md")]


def relative(path):
    return str(path.relative_to(PROJECT))


def read(path):
    return (PROJECT / path).read_text()


def headings(document):
    """Yield (line number, level, title) of each heading. Comments in blocks of code are none."""
    is_code = False
    for number, line in enumerate(document.splitlines()):
        if line.startswith(FENCE):
            is_code = not is_code
        elif not is_code and (found := re.match(r"(#+) (.+)$", line)):
            yield number, len(found[1]), found[2]


def section(document, title):
    """Return the text below a heading, up to the next heading of the same or a higher level."""
    begin = None
    lines = document.splitlines(keepends=True)
    for number, level, heading in headings(document):
        if begin is None and heading == title:
            begin, own_level = number + 1, level
        elif begin is not None and level <= own_level:
            return "".join(lines[begin:number])
    assert begin is not None, f"there is no section {title!r}"
    return "".join(lines[begin:])


def tables(text):
    """Return the tables in a text."""
    return re.findall(r"(?:^\|.+\|\n)+", text, re.MULTILINE)


def rows(text):
    """Return the cells of each row of the tables in a text, without the heads."""
    lines = re.findall(r"^\| (.+) \|$", text, re.MULTILINE)
    cells = [re.split(r" ?(?<!\\)\| ", line) for line in lines]
    heads = {number - 1 for number, row in enumerate(cells) if set(row[0]) == {"-"}}
    return [row for number, row in enumerate(cells) if number not in heads | {n + 1 for n in heads}]


def words(cells):
    """Return the first word of each cell that is code."""
    return [found[1] for cell in cells if (found := re.match(r"`([\w./-]+)", cell))]


def column(document, title, number=0):
    """Return the words in one column of the tables of a section."""
    return words(row[number] for row in rows(section(document, title)))


def command_blocks(text):
    """Return the indented blocks of commands in a text."""
    return [block.rstrip() for block in re.findall(r"(?:^    .+\n)+", text, re.MULTILINE)]


def fenced_blocks(text, language):
    return re.findall(rf"^{FENCE}{language}\n(.*?)^{FENCE}", text, re.MULTILINE | re.DOTALL)
