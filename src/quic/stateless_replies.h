#pragma once

#include <optional>

#include "quic/egress.h"
#include "quic/rate_limit.h"
#include "quic/surroundings.h"

namespace qpq::quic {

// What a server answers without keeping anything: all of it small, never larger than three times the question, and
// limited in number, for the question may bear a forged address.
class StatelessReplies {
 public:
  StatelessReplies(Surroundings& surroundings, Egress& egress);

  void versionNegotiation(const IncomingDatagram& question, const ngtcp2_version_cid& header);
  // RFC 9000 §8.1.2
  void retry(const IncomingDatagram& question, const ngtcp2_pkt_hd& header);
  // A refusal before there is a connection: CONNECTION_CLOSE under the Initial keys everybody can derive.
  void close(const IncomingDatagram& question, const ngtcp2_pkt_hd& header, uint64_t error);
  // RFC 9000 §10.3: to a packet of a connection nobody here knows.
  void reset(const IncomingDatagram& question, const ConnectionId& destination);

  // The connection id the client first chose, if its token is one of our Retry tokens for this address, and fresh.
  std::optional<ConnectionId> beforeRetry(const IncomingDatagram& question, const ngtcp2_pkt_hd& header) const;

  struct Counters {
    uint64_t versionNegotiations = 0;
    uint64_t retries = 0;
    uint64_t refusals = 0;
    uint64_t resets = 0;
    uint64_t withheld = 0;  // over the rate
  };
  const Counters& counters() const { return counters_; }

 private:
  bool allowed();
  void send(const IncomingDatagram& question, ByteView answer, uint64_t& counter);

  Surroundings& surroundings_;
  Egress& egress_;
  RateLimit rate_;
  Counters counters_;
};

}  // namespace qpq::quic
