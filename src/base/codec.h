#pragma once

#include <concepts>
#include <expected>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"
#include "base/try.h"

// RFC 9420 §2.1: the TLS presentation language with variable-length vectors. Big-endian; <V> is a QUIC-style varint
// length in its shortest form. A structure names its fields once:
//
//   struct Claim {
//     uint64_t seq;
//     Hash head;
//     static constexpr auto fields() { return std::tuple{&Claim::seq, &Claim::head}; }
//   };
//
// and encode(claim), decode<Claim>(bytes) follow. Structures with a select() write `write(W&) const` and
// `static Decoded<T> read(Reader&)` by hand.
namespace qpq {

struct DecodeError {
  enum class Code {
    truncated,         // the input ends inside a value
    trailingBytes,     // a value ended before its input did
    nonMinimalLength,  // RFC 9420 §2.1.2: a length not in its shortest form, or with the reserved prefix 0b11
    unknownValue,      // an enum value, version or presence octet this version does not know
    notSorted,         // a list that must ascend strictly does not
    tooLarge,          // a bound named by the structure is exceeded
    invalid,           // any other rule the structure itself states
  };
  Code code;
  std::size_t offset;  // into the outermost input

  bool operator==(const DecodeError&) const = default;
};

template <class T>
using Decoded = std::expected<T, DecodeError>;

inline constexpr std::size_t kVectorLengthMax = (std::size_t{1} << 30) - 1;  // RFC 9420 §2.1.2

// Appends to a growing buffer. SecretWriter leaves no copies of what it wrote.
template <class Buffer>
class BasicWriter {
 public:
  void u8(uint8_t value) { buffer_.push_back(value); }
  void u16(uint16_t value) { integer(value); }
  void u32(uint32_t value) { integer(value); }
  void u64(uint64_t value) { integer(value); }
  void bytes(ByteView value) { buffer_.insert(buffer_.end(), value.begin(), value.end()); }  // opaque x[n]
  void opaque(ByteView value) {                                                              // opaque x<V>
    length(value.size());
    bytes(value);
  }
  // The length header of a <V>. A vector above kVectorLengthMax is a bug of the caller: bounds are checked far below.
  void length(std::size_t size);
  // Writes what `body` writes as one <V>.
  template <class Body>
  void vector(Body body) {
    std::size_t start = buffer_.size();
    body(*this);
    putLengthBefore(start);
  }
  void reserve(std::size_t size) { buffer_.reserve(size); }  // of all that will be written

  ByteView view() const { return buffer_; }
  Buffer take() && { return std::move(buffer_); }

 private:
  template <std::unsigned_integral T>
  void integer(T value) {
    for (std::size_t i = sizeof(T); i-- > 0;) buffer_.push_back(static_cast<uint8_t>(value >> (8 * i)));
  }
  void putLengthBefore(std::size_t start);
  Buffer buffer_;
};

using Writer = BasicWriter<Bytes>;
using SecretWriter = BasicWriter<WipedBuffer>;
extern template class BasicWriter<Bytes>;
extern template class BasicWriter<WipedBuffer>;

// A cursor over borrowed input. Every read either succeeds or leaves an error with the offset; it copies nothing.
class Reader {
 public:
  explicit Reader(ByteView input): rest_(input) {}

  Decoded<uint8_t> u8() { return integer<uint8_t>(); }
  Decoded<uint16_t> u16() { return integer<uint16_t>(); }
  Decoded<uint32_t> u32() { return integer<uint32_t>(); }
  Decoded<uint64_t> u64() { return integer<uint64_t>(); }
  Decoded<ByteView> bytes(std::size_t size);
  Decoded<std::size_t> length();
  Decoded<ByteView> opaque();
  Decoded<Reader> vector();  // the inside of a <V>, as a reader of its own that keeps counting offsets

  bool atEnd() const { return rest_.empty(); }
  ByteView rest() const { return rest_; }
  std::size_t offset() const { return offset_; }
  Decoded<void> finish() const;
  std::unexpected<DecodeError> fail(DecodeError::Code code) const {
    return std::unexpected(DecodeError{code, offset_});
  }

