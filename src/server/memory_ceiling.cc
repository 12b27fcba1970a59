#include "server/memory_ceiling.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "server/limits.h"

namespace qpq::server {

uint64_t residentBytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

uint64_t reusableBytes() { return ::mallinfo2().fordblks; }

void MemoryCeiling::look(uint64_t residentBytes) {
  resident_.store(residentBytes, std::memory_order_relaxed);
  uint64_t admitted = admitted_.exchange(0, std::memory_order_relaxed);
  // Where they took it from does not show in what is resident.
  uint64_t reusable = reusable_.load(std::memory_order_relaxed);
  reusable_.store(reusable - std::min(reusable, admitted), std::memory_order_relaxed);
}

uint64_t MemoryCeiling::inUse() const {
  uint64_t all = used();  // read once: other loops let clients in meanwhile
  return all - std::min(all, reusable_.load(std::memory_order_relaxed));
}

bool MemoryCeiling::hasRoom() const { return inUse() < maxBytes_ / 100 * kMemoryAdmitPercent; }

bool MemoryCeiling::admit() {
  if (!hasRoom()) return false;
  admitted_.fetch_add(kClientMemory, std::memory_order_relaxed);
  return true;
}

uint64_t MemoryCeiling::excess() const {
  uint64_t resident = resident_.load(std::memory_order_relaxed);
  uint64_t good = maxBytes_ / 100 * kMemoryAdmitPercent;
  return resident > maxBytes_ / 100 * kMemoryShedPercent ? resident - good : 0;
}

bool MemoryCeiling::isNear() const { return used() > maxBytes_ / 100 * kMemoryNearPercent; }

}  // namespace qpq::server
