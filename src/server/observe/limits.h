#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

// The bounds of the ways a server is looked at and looked after. Those of its work are server/limits.h's.
namespace qpq::server {

// A scraper and a few people with a browser; whoever comes beyond is hung up on.
inline constexpr std::size_t kHttpConnectionsMax = 16;
// A request without a body is there at once; one that trickles in is no scraper's.
inline constexpr uint64_t kHttpRequestMs = 5 * kSecondMs;
// After this a connection is closed whatever it does: a reader of the page that stalls keeps 20 KiB so long.
inline constexpr uint64_t kHttpConnectionMs = kMinuteMs;
// Bytes of a body that are read away before the connection is closed. GET and HEAD have none.
inline constexpr std::size_t kHttpBodyBytesMax = 4'096;

// A disk that has not taken a small write by then is not ready, however it ends.
inline constexpr uint64_t kProbeMs = 5 * kSecondMs;
// So long an answer about the disk is good for everyone who asks: asking often must not make it busy.
inline constexpr uint64_t kProbeMemoryMs = kSecondMs;
// Less room than one full transaction may need (64 envelopes of 64 KiB): the disk is as good as full.
inline constexpr uint64_t kFreeBytesMin = 4 << 20;

// An operator, a script of his, and a backup that takes its time.
inline constexpr std::size_t kAdminConnectionsMax = 8;
// A request names at most one path.
inline constexpr std::size_t kAdminLineMax = 8'192;
inline constexpr uint64_t kAdminRequestMs = 5 * kSecondMs;

// How often the certificate's files are looked at: who renews one does not wait for it.
inline constexpr uint64_t kCertificateLookMs = 10 * kSecondMs;

}  // namespace qpq::server
