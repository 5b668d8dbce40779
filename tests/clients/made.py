"""Exchanges made from botocore's service model, for what nobody recorded.

Requests and answers have every member set, as far as a union allows; the
requests are serialized by botocore.
"""

import datetime
import json
import re

import calls
import recordings
import service

WHEN = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
BLOB = b"\x00\xffmade"
PAYLOAD = b'{"made": ["as", "it", "is"], "of": 1.50}'
DOCUMENT = {"made": ["\u00e4 \"\\\n", 0, -1.5, True, None, {}, []]}
INTEGER, FLOAT = 7, 0.5

# For a string the first is taken that its shape allows: what is hard to write
# comes first.
STRINGS = (
    "\u00e4 \u20ac \U0001f600 \"\\\n\t/?#&=+%20;",
    "a/b+c=&d?%20\u00e9",
    "made /:=+@-_.,$#",
    "made /:=+@-_.",
    "made of: words",
    "made-of words",
    "made of words",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.made.model-v1:0",
    "arn:aws:bedrock:us-east-1::foundation-model/made.model-v1:0",
    "arn:aws:bedrock:us-east-1:123456789012:guardrail/made1",
    "arn:aws:bedrock:us-east-1:123456789012:async-invoke/made12345678",
    "arn:aws:bedrock:us-east-1:123456789012:automated-reasoning-policy/made12345678:1",
    "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef",
    "s3://made-bucket/a key/of it",
    "made.model-v1:0",
    "made_id.1:2-3",
    "made_id-1",
    "made12345678",
    "made1",
    "123456789012",
    "DRAFT",
)
# Of what stands in a header: visible ASCII and spaces.
HEADERS = ('{"made": "a \\u00e4/?#&=+%20;"}', *STRINGS[2:])
LABEL = "../a b/\u00e4%2F?x=1&y#z;:@!$'()*+,~._-\""
BY_SHAPE = {"MimeType": "application/json; charset=utf-8"}


class Maker:
    """Values of shapes. `choice` says which member of a union and which value
    of an enumeration; afterwards `choices` is how many there were."""

    def __init__(self, choice=0):
        self.choice, self.choices = choice, 1

    def value(self, shape, inside=()):
        """A value that is valid, or None within a shape that holds itself."""
        return getattr(self, f"_{shape.type_name}")(shape, inside)

    def _structure(self, shape, inside):
        if service.is_document(shape):
            return DOCUMENT
        if shape.name in inside:
            return None
        members = ((name, self.value(member, (*inside, shape.name))) for name, member in shape.members.items())
        made = {name: item for name, item in members if item is not None}
        if shape.is_tagged_union:
            return dict([self._choose(list(made.items()))]) if made else None
        return made if set(shape.required_members) <= set(made) else None

    def _list(self, shape, inside):
        items = [item for item in self._items(shape.member, inside) if item is not None]
        fewest, most = shape.metadata.get("min", 0), shape.metadata.get("max")
        while 0 < len(items) < fewest:
            items *= 2
        return items[:most] or None

    def _items(self, shape, inside):
        """One of each kind that there is."""
        if shape.type_name == "structure" and shape.is_tagged_union and shape.name not in inside:
            inside = (*inside, shape.name)
            for name, member in shape.members.items():
                item = self.value(member, inside)
                yield None if item is None else {name: item}
        elif shape.type_name == "string" and shape.enum:
            yield from shape.enum
        else:
            yield self.value(shape, inside)

    def _map(self, shape, inside):
        item = self.value(shape.value, inside)
        return None if item is None else {self.value(shape.key): item}

    def _string(self, shape, _):
        if shape.enum:
            return self._choose(shape.enum)
        if shape.name in BY_SHAPE:
            return BY_SHAPE[shape.name]
        strings = HEADERS if shape.serialization.get("location") == "header" else STRINGS
        pattern = re.compile(shape.metadata.get("pattern", r"[\s\S]*"))
        fewest, most = shape.metadata.get("min", 0), shape.metadata.get("max", 2048)
        for string in strings:
            if fewest <= len(string) <= most and pattern.fullmatch(string):
                return string
        raise SystemExit(f"made.py has no string for {shape.name}: {shape.metadata}")

    def _choose(self, items):
        self.choices = max(self.choices, len(items))
        return items[self.choice % len(items)]

    def _integer(self, shape, _):
        return max(INTEGER, shape.metadata.get("min", INTEGER))

    _long = _integer

    def _float(self, shape, _):
        assert shape.metadata.get("min", 0) <= FLOAT <= shape.metadata.get("max", 1), shape
        return FLOAT

    _double = _float

    def _boolean(self, _, __):
        return True

    def _timestamp(self, _, __):
        return WHEN

    def _blob(self, _, __):
        return BLOB


