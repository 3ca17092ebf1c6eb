"""The times of the members of a scenario, in seconds, equal to those of the page.

static/chat/core/timing.js has the page's.
"""

WELCOME_TIMEOUT = 15  # of a new connection
ANSWER_TIMEOUT = 10  # of a message
STEADY_AFTER = 5  # a connection that lasted this long was no failure

FIRST_RECONNECT_PAUSE = 0.5  # doubles with each failure
LONGEST_RECONNECT_PAUSE = 30
FULL_SERVER_PAUSE = 30  # where the server names no time

FIRST_RETRY_PAUSE = 1  # before a message is sent again; doubles with each refusal
LONGEST_RETRY_PAUSE = 15
