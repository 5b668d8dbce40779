// The replay server as a process of its own, and the JavaScript client for it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";

export const CREDENTIALS = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

/** A server process, known by the address in the first line that it prints. */
export class Server {
  static async start(binary, ...args) {
    const child = spawn(binary, args, { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit");
    const lines = createInterface({ input: child.stdout });
    const first = await Promise.race([once(lines, "line"), ended]);
    const url = /^\S.* (https?:\/\/\S+)$/.exec(first[0])?.[1];
    if (!url) {
      child.kill();
      throw new Error(`the first line of \`${args[0]}\` is ${JSON.stringify(first[0])}`);
    }
    return new Server(child, ended, url);
  }

  constructor(child, ended, url) {
    Object.assign(this, { child, ended, url });
  }

  async stop() {
    this.child.kill("SIGTERM");
    const [code, signal] = await this.ended;
    if (code !== 0) throw new Error(`it ends with ${code ?? signal}`);
  }
}

/** The client as it is out of the box: it speaks HTTP/2 alone, over TLS to an
 * https address, and in clear, with prior knowledge, to an http one. */
export function client(endpoint, options = {}) {
  return new BedrockRuntimeClient({ endpoint, region: "us-east-1", credentials: CREDENTIALS, ...options });
}