def parameters(operation, choice=0):
    """Every parameter of an operation, and how many choices there are."""
    shape, maker = service.operation_model(operation).input_shape, Maker(choice)
    made = maker.value(shape)
    if payload := shape.serialization.get("payload"):
        made[payload] = PAYLOAD
    why = service.refusal(operation, made)
    assert why is None, f"{operation}: {why}"
    return made, maker.choices


def every_choice(operation):
    """The parameters of an operation, with each member of each union; those
    alone that are required; and with labels that are hard to write in a path,
    which botocore does not compare with their patterns."""
    first, choices = parameters(operation)
    shape = service.operation_model(operation).input_shape
    yield from (parameters(operation, choice)[0] for choice in range(choices))
    yield {name: first[name] for name in shape.required_members}
    if labels := [name for name, _, _ in service.located(shape, "uri")]:
        yield first | dict.fromkeys(labels, LABEL)


def answer(operation):
    """Headers, body and content of an answer that says everything."""
    shape = service.operation_model(operation).output_shape
    content = Maker().value(shape)
    headers = [["Content-Type", "application/json"]]
    located = service.located(shape, "header")
    for name, wire_name, _ in located:
        headers = [*(pair for pair in headers if pair[0] != wire_name), [wire_name, content[name]]]
    if payload := shape.serialization.get("payload"):
        content[payload] = PAYLOAD
        return headers, PAYLOAD, content
    return headers, json.dumps(service.to_json(content, shape)).encode(), content


def exchanges(root):
    """Writes an answer and an error of each operation that is no stream, in
    the layout of recordings; of a list that has pages two of them."""
    preparer, rows = calls.Preparer(), []
    for operation in service.OPERATIONS:
        if service.is_stream(operation):
            continue
        asked, _ = parameters(operation)
        headers, body, content = answer(operation)
        exchange = Exchange(root, preparer, operation, rows)
        if "nextToken" in asked:
            first = {name: value for name, value in asked.items() if name != "nextToken"}
            exchange.write("0-first-page", first, 200, headers, body, content)
            content = {name: value for name, value in content.items() if name != "nextToken"}
            shape = service.operation_model(operation).output_shape
            body = json.dumps(service.to_json(content, shape)).encode()
        exchange.write("1-answer", asked, 200, headers, body, content)
        error = [["Content-Type", "application/json"], ["x-amzn-errortype", "ThrottlingException"]]
        exchange.write("2-error", asked, 429, error, b'{"message":"Too many requests, made."}', None)
    (root / "index.json").write_text(json.dumps(rows))


class Exchange:
    """Writes exchanges of an operation as recordings."""

    def __init__(self, root, preparer, operation, rows):
        self.root, self.preparer, self.operation, self.rows = root, preparer, operation, rows

    def write(self, name, asked, status, headers, body, content):
        request = self.preparer.prepare(self.operation, asked)
        sent = calls.read(self.operation, request.url, request.headers, request.body)
        assert sent == asked, f"{self.operation}: {sent}\nis not\n{asked}"
        if content is not None:
            self._check(status, headers, body, content)
        path = f"made/{self.operation}/{name}"
        directory = self.root / path
        directory.mkdir(parents=True)
        model = service.resource(self.operation, asked)
        meta = {"status": status, "headers": headers, "operation": self.operation, "model": model}
        (directory / "response.meta.json").write_text(json.dumps(meta))
        (directory / "response.bin").write_bytes(body)
        meta = {"method": request.method, "url": request.url, "headers": list(request.headers.items())}
        (directory / "request.meta.json").write_text(json.dumps(meta))
        if request.body:
            (directory / "request.json").write_bytes(request.body)
        self.rows.append({"path": path, "operation": self.operation, "status": status, "has_request": True})

    def _check(self, status, headers, body, content):
        """That botocore reads in the bytes what they were made of."""
        found = recordings.answered(self.operation, status, dict(headers), body)
        assert found == ("answer", content), f"{self.operation}: {found}\nis not\n{content}"
