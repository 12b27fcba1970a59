#include "wire/samples_test.h"

#include "wire/inside/capabilities.h"

namespace qpq::wire::sample {

Hash hash(uint8_t byte) {
  Hash hash;
  hash.fill(byte);
  return hash;
}

AccountId account(uint8_t n) { return idOf<AccountId>(static_cast<uint8_t>(0xa0 + n)); }
DeviceId device(uint8_t n) { return idOf<DeviceId>(static_cast<uint8_t>(0xd0 + n)); }
EntryId entryId(uint8_t n) { return idOf<EntryId>(static_cast<uint8_t>(0xe0 + n)); }
RosterEntry entry(uint8_t accountNumber, uint8_t deviceNumber) {
  return {account(accountNumber), device(deviceNumber)};
}

crypto::Ed25519Key key(uint8_t seed) { return crypto::Ed25519Key(Secret<32>(hash(seed))); }
crypto::Ed25519Key accountKey(uint8_t n) { return key(static_cast<uint8_t>(0x10 + n)); }
crypto::Ed25519Key deviceKey(uint8_t n) { return key(static_cast<uint8_t>(0x20 + n)); }
crypto::Ed25519Key receiptKey() { return key(0x31); }

Certificate certificate(uint8_t accountNumber, uint8_t deviceNumber, uint64_t listVersion) {
  return sign(accountKey(accountNumber), CertificateTBS{.account = account(accountNumber),
                                                        .accountKey = accountKey(accountNumber).publicKey(),
                                                        .device = device(deviceNumber),
                                                        .deviceKey = deviceKey(deviceNumber).publicKey(),
                                                        .listVersion = listVersion});
}
VerifiedCertificate verified(uint8_t accountNumber, uint8_t deviceNumber) {
  return VerifiedCertificate::check(certificate(accountNumber, deviceNumber)).value();
}
VerifiedCertificate certified(uint8_t accountNumber, const DeviceId& device, const PublicKey& deviceKey) {
  CertificateTBS tbs = certificate(accountNumber, 1).tbs;
  tbs.device = device;
  tbs.deviceKey = deviceKey;
  return VerifiedCertificate::check(sign(accountKey(accountNumber), tbs)).value();
}

ListedDevice listed(uint8_t deviceNumber, DeviceState state, uint64_t changedMs) {
  return {device(deviceNumber), deviceKey(deviceNumber).publicKey(), state, changedMs};
}
DeviceList deviceList(uint8_t accountNumber, uint64_t version, const Hash& previous,
                      std::vector<ListedDevice> devices) {
  return sign(accountKey(accountNumber), DeviceListTBS{.account = account(accountNumber),
                                                       .accountKey = accountKey(accountNumber).publicKey(),
                                                       .listVersion = version,
                                                       .previous = previous,
                                                       .devices = std::move(devices)});
}
VerifiedDeviceList firstList(uint8_t accountNumber, std::vector<ListedDevice> devices) {
  return VerifiedDeviceList::check(deviceList(accountNumber, 1, Hash{}, std::move(devices))).value();
}
VerifiedDeviceList nextList(const VerifiedDeviceList& before, std::vector<ListedDevice> devices) {
  auto accountNumber = static_cast<uint8_t>(before->account.bytes[0] - 0xa0);
  return VerifiedDeviceList::check(
             deviceList(accountNumber, before->listVersion + 1, before.hash(), std::move(devices)))
      .value();
}

VerifiedServerInfo server() {
  ServerInfoTBS tbs{.identity = key(0x30).publicKey(),
                    .incarnation = kIncarnation,
                    .tlsKey = hash(0x51),
                    .receiptKeys = {{7, receiptKey().publicKey(), 1000}, {9, key(0x32).publicKey(), 2000}}};
  return VerifiedServerInfo::check(sign(key(0x30), tbs)).value();
}

Terms messageTerms(uint8_t id, uint64_t commitsSeen) { return {.id = entryId(id), .commitsSeen = commitsSeen}; }
Terms leaveTerms(const RosterEntry& leaver, uint8_t id, uint64_t commitsSeen) {
  return {.id = entryId(id), .commitsSeen = commitsSeen, .body = ProposalTerms{leaver}};
}
Terms commitTerms(CommitTerms commit, uint8_t id, uint64_t commitsSeen) {
  return {.id = entryId(id), .commitsSeen = commitsSeen, .body = std::move(commit)};
}

mls::KeyPackage keyPackage(uint8_t accountNumber, uint8_t deviceNumber) {
  mls::LeafNode leaf{.encryptionKey = {3, 4},
                     .signatureKey = toBytes(deviceKey(deviceNumber).publicKey()),
                     .credential = {mls::BasicCredential{encode(certificate(accountNumber, deviceNumber, 3))}},
                     .capabilities = productCapabilities(),
                     .source = {mls::Lifetime{1000, 2000}},
                     .extensions = {},
                     .signature = {5, 6}};
  return {.cipherSuite = mls::CipherSuiteId{0xF0E2},
          .initKey = {1, 2},
          .leafNode = std::move(leaf),
          .extensions = {},
          .signature = {7, 8}};
}

}  // namespace qpq::wire::sample
