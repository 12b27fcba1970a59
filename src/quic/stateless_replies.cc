#include "quic/stateless_replies.h"

#include <ngtcp2/ngtcp2_crypto.h>

#include <algorithm>
#include <array>

namespace qpq::quic {

StatelessReplies::StatelessReplies(Surroundings& surroundings, Egress& egress)
    : surroundings_(surroundings),
      egress_(egress),
      rate_(surroundings.limits.statelessBurst, uint64_t{60} * surroundings.limits.statelessPerSecond) {}

bool StatelessReplies::allowed() {
  if (rate_.take(surroundings_.timer.now())) return true;
  ++counters_.withheld;
  return false;
}

void StatelessReplies::send(const IncomingDatagram& question, ByteView answer, uint64_t& counter) {
  ++counter;
  egress_.copy(question.local, question.remote, answer);
}

void StatelessReplies::versionNegotiation(const IncomingDatagram& question, const ngtcp2_version_cid& header) {
  if (!allowed()) return;
  std::array<uint8_t, 600> packet;  // the client's two ids may have 255 bytes each
  std::array<uint32_t, 1> versions{NGTCP2_PROTO_VER_V1};
  auto size = ngtcp2_pkt_write_version_negotiation(packet.data(), packet.size(), surroundings_.random.bytes<1>()[0],
                                                   header.scid, header.scidlen, header.dcid, header.dcidlen,
                                                   versions.data(), versions.size());
  if (size > 0) send(question, ByteView(packet).first(static_cast<std::size_t>(size)), counters_.versionNegotiations);
}

void StatelessReplies::retry(const IncomingDatagram& question, const ngtcp2_pkt_hd& header) {
  if (!allowed()) return;
  // Both Initials of a hybrid ClientHello get their own Retry; the client honours the first and ignores the second.
  auto source = ConnectionId::random(surroundings_.random, surroundings_.place).raw();
  SystemAddress remote(question.remote);
  auto secret = surroundings_.secrets.retryToken.expose();
  std::array<uint8_t, NGTCP2_CRYPTO_MAX_RETRY_TOKENLEN2> token;
  auto tokenSize =
      ngtcp2_crypto_generate_retry_token2(token.data(), secret.data(), secret.size(), header.version, remote.get(),
                                          remote.length(), &source, &header.dcid, surroundings_.nowNs());
  if (tokenSize < 0) return;
  std::array<uint8_t, 512> packet;
  auto size = ngtcp2_crypto_write_retry(
      packet.data(), std::min(packet.size(), kAmplificationMax * question.payload.size()), header.version, &header.scid,
      &source, &header.dcid, token.data(), static_cast<std::size_t>(tokenSize));
  if (size > 0) send(question, ByteView(packet).first(static_cast<std::size_t>(size)), counters_.retries);
}

void StatelessReplies::close(const IncomingDatagram& question, const ngtcp2_pkt_hd& header, uint64_t error) {
  if (!allowed()) return;
  std::array<uint8_t, 256> packet;
  auto size = ngtcp2_crypto_write_connection_close(packet.data(), packet.size(), header.version, &header.scid,
                                                   &header.dcid, error, nullptr, 0);
  if (size > 0) send(question, ByteView(packet).first(static_cast<std::size_t>(size)), counters_.refusals);
}

void StatelessReplies::reset(const IncomingDatagram& question, const ConnectionId& destination) {
  // Shorter than the question, or two endpoints could answer each other for ever; not so short that it is
  // recognisable: a real packet has at least 5 unpredictable bytes before the token.
  constexpr std::size_t kTokenSize = NGTCP2_STATELESS_RESET_TOKENLEN;
  constexpr std::size_t kPacketMax = 41;
  constexpr std::size_t kUnpredictableMin = 5;
  std::size_t packetSize = std::min(kPacketMax, question.payload.size() - 1);
  if (packetSize < 1 + kUnpredictableMin + kTokenSize) return;
  if (!allowed()) return;
  ngtcp2_stateless_reset_token token;
  auto secret = surroundings_.secrets.statelessReset.expose();
  auto id = destination.raw();
  if (ngtcp2_crypto_generate_stateless_reset_token(token.data, secret.data(), secret.size(), &id) != 0) return;
  auto unpredictable = surroundings_.random.bytes<kPacketMax>();
  std::array<uint8_t, kPacketMax> packet;
  auto size = ngtcp2_pkt_write_stateless_reset2(packet.data(), packetSize, &token, unpredictable.data(),
                                                packetSize - kTokenSize);
  if (size > 0) send(question, ByteView(packet).first(static_cast<std::size_t>(size)), counters_.resets);
}

std::optional<ConnectionId> StatelessReplies::beforeRetry(const IncomingDatagram& question,
                                                          const ngtcp2_pkt_hd& header) const {
  SystemAddress remote(question.remote);
  auto secret = surroundings_.secrets.retryToken.expose();
  ngtcp2_cid original;
  int failed = ngtcp2_crypto_verify_retry_token2(&original, header.token, header.tokenlen, secret.data(), secret.size(),
                                                 header.version, remote.get(), remote.length(), &header.dcid,
                                                 kRetryTokenLifetimeMs * NGTCP2_MILLISECONDS, surroundings_.nowNs());
  if (failed != 0) return std::nullopt;
  return ConnectionId(original);
}

}  // namespace qpq::quic
