#include "history.h"

#include <algorithm>
#include <cstdio>
#include <format>

namespace qpq::faults {

void complain(const LogId& log, const std::string& what) {
  std::fprintf(stderr, "log %s: %s\n", toHex(log.view()).c_str(), what.c_str());
}

void History::note(uint64_t seq, const Said& said) {
  if (auto [before, isFirst] = said_.emplace(seq, said); !isFirst && before->second != said) {
    ++counts_.broken;
    complain(log_, std::format("two things are said of entry {}", seq));
  }
  if (auto [before, isFirst] = places_.emplace(said.id, seq); !isFirst && before->second != seq) {
    ++counts_.twice;
    complain(log_, std::format("one entry stands at {} and at {}", before->second, seq));
  }
}

void History::promised(uint64_t seq, const Said& said) {
  ++counts_.acknowledged;
  newestPromised_ = std::max(newestPromised_, seq);
  note(seq, said);
}

void History::reached(const wire::LogPlace& place) {
  auto known = said_.find(place.seq);
  if (known == said_.end() || known->second.head == place.head) return;
  ++counts_.broken;
  complain(log_, std::format("what is said of entry {} is not what it was", place.seq));
}

}  // namespace qpq::faults
