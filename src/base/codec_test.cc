#include "base/codec.h"

#include <catch2/catch_test_macros.hpp>

#include "base/ids.h"

namespace qpq {
namespace {

enum class Colour : uint8_t { red = 1, blue = 2 };
constexpr bool isKnown(Colour c) { return c == Colour::red || c == Colour::blue; }

struct Point {
  uint16_t x = 0;
  uint64_t y = 0;
  bool operator==(const Point&) const = default;
  static constexpr auto fields() { return std::tuple{&Point::x, &Point::y}; }
};

struct Drawing {
  Colour colour{};
  std::vector<Point> points;
  std::optional<Bytes> note;
  AccountId owner;
  bool operator==(const Drawing&) const = default;
  static constexpr auto fields() {
    return std::tuple{&Drawing::colour, &Drawing::points, &Drawing::note, &Drawing::owner};
  }
};

Drawing sample() {
  Drawing drawing{.colour = Colour::blue, .points = {{1, 2}, {3, 4}}, .note = Bytes{7, 8}};
  drawing.owner.bytes[15] = 9;
  return drawing;
}

TEST_CASE("a structure becomes the bytes RFC 9420 §2.1 gives it, and back") {
  Bytes bytes = encode(sample());
  CHECK(toHex(bytes) ==
        "02"
        "14"
        "00010000000000000002"
        "00030000000000000004"
        "01020708"
        "00000000000000000000000000000009");
  CHECK(decode<Drawing>(bytes) == sample());
}

TEST_CASE("every shorter and every longer input is refused") {
  Bytes bytes = encode(sample());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_FALSE(decode<Drawing>(ByteView(bytes).first(size)).has_value());
  }
  for (int extra = 0; extra < 256; ++extra) {
    Bytes longer = bytes;
    longer.push_back(static_cast<uint8_t>(extra));
    CHECK(decode<Drawing>(longer).error() == DecodeError{DecodeError::Code::trailingBytes, bytes.size()});
  }
}

TEST_CASE("a length header has one form per length (RFC 9420 §2.1.2)") {
  struct Case {
    std::size_t length;
    std::string_view header;
  };
  for (auto [length, header] : {Case{0, "00"},
                                {63, "3f"},
                                {64, "4040"},
                                {16383, "7fff"},
                                {16384, "80004000"},
                                {kVectorLengthMax, "bfffffff"}}) {
    Writer out;
    out.length(length);
    CHECK(toHex(out.view()) == header);
    Bytes bytes = *fromHex(header);
    CHECK(Reader(bytes).length() == length);
  }
  for (std::string_view longForm : {"4000", "403f", "80000000", "80003fff", "c0", "ff", "c000000000000000"}) {
    Bytes bytes = *fromHex(longForm);
    INFO(longForm);
    CHECK(Reader(bytes).length().error().code == DecodeError::Code::nonMinimalLength);
  }
}

TEST_CASE("a vector inside a vector has the header of its own size, and leaves what stands before it in place") {
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{61}, std::size_t{62}, std::size_t{63},
                           std::size_t{64}, std::size_t{16'380}, std::size_t{16'383}, std::size_t{16'384}}) {
    INFO("size " << size);
    const Bytes content(size, 0xab);
    Writer whole;
    SecretWriter secret;
    auto fill = [&](auto& out) {
      out.u8(7);
      out.vector([&](auto& outer) { outer.vector([&](auto& inner) { inner.bytes(content); }); });
      out.u8(8);
    };
    fill(whole);
    fill(secret);
    Writer inner, expected;
    inner.opaque(content);
    expected.u8(7);
    expected.opaque(inner.view());
    expected.u8(8);
    CHECK(equal(whole.view(), expected.view()));
    CHECK(equal(secret.view(), expected.view()));
  }
}

TEST_CASE("an unknown enum value and an impossible presence octet are named with their place") {
  Bytes bytes = encode(sample());
  bytes[0] = 3;
  CHECK(decode<Drawing>(bytes).error() == DecodeError{DecodeError::Code::unknownValue, 0});
  bytes = encode(sample());
  bytes[22] = 2;
  CHECK(decode<Drawing>(bytes).error() == DecodeError{DecodeError::Code::unknownValue, 22});
}

TEST_CASE("a vector whose length reaches past the input allocates nothing and is truncated") {
  Bytes bytes = *fromHex("02bfffffff00");
  CHECK(decode<Drawing>(bytes).error().code == DecodeError::Code::truncated);
}

TEST_CASE("lists can be held to strict ascent") {
  CHECK(strictlyAscending(std::vector<Point>{{1, 1}, {1, 2}, {2, 0}}));
  CHECK_FALSE(strictlyAscending(std::vector<Point>{{1, 1}, {1, 1}}));
  CHECK_FALSE(strictlyAscending(std::vector<Point>{{2, 0}, {1, 9}}));
}

TEST_CASE("a secret is written only into memory that wipes itself") {
  SecretBytes key(*fromHex("0102"));
  SecretBytes encoded = encodeSecret(key);
  CHECK(toHex(encoded.expose()) == "020102");
  CHECK(toHex(decode<SecretBytes>(encoded.expose())->expose()) == "0102");
}

}  // namespace
}  // namespace qpq
