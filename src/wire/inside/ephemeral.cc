#include "wire/inside/ephemeral.h"

#include <algorithm>
#include <cassert>

#include "crypto/aead.h"
#include "wire/limits.h"

namespace qpq::wire {

namespace {

constexpr crypto::AeadId kAead = crypto::AeadId::aes256Gcm;

Bytes associatedData(const LogId& log, uint64_t commitsSeen) {
  Writer out;
  write(out, log);
  out.u64(commitsSeen);
  return std::move(out).take();
}

}  // namespace

Result<Ephemeral> sealEphemeral(const EphemeralKey& key, const crypto::Ed25519Key& deviceKey, const EphemeralTBS& tbs,
                                Random& random) {
  Bytes plain = encode(EphemeralPlain{.device = tbs.device,
                                      .counter = tbs.counter,
                                      .type = tbs.type,
                                      .body = tbs.body,
                                      .signature = sign(deviceKey, tbs).signature});
  if (plain.size() + crypto::kAeadTagSize > kEphemeralSealedSizeMax) return fail(ErrorCode::tooLarge);
  Ephemeral ephemeral{.commitsSeen = tbs.commitsSeen, .nonce = random.bytes<12>()};
  auto sealed = crypto::aeadSeal(kAead, key.expose(), ephemeral.nonce, associatedData(tbs.log, tbs.commitsSeen), plain);
  assert(sealed);  // key and nonce have their types' lengths
  ephemeral.sealed = *std::move(sealed);
  return ephemeral;
}

Result<ReceivedEphemeral> openEphemeral(const EphemeralKey& key, const LogId& log, const Ephemeral& ephemeral,
                                        const Leaves& leaves) {
  if (ephemeral.sealed.size() > kEphemeralSealedSizeMax) return fail(ErrorCode::tooLarge);
  auto opened = crypto::aeadOpen(kAead, key.expose(), ephemeral.nonce, associatedData(log, ephemeral.commitsSeen),
                                 ephemeral.sealed);
  if (!opened) return fail(ErrorCode::cannotOpen);
  auto plain = TRY(decode<EphemeralPlain>(opened->expose()));
  Signed<EphemeralTBS> message{{.log = log,
                                .commitsSeen = ephemeral.commitsSeen,
                                .device = plain.device,
                                .counter = plain.counter,
                                .type = plain.type,
                                .body = std::move(plain.body)},
                               plain.signature};
  auto candidates = leaves.withDevice(plain.device);
  if (candidates.empty()) return fail(ErrorCode::unknownLeaf);
  for (const VerifiedCertificate* leaf : candidates) {
    if (!verify((*leaf)->deviceKey, message)) continue;
    return ReceivedEphemeral{leaf->entry(), plain.counter, plain.type, std::move(message.tbs.body)};
  }
  return fail(ErrorCode::badSignature);
}

uint64_t nextCounter(uint64_t last, Instant now) { return std::max(last + 1, now.unixMs); }

Result<void> checkFresh(uint64_t last, uint64_t counter) {
  if (counter <= last) return fail(ErrorCode::notFresh);
  return {};
}

}  // namespace qpq::wire
