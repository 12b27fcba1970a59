#pragma once

#include <cstdint>

#include "base/codec.h"
#include "base/ids.h"

// What stands on a bulk stream beside the bytes it carries (docs/protocol/bulk.md). The terms of a transfer are agreed
// on the control stream: here there is nothing to be parsed but a ticket of a fixed size and a verdict of one octet.
namespace qpq::wire {

// The first bytes of the stream, from whoever opened it.
using BulkTicket = Id<struct BulkTicketTag, 16>;

// The answer to an upload, when its bytes are in their file and synced, or will not be.
enum class BulkVerdict : uint8_t {
  stored = 1,
  wrongHash = 2,    // the bytes are not those that were announced; none of them is kept
  wrongLength = 3,  // more bytes came than were announced; what was announced is not stored
  again = 4,        // ask for another ticket: a stream is at work on the same upload, or what had arrived is gone
  unavailable = 5,  // the server's disk or store is in trouble; what has arrived is kept
};
constexpr bool isKnown(BulkVerdict verdict) {
  return verdict >= BulkVerdict::stored && verdict <= BulkVerdict::unavailable;
}

}  // namespace qpq::wire
