// Callers with a wrong secret, key, API key or clock.

import { ConverseCommand } from "@aws-sdk/client-bedrock-runtime";

import { client, CREDENTIALS } from "./server.mjs";

const API_KEY = "bedrock-api-key-example";
const SIX_MINUTES = 6 * 60 * 1000;
const backwards = (text) => [...text].reverse().join("");
const byKey = (token) => ({ credentials: undefined, token: { token }, authSchemePreference: ["httpBearerAuth"] });

// What is wrong, the client's settings, and what the service answers.
const CASES = [
  ["right key, no tape", {}, 404, "TapeNotFoundException", "a.b-v1:0"],
  [
    "wrong secret",
    { credentials: { ...CREDENTIALS, secretAccessKey: backwards(CREDENTIALS.secretAccessKey) } },
    403,
    "InvalidSignatureException",
    "The request signature we calculated does not match the signature you provided.",
  ],
  [
    "unknown access key id",
    { credentials: { ...CREDENTIALS, accessKeyId: "AKIDOTHER" } },
    403,
    "UnrecognizedClientException",
    "The security token included in the request is invalid.",
  ],
  ["slow clock", { systemClockOffset: -SIX_MINUTES }, 403, "InvalidSignatureException", "Signature expired: "],
  ["fast clock", { systemClockOffset: SIX_MINUTES }, 403, "InvalidSignatureException", "Signature not yet current: "],
  ["right API key, no tape", byKey(API_KEY), 404, "TapeNotFoundException", "a.b-v1:0"],
  [
    "wrong API key",
    byKey(backwards(API_KEY)),
    403,
    "AccessDeniedException",
    "Authentication failed: Please make sure your API Key is valid.",
  ],
];

/** Each must be turned away by the name that the service uses. */
export async function turnAway(url) {
  for (const [what, settings, status, name, message] of CASES) {
    const bedrock = client(url, { maxAttempts: 1, ...settings });
    const messages = [{ role: "user", content: [{ text: "hi" }] }];
    const error = await bedrock.send(new ConverseCommand({ modelId: "a.b-v1:0", messages })).catch((error) => error);
    bedrock.destroy();
    const found = [error.$metadata?.httpStatusCode, error.name, Boolean(error.$metadata?.requestId)];
    const asExpected = found[0] === status && found[1] === name && found[2] && error.message.includes(message);
    if (!asExpected) throw new Error(`${what}: ${found}: ${error.message}`, { cause: error });
    console.log(`${what}: ${status} ${name}`);
  }
}
