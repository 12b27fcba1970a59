#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qpq {

using Bytes = std::vector<uint8_t>;         // public bytes; anything secret is a Secret or SecretBytes
using ByteView = std::span<const uint8_t>;  // borrowed: never kept beyond the call
using ByteSpan = std::span<uint8_t>;        // to be written into
template <std::size_t N>
using ByteArray = std::array<uint8_t, N>;

// The characters of `text` as bytes, borrowed.
inline ByteView asBytes(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

// The bytes as characters, borrowed. The result may hold any byte: it is not checked to be UTF-8.
inline std::string_view asText(ByteView bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

Bytes toBytes(ByteView view);
Bytes concat(std::initializer_list<ByteView> parts);
bool equal(ByteView a, ByteView b);  // for public values; secrets go through constantTimeEqual (secret.h)

std::string toHex(ByteView bytes);                    // lower case
std::optional<Bytes> fromHex(std::string_view text);  // both cases; nothing on odd length or another character

}  // namespace qpq
