"""boto3, unmodified, records through `bedrock-wire record`, and replays that.

    python record_roundtrip.py PATH/TO/bedrock-wire PATH/TO/CORPUS

A replay server over the recordings stands in for the service. What boto3 gets
of Converse and ConverseStream through the recorder, and again from a replay
server over the new tapes, must be what botocore's own parser makes of the
recorded bytes. The new tapes must hold those very bytes, frame by frame in the
order in which they came.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import typing

import asking
import recordings
from replay_server import KEY_ID, SECRET, Replay, Server, import_recordings

# Whom the recorder asks as; boto3 asks the recorder with the same.
ASKS_AS = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1"}


def main():
    binary, corpus = sys.argv[1], pathlib.Path(sys.argv[2])
    recorded = recordings.read(corpus / "recordings")
    wanted = sample(recorded.values())
    with tempfile.TemporaryDirectory() as directory:
        old, new = (pathlib.Path(directory) / name for name in ("old", "new"))
        import_recordings(binary, corpus / "recordings", old)
        # Who was turned away for a signature is not recorded.
        for recording in recorded.values():
            if recording.status == 403:
                (old / f"{recording.path}.tape.jsonl").unlink()
        with Replay(binary, str(old), "--speed", "max") as service:
            # Not scrubbed, and also what is asked for again.
            record = ("record", "--to", str(new), "--upstream", service.url, "--mode", "all", "--no-scrub")
            with Server(binary, *record, environment={**os.environ, **ASKS_AS}) as recorder:
                first = ask(recorder.url, wanted)
        subprocess.run([binary, "verify", str(new)], check=True, stdout=subprocess.DEVNULL)
        with Replay(binary, str(new), "--speed", "max") as replay:
            again = ask(replay.url, wanted)
        for recording, through, replayed in zip(wanted, first, again, strict=True):
            if through is None:
                continue
            source = recorded[through.tape.removesuffix(".tape.jsonl")]
            assert source.asked() == recording.asked(), (recording.path, source.path)
            assert through.found == replayed.found == source.expected(), (recording.path, through, replayed)
            assert_same(new / replayed.tape, old / through.tape)
            assert exported(binary, new / replayed.tape) == source.body, (replayed.tape, source.path)
        copies = {answer.tape for answer in again if answer}
        assert copies == {tape.name for tape in new.iterdir()}, "each tape is of one answer"
        assert len(copies) * 100 > len(wanted) * 99, f"{len(copies)} of {len(wanted)}"
    print(f"boto3: {len(copies)} exchanges recorded, and replayed to the byte")


def sample(recorded):
    """All streams, and some of what is none."""
    found = [recording for recording in recorded if recording.status != 403]
    streams = [recording for recording in found if recording.operation == "ConverseStream"]
    return streams + [recording for recording in found if recording.operation == "Converse"][::5]


class Answer(typing.NamedTuple):
    found: tuple
    tape: str


def ask(url, wanted):
    """The answer to each, or None where boto3 would not ask."""
    asker, answers = asking.Asker(url), []
    for recording in wanted:
        parameters, _ = recording.parameters()
        answers.append(parameters and Answer(*asker.ask(recording.operation, parameters)))
    return answers


def exported(binary, tape):
    return subprocess.run([binary, "export", str(tape), "--raw", "-"], check=True, capture_output=True).stdout


def assert_same(new, old):
    """The same frames in the same order, or the same body; and nothing at a
    time before what came before it."""
    body, end = lines(new)
    assert without_times(body) == without_times(lines(old)[0]), f"{new.name} is not {old.name}"
    assert end["end"] == "complete", f"{new.name}: {end}"
    for times in ([line["at"] for line in body if "at" in line], [at for _, at in end["pieces"] or []]):
        assert times == sorted(times), f"{new.name}: {times}"


def without_times(body):
    return [{name: value for name, value in line.items() if name != "at"} for line in body]


def lines(tape):
    """The lines of a body, and the one that says in what pieces it came."""
    found = [json.loads(line) for line in tape.read_text().splitlines()]
    (head,) = [at for at, line in enumerate(found) if "response" in line]
    return found[head + 1 : -1], found[-1]


if __name__ == "__main__":
    main()
