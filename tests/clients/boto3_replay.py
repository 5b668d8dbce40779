"""boto3, unmodified, against `bedrock-wire replay` over the recorded traffic.

    python boto3_replay.py PATH/TO/bedrock-wire PATH/TO/CORPUS

Every Converse and ConverseStream recording whose request botocore's own
validation accepts is asked for; the answer must parse to what botocore's own
parser makes of the recorded bytes. Then callers with a wrong secret, key,
API key or clock must be turned away by the names the service uses.
"""

import base64
import collections
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest.mock
import urllib.parse

import boto3
import botocore.exceptions
import botocore.parsers
import botocore.session
import botocore.validate
from botocore.config import Config
from botocore.eventstream import EventStream

KEY_ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
API_KEY = "bedrock-api-key-example"
OPERATIONS = ("Converse", "ConverseStream")

SERVICE = botocore.session.get_session().get_service_model("bedrock-runtime")
PARSER = botocore.parsers.create_parser("rest-json")


class Replay:
    """The replay server as a process of its own, and its first line."""

    def __init__(self, binary, *arguments):
        self.process = subprocess.Popen(
            [binary, "replay", *arguments], stdout=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        if not line.startswith("listening on http"):
            raise SystemExit(f"the first line of `replay` is {line!r}")
        self.url = line.split()[-1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=10)


def client(url, key_id=KEY_ID, secret=SECRET):
    return boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


def with_bytes(value, shape):
    """The recorded JSON as boto3 wants it: base64 of blobs decoded."""
    if shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
        return {
            name: with_bytes(item, shape.members[name]) if name in shape.members else item
            for name, item in value.items()
        }
    if shape.type_name == "list":
        return [with_bytes(item, shape.member) for item in value]
    if shape.type_name == "map":
        return {key: with_bytes(item, shape.value) for key, item in value.items()}
    if shape.type_name == "blob":
        return base64.b64decode(value, validate=True)
    return value


class Recording:
    def __init__(self, root, row):
        self.path, self.operation, self.status = row["path"], row["operation"], row["status"]
        directory = root / row["path"]
        self.body = (directory / "response.bin").read_bytes()
        meta = json.loads((directory / "response.meta.json").read_text())
        self.headers = {name.lower(): value for name, value in meta["headers"]}
        request = json.loads((directory / "request.meta.json").read_text())
        # A gateway may have put a path in front.
        segment = urllib.parse.urlsplit(request["url"]).path.split("/model/", 1)[1].split("/")[0]
        self.model = urllib.parse.unquote(segment)
        self.request_json = (directory / "request.json").read_bytes()
        self.shape = SERVICE.operation_model(self.operation)

    def asked(self):
        return self.operation, self.model, json.loads(self.request_json)

    def parameters(self):
        """What to call boto3 with, or why botocore would not take it."""
        try:
            body = json.loads(self.request_json)
            parameters = with_bytes(body, self.shape.input_shape)
        except (ValueError, AttributeError) as error:
            return None, f"{type(error).__name__}: {error}"
        parameters["modelId"] = self.model
        report = botocore.validate.ParamValidator().validate(parameters, self.shape.input_shape)
        return (None, report.generate_report()) if report.has_errors() else (parameters, None)

    def expected(self):
        """What botocore's parser makes of the recorded bytes."""
        if self.status != 200:
            parsed = PARSER.parse(self.raw(self.body), self.shape.output_shape)
            return ("error", parsed["Error"]["Code"], parsed["Error"]["Message"])
        if self.operation == "Converse":
            parsed = PARSER.parse(self.raw(self.body), self.shape.output_shape)
            parsed.pop("ResponseMetadata")
            return ("answer", parsed)
        output = self.shape.output_shape
        stream_shape = output.members[output.serialization["payload"]]
        parser = botocore.parsers.create_parser("rest-json")._event_stream_parser
        return ("stream", events(EventStream(Chunks(self.body), stream_shape, parser, self.operation)))

    def raw(self, body):
        return {"body": body, "headers": self.headers, "status_code": self.status}


class Chunks:
    def __init__(self, body):
        self.body = body

    def stream(self):
        yield self.body

    def close(self):
        pass


def events(stream):
    """The events of a stream, and the name of the error it ended with."""
    found = []
    try:
        for event in stream:
            found.append(event)
    except botocore.exceptions.EventStreamError as error:
        found.append(("exception", error.response["Error"]))
    return found


def ask(bedrock, recording, parameters):
    """The answer, in the form of `expected`, and the tape that gave it."""
    call = bedrock.converse if recording.operation == "Converse" else bedrock.converse_stream
    try:
        answer = call(**parameters)
    except botocore.exceptions.ClientError as error:
        found = error.response
        return ("error", found["Error"]["Code"], found["Error"]["Message"]), tape(found)
    name = tape(answer)
    if recording.operation == "Converse":
        answer.pop("ResponseMetadata")
        return ("answer", answer), name
    return ("stream", events(answer["stream"])), name


def tape(response):
    return response["ResponseMetadata"]["HTTPHeaders"].get("x-bedrock-wire-tape")


def replay_everything(binary, corpus, tapes):
    rows = json.loads((corpus / "recordings/index.json").read_text())
    wanted = [row for row in rows if row["operation"] in OPERATIONS and row["has_request"]]
    recordings = {row["path"]: Recording(corpus / "recordings", row) for row in wanted}
    refused, asked, served, counts = {}, [], set(), collections.Counter()
    with Replay(binary, str(tapes), "--speed", "max") as server:
        bedrock = client(server.url)
        for recording in recordings.values():
            parameters, why = recording.parameters()
            if parameters is None:
                refused[recording.path] = why
                continue
            found, name = ask(bedrock, recording, parameters)
            assert name, f"{recording.path}: the answer names no tape"
            source = recordings[name.removesuffix(".tape.jsonl")]
            # Of another recording only if that was asked the same.
            assert source.asked() == recording.asked(), (recording.path, name)
            assert found == source.expected(), f"{recording.path} from {name}:\n{found}\nis not\n{source.expected()}"
            asked.append(recording.path)
            served.add(source.path)
            counts[recording.operation, recording.status] += 1
    missing = set(asked) - served
    assert not missing, f"never served: {sorted(missing)}"
    for path, why in refused.items():
        print(f"botocore's validation refuses {path}: {' '.join(why.split())}")
    for (operation, status), count in sorted(counts.items()):
        print(f"{operation} {status}: {count} answers parse to the recorded content")
    assert sum(counts.values()) > 400, counts


def expect_rejection(bedrock, status, code, message):
    try:
        bedrock.converse(modelId="a.b-v1:0", messages=[{"role": "user", "content": [{"text": "hi"}]}])
    except botocore.exceptions.ClientError as error:
        found = error.response
        assert found["ResponseMetadata"]["HTTPStatusCode"] == status, found
        assert found["Error"]["Code"] == code, found
        assert message in found["Error"]["Message"], found
        assert found["ResponseMetadata"].get("RequestId"), found
        return f"{status} {code}"
    raise AssertionError(f"{code} was expected, and the call went through")


def turn_away(binary, tapes):
    with Replay(binary, str(tapes), "--speed", "max") as server:
        rejected("wrong secret", client(server.url, secret=SECRET[::-1]), 403, "InvalidSignatureException",
                 "The request signature we calculated does not match the signature you provided.")
        rejected("unknown access key id", client(server.url, key_id="AKIDOTHER"), 403,
                 "UnrecognizedClientException", "The security token included in the request is invalid.")
        for minutes, name, message in ((-6, "slow", "Signature expired: "), (6, "fast", "Signature not yet current: ")):
            now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes)
            now = now.replace(tzinfo=None)
            with unittest.mock.patch("botocore.auth.get_current_datetime", lambda *_, now=now, **__: now):
                rejected(f"{name} clock", client(server.url), 403, "InvalidSignatureException", message)
    # botocore sends an API key over https only.
    certificate = str(tapes.parent / "certificate.pem")
    with Replay(binary, str(tapes), "--speed", "max", "--tls", "--tls-cert", certificate) as server:
        for what, key, *expected in (
            ("wrong API key", API_KEY[::-1], 403, "AccessDeniedException",
             "Authentication failed: Please make sure your API Key is valid."),
            ("right API key, no tape", API_KEY, 404, "TapeNotFoundException", "a.b-v1:0"),
        ):
            with unittest.mock.patch.dict(os.environ, {"AWS_BEARER_TOKEN_BEDROCK": key}):
                bedrock = boto3.client(
                    "bedrock-runtime", region_name="us-east-1", endpoint_url=server.url, verify=certificate
                )
                rejected(what, bedrock, *expected)


def rejected(what, bedrock, *expected):
    print(f"{what}: {expect_rejection(bedrock, *expected)}")


def main():
    binary, corpus = sys.argv[1], pathlib.Path(sys.argv[2])
    watchdog = threading.Timer(600, lambda: os._exit(99))
    watchdog.daemon = True
    watchdog.start()
    print(f"boto3 {boto3.__version__}")
    with tempfile.TemporaryDirectory() as directory:
        tapes = pathlib.Path(directory) / "tapes"
        subprocess.run([binary, "import", str(corpus / "recordings"), "--out", str(tapes)], check=True)
        replay_everything(binary, corpus, tapes)
        turn_away(binary, tapes)
    print("boto3: every answer as recorded, every bad caller turned away")


if __name__ == "__main__":
    main()
