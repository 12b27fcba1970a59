#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>

#include "base/bytes.h"
#include "base/secret.h"

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX; its headers stay inside this room

namespace qpq::crypto {

enum class HashId : uint8_t { sha256, sha384, sha512, sha3_256 };
inline constexpr std::array kHashIds{HashId::sha256, HashId::sha384, HashId::sha512, HashId::sha3_256};

constexpr std::size_t hashSize(HashId id) {
  switch (id) {
    case HashId::sha256: return 32;
    case HashId::sha384: return 48;
    case HashId::sha512: return 64;
    case HashId::sha3_256: return 32;
  }
  return 0;
}

using Hash32 = ByteArray<32>;

// The hash of the parts one after the other, as if they were concatenated.
Bytes hash(HashId id, std::initializer_list<ByteView> parts);
Bytes hash(HashId id, ByteView input);
Hash32 sha256(ByteView input);
Hash32 sha256(std::initializer_list<ByteView> parts);
// Into memory of exactly hashSize(id) bytes: for hashing secrets, and for loops that should not allocate. `out` may be
// one of the parts.
void hashInto(HashId id, std::initializer_list<ByteView> parts, ByteSpan out);

// SHAKE256 with an output of any length (FIPS 202).
void shake256(std::initializer_list<ByteView> parts, ByteSpan out);

// A hash fed piece by piece. Move-only; finish() may be called once.
class Hasher {
 public:
  explicit Hasher(HashId id);
  void update(ByteView input);
  Bytes finish() &&;

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  HashId id_;
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace qpq::crypto
