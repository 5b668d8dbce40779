// Recorded exchanges of Converse and ConverseStream: what was asked, and what
// is in the recorded bytes by the codec of the SDK's own makers.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { EventStreamCodec } from "@smithy/eventstream-codec";

import { Model } from "./model.mjs";

const CODEC = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString("utf8"),
  (text) => Buffer.from(text, "utf8"),
);
const PATHS = { Converse: "converse", ConverseStream: "converse-stream" };

const json = (path) => JSON.parse(readFileSync(path, "utf8"));

/** Those of the corpus. */
export function ofCorpus(corpus) {
  const model = new Model(json(join(corpus, "model/bedrock-runtime.json")));
  return read(join(corpus, "recordings"), model);
}

/** The recordings of both operations whose request is known. */
function read(root, model) {
  const rows = json(join(root, "index.json"));
  return rows.filter((row) => row.has_request && row.operation in PATHS).map((row) => new Recording(root, row, model));
}

class Recording {
  constructor(root, row, model) {
    const directory = join(root, row.path);
    Object.assign(this, { path: row.path, operation: row.operation, status: row.status, model });
    this.meta = json(join(directory, "response.meta.json"));
    this.body = readFileSync(join(directory, "response.bin"));
    const request = join(directory, "request.json");
    // One of them is no JSON, which no client sends.
    this.request = existsSync(request) ? readFileSync(request, "utf8") : "{}";
    this.url = json(join(directory, "request.meta.json")).url;
  }

  modelId() {
    const path = new URL(this.url.replace("REGION", "us-east-1")).pathname;
    const segment = path.match(/\/model\/([^/]+)\/[^/]+$/)[1];
    return decodeURIComponent(segment);
  }

  /** What a tape is found by. */
  asked() {
    return { operation: this.operation, modelId: this.modelId(), request: JSON.parse(this.request) };
  }

  /** What to call the client with; throws where it could not send this. */
  input() {
    const refuse = (member) => {
      throw new Error(`the model has no member ${member}`);
    };
    const body = this.model.value(JSON.parse(this.request), this.model.input(this.operation), refuse);
    return { modelId: this.modelId(), ...body };
  }

  /** What the recorded bytes say. */
  expected() {
    if (this.status !== 200) return this.#error();
    const output = this.model.output(this.operation);
    if (this.operation === "Converse") return { answer: this.#known(JSON.parse(this.body), output) };
    return { events: messages(this.body).map((message) => this.#event(message)) };
  }

  #event({ headers, body }) {
    const kind = headers[":message-type"].value;
    const type = headers[`:${kind}-type`].value;
    const payload = JSON.parse(Buffer.from(body));
    if (kind === "exception") {
      return { exception: `${type[0].toUpperCase()}${type.slice(1)}`, message: payload.message };
    }
    const shapes = this.model.shapes;
    const target = shapes[shapes[this.model.output(this.operation)].members.stream.shape].members[type];
    return { [type]: this.#known(payload, target.shape) };
  }

  #error() {
    const type = this.meta.headers.find(([name]) => name.toLowerCase() === "x-amzn-errortype");
    const body = JSON.parse(this.body);
    // Some were recorded without it; the client then has no name for the error.
    const name = type?.[1].split(":")[0] ?? "Unknown";
    return { status: this.status, error: name, message: body.message ?? body.Message };
  }

  /** Without what the model does not have, which the client leaves out, too;
   * of a union it says what was unknown. */
  #known(value, shape) {
    return this.model.value(value, shape, () => {});
  }
}

/** The messages in a whole body. */
export function messages(body) {
  const found = [];
  for (let at = 0; at < body.length; ) {
    const end = at + body.readUInt32BE(at);
    found.push(CODEC.decode(body.subarray(at, end)));
    at = end;
  }
  return found;
}
