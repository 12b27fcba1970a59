// The other implementation of RFC 9807, one question a line: a command and its arguments, hex, "-" for none.
// Answers "ok VALUE…", or "refused REASON" where the peer does not go on.
import { createInterface } from "node:readline";
import * as opaque from "@serenity-kit/opaque";

const fromHex = (hex) => Buffer.from(hex, "hex").toString("base64url");
const toHex = (text) => Buffer.from(text, "base64url").toString("hex");
const text = (hex) => Buffer.from(hex, "hex").toString("utf8");
const cost = (memory, iterations, parallelism) => ({
  "argon2id-custom": { memory: Number(memory), iterations: Number(iterations), parallelism: Number(parallelism) },
});
const identifiers = (client, server) => {
  const given = {};
  if (client !== "-") given.client = text(client);
  if (server !== "-") given.server = text(server);
  return Object.keys(given).length > 0 ? given : undefined;
};

const commands = {
  "client-register-start": (password) => {
    const { clientRegistrationState, registrationRequest } = opaque.client.startRegistration({
      password: text(password),
    });
    return [clientRegistrationState, registrationRequest];
  },
  "client-register-finish": (password, state, response, memory, passes, lanes, client, server) => {
    const { registrationRecord, exportKey, serverStaticPublicKey } = opaque.client.finishRegistration({
      password: text(password),
      clientRegistrationState: fromHex(state),
      registrationResponse: fromHex(response),
      keyStretching: cost(memory, passes, lanes),
      identifiers: identifiers(client, server),
    });
    return [registrationRecord, exportKey, serverStaticPublicKey];
  },
  "client-login-start": (password) => {
    const { clientLoginState, startLoginRequest } = opaque.client.startLogin({ password: text(password) });
    return [clientLoginState, startLoginRequest];
  },
  "client-login-finish": (password, state, ke2, memory, passes, lanes, client, server) => {
    const result = opaque.client.finishLogin({
      password: text(password),
      clientLoginState: fromHex(state),
      loginResponse: fromHex(ke2),
      keyStretching: cost(memory, passes, lanes),
      identifiers: identifiers(client, server),
    });
    if (!result) throw new Error("wrong password");
    return [result.finishLoginRequest, result.sessionKey, result.exportKey, result.serverStaticPublicKey];
  },
  "server-setup": () => {
    const setup = opaque.server.createSetup();
    return [setup, opaque.server.getPublicKey(setup)];
  },
  "server-register": (setup, identifier, request) => {
    const { registrationResponse } = opaque.server.createRegistrationResponse({
      serverSetup: fromHex(setup),
      userIdentifier: text(identifier),
      registrationRequest: fromHex(request),
    });
    return [registrationResponse];
  },
  "server-login": (setup, identifier, record, ke1, client, server) => {
    const { serverLoginState, loginResponse } = opaque.server.startLogin({
      serverSetup: fromHex(setup),
      userIdentifier: text(identifier),
      registrationRecord: record === "-" ? null : fromHex(record),
      startLoginRequest: fromHex(ke1),
      identifiers: identifiers(client, server),
    });
    return [serverLoginState, loginResponse];
  },
  "server-finish": (state, ke3, client, server) => {
    const { sessionKey } = opaque.server.finishLogin({
      serverLoginState: fromHex(state),
      finishLoginRequest: fromHex(ke3),
      identifiers: identifiers(client, server),
    });
    return [sessionKey];
  },
};

await opaque.ready;
for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(" ");
  let answer;
  try {
    answer = ["ok", ...commands[command](...words).map(toHex)];
  } catch (error) {
    answer = ["refused", String(error.message ?? error).replaceAll("\n", " ")];
  }
  process.stdout.write(answer.join(" ") + "\n");
}
