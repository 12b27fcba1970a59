#include "mls/framing/padding.h"

#include <catch2/catch_test_macros.hpp>
#include <set>

namespace qpq::mls {
namespace {

TEST_CASE("padding never shrinks, costs at most an eighth, and small contents have one size") {
  for (std::size_t size = 0; size < 200'000; size += 1 + size / 97) {
    CHECK(paddedSize(Padding::none, size) == size);
    std::size_t padded = paddedSize(Padding::padme, size);
    CHECK(padded >= size);
    if (size <= kPaddedSizeMin) CHECK(padded == kPaddedSizeMin);
    if (size > kPaddedSizeMin) CHECK(padded <= size + size / 8);
    CHECK(paddedSize(Padding::padme, padded) == padded);
  }
}

TEST_CASE("Padmé leaves few lengths to tell apart") {
  std::set<std::size_t> sizes;
  for (std::size_t size = 1; size <= 65'536; ++size) sizes.insert(paddedSize(Padding::padme, size));
  CHECK(sizes.size() == 129);  // 16 between each power of two and the next
  CHECK(paddedSize(Padding::padme, 257) == 272);
  CHECK(paddedSize(Padding::padme, 513) == 544);
  CHECK(paddedSize(Padding::padme, 1'025) == 1'088);
  CHECK(paddedSize(Padding::padme, 65'537) == 67'584);
}

}  // namespace
}  // namespace qpq::mls
