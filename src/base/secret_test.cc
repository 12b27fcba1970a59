#include "base/secret.h"

#include <catch2/catch_test_macros.hpp>
#include <type_traits>

namespace qpq {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
template <class T>
concept Comparable = requires(const T& a, const T& b) { a == b; };

static_assert(!std::is_copy_constructible_v<Secret<32>> && !std::is_copy_assignable_v<Secret<32>>);
static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<SecretBytes>);
static_assert(!Printable<Secret<32>> && !Printable<SecretBytes>);
static_assert(!Comparable<Secret<32>> && !Comparable<SecretBytes>);
static_assert(!std::is_convertible_v<SecretBytes, Bytes> && !std::is_convertible_v<Secret<32>, ByteView>);

bool allZero(ByteView bytes) {
  return std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0; });
}

TEST_CASE("moving a secret leaves zeros behind") {
  Secret<4> first(std::span<const uint8_t, 4>(std::array<uint8_t, 4>{1, 2, 3, 4}));
  Secret<4> second(std::move(first));
  CHECK(allZero(first.expose()));  // NOLINT(bugprone-use-after-move): what is left is the point
  CHECK(toHex(second.expose()) == "01020304");
  first = std::move(second);
  CHECK(allZero(second.expose()));  // NOLINT(bugprone-use-after-move)
  CHECK(toHex(first.expose()) == "01020304");
}

TEST_CASE("a secret's memory is wiped when it dies") {
  alignas(Secret<32>) std::array<uint8_t, sizeof(Secret<32>)> memory{};
  auto* secret = new (memory.data()) Secret<32>();
  std::ranges::fill(secret->writable(), uint8_t{0xaa});
  secret->~Secret<32>();
  CHECK(allZero(memory));
}

TEST_CASE("comparison takes equal bytes of equal length and nothing else") {
  Bytes tag = *fromHex("00112233445566778899aabbccddeeff");
  CHECK(constantTimeEqual(tag, tag));
  CHECK(constantTimeEqual({}, {}));
  for (std::size_t size = 0; size < tag.size(); ++size) CHECK_FALSE(constantTimeEqual(tag, ByteView(tag).first(size)));
  for (std::size_t i = 0; i < tag.size(); ++i) {
    Bytes other = tag;
    other[i] ^= 1;
    CHECK_FALSE(constantTimeEqual(tag, other));
  }
}

}  // namespace
}  // namespace qpq
