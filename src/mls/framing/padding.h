#pragma once

#include <cstddef>
#include <cstdint>

namespace qpq::mls {

// RFC 9420 §15.1: how much a ciphertext's length tells.
enum class Padding : uint8_t {
  none = 1,
  padme = 2,  // Padmé (Nikitin et al., PETS 2019): O(log log n) bits leak, at most 12 % are added
};
constexpr bool isKnown(Padding padding) { return padding == Padding::none || padding == Padding::padme; }

// Below this all padded contents have one size: "yes", "no" and most of what people type look alike. A signature and
// the framing of a message take about 130 bytes of it.
inline constexpr std::size_t kPaddedSizeMin = 256;

// The size to which a content of `size` bytes is filled up; never less than `size`.
std::size_t paddedSize(Padding padding, std::size_t size);

}  // namespace qpq::mls
