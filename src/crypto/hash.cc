#include "crypto/hash.h"

#include "crypto/digest.h"
#include "crypto/libraries.h"

namespace qpq::crypto {

using detail::require;

namespace {

void restart(EVP_MD_CTX* context) { require(EVP_DigestInit_ex2(context, nullptr, nullptr) == 1, "EVP_DigestInit_ex2"); }

void absorb(EVP_MD_CTX* context, ByteView input) {
  require(EVP_DigestUpdate(context, input.data(), input.size()) == 1, "EVP_DigestUpdate");
}

// Makes a context that is kept ready for the next user and takes out of it what this one leaves: the last block of the
// input, which OpenSSL's SHA-512 and SHA-3 keep, and the state, which is the output.
void forget(EVP_MD_CTX* context, std::size_t blockSize) {
  static constexpr ByteArray<detail::kHashBlockMax> kZeros{};
  restart(context);
  absorb(context, ByteView(kZeros).first(blockSize - 1));
  restart(context);
}

}  // namespace

namespace detail {

void digest(HashId id, ByteView first, std::initializer_list<ByteView> rest, ByteSpan out) {
  require(out.size() == hashSize(id), "a hash does not fit its output");
  EVP_MD_CTX* context = digestContext(id);
  absorb(context, first);
  for (ByteView part : rest) absorb(context, part);
  require(EVP_DigestFinal_ex(context, out.data(), nullptr) == 1, "EVP_DigestFinal_ex");
  forget(context, hashBlockSize(id));
}

}  // namespace detail

Bytes hash(HashId id, std::initializer_list<ByteView> parts) {
  Bytes out(hashSize(id));
  hashInto(id, parts, out);
  return out;
}

Bytes hash(HashId id, ByteView input) { return hash(id, {input}); }

Hash32 sha256(ByteView input) { return sha256({input}); }

Hash32 sha256(std::initializer_list<ByteView> parts) {
  Hash32 out;
  hashInto(HashId::sha256, parts, out);
  return out;
}

void hashInto(HashId id, std::initializer_list<ByteView> parts, ByteSpan out) { detail::digest(id, {}, parts, out); }

void shake256(std::initializer_list<ByteView> parts, ByteSpan out) {
  constexpr std::size_t kRate = 136;  // FIPS 202 §6.2: 1600 bits less twice 256
  EVP_MD_CTX* context = detail::shake256Context();
  for (ByteView part : parts) absorb(context, part);
  require(EVP_DigestFinalXOF(context, out.data(), out.size()) == 1, "EVP_DigestFinalXOF");
  forget(context, kRate);
}

void Hasher::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Hasher::Hasher(HashId id): id_(id), context_(detail::newDigestContext(id).release()) {}

void Hasher::update(ByteView input) { absorb(context_.get(), input); }

Bytes Hasher::finish() && {
  Bytes out(hashSize(id_));
  require(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1, "EVP_DigestFinal_ex");
  context_.reset();
  return out;
}

}  // namespace qpq::crypto
