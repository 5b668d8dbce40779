// What the JavaScript client, unmodified, makes of each fault.
//
//     node fault_table.mjs FAULTS.json OUT.jsonl URL...
//
// Each URL is a replay server's, with a tape for any ConverseStream
// (`bedrock-wire replay fixtures/text.tape.jsonl --any-body --speed max`); it is
// this program's alone while it runs, and several share the work. For each
// fault one ConverseStream is read to its end by a new client: with retries
// off, with default retries, and with default retries and a fault that comes
// but once. One line of JSON for each, as `fault_table_print.py` reads it.

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";

import { BedrockRuntimeServiceException, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";

import { Control } from "./control.mjs";
import { plain } from "./model.mjs";
import { client } from "./server.mjs";

const { version } = createRequire(import.meta.url)("@aws-sdk/client-bedrock-runtime/package.json");
const CLIENT = `JavaScript ${version}`;

// Milliseconds after which a call that has stalled is given up; the client's own
// connection does so after 300 s. Any other call ends by itself.
const STALLED = 2000;
const WAITED_FOR = 60_000;

// The client's settings, and how often the fault comes.
const MODES = {
  off: [{ maxAttempts: 1 }, {}],
  default: [{}, {}],
  "default, fault once": [{}, { times: 1 }],
};

/** The events that the caller was given, and the error if there was one. */
async function converse(url, settings, patience = WAITED_FOR) {
  const events = [];
  const bedrock = client(url, settings);
  const messages = [{ role: "user", content: [{ text: "hi" }] }];
  const command = new ConverseStreamCommand({ modelId: "anthropic.claude-sonnet-4-5-20250929-v1:0", messages });
  const read = async () => {
    const { stream } = await bedrock.send(command);
    for await (const event of stream) events.push(plain(event));
  };
  let timer;
  const deadline = new Promise((resolve) => (timer = setTimeout(resolve, patience, true)));
  try {
    return { hung: await Promise.race([read(), deadline]), events: [...events] };
  } catch (error) {
    return { error, events: [...events] };
  } finally {
    clearTimeout(timer);
    bedrock.destroy();
  }
}

/** How the call ended for the caller. */
function outcome({ hung, events, error }, whole) {
  if (hung) return { outcome: "hang", error: null, message: null };
  if (!error) return { outcome: ended(events, whole), error: null, message: null };
  const message = error.message;
  if (!(error instanceof BedrockRuntimeServiceException)) {
    const name = error.code ? `${error.name} ${error.code}` : error.name;
    return { outcome: "other error", error: name, message };
  }
  // The client's words for an answer that has no name.
  const unnamed = ["Unknown", "UnknownError"].includes(error.name);
  if (unnamed) return { outcome: "other error", error: `HTTP ${error.$metadata.httpStatusCode}`, message };
  return { outcome: "service error", error: error.name, message };
}

/** What a call without an error was, of one that gives all of `whole`. */
function ended(events, whole) {
  if (isDeepStrictEqual(events, whole)) return "complete";
  if (isDeepStrictEqual(events, whole.slice(0, -1))) return "complete without metadata";
  return isDeepStrictEqual(events, whole.slice(0, events.length)) ? "incomplete" : "altered";
}

async function row(url, fault, mode, whole) {
  const [settings, when] = MODES[mode];
  const control = new Control(url);
  await control.reset();
  if (fault.fault) await control.setFaults({ ...fault.fault, ...when });
  const began = performance.now();
  const call = await converse(url, settings, fault.fault?.fault === "stall" ? STALLED : WAITED_FOR);
  const took = performance.now() - began;
  const journal = await control.journal();
  if (fault.fault) {
    const [{ applied }] = await control.faults();
    if (!applied) throw new Error(`${fault.name} was never applied: ${JSON.stringify(journal)}`);
  }
  const found = {
    client: CLIENT,
    http: journal[0].http,
    fault: fault.name,
    retries: mode,
    ...outcome(call, whole),
    events: call.events.length,
    attempts: journal.filter((entry) => entry.operation === "ConverseStream").length,
    statuses: journal.map((entry) => entry.status),
    seconds: Math.round(took) / 1000,
  };
  return found;
}

async function main(faultsPath, out, ...urls) {
  // The client's defaults are asked about, not what this machine is set to.
  for (const name of Object.keys(process.env).filter((name) => name.startsWith("AWS_"))) delete process.env[name];
  process.env.AWS_CONFIG_FILE = process.env.AWS_SHARED_CREDENTIALS_FILE = "/dev/null";
  const faults = JSON.parse(readFileSync(faultsPath));
  const { events: whole, error } = await converse(urls[0], {});
  if (error) throw error;
  if (!whole.at(-2)?.messageStop || !whole.at(-1)?.metadata) throw new Error(JSON.stringify(whole));
  const cells = faults.flatMap((fault) => Object.keys(MODES).map((mode) => ({ fault, mode })));
  const left = [...cells];
  const worker = async (url) => {
    for (let cell; (cell = left.shift()); ) cell.row = await row(url, cell.fault, cell.mode, whole);
  };
  await Promise.all(urls.map(worker));
  writeFileSync(out, cells.map(({ row }) => `${JSON.stringify(row)}\n`).join(""));
  console.log(`${CLIENT}: ${cells.length} calls over ${faults.length} faults`);
}

await main(...process.argv.slice(2));
// Connections that have stalled would hold the process.
process.exit();
