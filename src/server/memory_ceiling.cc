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
  resident_.store(residentBytes);
  uint64_t arrived = arrived_.exchange(0);
  // Where they took it from does not show in what is resident.
  uint64_t reusable = reusable_.load();
  reusable_.store(reusable - std::min(reusable, arrived));
}

void MemoryCeiling::countReusable(uint64_t bytes) {
  uint64_t before = residentBefore_.load();
  uint64_t givenBack = before - std::min(before, resident_.load());
  reusable_.store(bytes - std::min(bytes, givenBack));
}

uint64_t MemoryCeiling::inUse() const {
  uint64_t all = used();  // read once: other loops let clients in meanwhile
  return all - std::min(all, reusable_.load());
}

bool MemoryCeiling::hasRoom() const { return inUse() < maxBytes_ / 100 * kMemoryAdmitPercent; }

std::shared_ptr<void> MemoryCeiling::admit() {
  if (!hasRoom()) return nullptr;
  coming_ += kClientMemory;
  return {this, [this](void*) {
            arrived_ += kClientMemory;
            coming_ -= kClientMemory;
          }};
}

uint64_t MemoryCeiling::excess() const {
  uint64_t taken = inUse();
  return taken > maxBytes_ / 100 * kMemoryShedPercent ? taken - maxBytes_ / 100 * kMemoryAdmitPercent : 0;
}

bool MemoryCeiling::isTight() const {
  uint64_t percent = maxBytes_ / 100;
  return resident_.load() > percent * kMemoryGiveBackPercent &&
         reusable_.load() >= percent * (100 - kMemoryGiveBackPercent);
}

bool MemoryCeiling::isNear() const { return used() > maxBytes_ / 100 * kMemoryNearPercent; }

}  // namespace qpq::server
