"""What botocore would send, for other clients to be compared with.

    python botocore_requests.py PATH/TO/CORPUS OUT.jsonl

One line for each recorded request that botocore's own validation accepts, and
for requests made from botocore's service model with every member set, of every
operation and with each member of each union. A line has the request as input,
by its parts, and as botocore's unmodified client would put it on the wire:

- `name`, `service`, `operation`
- `labels`: what stands in the path, by member
- `query`: what stands in the query, by its name there; null if nothing can
- `headers_in`: what stands in headers, by member
- `input`: the body, as recorded or made
- `method`, `target` (path and query), `headers`, `body`: as botocore has them;
  without the headers that its signer, its retries and its sender add
"""

import collections
import json
import pathlib
import sys

import boto3

import calls
import made
import recordings
import service


def main():
    corpus, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    print(f"boto3 {boto3.__version__}")
    preparer, counts = calls.Preparer(), collections.Counter()
    with out.open("w") as lines:
        for name, operation, asked, body in [*recorded(corpus / "recordings"), *every_made()]:
            request = preparer.prepare(operation, asked)
            text = request.body.decode() if body is None else body.decode()
            lines.write(json.dumps(line(name, operation, asked, text, request)) + "\n")
            counts[operation, name.split("/")[0] == "made"] += 1
    for (operation, is_made), count in sorted(counts.items()):
        print(f"{operation}: {count} {'made' if is_made else 'recorded'} requests as botocore sends them")
    assert {operation for operation, is_made in counts if is_made} == set(service.OPERATIONS), counts


def recorded(root):
    """The recorded requests: name, operation, parameters, body."""
    found = recordings.read(root)
    refused = {}
    for path, recording in found.items():
        asked, refused[path] = recording.parameters()
        if asked is not None:
            yield path, recording.operation, asked, recording.request_body
    refused = {path: why for path, why in refused.items() if why}
    for path, why in refused.items():
        print(f"botocore's validation refuses {path}: {' '.join(why.split())}")
    assert len(refused) * 100 < len(found), f"{len(refused)} of {len(found)} refused"


def every_made():
    """The made requests; their body is what botocore makes of them."""
    for operation in service.OPERATIONS:
        for number, asked in enumerate(made.every_choice(operation)):
            yield f"made/{operation}/{number}", operation, asked, None


def line(name, operation, asked, body, request):
    shape = service.operation_model(operation).input_shape
    query = {
        wire_name: service.to_json(asked[member], of)
        for member, wire_name, of in service.located(shape, "querystring")
        if member in asked
    }
    return {
        "name": name,
        "service": service.OPERATIONS[operation],
        "operation": operation,
        "labels": _by_member(asked, service.located(shape, "uri")),
        "query": query if service.located(shape, "querystring") else None,
        "headers_in": _by_member(asked, service.located(shape, "header")),
        "input": body,
        "method": request.method,
        "target": request.target,
        "headers": request.headers,
        "body": request.body.decode(),
    }


def _by_member(asked, located):
    return {member: asked[member] for member, _, _ in located if member in asked}


if __name__ == "__main__":
    main()
