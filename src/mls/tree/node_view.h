#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "mls/message/ratchet_tree.h"

// The nodes of a tree in the form in which it holds them, which is the encoded one. A view is borrowed: valid until the
// tree it came from changes or dies. Looking at a field allocates nothing; decoded() makes the whole structure anew.
namespace qpq::mls {

namespace detail {

// A cursor over what the codec has written: nothing is checked a second time.
class Fields {
 public:
  explicit Fields(ByteView encoded): next_(encoded.data()) {}

  uint8_t u8() { return *next_++; }
  void skip(std::size_t size) { next_ += size; }
  // RFC 9420 §2.1.2: the top two bits say in how many bytes the length stands.
  ByteView opaque() {
    const uint8_t first = u8();
    std::size_t size = first & 0x3f;
    for (std::size_t more = (std::size_t{1} << (first >> 6)) - 1; more > 0; --more) size = size << 8 | u8();
    ByteView taken(next_, size);
    skip(size);
    return taken;
  }

 private:
  const uint8_t* next_;
};

}  // namespace detail

// RFC 9420 §7.2.
class LeafView {
 public:
  explicit LeafView(ByteView encoded): encoded_(encoded) {}
  ByteView encoded() const { return encoded_; }

  ByteView encryptionKey() const { return detail::Fields(encoded_).opaque(); }
  ByteView signatureKey() const {
    detail::Fields fields(encoded_);
    fields.opaque();
    return fields.opaque();
  }
  Credential credential() const;
  bool supports(ProposalType type) const;      // default types always
  std::optional<ByteView> parentHash() const;  // of a leaf that a commit made
  LeafNode decoded() const;

 private:
  ByteView encoded_;
};

// RFC 9420 §7.1.
class ParentView {
 public:
  explicit ParentView(ByteView encoded): encoded_(encoded) {}
  ByteView encoded() const { return encoded_; }

  ByteView encryptionKey() const { return detail::Fields(encoded_).opaque(); }
  ByteView parentHash() const {
    detail::Fields fields(encoded_);
    fields.opaque();
    return fields.opaque();
  }
  std::vector<LeafIndex> unmergedLeaves() const;
  ParentNode decoded() const;

 private:
  ByteView encoded_;
};

}  // namespace qpq::mls
