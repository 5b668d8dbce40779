"""Journal and faults of a replay server against the schemas it gives of them.

    python journal_schema.py PATH/TO/bedrock-wire PATH/TO/FIXTURES

PyPI's `jsonschema` validates what the server answers after calls that end in
every way: served whole, turned away, without a tape, at fault, cut, of
operations it does not know. What is no entry or no fault must not be valid:
a schema that lets in all says nothing.
"""

import copy
import json
import re
import sys
import urllib.error
import urllib.request

import jsonschema

import fault_table
from control import Control
from replay_server import SECRET, Replay, client

FAULTS = [row["fault"] for row in fault_table.FAULTS if row["fault"]]
MODEL = "anthropic.claude-sonnet-4-5-20250929-v1:0"


def main():
    binary, fixtures = sys.argv[1:]
    with Replay(binary, fixtures, "--any-body", "--speed", "max") as server:
        control = Control(server.url)
        schema = control.schema()
        journal, faults = (validator(schema[name]) for name in ("journal", "faults"))
        sets = assert_faults(control, faults)
        entries = assert_journal(control, journal, server.url)
    print(f"valid: journal with {len(entries)} entries, {sets} faults")


def validator(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def assert_faults(control, faults):
    """How many faults were set."""
    faults.validate({"faults": control.faults()})
    for fault in FAULTS:
        faults.validate({"faults": [fault]})
        faults.validate({"faults": control.set_faults(fault)})
    when = {"fault": "cut", "skip": 1, "times": 2, "rate": 0.5, "seed": 7, "model": "a", "tape": "b*"}
    faults.validate({"faults": control.set_faults(when)})
    for bad in ({"fault": "no such kind"}, {"fault": "cut", "unknown": 1}, {"fault": "cut", "rate": 2}, {}):
        assert not faults.is_valid({"faults": [bad]}), bad
        before = control.faults()
        try:
            control.set_faults(bad)
        except urllib.error.HTTPError as error:
            assert error.code == 400, error
        else:
            raise AssertionError(f"the server takes {bad}")
        assert control.faults() == before, bad
    return len(FAULTS)


def assert_journal(control, journal, url):
    control.reset()
    journal.validate({"requests": control.journal(), "dropped": 0})
    ask(client("bedrock-runtime", url))
    ask(client("bedrock-runtime", url, secret=SECRET[::-1]))
    ask(client("bedrock-runtime", url), model="no.tape-v1:0")
    unknown(url)
    for fault in FAULTS:
        # A stall ends by a deadline alone, which this has not.
        if fault["fault"] != "stall":
            control.set_faults(fault)
            ask(client("bedrock-runtime", url))
    entries = control.journal()
    journal.validate({"requests": entries, "dropped": 0})
    assert SECRET not in json.dumps(entries) and not re.search("Signature=[0-9a-f]", json.dumps(entries))
    ways = {entry["ended"] for entry in entries}
    assert {"complete", "cut_by_fault"} <= ways, ways
    assert any(entry["rejected"] for entry in entries) and any(entry["why"] for entry in entries)
    for name in entries[0]:
        bad = copy.deepcopy(entries[0])
        bad[name] = [[None]]
        if name != "body":  # Which may be any JSON.
            assert not journal.is_valid({"requests": [bad], "dropped": 0}), name
        del bad[name]
        assert not journal.is_valid({"requests": [bad], "dropped": 0}), f"without {name}"
    return entries


def ask(bedrock, model=MODEL):
    """Ends as it may: the journal is what is looked at."""
    try:
        messages = [{"role": "user", "content": [{"text": "hi"}]}]
        for _ in bedrock.converse_stream(modelId=model, messages=messages)["stream"]:
            pass
    except Exception:
        pass


def unknown(url):
    try:
        urllib.request.urlopen(f"{url}/no/such/path", timeout=10)
    except urllib.error.HTTPError:
        pass


if __name__ == "__main__":
    main()
