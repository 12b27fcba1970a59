#include "server/keys.h"

#include "crypto/hkdf.h"

namespace qpq::server {

namespace {

store::Result<void> makeKeys(store::State& stored, Random& random, Instant now) {
  TRY(stored.make(
      {Incarnation::random(random), random.secret<32>(), encodeSecret(opaque::ServerSetup::generate(random))}));
  return stored.addReceiptKey({1, random.secret<32>(), now.unixMs});
}

}  // namespace

ServerKeys::ServerKeys(const Incarnation& incarnation, const store::RefillWindow& refillWindow,
                       crypto::Ed25519Key identity, opaque::ServerSetup opaque, std::vector<ReceiptKey> receiptKeys)
    : incarnation_(incarnation),
      refillWindow_(refillWindow),
      identity_(std::move(identity)),
      opaque_(std::move(opaque)),
      receiptKeys_(std::move(receiptKeys)) {}

store::Result<ServerKeys> ServerKeys::open(store::Connection& connection, Random& random, Instant now) {
  store::Transaction transaction = TRY(connection.write());
  store::State& stored = transaction.tables().state;
  if (!TRY(stored.read())) TRY(makeKeys(stored, random, now));
  auto state = TRY(stored.read());
  if (!state) return store::damaged("the server's keys are not there");
  auto setup = decode<opaque::ServerSetup>(state->opaqueSetup.expose());
  std::vector<ReceiptKey> receiptKeys;
  for (const auto& key : TRY(stored.receiptKeys())) {
    receiptKeys.push_back({key.id, crypto::Ed25519Key(key.seed), key.fromMs});
  }
  if (!setup || receiptKeys.empty()) return store::damaged("the server's keys are not all there");
  store::RefillWindow refillWindow = TRY(stored.refillWindow(now));
  TRY(transaction.commit());
  return ServerKeys(state->incarnation, refillWindow, crypto::Ed25519Key(state->identitySeed), std::move(*setup),
                    std::move(receiptKeys));
}

wire::ServerInfo ServerKeys::info(const wire::Hash& tlsKey) const {
  std::vector<wire::ReceiptKey> publicKeys;
  for (const ReceiptKey& key : receiptKeys_) publicKeys.push_back({key.id, key.key.publicKey(), key.fromMs});
  return wire::sign(identity_, wire::ServerInfoTBS{.identity = identity_.publicKey(),
                                                   .incarnation = incarnation_,
                                                   .tlsKey = tlsKey,
                                                   .receiptKeys = std::move(publicKeys)});
}

Secret<32> ServerKeys::derive(std::string_view purpose) const {
  Secret<32> seed = identity_.seed();
  SecretBytes root = crypto::hkdfExtract(crypto::HashId::sha512, asBytes("qpq 1 server"), seed.expose());
  auto derived = crypto::hkdfExpand(crypto::HashId::sha512, root.expose(), asBytes(purpose), 32);
  return Secret<32>(derived.value().expose().first<32>());
}

std::vector<wire::Receipt> ServerKeys::sign(const std::vector<wire::ReceiptLeaf>& leaves) const {
  if (leaves.empty()) return {};
  return wire::signFlush(signer(), leaves);
}

wire::SignedHead ServerKeys::sign(const LogId& log, const wire::LogPlace& place, uint64_t timeMs) const {
  return wire::signHead(signer(), {incarnation_, log, place.seq, place.head, place.commits, timeMs});
}

}  // namespace qpq::server
