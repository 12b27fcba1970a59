#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace qpq {

// Overwrites memory in a way the optimiser may not remove.
void wipe(ByteSpan memory);

// Compares in time that depends on the lengths only. Different lengths are unequal: a truncated tag never matches.
bool constantTimeEqual(ByteView a, ByteView b);

// A key of fixed size. Moves and forgets, never copies, wipes itself; has no operator== and cannot be printed.
template <std::size_t N>
class Secret {
 public:
  Secret() = default;  // all zeros, to be filled through writable()
  explicit Secret(std::span<const uint8_t, N> bytes) { std::ranges::copy(bytes, bytes_.begin()); }
  Secret(Secret&& other) noexcept: bytes_(other.bytes_) { wipe(other.bytes_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      wipe(other.bytes_);
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(bytes_); }

  // The only door in each direction: grep for them.
  std::span<const uint8_t, N> expose() const { return bytes_; }
  std::span<uint8_t, N> writable() { return bytes_; }
  // A second copy, made on purpose and visible in the caller.
  Secret clone() const { return Secret(expose()); }

 private:
  std::array<uint8_t, N> bytes_{};
};

// Wipes what it gives back, so that a growing vector leaves no copies behind.
template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) {}
  T* allocate(std::size_t n) { return std::allocator<T>().allocate(n); }
  void deallocate(T* p, std::size_t n) {
    wipe({reinterpret_cast<uint8_t*>(p), n * sizeof(T)});
    std::allocator<T>().deallocate(p, n);
  }
  bool operator==(const WipingAllocator&) const = default;
};

using WipedBuffer = std::vector<uint8_t, WipingAllocator<uint8_t>>;

// A secret whose size is known at run time only. The same rules as Secret.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size): bytes_(size) {}  // zeros, to be filled through writable()
  explicit SecretBytes(ByteView bytes): bytes_(bytes.begin(), bytes.end()) {}
  explicit SecretBytes(WipedBuffer bytes): bytes_(std::move(bytes)) {}
  SecretBytes(SecretBytes&&) noexcept = default;
  SecretBytes& operator=(SecretBytes&&) noexcept = default;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes() = default;

  ByteView expose() const { return bytes_; }
  ByteSpan writable() { return bytes_; }
  SecretBytes clone() const { return SecretBytes(expose()); }
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

 private:
  WipedBuffer bytes_;
};

}  // namespace qpq
