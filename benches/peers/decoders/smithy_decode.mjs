// AWS's decoder of event streams for JavaScript, timed here and told by lines.
//
// Takes a file of whole frames. For each line on standard input it writes one:
// `name`, what decodes; `check`, how many frames and a CRC-32 over the event
// types and payloads of all; `round`, the nanoseconds that decoding all took.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { crc32 } from "node:zlib";

import { EventStreamCodec } from "@smithy/eventstream-codec";

const { version } = createRequire(import.meta.url)("@smithy/eventstream-codec/package.json");
const CODEC = new EventStreamCodec(
  (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"),
  (text) => Buffer.from(text, "utf8"),
);

function frames(stream) {
  const found = [];
  for (let start = 0; start < stream.length; ) {
    const end = start + stream.readUInt32BE(start);
    // As the HTTP client gives them: bytes, not node's own buffers.
    found.push(new Uint8Array(stream.subarray(start, end)));
    start = end;
  }
  return found;
}

function check(pieces) {
  let count = 0;
  let checksum = 0;
  for (const piece of pieces) {
    const { headers, body } = CODEC.decode(piece);
    count += 1;
    checksum = crc32(body, crc32(headers[":event-type"].value, checksum));
  }
  return `${count} ${checksum}`;
}

// What was decoded last, where others could see it: no work can be left out.
export let last;

function timed(pieces) {
  const start = process.hrtime.bigint();
  for (const piece of pieces) {
    last = CODEC.decode(piece);
  }
  return process.hrtime.bigint() - start;
}

const pieces = frames(readFileSync(process.argv[2]));
for await (const line of createInterface({ input: process.stdin })) {
  switch (line.trim()) {
    case "name":
      console.log(`@smithy/eventstream-codec ${version}, node ${process.versions.node}`);
      break;
    case "check":
      console.log(check(pieces));
      break;
    case "round":
      console.log(String(timed(pieces)));
      break;
    default:
      console.error(`\`${line}\` is none of name, check, round`);
      process.exit(1);
  }
}
