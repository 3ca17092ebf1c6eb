"""The search: an index of the messages of all rooms, and the questions that people ask it.

The index stands beside the logs. It is kept by a cursor for each room that follows its log, outside
of the transactions that save messages. Each hit is checked against its row and the reader's access.
"""
