#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/codec.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/ristretto255.h"
#include "opaque/error.h"
#include "opaque/kdf.h"

// RFC 9497: OPRF(ristretto255, SHA-512), mode 0x00. The server evaluates a function under its key at an input it does
// not see.
namespace qpq::opaque {

using Scalar = crypto::RistrettoScalar;

// RFC 9497 §2.1. 32 bytes as a message; reading is DeserializeElement: a non-canonical encoding and the identity are
// DecodeError::invalid. A value-initialised one is the identity, which every operation below refuses again.
struct Element {
  crypto::RistrettoElement bytes{};

  bool operator==(const Element&) const = default;
  template <class W>
  void write(W& out) const {
    out.bytes(bytes);
  }
  static Decoded<Element> read(Reader& in);
};

struct KeyPair {
  Scalar privateKey;
  Element publicKey;
};

// §3.2.1. `seed` is secret, `info` (at most 65535 bytes) public.
Result<KeyPair> deriveKeyPair(const Secret<32>& seed, std::string_view info);

struct Blinding {
  Scalar blind;
  Element blindedElement;  // tells nothing about the input
};

// §3.3.1, client. One scalar is drawn. invalidInput above kPasswordSizeMax bytes.
Result<Blinding> blind(ByteView input, Random& random);
// §3.3.1, server. deserialize if the element is none.
Result<Element> blindEvaluate(const Scalar& key, const Element& blindedElement);
// §3.3.1, client: the output for `input`, the same for every blind. Errors as above.
Result<Key> finalize(ByteView input, const Scalar& blind, const Element& evaluatedElement);

}  // namespace qpq::opaque
