"""Counts of what was said, for each account: messages of others, after what they have read."""

from unittest.mock import Mock

from hypothesis import given
from hypothesis import strategies as st

from chat.live.accounts_here import AccountsHere
from chat.live.room_counts import RoomCounts, Talk
from chat.names.keys import key_of
from chat.room.summaries import RoomSummary
from chat.room.unread import MAX_UNREAD, News
from tests.support.fake_log import line

ALICE, BOB = 1, 2
NAMES = {ALICE: "alice", BOB: "bob", None: "Gus"}
PEOPLE = st.sampled_from([ALICE, BOB, None])
MESSAGES = st.lists(st.tuples(PEOPLE, st.sets(PEOPLE)), max_size=20)  # author, who is mentioned


def summary(last, read, unread=0, mentions=0):
    return RoomSummary(
        id=7,
        slug="garden",
        name="Garden",
        kind="open",
        topic="",
        last=last,
        read=read,
        unread=unread,
        mentions=mentions,
        level="all",
        role="member",
        archived=False,
        guests=False,
        favourite=False,
        people=[],
    )


def news(messages, first=1):
    said = [(seq, author, NAMES[author]) for seq, (author, _) in enumerate(messages, first)]
    mentions = [(seq, who) for seq, (_, named) in enumerate(messages, first) for who in named]
    return News(said=said, mentions=mentions, lines=[])


@given(MESSAGES, st.integers(0, 20), st.integers(0, 20), st.sets(st.sampled_from([BOB, None])))
def test_messages_of_others_after_what_was_read_are_counted(messages, last, read, ignored):
    counts = RoomCounts(summary(last, read))
    keys = {key_of(NAMES[person].upper()) for person in ignored}
    counts.count(ALICE, Talk(7, len(messages), news(messages)), keys)
    unread = [
        named
        for seq, (author, named) in enumerate(messages, 1)
        if seq > max(last, read) and author not in {ALICE, *ignored}
    ]
    assert counts.unread == len(unread)
    assert counts.mentions == sum(not named.isdisjoint({ALICE, None}) for named in unread)
    assert counts.last == max(last, len(messages))


def test_counts_end_where_clients_show_more():
    counts = RoomCounts(summary(0, 0, unread=MAX_UNREAD - 1, mentions=MAX_UNREAD))
    counts.count(ALICE, Talk(7, 3, news([(BOB, {ALICE})] * 3)))
    assert (counts.unread, counts.mentions) == (MAX_UNREAD, MAX_UNREAD)


def test_the_newest_message_quotes_nobody_whom_the_account_ignores():
    message = line(2, name="bob", of=1)._replace(quote={"name": "Gus", "text": "a secret"})
    talk = Talk(7, 2, News(said=[], mentions=[], lines=[message]))
    assert talk.told(ALICE, 0, {key_of("GUS")})[0].quote == {"name": "Gus", "text": ""}
    assert talk.told(ALICE, 0, {key_of("eve")})[0] is message
    assert talk.told(ALICE, 0, {key_of("bob")}) == (None, False)


def test_an_account_is_told_of_a_mention_rather_than_of_a_later_message():
    later, to_all, to_alice = line(3, name="Gus"), line(2, name="bob"), line(1, name="bob")
    said = [(1, BOB, "bob"), (2, BOB, "bob"), (3, None, "Gus")]
    talk = Talk(7, 3, News(said, [(1, ALICE), (2, None)], [later, to_all, to_alice]))
    assert talk.told(ALICE, 0) == (to_all, True)
    assert talk.told(ALICE, 2) == (later, False)  # the mentions are read
    assert talk.told(BOB, 0) == (later, False)  # who has written to all
    assert talk.told(ALICE, 0, {key_of("bob")}) == (later, False)


def test_clients_are_told_of_a_mention_once():
    here, heard = AccountsHere(), []
    here.enter(ALICE, Mock(listener=Mock(active=heard.append)))
    here.load(ALICE, [summary(last=2, read=0, unread=2, mentions=1)])
    said = [(seq, BOB, "bob") for seq in (1, 2, 3)]
    newest, mention = line(3, name="bob"), line(2, name="bob")
    # Others have not been told of the mention.
    here.count(Talk(7, 3, News(said, [(2, ALICE)], [newest, mention])))
    assert [(each.mentions, each.line, each.is_mention) for each in heard] == [(1, newest, False)]


def test_clients_are_told_of_a_mention_that_was_counted_before():
    here, heard = AccountsHere(), []
    here.enter(ALICE, Mock(listener=Mock(active=heard.append)))
    here.load(ALICE, [summary(last=1, read=0, unread=1)])
    here.apply(ALICE, 7, summary(last=2, read=0, unread=2, mentions=1))
    mention = line(2, name="bob")
    here.count(Talk(7, 2, News([(2, BOB, "bob")], [(2, ALICE)], [mention])))
    assert [(each.mentions, each.line, each.is_mention) for each in heard] == [(1, mention, True)]


def test_a_change_of_the_counts_alone_changes_no_feature_of_a_room():
    first = RoomCounts(summary(0, 0))
    assert RoomCounts(summary(5, 3, 2, 1)).features == first.features
    renamed = summary(0, 0)._replace(name="Orchard")
    assert RoomCounts(renamed).features != first.features
