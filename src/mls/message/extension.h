#pragma once

#include <vector>

#include "mls/limits.h"
#include "mls/message/types.h"

namespace qpq::mls {

// RFC 9420 §7.2, §13.4. The data is kept as it came: whoever knows the type decodes it.
struct Extension {
  ExtensionType type{};
  Bytes data;
  bool operator==(const Extension&) const = default;
  static constexpr auto fields() { return std::tuple{&Extension::type, &Extension::data}; }
};

// Extension extensions<V>. A decoded list holds each type once (§13.4: invalid otherwise) and at most kExtensionsMax.
struct Extensions {
  std::vector<Extension> items;
  bool operator==(const Extensions&) const = default;

  const Extension* find(ExtensionType type) const;  // nullptr if absent
  bool hasDuplicate() const;

  template <class W>
  void write(W& out) const {
    qpq::write(out, items);
  }
  static Decoded<Extensions> read(Reader& in);
};

}  // namespace qpq::mls
