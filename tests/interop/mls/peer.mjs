// The other implementation of RFC 9420, one question a line: a command and its arguments, bytes in hex, "-" for none.
// Answers "ok VALUE…", or "refused REASON" where the peer does not go on. Members and their states stay here by name.
import { createInterface } from "node:readline";
import { p256 } from "@noble/curves/nist.js";
import * as mls from "ts-mls";

const fromHex = (hex) => new Uint8Array(Buffer.from(hex === "-" ? "" : hex, "hex"));
const toHex = (bytes) => Buffer.from(bytes).toString("hex") || "-";
const encoded = (message) => toHex(mls.encodeMlsMessage({ version: "mls10", ...message }));

const decoded = (hex, wireformat) => {
  const bytes = fromHex(hex);
  const [message, size] = mls.decodeMlsMessage(bytes, 0) ?? [];
  if (!message || size !== bytes.length) throw new Error("not one message");
  if (wireformat && message.wireformat !== wireformat) throw new Error(`another message: ${message.wireformat}`);
  return message;
};

// name -> { suite, signer, package, state }
const members = {};

// Theirs would give a P-256 key in the short form, which the RFC does not have (§5.1.2: uncompressed).
const signatureKeys = async (suite) => {
  const keys = await suite.signature.keygen();
  return suite.name.endsWith("_P256") ? { ...keys, publicKey: p256.getPublicKey(keys.signKey, false) } : keys;
};

// A fresh key package with the member's one signature key.
const renew = async (member, name, notBefore, notAfter) => {
  member.package = await mls.generateKeyPackageWithKey(
    { credentialType: "basic", identity: new TextEncoder().encode(name) },
    mls.defaultCapabilities(),
    { notBefore: BigInt(notBefore), notAfter: BigInt(notAfter) },
    [],
    member.signer,
    member.suite,
  );
  return member.package;
};

// Theirs writes and reads external_pub without the length that stands before an HPKEPublicKey (§12.4.3.2). It is put in
// and taken off where a key passes between the extension and the library, so that its signatures cover the right bytes.
const withLength = (key) => {
  const header = key.length < 64 ? [key.length] : [0x40 | (key.length >> 8), key.length & 0xff];
  return new Uint8Array([...header, ...key]);
};
const writingExternalPub = ({ suite }) => {
  const exportPublicKey = async (key) => withLength(await suite.hpke.exportPublicKey(key));
  return { ...suite, hpke: { ...suite.hpke, exportPublicKey } };
};
const readingExternalPub = ({ suite, package: made }) => {
  const size = made.publicPackage.initKey.length; // of any key of the suite
  const importPublicKey = (bytes) => suite.hpke.importPublicKey(bytes.slice(-size));
  return { ...suite, hpke: { ...suite.hpke, importPublicKey } };
};

const commit = async (member, wireformat, extraProposals) => {
  const made = await mls.createCommit(
    { state: member.state, cipherSuite: member.suite },
    { wireAsPublicMessage: wireformat === "public", extraProposals, ratchetTreeExtension: true },
  );
  member.state = made.newState;
  const welcome = made.welcome ? encoded({ wireformat: "mls_welcome", welcome: made.welcome }) : "-";
  return [encoded(made.commit), welcome];
};

const commands = {
  "key-package": async (name, suite, notBefore, notAfter) => {
    if (!members[name]) {
      const [suiteName] = Object.entries(mls.ciphersuites).find(([, number]) => number === Number(suite));
      const member = { suite: await mls.getCiphersuiteImpl(mls.getCiphersuiteFromName(suiteName)) };
      members[name] = { ...member, signer: await signatureKeys(member.suite) };
    }
    const { publicPackage } = await renew(members[name], name, notBefore, notAfter);
    return [encoded({ wireformat: "mls_key_package", keyPackage: publicPackage })];
  },
  create: async (name, groupId) => {
    const member = members[name];
    const { publicPackage, privatePackage } = member.package;
    member.state = await mls.createGroup(fromHex(groupId), publicPackage, privatePackage, [], member.suite);
    return [];
  },
  join: async (name, welcome) => {
    const member = members[name];
    const { publicPackage, privatePackage } = member.package;
    const message = decoded(welcome, "mls_welcome");
    member.state = await mls.joinGroup(message.welcome, publicPackage, privatePackage, mls.emptyPskIndex, member.suite);
    return [];
  },
  add: async (name, wireformat, keyPackage) => {
    const add = { keyPackage: decoded(keyPackage, "mls_key_package").keyPackage };
    return commit(members[name], wireformat, [{ proposalType: "add", add }]);
  },
  commit: async (name, wireformat) => commit(members[name], wireformat, []),
  "propose-remove": async (name, wireformat, removed) => {
    const member = members[name];
    const proposal = { proposalType: "remove", remove: { removed: Number(removed) } };
    const made = await mls.createProposal(member.state, wireformat === "public", proposal, member.suite);
    member.state = made.newState;
    return [encoded(made.message)];
  },
  say: async (name, data, authenticatedData) => {
    const member = members[name];
    const made = await mls.createApplicationMessage(
      member.state,
      fromHex(data),
      member.suite,
      fromHex(authenticatedData),
    );
    member.state = made.newState;
    return [encoded({ wireformat: "mls_private_message", privateMessage: made.privateMessage })];
  },
  // What was said; nothing of a handshake.
  receive: async (name, message) => {
    const member = members[name];
    const result = await mls.processMessage(
      decoded(message),
      member.state,
      mls.emptyPskIndex,
      mls.acceptAll,
      member.suite,
    );
    member.state = result.newState;
    return result.kind === "applicationMessage" ? [toHex(result.message)] : [];
  },
  "group-info": async (name) => {
    const member = members[name];
    const suite = writingExternalPub(member);
    const groupInfo = await mls.createGroupInfoWithExternalPubAndRatchetTree(member.state, [], suite);
    return [encoded({ wireformat: "mls_group_info", groupInfo })];
  },
  // An external commit; with resync in the place of the member's former self.
  enter: async (name, groupInfo, how) => {
    const member = members[name];
    const { publicPackage, privatePackage } = member.package;
    const made = await mls.joinGroupExternal(
      decoded(groupInfo, "mls_group_info").groupInfo,
      publicPackage,
      privatePackage,
      how === "resync",
      readingExternalPub(member),
    );
    member.state = made.newState;
    return [encoded({ wireformat: "mls_public_message", publicMessage: made.publicMessage })];
  },
  // What must be the same for all members, and our leaf.
  epoch: async (name) => {
    const { state, suite } = members[name];
    const label = new TextEncoder().encode("context");
    const exported = await mls.mlsExporter(state.keySchedule.exporterSecret, "label", label, 32, suite);
    return [
      String(state.groupContext.epoch),
      toHex(state.keySchedule.epochAuthenticator),
      toHex(exported),
      String(state.privatePath.leafIndex),
      state.groupActiveState.kind,
    ];
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command, ...words] = line.split(" ");
  let answer;
  try {
    answer = ["ok", ...(await commands[command](...words))];
  } catch (error) {
    answer = ["refused", String(error.message ?? error).replaceAll("\n", " ")];
  }
  process.stdout.write(answer.join(" ") + "\n");
}
