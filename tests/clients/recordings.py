"""Recorded exchanges: what was asked, and what botocore makes of the answer."""

import io
import json
import urllib.parse

import botocore.awsrequest
import botocore.exceptions

import calls
import service


def read(root):
    """The recordings of all operations whose request is known, by path."""
    rows = json.loads((root / "index.json").read_text())
    return {row["path"]: Recording(root, row) for row in rows if row["has_request"]}


class Recording:
    def __init__(self, root, row):
        self.path, self.operation, self.status = row["path"], row["operation"], row["status"]
        directory = root / row["path"]
        self.body = (directory / "response.bin").read_bytes()
        self.headers = _headers(directory / "response.meta.json")
        request = json.loads((directory / "request.meta.json").read_text())
        self.method, self.url = request["method"], request["url"]
        self.request_headers = _headers(directory / "request.meta.json")
        asked = directory / "request.json"
        self.request_body = asked.read_bytes() if asked.exists() else b""

    def asked(self):
        """What a tape is found by."""
        split = urllib.parse.urlsplit(self.url)
        body = json.loads(self.request_body) if self.request_body else None
        return self.operation, calls.labels(self.operation, split.path), split.query, body

    def parameters(self):
        """What to call boto3 with, or why botocore would not take it."""
        try:
            found = calls.read(self.operation, self.url, self.request_headers, self.request_body)
        except (ValueError, AttributeError) as error:
            return None, f"{type(error).__name__}: {error}"
        why = service.refusal(self.operation, found)
        return (None, why) if why else (found, None)

    def expected(self):
        """What botocore's parser makes of the recorded bytes."""
        return answered(self.operation, self.status, self.headers, self.body)


def answered(operation, status, headers, body):
    """What botocore makes of an answer: its content, or the error's status, name
    and message."""
    model = service.operation_model(operation)
    if status == 200 and service.is_stream(operation):
        body = Stream(body)
    elif status == 200 and model.has_streaming_output:
        body = io.BytesIO(body)
    context = {"operation_name": operation}
    response = {"status_code": status, "headers": headers, "body": body, "context": context}
    parsed = service.PARSER.parse(response, model.output_shape)
    if status == 200:
        return content(operation, parsed)
    return error(parsed)


def error(parsed):
    status = parsed["ResponseMetadata"]["HTTPStatusCode"]
    return ("error", status, parsed["Error"]["Code"], parsed["Error"]["Message"])


def _headers(path):
    headers = botocore.awsrequest.HeadersDict()
    for name, value in json.loads(path.read_text())["headers"]:
        headers[name] = value
    return headers


def content(operation, parsed):
    """An answer without what botocore says about the response, and with a
    stream read to its end."""
    answer = {name: item for name, item in parsed.items() if name != "ResponseMetadata"}
    model = service.operation_model(operation)
    payload = model.output_shape.serialization.get("payload")
    if service.is_stream(operation):
        answer[payload] = events(answer[payload])
    elif model.has_streaming_output:
        answer[payload] = answer[payload].read()
    return ("answer", answer)


def events(stream):
    """The events of a stream, and the error it ended with."""
    found = []
    try:
        for event in stream:
            found.append(event)
    except botocore.exceptions.EventStreamError as exception:
        found.append(("exception", exception.response["Error"]))
    return found


class Stream:
    """A body that botocore decodes frames from."""

    def __init__(self, body):
        self.body = body

    def stream(self):
        yield self.body

    def close(self):
        pass
