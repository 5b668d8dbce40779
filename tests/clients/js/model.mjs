// JSON on the wire, read by the service model as botocore has it, which is not
// the model that the JavaScript client is made from.

import { isDeepStrictEqual } from "node:util";

/** The service's shapes, from the file of a service model. */
export class Model {
  constructor({ operations, shapes }) {
    Object.assign(this, { operations, shapes });
  }

  input(operation) {
    return this.operations[operation].input.shape;
  }

  output(operation) {
    return this.operations[operation].output.shape;
  }

  /** The value of a shape as the client is asked with it, or hands it out:
   * blobs are bytes, and a member that is no part of the model goes to
   * `unknown`. */
  value(json, name, unknown) {
    const shape = this.shapes[name];
    if (shape.document || json === null) return json;
    switch (shape.type) {
      case "structure":
        return this.#structure(json, shape, unknown);
      case "list":
        return json.map((item) => this.value(item, shape.member.shape, unknown));
      case "map":
        return Object.fromEntries(
          Object.entries(json).map(([key, item]) => [key, this.value(item, shape.value.shape, unknown)]),
        );
      case "blob":
        return new Uint8Array(Buffer.from(json, "base64"));
      case "string":
      case "integer":
      case "long":
      case "float":
      case "double":
      case "boolean":
        return json;
      default:
        throw new Error(`${name} is a ${shape.type}, which Converse has not had so far`);
    }
  }

  #structure(json, shape, unknown) {
    const found = {};
    for (const [member, item] of Object.entries(json)) {
      const target = shape.members[member];
      if (target === undefined) unknown(member, item, shape);
      else if (item !== null) found[member] = this.value(item, target.shape, unknown);
    }
    return found;
  }
}

/** Without the members that are undefined, and without classes. */
export function plain(value) {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(members.map(([name, item]) => [name, plain(item)]));
}

export function assertSame(found, expected, where) {
  if (isDeepStrictEqual(plain(found), plain(expected))) return;
  throw new Error(`${where}:\n${JSON.stringify(found)}\nis not\n${JSON.stringify(expected)}`);
}
