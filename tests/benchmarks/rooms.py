"""Many rooms: messages in all of them, idle members, unread messages, and large sites."""

import asyncio
import json
import time
from contextlib import ExitStack
from typing import NamedTuple

import pytest

from tests.benchmarks import room_tables
from tests.benchmarks.candidates import SiteCandidate
from tests.benchmarks.databases import ENGINES, python
from tests.benchmarks.inside import DjangoProcess
from tests.benchmarks.running import LoadProcess
from tests.support.clients import WebMember
from tests.support.databases import lasting_folder


class Sizes(NamedTuple):
    """The sizes of a site and of its load."""

    members: int
    rooms: int
    rooms_each: int
    speaking: int  # rooms in which somebody speaks, and as many people who speak
    unread_members: int
    unread_lines: int
    large_rooms: int  # of the large site
    large_rooms_each: int
    visits: int  # to each site


WHOLE = Sizes(2_000, 200, 10, 64, 1_000, 1_000_000, 5_000, 100, 20)
QUICK = Sizes(200, 40, 5, 16, 100, 20_000, 200, 20, 5)
QUERIES = 5  # times that everything unread is counted
SAVED = ("together", "over_rooms")  # ways of `tests.benchmarks.saves`
tables = room_tables.tables
TARGETS = {
    "deliveries": 0.7,  # of those in one room
    "saved": {"PostgreSQL": 0.8, "SQLite": 0.7},  # of those in one room
    "memory": 32,  # KB
    "unread": {"PostgreSQL": 0.2, "SQLite": 1},  # seconds
    "large": 1.5,  # times a site with one room
}


class RoomsSite(SiteCandidate):
    """This site on SQLite, with the members and rooms of `room_site`, who have them all open."""

    def __init__(self, members, rooms, each):
        url, self.site = site_with_rooms("sqlite:///{folder}/rooms.sqlite3", members, rooms, each)
        super().__init__(wire="rooms", DATABASE_URL=url)

    @property
    def ports(self):
        return [self.web_port]

    def cookies(self, count):
        return self.site["members"][:count]

    def people(self):
        """Return {room id: numbers of its members}."""
        people = {room: [] for room in self.site["rooms"]}
        for number, (_, rooms) in enumerate(self.site["members"]):
            for room in rooms:
                people[room].append(number)
        return people


def site_with_rooms(url, members, rooms, each):
    """Make a database with rooms; return its URL and what `room_site` has printed."""
    url = url.format(folder=lasting_folder())
    python(url, "manage.py", "migrate", "--verbosity", "0")
    made = python(url, "-m", "tests.benchmarks.room_site", *map(str, (members, rooms, each)))
    return url, json.loads(made)


def measure(plan):
    """Return the figures of each part, the targets, and the reasons for what was skipped."""
    sizes = QUICK if plan.quick else WHOLE
    sizes = sizes._replace(unread_lines=plan.lines or sizes.unread_lines)
    saved, unread, skipped = {}, {}, []
    for engine in ENGINES:
        with ExitStack() as stack:
            try:
                databases = stack.enter_context(ENGINES[engine]())
            except pytest.skip.Exception as reason:
                skipped.append(str(reason))
                continue
            saved[engine] = measure_saving(plan, sizes, engine, databases)
            unread[engine] = measure_unread(plan, sizes, engine, databases)
    return {
        "targets": TARGETS,
        "sizes": sizes._asdict(),
        "talk": measure_talk(plan, sizes),
        "saved": saved,
        "unread": unread,
        "large": measure_large(plan, sizes),
        "skipped": skipped,
    }


# Talking


