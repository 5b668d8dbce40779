// The JavaScript client, unmodified, records through `bedrock-wire record`, and
// replays that.
//
//     node record_roundtrip.mjs PATH/TO/bedrock-wire PATH/TO/CORPUS
//
// As `record_roundtrip.py` does with boto3: what the client gets through the
// recorder, and again from a replay server over the new tapes, must be what is
// in the recorded bytes, which the new tapes must hold, frame by frame in the
// order in which they came.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { Asker } from "./asking.mjs";
import { assertSame } from "./model.mjs";
import { ofCorpus } from "./recordings.mjs";
import { CREDENTIALS, Server } from "./server.mjs";

// Whom the recorder asks as; the client asks the recorder with the same.
const ASKS_AS = {
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  AWS_REGION: "us-east-1",
};

/** All streams, and some of what is none. */
function sample(recorded) {
  const found = recorded.filter(({ status, path }) => status !== 403 && !NO_JSON.includes(path));
  const streams = found.filter(({ operation }) => operation === "ConverseStream");
  return [...streams, ...found.filter(({ operation }) => operation === "Converse").filter((_, at) => at % 5 === 0)];
}

// A request that no client sends.
const NO_JSON = ["pydantic__pydantic-ai/test_bedrock_model_other_parameters-0"];

/** The answer to each, and the tape that gave it. */
async function ask(url, wanted) {
  const asker = new Asker(url);
  const answers = [];
  for (const recording of wanted) answers.push(await asker.ask(recording.operation, recording.input()));
  asker.close();
  return answers;
}

async function serving(args, use) {
  const server = await Server.start(...args);
  try {
    return await use(server.url);
  } finally {
    await server.stop();
  }
}

/** The same frames in the same order, or the same body; and nothing at a time
 * before what came before it. */
function assertSameTape(fresh, old) {
  const [body, end] = lines(fresh);
  const withoutTimes = (lines) => lines.map(({ at, ...line }) => line);
  assertSame(withoutTimes(body), withoutTimes(lines(old)[0]), fresh);
  if (end.end !== "complete") throw new Error(`${fresh} ends ${JSON.stringify(end)}`);
  for (const times of [body.flatMap(({ at }) => at ?? []), (end.pieces ?? []).map(([, at]) => at)]) {
    if (times.some((time, i) => time < times[i - 1])) throw new Error(`${fresh}: ${times}`);
  }
}

/** The lines of a body, and the one that says in what pieces it came. */
function lines(tape) {
  const found = readFileSync(tape, "utf8").trim().split("\n").map(JSON.parse);
  const head = found.findIndex((line) => "response" in line);
  return [found.slice(head + 1, -1), found.at(-1)];
}

async function main(binary, corpus) {
  const recorded = ofCorpus(corpus);
  const byTape = new Map(recorded.map((recording) => [`${recording.path}.tape.jsonl`, recording]));
  const wanted = sample(recorded);
  const directory = mkdtempSync(join(tmpdir(), "bedrock-wire-js-"));
  try {
    const [old, fresh] = [join(directory, "old"), join(directory, "new")];
    execFileSync(binary, ["import", join(corpus, "recordings"), "--out", old], { stdio: "ignore" });
    // Who was turned away for a signature is not recorded.
    for (const { status, path } of recorded) if (status === 403) rmSync(join(old, `${path}.tape.jsonl`));
    Object.assign(process.env, ASKS_AS);
    const first = await serving([binary, "replay", old, "--speed", "max"], (service) => {
      // Not scrubbed, and also what is asked for again.
      const record = ["record", "--to", fresh, "--upstream", service, "--mode", "all", "--no-scrub"];
      return serving([binary, ...record], (url) => ask(url, wanted));
    });
    const again = await serving([binary, "replay", fresh, "--speed", "max"], (url) => ask(url, wanted));
    for (const [at, recording] of wanted.entries()) {
      const [through, replayed] = [first[at], again[at]];
      const source = byTape.get(through.tape);
      if (!isDeepStrictEqual(source.asked(), recording.asked())) throw new Error(`${recording.path}: ${through.tape}`);
      assertSame(through.found, source.expected(), `${recording.path} through the recorder`);
      assertSame(replayed.found, source.expected(), `${recording.path} replayed`);
      assertSameTape(join(fresh, replayed.tape), join(old, through.tape));
      const bytes = execFileSync(binary, ["export", join(fresh, replayed.tape), "--raw", "-"]);
      if (!bytes.equals(source.body)) throw new Error(`${replayed.tape} has not the bytes of ${source.path}`);
    }
    const copies = new Set(again.map(({ tape }) => tape));
    assertSame([...copies].sort(), readdirSync(fresh).sort(), "each tape is of one answer");
    console.log(`JavaScript: ${copies.size} exchanges recorded, and replayed to the byte`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

await main(...process.argv.slice(2));
