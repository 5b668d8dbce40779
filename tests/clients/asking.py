"""Recordings asked for again, through a replay server."""

import collections

import botocore.exceptions

import recordings
import service
from replay_server import Replay, client


class Asker:
    """boto3's clients, of the runtime and of the control plane."""

    def __init__(self, url):
        self.clients = {name: client(name, url) for name in service.SERVICES}

    def client(self, operation):
        return self.clients[service.OPERATIONS[operation]]

    def paginated(self):
        """The operations, and their methods, that boto3 has a paginator for."""
        for operation in service.OPERATIONS:
            method = service.method_name(operation)
            if self.client(operation).can_paginate(method):
                yield operation, method

    def ask(self, operation, parameters):
        """The answer, in the form of `Recording.expected`, and the tape that
        gave it."""
        try:
            answer = getattr(self.client(operation), service.method_name(operation))(**parameters)
        except botocore.exceptions.ClientError as error:
            return recordings.error(error.response), tape(error.response)
        return recordings.content(operation, answer), tape(answer)


def tape(response):
    return response["ResponseMetadata"]["HTTPHeaders"].get("x-bedrock-wire-tape")


def everything(binary, tapes, recorded):
    """Asks for each recording that botocore's validation accepts. How many
    answers were as recorded, by operation and status."""
    refused, asked, served, counts = {}, [], set(), collections.Counter()
    with Replay(binary, str(tapes), "--speed", "max") as server:
        asker = Asker(server.url)
        for recording in recorded.values():
            parameters, why = recording.parameters()
            if parameters is None:
                refused[recording.path] = why
                continue
            found, name = asker.ask(recording.operation, parameters)
            assert name, f"{recording.path}: the answer names no tape: {found}"
            source = recorded[name.removesuffix(".tape.jsonl")]
            # Of another recording only if that was asked the same.
            assert source.asked() == recording.asked(), (recording.path, name)
            assert found == source.expected(), f"{recording.path} from {name}:\n{found}\nis not\n{source.expected()}"
            asked.append(recording.path)
            served.add(source.path)
            counts[source.operation, source.status] += 1
    missing = set(asked) - served
    assert not missing, f"never served: {sorted(missing)}"
    report(refused, counts)
    return counts


def report(refused, counts):
    for path, why in refused.items():
        print(f"botocore's validation refuses {path}: {' '.join(why.split())}")
    for (operation, status), count in sorted(counts.items()):
        print(f"{operation} {status}: {count} answers parse to the recorded content")


def pages(binary, tapes, recorded):
    """Has boto3's paginators walk each list that comes in pages."""
    with Replay(binary, str(tapes), "--speed", "max") as server:
        asker = Asker(server.url)
        for operation, method in asker.paginated():
            expected = [recording for recording in recorded.values() if recording.operation == operation]
            expected = [recording for recording in expected if recording.status == 200]
            paginator = asker.client(operation).get_paginator(method)
            first, _ = expected[0].parameters()
            found = [recordings.content(operation, page) for page in paginator.paginate(**first)]
            assert len(found) > 1, f"{operation}: {len(found)} page"
            assert found == [page.expected() for page in expected], f"{operation}: {found}"
            print(f"{operation}: {len(found)} pages by boto3's paginator")
