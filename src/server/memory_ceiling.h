#pragma once

#include <atomic>
#include <cstdint>

#include "server/observe/budget.h"

namespace qpq::server {

// What this process occupies in memory, in bytes.
uint64_t residentBytes();
// As much of it is free, in pieces too small to be given back, and goes to whoever comes next. Looks at every piece.
uint64_t reusableBytes();

// How much memory the whole server may take, and how near it is: kMemoryAdmit and kMemoryShed of limits.h. Any thread.
//
// Looked up now and then; in between clients are counted as they are let in, before they have cost anything.
class MemoryCeiling {
 public:
  explicit MemoryCeiling(uint64_t maxBytes): maxBytes_(maxBytes) {}

  void look(uint64_t residentBytes);
  // As much of what was last looked at is for newcomers.
  void countReusable(uint64_t bytes) { reusable_.store(bytes, std::memory_order_relaxed); }
  bool hasRoom() const;  // for another client
  // Likewise; if so it counts from now on.
  bool admit();
  // Bytes to get rid of; 0 while there is no need.
  uint64_t excess() const;
  // Worth looking often.
  bool isNear() const;
  Budget budget() const { return {"memory", used(), maxBytes_}; }

 private:
  uint64_t used() const {
    return resident_.load(std::memory_order_relaxed) + admitted_.load(std::memory_order_relaxed);
  }
  uint64_t inUse() const;

  const uint64_t maxBytes_;
  std::atomic<uint64_t> resident_ = 0;
  std::atomic<uint64_t> reusable_ = 0;
  std::atomic<uint64_t> admitted_ = 0;  // since the last look
};

}  // namespace qpq::server