 private:
  Reader(ByteView input, std::size_t offset): rest_(input), offset_(offset) {}
  template <std::unsigned_integral T>
  Decoded<T> integer() {
    ByteView raw = TRY(bytes(sizeof(T)));
    T value = 0;
    for (uint8_t byte : raw) value = static_cast<T>(value << 8 | byte);
    return value;
  }
  ByteView rest_;
  std::size_t offset_ = 0;
};

template <class T>
struct Codec;  // static void write(W&, const T&); static Decoded<T> read(Reader&)

template <class W, class T>
void write(W& out, const T& value) {
  Codec<T>::write(out, value);
}
template <class T>
Decoded<T> read(Reader& in) {
  return Codec<T>::read(in);
}

template <class T>
Bytes encode(const T& value) {
  Writer out;
  Codec<T>::write(out, value);
  return std::move(out).take();
}
template <class T>
SecretBytes encodeSecret(const T& value) {
  SecretWriter out;
  Codec<T>::write(out, value);
  return SecretBytes(std::move(out).take());
}
// Reads one T and demands that it is the whole input.
template <class T>
Decoded<T> decode(ByteView input) {
  Reader in(input);
  T value = TRY(Codec<T>::read(in));
  TRY(in.finish());
  return value;
}

template <class T>
concept Fielded = requires { T::fields(); };
template <class T>
concept SelfCoded = requires(Reader& in, Writer& out, const T& value) {
  { T::read(in) } -> std::same_as<Decoded<T>>;
  value.write(out);
};

template <std::unsigned_integral T>
struct Codec<T> {
  template <class W>
  static void write(W& out, T value) {
    if constexpr (sizeof(T) == 1) out.u8(value);
    if constexpr (sizeof(T) == 2) out.u16(value);
    if constexpr (sizeof(T) == 4) out.u32(value);
    if constexpr (sizeof(T) == 8) out.u64(value);
  }
  static Decoded<T> read(Reader& in) {
    if constexpr (sizeof(T) == 1) return in.u8();
    if constexpr (sizeof(T) == 2) return in.u16();
    if constexpr (sizeof(T) == 4) return in.u32();
    if constexpr (sizeof(T) == 8) return in.u64();
  }
};

// An enum says beside its declaration which values it knows: constexpr bool isKnown(E). An open registry (extension
// types, say) knows all.
template <class E>
  requires std::is_enum_v<E>
struct Codec<E> {
  using Raw = std::underlying_type_t<E>;
  template <class W>
  static void write(W& out, E value) {
    Codec<Raw>::write(out, static_cast<Raw>(value));
  }
  static Decoded<E> read(Reader& in) {
    auto before = in;
    E value = static_cast<E>(TRY(Codec<Raw>::read(in)));
    if (!isKnown(value)) return before.fail(DecodeError::Code::unknownValue);
    return value;
  }
};

template <std::size_t N>
struct Codec<ByteArray<N>> {
  template <class W>
  static void write(W& out, const ByteArray<N>& value) {
    out.bytes(value);
  }
  static Decoded<ByteArray<N>> read(Reader& in) {
    ByteArray<N> value;
    std::ranges::copy(TRY(in.bytes(N)), value.begin());
    return value;
  }
};

template <>
struct Codec<Bytes> {
  template <class W>
  static void write(W& out, const Bytes& value) {
    out.opaque(value);
  }
  static Decoded<Bytes> read(Reader& in) { return toBytes(TRY(in.opaque())); }
};

template <>
struct Codec<SecretBytes> {
  // Only a SecretWriter takes a secret, so an encoding cannot leave a plain copy by accident.
  static void write(SecretWriter& out, const SecretBytes& value) { out.opaque(value.expose()); }
  static Decoded<SecretBytes> read(Reader& in) { return SecretBytes(TRY(in.opaque())); }
};

template <class T>
struct Codec<std::vector<T>> {
  template <class W>
  static void write(W& out, const std::vector<T>& values) {
    out.vector([&](W& inner) {
      for (const T& value : values) Codec<T>::write(inner, value);
    });
  }
  // Bounded by the input: every element takes at least one byte.
  static Decoded<std::vector<T>> read(Reader& in) {
    Reader inner = TRY(in.vector());
    std::vector<T> values;
    while (!inner.atEnd()) {
      std::size_t before = inner.offset();
      values.push_back(TRY(Codec<T>::read(inner)));
      if (inner.offset() == before) return inner.fail(DecodeError::Code::invalid);
    }
    return values;
  }
};

template <class T>
struct Codec<std::optional<T>> {
  template <class W>
  static void write(W& out, const std::optional<T>& value) {
    out.u8(value ? 1 : 0);
    if (value) Codec<T>::write(out, *value);
  }
  static Decoded<std::optional<T>> read(Reader& in) {
    auto before = in;
    uint8_t present = TRY(in.u8());
    if (present > 1) return before.fail(DecodeError::Code::unknownValue);
    if (present == 0) return std::optional<T>();
    return std::optional<T>(TRY(Codec<T>::read(in)));
  }
};

template <Fielded T>
struct Codec<T> {
  template <class W>
  static void write(W& out, const T& value) {
    std::apply([&](auto... member) { (qpq::write(out, value.*member), ...); }, T::fields());
  }
  static Decoded<T> read(Reader& in) {
    T value{};
    std::optional<DecodeError> failed;
    auto readInto = [&](auto& field) {
      auto result = Codec<std::remove_cvref_t<decltype(field)>>::read(in);
      if (result) {
        field = std::move(*result);
      } else {
        failed = result.error();
      }
      return !failed;
    };
    std::apply([&](auto... member) { (readInto(value.*member) && ...); }, T::fields());
    if (failed) return std::unexpected(*failed);
    return value;
  }
};

template <SelfCoded T>
struct Codec<T> {
  template <class W>
  static void write(W& out, const T& value) {
    value.write(out);
  }
  static Decoded<T> read(Reader& in) { return T::read(in); }
};

// For lists that must be strictly ascending by the bytes of their elements (docs/protocol/wire.md).
template <class T>
bool strictlyAscending(const std::vector<T>& values) {
  for (std::size_t i = 1; i < values.size(); ++i) {
    if (!(encode(values[i - 1]) < encode(values[i]))) return false;
  }
  return true;
}

}  // namespace qpq
