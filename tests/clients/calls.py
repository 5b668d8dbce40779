"""Calls of boto3 to requests and back."""

import json
import re
import types
import urllib.parse

import botocore.awsrequest
import botocore.exceptions

import service
from replay_server import client

# Added behind botocore's serializer: by its signer, its retries, its sender.
ADDED = {
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "authorization",
    "content-length",
    "user-agent",
    "x-amz-date",
}


def read(operation, url, headers, body):
    """The parameters that make botocore send such a request. ValueError or
    AttributeError where the body is nothing that boto3 could send."""
    shape, split = service.operation_model(operation).input_shape, urllib.parse.urlsplit(url)
    found = labels(operation, split.path)
    query = dict(urllib.parse.parse_qsl(split.query, strict_parsing=bool(split.query)))
    for name, wire_name, member in service.located(shape, "querystring"):
        if wire_name in query:
            value = query.pop(wire_name)
            found[name] = int(value) if member.type_name == "integer" else service.from_json(value, member)
    if query:
        raise SystemExit(f"{url}: the query has more than {operation} knows: {query}")
    for name, wire_name, _ in service.located(shape, "header"):
        if wire_name in headers:
            found[name] = headers[wire_name]
    payload = shape.serialization.get("payload")
    if payload:
        found[payload] = body
    elif body:
        found.update(service.from_json(json.loads(body), shape))
    return found


def labels(operation, path):
    """The labels in a path, which may have a gateway's path in front."""
    template = re.escape(service.operation_model(operation).http["requestUri"])
    match = re.search(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", template) + "$", path)
    if match is None:
        raise SystemExit(f"{path} is no path of {operation}")
    return {name: urllib.parse.unquote(segment) for name, segment in match.groupdict().items()}


class Prepared:
    """A request as boto3 would send it."""

    def __init__(self, request):
        split = urllib.parse.urlsplit(request.url)
        self.method, self.url, self.body = request.method, request.url, request.body or b""
        self.target = split.path + (f"?{split.query}" if split.query else "")
        texts = ((name, _text(value)) for name, value in request.headers.items())
        self.headers = {name: value for name, value in texts if name.lower() not in ADDED}


def _text(value):
    return value.decode() if isinstance(value, bytes) else value


class Preparer:
    """boto3's clients, caught when they would send."""

    def __init__(self):
        self._clients = {name: client(name) for name in service.SERVICES}
        self._caught = []
        for bedrock in self._clients.values():
            bedrock.meta.events.register("before-send", self._catch)

    def _catch(self, request, **_):
        self._caught.append(request)
        nothing = types.SimpleNamespace(stream=lambda: [b"{}"])
        return botocore.awsrequest.AWSResponse(request.url, 400, botocore.awsrequest.HeadersDict(), nothing)

    def prepare(self, operation, parameters):
        bedrock = self._clients[service.OPERATIONS[operation]]
        self._caught.clear()
        try:
            getattr(bedrock, service.method_name(operation))(**parameters)
        except botocore.exceptions.ClientError:
            pass
        (request,) = self._caught
        return Prepared(request)
