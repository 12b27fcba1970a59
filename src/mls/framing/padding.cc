#include "mls/framing/padding.h"

#include <algorithm>
#include <bit>

namespace qpq::mls {

std::size_t paddedSize(Padding padding, std::size_t size) {
  if (padding == Padding::none) return size;
  if (size <= kPaddedSizeMin) return kPaddedSizeMin;
  int exponent = std::bit_width(size) - 1;                            // floor(log2 size)
  int significant = std::bit_width(static_cast<unsigned>(exponent));  // as many leading bits may differ
  std::size_t step = std::size_t{1} << (exponent - significant);
  return (size + step - 1) & ~(step - 1);
}

}  // namespace qpq::mls
