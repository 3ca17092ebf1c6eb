"""What a rule says when it says no."""


class Refused(Exception):
    """A request that makes sense and is not allowed; `code` says why.

    Functions that serve many at once return it in the place of a result, so that one refusal
    does not undo what the others asked for; the others raise it.
    """

    def __init__(self, code):
        super().__init__(code)
        self.code = code


TAKEN = "taken"  # somebody else's name, or one that nobody may have
EMPTY = "empty"  # a name in which nothing can be seen
GONE = "gone"  # who asks is not in the room (any more)
