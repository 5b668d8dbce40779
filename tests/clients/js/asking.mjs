// Calls of the JavaScript client, in the form of `Recording.expected`.

import { ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";

import { client } from "./server.mjs";

export class Asker {
  constructor(url) {
    this.client = client(url, { maxAttempts: 1 });
    // Looks at the head of every answer and changes nothing.
    this.client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        this.tape = result.response.headers["x-bedrock-wire-tape"];
        return result;
      },
      { step: "deserialize", priority: "low", name: "look" },
    );
  }

  /** What was found, and the tape that gave it. */
  async ask(operation, input) {
    this.tape = undefined;
    const found = operation === "Converse" ? await this.#converse(input) : await this.#stream(input);
    return { found, tape: this.tape };
  }

  async #converse(input) {
    try {
      const { $metadata, ...answer } = await this.client.send(new ConverseCommand(input));
      return { answer };
    } catch (error) {
      return failed(error);
    }
  }

  async #stream(input) {
    let stream;
    try {
      ({ stream } = await this.client.send(new ConverseStreamCommand(input)));
    } catch (error) {
      // An exception that comes as the first event fails the call itself.
      return error.$metadata?.httpStatusCode ? failed(error) : { events: [exception(error)] };
    }
    return { events: await events(stream) };
  }

  close() {
    this.client.destroy();
  }
}

/** The events of a stream, and the exception it ended with. */
async function events(stream) {
  const found = [];
  try {
    for await (const event of stream) found.push(event);
  } catch (error) {
    found.push(exception(error));
  }
  return found;
}

function exception(error) {
  if (error.$fault === undefined) throw error;
  return { exception: error.name, message: error.message };
}

function failed(error) {
  if (error.$metadata?.httpStatusCode === undefined) throw error;
  return { status: error.$metadata.httpStatusCode, error: error.name, message: error.message };
}
