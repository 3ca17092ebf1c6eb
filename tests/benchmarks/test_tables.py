"""The tables are calculated from results, and this folder's README shows the committed ones."""

import json

import pytest

from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks import extent, fanout, page, plan, report, sample
from tests.benchmarks.participants import BATCHED, LEGACY, QUICK, UNBATCHED, WEB, present_candidates
from tests.support.starts import PROJECT

FOLDER = PROJECT / "tests" / "benchmarks"
README = (FOLDER / "README.md").read_text()


@pytest.fixture
def written():
    """The lines that are written of sample results."""
    return list(benchmarks.write_up(sample.results()))


def row(written, start):
    """The cells of the first row that begins with a text."""
    found = next(line for line in written if line.startswith(f"| {start} |"))
    return found.strip("| ").split(" | ")


def test_a_row_of_fanout_has_medians_ranges_and_ratios(written):
    found = next(line for line in written if line.startswith(f"| {WEB} |") and "90" in line)
    assert "600 |" in found
    assert "1,000 (900 to 1,100)" in found
    assert "| 100 |" in found  # times the usual consumer
    assert "10 / 20 ms" in found
    assert "80%, 50%" in found


def test_a_limit_of_the_load_is_marked(written):
    assert any(line.startswith(f"| {BATCHED} |") and "≥ 1,500" in line for line in written)


def test_what_is_not_installed_is_named(written):
    assert "Left out: ngircd (Debian's ngircd is not installed)." in written


def test_targets_are_compared_with_results(written):
    saved = row(written, "web, 500 members, 16 in flight, saved in SQLite")
    assert saved[2] == "100 times (50 with its Redis layer); 0.50"
    archives = row(written, "web, legacy, 500 members, 8 in flight, saved")
    assert archives[2] == "web 12, legacy 14 times the better of them"
    assert row(written, "two processes beside the load on two cores")[2] == "0.60 with 16 in flight"


def test_connections_are_written_with_memory_and_time(written):
    assert row(written, "this site, web, serve")[1:] == ["1,000", "20", "300", "2.00 ms each"]


def test_processes_are_compared_with_one(written):
    assert row(written, "2, 16")[1:3] == ["600 (500 to 700)", "0.60"]
    assert row(written, "2, 16")[-1] == "0.30, 0.050"


def test_many_rooms_are_compared_with_one(written):
    assert row(written, "64 rooms")[1:4] == ["100", "1.0", "600"]
    assert row(written, "from connecting to the welcome")[1:] == ["30.0 ms", "36.0 ms", "1.20"]
    reached = row(written, "deliveries/s, 64 speakers in as many rooms")
    assert reached[1:] == ["0.7 of those of as many in one room", "0.60"]
    assert row(written, "memory of an idle web connection with 10 rooms")[2] == "30 KB"
    assert row(written, "messages saved a second over 64 rooms, SQLite")[2] == "0.88"
    assert row(written, "unread of 1,000 members, 1,000,000 lines, SQLite")[2] == "0.60 s"
    assert row(written, "joining a site with 5,000 rooms; signing up there")[2] == "1.20 and 1.00"


def test_missing_databases_are_named(written):
    assert "Not measured: no PostgreSQL." in written


def test_every_benchmark_is_written_up(written):
    headings = [line for line in written if line.startswith("### ")]
    assert len(headings) == len(set(headings)) == 1 + len(benchmarks.BENCHMARKS) + 1


@pytest.mark.parametrize(
    ("values", "text"), [([], ""), ([1234.5], "1,234"), ([1, 3], "2 (1 to 3)")]
)
def test_several_values_are_written_with_their_range(values, text):
    assert report.in_range(values) == text


@pytest.mark.parametrize(("value", "text"), [(1.26, "1.3"), (9.94, "9.9"), (320.4, "320")])
def test_ratios_have_as_many_digits_as_say_something(value, text):
    assert report.against(value, 1) == text


def test_a_room_needs_processes_by_what_one_has_sent():
    pace = extent.measured_pace(sample.fanout())
    assert pace == extent.MeasuredPace(members=500, messages=40, core=0.5)
    assert pace.deliveries_of_a_core == 40_000
    assert extent.processes_needed(pace, members=28_000, messages=1) == 1
    assert extent.processes_needed(pace, members=28_001, messages=1) == 2
    assert extent.processes_needed(pace, members=28_000, messages=10) == 10


def test_the_memory_of_a_room_is_that_of_its_connections(written):
    assert extent.bytes_of_a_connection(sample.connection_costs()) == 20 * 1024
    assert row(written, "1,000,000")[-1] == f"{20 * 1024 * 1_000_000 / (1 << 30):.2f} GB"


def test_the_candidates_of_a_quick_run_are_those_of_its_tables():
    with plan.Plan(quick=True) as quick:
        flights = {name: flights for name, (_, flights) in present_candidates(quick).items()}
    assert flights.keys() == {*QUICK, UNBATCHED}
    assert {name for name in flights if 1 in flights[name]} == {WEB, LEGACY, UNBATCHED}
    assert {name for name in flights if 16 in flights[name]} == {*QUICK}


def test_a_quick_run_is_written_up():
    results = sample.results()
    measured = results["fanout"]
    measured["rounds"] = {
        name: {"16": flights["16"]} for name, flights in measured["rounds"].items() if name in QUICK
    }
    measured |= {"crowd_members": fanout.MEMBERS, "absent": {}}
    assert any(line.startswith("500 members and one") for line in benchmarks.write_up(results))


def test_a_benchmark_that_is_measured_apart_joins_the_others(tmp_path, monkeypatch):
    before = sample.results()
    (tmp_path / "results.json").write_text(json.dumps(before))
    monkeypatch.setattr(page, "measure", lambda plan: {**before["page"], "other_hosts": ["x"]})
    benchmarks.main(["--only", "page", "--out", str(tmp_path)])
    after = json.loads((tmp_path / "results.json").read_text())
    assert after["page"]["other_hosts"] == ["x"]
    assert after.keys() == before.keys() | {"apart"}
    assert all(after[name] == before[name] for name in before.keys() - {"page", "apart"})
    assert "Measured apart from the others" in (tmp_path / "results.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--only", "speed"], "there is no speed"),
        (["--quick", "--only", "page", "--out", "here"], "leave out --out"),
    ],
)
def test_options_that_make_no_sense_are_refused(arguments, problem, capsys):
    with pytest.raises(SystemExit):
        benchmarks.main(arguments)
    assert problem in capsys.readouterr().err


# The committed results


@pytest.mark.parametrize("title", ["Speed", "Targets", "Reach"])
def test_every_row_in_the_readme_is_from_the_committed_results(title):
    section = README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    committed = set((FOLDER / "results.md").read_text().splitlines())
    assert len(rows) > 5
    assert [line for line in rows if line not in committed] == []


def test_the_readme_names_every_benchmark():
    assert all(f"`{name}`" in README or f"`{name}," in README for name in benchmarks.BENCHMARKS)
