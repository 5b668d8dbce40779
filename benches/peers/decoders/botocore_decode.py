"""botocore's decoder of event streams, timed here and told by lines.

Takes a file of whole frames. For each line on standard input it writes one:
`name`, what decodes; `check`, how many frames and a CRC-32 over the event types
and payloads of all; `round`, the nanoseconds that decoding all of them took.
"""

import platform
import sys
import time
import zlib

import botocore
from botocore.eventstream import EventStreamBuffer


def frames(stream):
    found, start = [], 0
    while start < len(stream):
        end = start + int.from_bytes(stream[start : start + 4], "big")
        found.append(stream[start:end])
        start = end
    return found


def decode(pieces, each):
    buffer = EventStreamBuffer()
    for piece in pieces:
        buffer.add_data(piece)
        for message in buffer:
            each(message.headers, message.payload)


def check(pieces):
    count, checksum = 0, 0

    def add(headers, payload):
        nonlocal count, checksum
        count += 1
        checksum = zlib.crc32(payload, zlib.crc32(headers[":event-type"].encode(), checksum))

    decode(pieces, add)
    return f"{count} {checksum}"


def timed(pieces):
    start = time.perf_counter_ns()
    decode(pieces, lambda headers, payload: None)
    return time.perf_counter_ns() - start


with open(sys.argv[1], "rb") as file:
    PIECES = frames(file.read())
for line in sys.stdin:
    match line.strip():
        case "name":
            print(f"botocore {botocore.__version__}, Python {platform.python_version()}", flush=True)
        case "check":
            print(check(PIECES), flush=True)
        case "round":
            print(timed(PIECES), flush=True)
        case other:
            sys.exit(f"`{other}` is none of name, check, round")
