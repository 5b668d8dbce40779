"""Faults by clients, as a table in Markdown.

    python fault_table_print.py ROWS.jsonl...

The rows are those of `fault_table.py`, `js/fault_table.mjs` and, for our client,
of the test `fault_table` (`BEDROCK_WIRE_FAULT_TABLE=FILE cargo test
--all-features --test fault_table`), which has each of them twice: over HTTP/1.1
in clear, and over HTTP/2 with TLS. Each line is what one client did at one fault:
 client    its name and version
 http      the version it spoke
 fault     the name of the fault, in `faults.json`
 retries   "off", "default", or "default, fault once"
 outcome   "complete": all events, no error
           "complete without metadata": no error, and all but the last event
           "service error": an error with a name of the service's, in `error`
           "other error": any other, its kind in `error`
           "hang": nothing until the deadline
           "incomplete": no error although messageStop is missing
           "altered": no error although an event differs from what was sent
 error, message   of the error, or null
 events    how many events the caller was given
 attempts  how many requests the server had
 statuses  the status of each, by the server's journal; null where none was sent

Every client must have a row for every fault, in their order, in each of its
modes, and must have been sent what the fault is. A cell says what the client
did without retries, and what else it did with them if that differs.
"""

import json
import pathlib
import sys
import textwrap

FAULTS = json.loads((pathlib.Path(__file__).parent / "faults.json").read_text())

# What to call the modes in a cell; the first is said without a name.
MODES = {"off": "", "default": "with retries: ", "default, fault once": "fault once: "}


def text(row, whole):
    """The outcome, and how far it came where that says more."""
    outcome, error = row["outcome"], row["error"]
    if error == "Error":
        error = "Error: " + textwrap.shorten(row["message"].splitlines()[0], 50, placeholder=" …")
    texts = {
        "complete": "complete",
        "complete without metadata": "complete, no metadata",
        "service error": error,
        "other error": f"`{error}`",
        "hang": "hangs",
        "incomplete": "**ends as if whole**",
        "altered": "**gives altered events**",
    }
    if row["events"] and outcome not in ("complete", "complete without metadata"):
        return f"{texts[outcome]}, {row['events']} of {whole} events"
    return texts[outcome]


def cell(rows, whole):
    """The outcome without retries, and what was else in other modes."""
    first = text(rows["off"], whole)
    said = [first]
    for mode, row in rows.items():
        other = text(row, whole)
        different = [] if other == first else [other]
        if row["attempts"] != 1:
            different.append(f"{row['attempts']} tries")
        if different:
            said.append(MODES[mode] + ", ".join(different))
    return "; ".join(said)


def check(row):
    """What any client must have seen, since the server sent it."""
    (listed,) = [listed for listed in FAULTS if listed["name"] == row["fault"]]
    if listed.get("harmless"):
        assert row["outcome"] == "complete", row
    fault = listed["fault"] or {}
    if fault.get("fault") == "error":
        # Its name begins with its status, which is the modelled one.
        assert row["statuses"][0] == int(row["fault"].split()[0]), row
        if row["outcome"] != "complete" and "body" not in fault:
            assert row["error"] == fault["name"], row


def table(rows):
    cells = {}
    for row in rows:
        column = f"{row['client']} (HTTP/{row['http']})"
        modes = cells.setdefault(column, {}).setdefault(row["fault"], {})
        assert row["retries"] not in modes, f"twice: {row}"
        modes[row["retries"]] = row
    names = [fault["name"] for fault in FAULTS]
    for row in rows:
        check(row)
    for column, faults in cells.items():
        assert list(faults) == names, f"{column} has not these faults in this order: {set(names) ^ set(faults)}"
        modes = list(faults["no fault"])
        assert all(list(rows) == modes for rows in faults.values()), f"{column} has not all of {modes} everywhere"
    yield "| fault | " + " | ".join(cells) + " |"
    yield "| --- |" + " --- |" * len(cells)
    for name in names:
        said = (cell(faults[name], faults["no fault"]["off"]["events"]) for faults in cells.values())
        yield f"| {name} | " + " | ".join(said) + " |"


def main():
    rows = [json.loads(line) for path in sys.argv[1:] for line in pathlib.Path(path).read_text().splitlines()]
    print("\n".join(table(rows)))


if __name__ == "__main__":
    main()
