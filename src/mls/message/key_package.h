#pragma once

#include "mls/message/leaf_node.h"

namespace qpq::mls {

// RFC 9420 §10.
struct KeyPackage {
  Mls10 version;
  CipherSuiteId cipherSuite{};
  HPKEPublicKey initKey;
  LeafNode leafNode;
  Extensions extensions;
  Bytes signature;
  bool operator==(const KeyPackage&) const = default;

  static constexpr auto signedFields() {
    return std::tuple{&KeyPackage::version, &KeyPackage::cipherSuite, &KeyPackage::initKey, &KeyPackage::leafNode,
                      &KeyPackage::extensions};
  }
  static constexpr auto fields() { return std::tuple_cat(signedFields(), std::tuple{&KeyPackage::signature}); }
};

// To be encoded only.
struct KeyPackageTBS {
  using EncodedOnly = void;
  const KeyPackage& keyPackage;

  template <class W>
  void write(W& out) const {
    std::apply([&](auto... member) { (qpq::write(out, keyPackage.*member), ...); }, KeyPackage::signedFields());
  }
};

}  // namespace qpq::mls
