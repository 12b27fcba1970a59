#include "quic/address_rates.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace qpq::quic {

AddressRates::AddressRates(Random& random, uint32_t burst, uint64_t perMinute)
    : key_(random.secret<32>()), buckets_(kBuckets, RateLimit(burst, perMinute)) {}

bool AddressRates::take(const SocketAddress& address, kj::TimePoint now) {
  auto block = address.block();
  std::array<uint8_t, EVP_MAX_MD_SIZE> hash;
  HMAC(EVP_sha256(), key_.expose().data(), static_cast<int>(key_.expose().size()), block.host.data(), block.host.size(),
       hash.data(), nullptr);
  std::size_t bucket = (static_cast<std::size_t>(hash[0]) << 8 | hash[1]) % kBuckets;
  return buckets_[bucket].take(now);
}

}  // namespace qpq::quic