def measure_talk(plan, sizes):
    """Return {"entry", "rooms": [report of each round], "one": the same, "people"}.

    In both cases as many people speak, and a message has as many receivers, on the average.
    """
    plan.say(f"rooms: {sizes.members} members enter {sizes.rooms} rooms")
    with (
        RoomsSite(sizes.members, sizes.rooms, sizes.rooms_each) as site,
        LoadProcess(site, sizes.members) as load,
    ):
        many = places_in_many_rooms(site.people(), sizes.speaking)
        receivers = sum(people for _, _, people in many) / len(many)
        one = places_in_one_room(site.people(), sizes.speaking, receivers)
        reports = {"rooms": [], "one": []}
        for turn in range(plan.rounds):
            plan.say(f"rooms: talk, round {turn + 1} of {plan.rounds}")
            reports["rooms"].append(load.phase(seconds=plan.seconds, places=many))
            reports["one"].append(load.phase(seconds=plan.seconds, places=one))
        return {"entry": load.entry, "receivers": receivers, "in_one": one[0][2], **reports}


def places_in_many_rooms(people, speaking):
    """Return [number of a member, room id, people there] of each speaker, all in other rooms."""
    places, chosen = [], set()
    for room, members in list(people.items())[:speaking]:
        speaker = next(number for number in members if number not in chosen)
        chosen.add(speaker)
        places.append([speaker, room, len(members)])
    return places


def places_in_one_room(people, speaking, receivers):
    """Return the same for speakers in one room with about so many people."""
    fitting = [room for room, members in people.items() if len(members) >= speaking]
    room = min(fitting, key=lambda room: abs(len(people[room]) - receivers))
    return [[member, room, len(people[room])] for member in people[room][:speaking]]


# Saving and counting


def measure_saving(plan, sizes, engine, databases):
    """Return {way: [messages saved a second in each round]}."""
    url = databases.create_database("saving_rooms")
    python(url, "manage.py", "migrate", "--verbosity", "0")
    rates = {way: [] for way in SAVED}
    seconds = min(plan.seconds, 1)
    with DjangoProcess("tests.benchmarks.saves", url) as inside:
        for turn in range(plan.rounds):
            plan.say(f"rooms: saving in {engine}, round {turn + 1} of {plan.rounds}")
            for way in SAVED:
                answer = inside.ask(
                    question="save", way=way, speakers=sizes.speaking, seconds=seconds
                )
                rates[way].append(answer["rate"])
    return rates


def measure_unread(plan, sizes, engine, databases):
    """Return {"pairs", "unread": seconds of each count, "summaries": the same}."""
    url, _ = site_with_rooms(
        databases.create_database("unread"), sizes.unread_members, sizes.rooms, sizes.rooms_each
    )
    with DjangoProcess("tests.benchmarks.room_counts", url) as inside:
        plan.say(f"rooms: filling {sizes.rooms} rooms in {engine}: {sizes.unread_lines:,} lines")
        inside.ask(question="fill", lines=sizes.unread_lines)
        plan.say(f"rooms: counting what is unread in {engine}")
        return inside.ask(question="unread", members=sizes.unread_members, times=QUERIES)


# Large sites


def measure_large(plan, sizes):
    """Return {"small": {"enter": seconds, "sign up": seconds}, "large": the same}."""
    plan.say(f"rooms: a site with {sizes.large_rooms:,} rooms")
    visitors = sizes.visits + 1  # the first one finds everything cold, and does not count
    small = SiteCandidate(accounts=visitors)
    large = RoomsSite(visitors, sizes.large_rooms, sizes.large_rooms_each)
    with small, large:
        keys = {
            "small": small.cookies(visitors),
            "large": [session_key for session_key, _ in large.cookies(visitors)],
        }
        sites = {"small": small, "large": large}
        entering = asyncio.run(entering_times(sites, keys))
        return {
            name: {"enter": entering[name][1:], "sign up": sign_up_times(site, sizes.visits)}
            for name, site in sites.items()
        }


async def entering_times(sites, keys):
    """Return {site: seconds from connecting to the welcome of each member}; sites take turns."""
    took = {name: [] for name in sites}
    for number in range(len(keys["small"])):
        for name, site in sites.items():
            member = WebMember(site, "somebody", keys[name][number])
            start = time.perf_counter()
            await member.enter()
            took[name].append(time.perf_counter() - start)
            await member.leave()
    return took


def sign_up_times(site, times):
    with DjangoProcess("tests.benchmarks.room_counts", site.environment["DATABASE_URL"]) as inside:
        return inside.ask(question="sign up", times=times)
