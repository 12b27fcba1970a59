#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

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
  // As much is free; what of it was given back is not there any more, and is not counted as if it were.
  void countReusable(uint64_t bytes);
  // What is free is given back now: look and count again.
  void noteGivingBack() { residentBefore_ = resident_.load(); }
  bool hasRoom() const;  // for another client
  // Null if there is not. Whoever is let in counts for kClientMemory until this is dropped, and then until somebody
  // looks.
  std::shared_ptr<void> admit();
  // Bytes to get rid of; 0 while there is no need.
  uint64_t excess() const;
  // What is free must be given back, however long that takes, and it is enough to be worth it.
  bool isTight() const;
  // Worth looking often.
  bool isNear() const;
  Budget budget() const { return {"memory", used(), maxBytes_}; }

 private:
  uint64_t used() const { return resident_.load() + coming_.load() + arrived_.load(); }
  uint64_t inUse() const;

  const uint64_t maxBytes_;
  std::atomic<uint64_t> resident_ = 0;
  std::atomic<uint64_t> residentBefore_ = 0;  // anything was last given back
  std::atomic<uint64_t> reusable_ = 0;
  std::atomic<uint64_t> coming_ = 0;   // those whose cost does not show yet
  std::atomic<uint64_t> arrived_ = 0;  // those whose has begun to, since the last look
};

}  // namespace qpq::server
