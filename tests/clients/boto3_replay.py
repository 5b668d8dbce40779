"""boto3, unmodified, against `bedrock-wire replay` over recorded traffic.

    python boto3_replay.py PATH/TO/bedrock-wire PATH/TO/CORPUS

Every recording whose request botocore's own validation accepts is asked for;
the answer must parse to what botocore's own parser makes of the recorded
bytes. The same over exchanges made from botocore's service model, for every
operation that is no stream. Then callers with a wrong secret, key, API key or
clock must be turned away by the names the service uses.
"""

import os
import pathlib
import sys
import tempfile
import threading

import boto3

import asking
import made
import recordings
import service
from replay_server import import_recordings
from turned_away import turn_away

# What the corpus has recordings of.
RECORDED = ("Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream", "CountTokens")


def main():
    binary, corpus = sys.argv[1], pathlib.Path(sys.argv[2])
    watchdog = threading.Timer(600, lambda: os._exit(99))
    watchdog.daemon = True
    watchdog.start()
    print(f"boto3 {boto3.__version__}")
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        replay_recorded(binary, corpus / "recordings", directory / "recorded-tapes")
        replay_made(binary, directory / "made", directory / "made-tapes")
        turn_away(binary, directory / "recorded-tapes")
    print("boto3: every answer as recorded, every bad caller turned away")


def replay_recorded(binary, root, tapes):
    print("recorded:")
    import_recordings(binary, root, tapes)
    recorded = recordings.read(root)
    counts = asking.everything(binary, tapes, recorded)
    for operation in RECORDED:
        assert counts[operation, 200], f"{operation}: {counts}"
    assert sum(counts.values()) * 100 > len(recorded) * 99, f"too few of {len(recorded)}: {counts}"


def replay_made(binary, root, tapes):
    print("made:")
    root.mkdir()
    made.exchanges(root)
    import_recordings(binary, root, tapes)
    exchanges = recordings.read(root)
    counts = asking.everything(binary, tapes, exchanges)
    for operation in service.OPERATIONS:
        if not service.is_stream(operation):
            assert counts[operation, 200] and counts[operation, 429], f"{operation}: {counts}"
    asking.pages(binary, tapes, exchanges)


if __name__ == "__main__":
    main()
