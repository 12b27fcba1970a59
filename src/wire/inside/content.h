#pragma once

#include <cstdint>
#include <tuple>

#include "base/bytes.h"
#include "wire/error.h"
#include "wire/types.h"

namespace qpq::wire {

// What the body of an application message is. Open: what is not known here is kept and shown as "needs a newer qpq".
enum class ContentType : uint16_t {
  text = 1,  // UTF-8
  file = 2,  // File (file.h)
};
constexpr bool isKnown(ContentType) { return true; }

// The application data of an MLS message (RFC 9420 §6).
struct Content {
  EntryId id;    // of the entry it travels in
  Claim newest;  // below the place of that entry
  uint64_t sentMs = 0;
  ContentType type = ContentType::text;
  Bytes body;

  bool operator==(const Content&) const = default;
  static constexpr auto fields() {
    return std::tuple{&Content::id, &Content::newest, &Content::sentMs, &Content::type, &Content::body};
  }
};

// otherContentId when it is not of this entry; notUtf8 for a text that is none; whatever parseFile() refuses of a file
// and decode() of the rest. What its claim is worth judgeClaim says.
Result<Content> parseContent(ByteView data, const EntryId& entry);

}  // namespace qpq::wire
