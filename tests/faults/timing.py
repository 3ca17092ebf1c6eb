"""How long the clients of a scenario wait, in seconds: the values of the room's page."""

WELCOME_TIMEOUT = 15  # for the welcome of a new connection
ANSWER_TIMEOUT = 10  # for the answer to a message
STEADY_AFTER = 5  # a connection that lasted this long resets the number of failures

SHORTEST_RETRY = 0.5  # before reconnecting; doubles with each failure
LONGEST_RETRY = 30
TOO_MANY_RETRY = 30  # before reconnecting to a full server that names no time

SHORTEST_PAUSE = 1  # before sending a refused message again; doubles with each refusal
LONGEST_PAUSE = 15
