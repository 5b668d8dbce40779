// The JavaScript client, unmodified, against `bedrock-wire replay` over recorded
// traffic.
//
//     node replay.mjs PATH/TO/bedrock-wire PATH/TO/CORPUS
//
// Every recording of Converse and ConverseStream that the service model allows
// to be asked for is asked for, over HTTP/2 in clear; the answer must be what
// the codec of the client's makers, and JSON read by botocore's service model,
// make of the recorded bytes. A part of them again over TLS, with the server's
// certificate in NODE_EXTRA_CA_CERTS. Callers with a wrong secret, key, API key
// or clock must be turned away by the names the service uses.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

import { Asker } from "./asking.mjs";
import { assertSame } from "./model.mjs";
import { ofCorpus } from "./recordings.mjs";
import { Server } from "./server.mjs";
import { turnAway } from "./turned_away.mjs";

/** How many are asked for over TLS. */
const OVER_TLS = 20;

async function everything(url, recorded) {
  const byPath = new Map(recorded.map((recording) => [recording.path, recording]));
  const asker = new Asker(url);
  const counts = new Map();
  const refused = [];
  const served = new Set();
  const asked = new Set();
  for (const recording of recorded) {
    let input;
    try {
      input = recording.input();
    } catch (error) {
      refused.push(`not to be asked for: ${recording.path}: ${error.message}`);
      continue;
    }
    const { found, tape } = await asker.ask(recording.operation, input);
    if (!tape) throw new Error(`${recording.path}: the answer names no tape: ${JSON.stringify(found)}`);
    const source = byPath.get(tape.replace(/\.tape\.jsonl$/, ""));
    // Of another recording only if that was asked the same.
    if (!isDeepStrictEqual(source.asked(), recording.asked())) throw new Error(`${recording.path} from ${tape}`);
    assertSame(found, source.expected(), `${recording.path} from ${tape}`);
    asked.add(recording.path);
    served.add(source.path);
    const kind = `${source.operation} ${source.status}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  asker.close();
  const missing = [...asked].filter((path) => !served.has(path));
  if (missing.length) throw new Error(`never served: ${missing}`);
  return { counts, refused };
}

function report(how, { counts, refused }, recorded) {
  for (const line of refused) console.log(line);
  for (const [kind, count] of [...counts].sort()) console.log(`${kind}: ${count} answers as recorded, ${how}`);
  for (const kind of ["Converse 200", "ConverseStream 200"]) {
    if (!counts.get(kind)) throw new Error(`${kind}: none`);
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count);
  if (total * 100 < recorded.length * 99) throw new Error(`only ${total} of ${recorded.length}`);
}

/** Some of each operation: TLS is below what they differ in. */
function some(recorded) {
  const of = (operation) => recorded.filter((recording) => recording.operation === operation).slice(0, OVER_TLS / 2);
  return [...of("Converse"), ...of("ConverseStream")];
}

async function overTls(binary, tapes, directory) {
  const certificate = join(directory, "certificate.pem");
  const server = await Server.start(binary, "replay", tapes, "--speed", "max", "--tls", "--tls-cert", certificate);
  try {
    // Node reads the variable when it starts.
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate };
    const args = [...process.execArgv, fileURLToPath(import.meta.url), "--over-tls", server.url, process.argv[3]];
    process.stdout.write(execFileSync(process.execPath, args, { env, encoding: "utf8" }));
  } finally {
    await server.stop();
  }
}

async function main(binary, corpus) {
  const recorded = ofCorpus(corpus);
  const directory = mkdtempSync(join(tmpdir(), "bedrock-wire-js-"));
  try {
    const tapes = join(directory, "tapes");
    execFileSync(binary, ["import", join(corpus, "recordings"), "--out", tapes], { stdio: "ignore" });
    const server = await Server.start(binary, "replay", tapes, "--speed", "max");
    try {
      report("over h2c", await everything(server.url, recorded), recorded);
      await turnAway(server.url);
    } finally {
      await server.stop();
    }
    await overTls(binary, tapes, directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
  console.log("JavaScript: every answer as recorded, every bad caller turned away");
}

if (process.argv[2] === "--over-tls") {
  const recorded = some(ofCorpus(process.argv[4]));
  report("over TLS", await everything(process.argv[3], recorded), recorded);
  await turnAway(process.argv[3]);
} else {
  await main(process.argv[2], process.argv[3]);
}
