"""What boto3, unmodified, makes of each fault.

    python fault_table.py OUT.jsonl URL...

Each URL is a replay server's, with a tape for any ConverseStream
(`bedrock-wire replay fixtures/text.tape.jsonl --any-body --speed max`); it is
this program's alone while it runs, and several share the work. For each fault
of `faults.json` one ConverseStream is read to its end by a new client: with
retries off, with default retries, and with default retries and a fault that
comes but once. One line of JSON for each, as `fault_table_print.py` reads it.
"""

import concurrent.futures
import json
import os
import pathlib
import queue
import sys
import threading
import time

import boto3
import botocore.exceptions
from botocore.config import Config

from control import Control
from replay_server import KEY_ID, SECRET

FAULTS = json.loads((pathlib.Path(__file__).parent / "faults.json").read_text())
CLIENT = f"boto3 {boto3.__version__}"

# Seconds after which nothing more is waited for; boto3's own default is 60.
DEADLINE = 2

# One for all, since it reads the service's model; it makes clients one by one.
SESSION, MAKING = boto3.session.Session(), threading.Lock()

# The client's settings, and how often the fault comes.
MODES = {
    "off": ({"retries": {"total_max_attempts": 1}}, {}),
    "default": ({}, {}),
    "default, fault once": ({}, {"times": 1}),
}


def main():
    out, urls = pathlib.Path(sys.argv[1]), sys.argv[2:]
    # Its defaults are asked about, not what this machine is set to.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    servers = queue.SimpleQueue()
    for url in urls:
        servers.put(url)
    whole, _ = converse(urls[0], {})
    assert "messageStop" in whole[-2] and "metadata" in whole[-1], whole

    def run(cell):
        url = servers.get()
        try:
            return row(url, *cell, whole)
        finally:
            servers.put(url)

    cells = [(fault, mode) for fault in FAULTS for mode in MODES]
    with concurrent.futures.ThreadPoolExecutor(len(urls)) as pool:
        rows = list(pool.map(run, cells))
    out.write_text("".join(json.dumps(row) + "\n" for row in rows))
    print(f"{CLIENT}: {len(rows)} calls over {len(FAULTS)} faults")


def row(url, fault, mode, whole):
    settings, when = MODES[mode]
    control = Control(url)
    control.reset()
    if fault["fault"]:
        control.set_faults({**fault["fault"], **when})
    began = time.monotonic()
    events, error = converse(url, settings)
    took = time.monotonic() - began
    journal = control.journal()
    if fault["fault"]:
        assert control.faults()[0]["applied"], f"{fault['name']} was never applied: {journal}"
    found = {
        "client": CLIENT,
        "http": journal[0]["http"],
        "fault": fault["name"],
        "retries": mode,
        **outcome(events, error, whole),
        "events": len(events),
        "attempts": sum(entry["operation"] == "ConverseStream" for entry in journal),
        "statuses": [entry["status"] for entry in journal],
        "seconds": round(took, 3),
    }
    return found


def client(url, settings):
    """A new client: what one has learnt, of the clock and of how often to try
    again, is nothing to the next."""
    with MAKING:
        return SESSION.client(
            "bedrock-runtime",
            region_name="us-east-1",
            endpoint_url=url,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            config=Config(read_timeout=DEADLINE, **settings),
        )


def converse(url, settings):
    """The events that the caller was given, and the error if there was one."""
    events, bedrock = [], client(url, settings)
    try:
        messages = [{"role": "user", "content": [{"text": "hi"}]}]
        answer = bedrock.converse_stream(modelId="anthropic.claude-sonnet-4-5-20250929-v1:0", messages=messages)
        for event in answer["stream"]:
            events.append(event)
    except Exception as error:  # Whatever it raises is what is asked for.
        return events, error
    finally:
        bedrock.close()
    return events, None


def outcome(events, error, whole):
    """How the call ended for the caller."""
    if error is None:
        return {"outcome": ended(events, whole), "error": None, "message": None}
    name = type(error).__name__
    if isinstance(error, botocore.exceptions.ClientError):
        code = error.response["Error"]["Code"]
        # Where the answer has no name, boto3 takes the status for it.
        kind, code = ("other error", f"HTTP {code}") if code.isdigit() else ("service error", code)
        return {"outcome": kind, "error": code, "message": str(error)}
    if "ReadTimeout" in name:
        return {"outcome": "hang", "error": name, "message": str(error)}
    return {"outcome": "other error", "error": name, "message": str(error)}


def ended(events, whole):
    """What a call without an error was, of one that gives all of `whole`."""
    if events == whole:
        return "complete"
    if events == whole[:-1]:
        return "complete without metadata"
    return "incomplete" if events == whole[: len(events)] else "altered"


if __name__ == "__main__":
    main()
