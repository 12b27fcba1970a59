#include "wire/sorted.h"

#include <catch2/catch_test_macros.hpp>

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::entry;

struct Numbered {
  uint8_t number = 0;
  uint8_t rest = 0;
  bool operator==(const Numbered&) const = default;
  static constexpr auto fields() { return std::tuple{&Numbered::number, &Numbered::rest}; }
};
uint8_t sortKey(const Numbered& value) { return value.number; }

TEST_CASE("a sorted list has one form, however it was put together") {
  Sorted<Numbered> list = {{5, 1}, {2, 2}, {9, 3}};
  CHECK(toHex(encode(list)) == "06020205010903");
  list.set({5, 7});
  list.set({7, 8});
  list.set({1, 0});
  list.set({10, 0});
  CHECK(toHex(encode(list)) == "0c010002020507070809030a00");
  CHECK(list.find(7)->rest == 8);
  CHECK(list.find(6) == nullptr);
  CHECK(list.find(11) == nullptr);
  CHECK(list.contains(uint8_t{1}));
}

TEST_CASE("of elements with one key the first stays") {
  Sorted<Numbered> list = {{5, 1}, {2, 2}, {5, 3}};
  CHECK(list == Sorted<Numbered>{{2, 2}, {5, 1}});
}

TEST_CASE("a list in another order, or with one key twice, is refused where it breaks") {
  auto refusedAt = [](std::string_view hex) { return decode<Sorted<Numbered>>(*fromHex(hex)).error(); };
  CHECK(decode<Sorted<Numbered>>(*fromHex("0401000200")).has_value());
  CHECK(refusedAt("0402000100") == DecodeError{DecodeError::Code::notSorted, 3});
  CHECK(refusedAt("0402000200") == DecodeError{DecodeError::Code::notSorted, 3});
  CHECK(refusedAt("0402000201") == DecodeError{DecodeError::Code::notSorted, 3});
  CHECK(refusedAt("06010003000200") == DecodeError{DecodeError::Code::notSorted, 5});
  CHECK(refusedAt("03010003") == DecodeError{DecodeError::Code::truncated, 4});
}

TEST_CASE("ascent is by unsigned bytes") {
  Sorted<RosterEntry> list = {entry(0x60, 1), entry(1, 0x2f), entry(1, 1)};  // ids 00…, a1…; devices ff…, d1…
  CHECK(list[0] == entry(0x60, 1));
  CHECK(list[1] == entry(1, 1));
  CHECK(list[2] == entry(1, 0x2f));
  CHECK(strictlyAscending(list.values()));
}

TEST_CASE("a bounded list takes as many as its bound and no more") {
  using AtMostTwo = Sorted<Numbered, 2>;
  CHECK(decode<AtMostTwo>(*fromHex("0401000200")).has_value());
  CHECK(decode<AtMostTwo>(*fromHex("06010002000300")).error() == DecodeError{DecodeError::Code::tooLarge, 5});
}

}  // namespace
}  // namespace qpq::wire
