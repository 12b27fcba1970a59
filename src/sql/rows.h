#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/secret.h"
#include "base/try.h"
#include "sql/error.h"
#include "sql/value.h"

namespace qpq::sql {

struct Connection;
struct Prepared;
template <class T>
struct Column;  // static Result<T> read(const Rows&, int index)

// What read<T…>() gives: the T itself if there is one, a tuple otherwise.
template <class... T>
using RowOf = typename std::conditional_t<sizeof...(T) == 1, std::tuple_element<0, std::tuple<T...>>,
                                          std::type_identity<std::tuple<T...>>>::type;

// The rows of a running query. Ends with the last row, an error, or its own death; must die before its Database.
class Rows {
 public:
  Rows(Rows&& other) noexcept;
  Rows& operator=(Rows&&) = delete;
  ~Rows() { end(); }

  // Steps to the next row; false after the last. An error ends the query too.
  [[nodiscard]] Result<bool> next();

  // The whole row, its types and their number checked: auto [seq, envelope] = TRY(rows.read<uint64_t, Bytes>());
  // Column types: integers (range checked), bool, enums with an isKnown(), string_view, string, ByteView, Bytes,
  // ByteArray, Id, Secret (all three size checked), SecretBytes, and optional of these where NULL may stand.
  template <class... T>
  [[nodiscard]] Result<RowOf<T...>> read() const;
  // One column, counted from 0.
  template <class T>
  [[nodiscard]] Result<T> column(int index) const {
    return Column<T>::read(*this, index);
  }

  // What a Column is made of. The views are borrowed until the next step.
  [[nodiscard]] Result<bool> isNull(int index) const;
  [[nodiscard]] Result<int64_t> integer(int index) const;
  [[nodiscard]] Result<std::string_view> text(int index) const;
  [[nodiscard]] Result<ByteView> blob(int index) const;

 private:
  friend class Database;
  Rows(Connection& connection, Prepared& prepared): connection_(&connection), prepared_(&prepared) {}
  void end();
  Result<int> typeOf(int index) const;
  Result<void> expectColumns(int count) const;
  template <class... T, std::size_t... I>
  Result<RowOf<T...>> readEach(std::index_sequence<I...>) const;

  Connection* connection_;
  Prepared* prepared_;  // null once the query has ended
  bool onRow_ = false;
};

template <class... T>
Result<RowOf<T...>> Rows::read() const {
  TRY(expectColumns(int{sizeof...(T)}));
  if constexpr (sizeof...(T) == 1) {
    return column<RowOf<T...>>(0);
  } else {
    return readEach<T...>(std::index_sequence_for<T...>());
  }
}

template <class... T, std::size_t... I>
Result<RowOf<T...>> Rows::readEach(std::index_sequence<I...>) const {
  std::tuple<Result<T>...> cells{column<T>(int{I})...};
  const Error* failed = nullptr;
  auto note = [&](const auto& cell) {
    if (!cell && failed == nullptr) failed = &cell.error();
  };
  (note(std::get<I>(cells)), ...);
  if (failed != nullptr) return std::unexpected(*failed);
  return RowOf<T...>(std::move(*std::get<I>(cells))...);
}

template <Integer T>
struct Column<T> {
  static Result<T> read(const Rows& rows, int index) {
    int64_t stored = TRY(rows.integer(index));
    if constexpr (sizeof(T) < sizeof(int64_t)) {
      if (stored < int64_t{std::numeric_limits<T>::min()} || stored > int64_t{std::numeric_limits<T>::max()}) {
        return refuse(Error::Code::mismatch, "an integer is out of range");
      }
    }
    return static_cast<T>(stored);
  }
};

template <class E>
  requires std::is_enum_v<E>
struct Column<E> {
  static Result<E> read(const Rows& rows, int index) {
    E value = static_cast<E>(TRY(rows.column<std::underlying_type_t<E>>(index)));
    if (!isKnown(value)) return refuse(Error::Code::mismatch, "an enum value is unknown");
    return value;
  }
};

template <>
struct Column<std::string_view> {
  static Result<std::string_view> read(const Rows& rows, int index) { return rows.text(index); }
};

template <>
struct Column<std::string> {
  static Result<std::string> read(const Rows& rows, int index) { return std::string(TRY(rows.text(index))); }
};

template <>
struct Column<ByteView> {
  static Result<ByteView> read(const Rows& rows, int index) { return rows.blob(index); }
};

template <>
struct Column<Bytes> {
  static Result<Bytes> read(const Rows& rows, int index) { return toBytes(TRY(rows.blob(index))); }
};

template <>
struct Column<SecretBytes> {
  static Result<SecretBytes> read(const Rows& rows, int index) { return SecretBytes(TRY(rows.blob(index))); }
};

// The blob at `index`, if it is exactly N bytes long.
template <std::size_t N>
Result<std::span<const uint8_t, N>> exactly(const Rows& rows, int index) {
  ByteView blob = TRY(rows.blob(index));
  if (blob.size() != N) return refuse(Error::Code::mismatch, "a blob has another size");
  return blob.first<N>();
}

template <std::size_t N>
struct Column<ByteArray<N>> {
  static Result<ByteArray<N>> read(const Rows& rows, int index) {
    ByteArray<N> bytes;
    std::ranges::copy(TRY(exactly<N>(rows, index)), bytes.begin());
    return bytes;
  }
};

template <std::size_t N>
struct Column<Secret<N>> {
  static Result<Secret<N>> read(const Rows& rows, int index) { return Secret<N>(TRY(exactly<N>(rows, index))); }
};

template <class Tag, std::size_t N>
struct Column<Id<Tag, N>> {
  static Result<Id<Tag, N>> read(const Rows& rows, int index) {
    return Id<Tag, N>{TRY(rows.column<ByteArray<N>>(index))};
  }
};

template <class T>
struct Column<std::optional<T>> {
  static Result<std::optional<T>> read(const Rows& rows, int index) {
    if (TRY(rows.isNull(index))) return std::optional<T>();
    return std::optional<T>(TRY(rows.column<T>(index)));
  }
};

// Whether a T points into the row it was read from.
template <class T>
inline constexpr bool kIsView = std::is_same_v<T, std::string_view> || std::is_same_v<T, ByteView>;
template <class T>
inline constexpr bool kIsView<std::optional<T>> = kIsView<T>;

}  // namespace qpq::sql
