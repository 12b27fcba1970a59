#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/secret.h"

namespace qpq::sql {

// The text of one statement. Only a literal becomes one, so no SQL is put together at run time and nothing a stranger
// sends can become part of it. Lists of unknown length are loops inside a transaction.
class Sql {
 public:
  consteval Sql(const char* literal): text_(literal) {}
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

template <class T>
concept Integer = std::integral<T> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
                  !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

// A value on its way into a statement, borrowed.
//
// SQLite's integers are signed. A uint64_t is kept by its bit pattern and comes back as it went in, but from 2^63 on it
// is negative to SQL: what is ordered or compared there (sequence numbers, times) stays below 2^63.
// Text may hold any byte; SQL functions see it only up to a zero byte. Blobs compare by their bytes.
class Value {
 public:
  Value(std::nullopt_t) {}
  template <Integer T>
  Value(T number): cell_(static_cast<int64_t>(number)) {}
  template <class E>
    requires std::is_enum_v<E>
  Value(E value): Value(std::to_underlying(value)) {}
  Value(std::string_view text): cell_(text) {}
  Value(ByteView blob): cell_(blob) {}
  template <class Tag, std::size_t N>
  Value(const Id<Tag, N>& id): cell_(id.view()) {}
  template <std::size_t N>
  Value(const Secret<N>& secret): cell_(ByteView(secret.expose())) {}
  Value(const SecretBytes& secret): cell_(secret.expose()) {}
  template <class T>
  Value(const std::optional<T>& maybe): cell_(maybe ? Value(*maybe).cell_ : Cell()) {}

  using Cell = std::variant<std::monostate, int64_t, std::string_view, ByteView>;
  const Cell& cell() const { return cell_; }

 private:
  Cell cell_;
};

template <class T>
inline constexpr bool kIsSecret = false;
template <std::size_t N>
inline constexpr bool kIsSecret<Secret<N>> = true;
template <>
inline constexpr bool kIsSecret<SecretBytes> = true;
template <class T>
inline constexpr bool kIsSecret<std::optional<T>> = kIsSecret<T>;

}  // namespace qpq::sql
