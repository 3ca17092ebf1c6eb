"""A `ScriptedSocket` whose messages are edited, removed, restored and reacted to."""

from tests.support.scripted_socket import ScriptedSocket, a_line, a_welcome

EDITED_AT = "2026-05-05T13:30:00Z"


class ScriptedChanges(ScriptedSocket):
    """The WebSocket of a page in the lobby. What its user asks for is answered by a line."""

    def __init__(self, page, lines, **answers):
        self.lines = {line["seq"]: line for line in lines}
        welcome = a_welcome(lines, people=["me", "bob"])
        changes = {
            "edit": self.edit,
            "remove": lambda frame: self.changed("removed", frame["seq"]),
            "restore": self.restore,
            "react": self.react,
        }
        super().__init__(page, welcome, **{**changes, **answers})

    def changed(self, kind, of, text="", **fields):
        """Return the frame with a line about a message, by default of the page's user."""
        seq = max(self.lines) + 1
        line = a_line(seq, text, kind=kind, of=of, at=EDITED_AT, **{"name": "me", **fields})
        self.lines[seq] = line
        return {"type": "lines", "lines": [line]}

    def change(self, *arguments, **fields):
        """Send a line about a message, which somebody else has changed."""
        self.send("lines", lines=self.changed(*arguments, **fields)["lines"])

    def edit(self, frame):
        return self.changed("edited", frame["seq"], frame["text"])

    def restore(self, frame):
        return self.changed("restored", frame["seq"], self.lines[frame["seq"]]["text"])

    def react(self, frame):
        sign = "" if frame["on"] else "-"
        return self.changed("reacted", frame["seq"], f"{sign}{frame['emoji']}")


def refuse(text):
    """Return an answer that refuses a request about a message."""
    return lambda frame: {
        "type": "error",
        "code": "not_allowed",
        "text": text,
        "client_id": None,
        "answer": frame["type"],
        "seq": frame["seq"],
    }
