#pragma once

#include <kj/io.h>

#include <filesystem>
#include <map>
#include <vector>

#include "history.h"

namespace qpq::faults {

// What was promised and what was acknowledged, a line each, in a file that outlives whoever writes it: each line is one
// write, made before anything rests on it.
class Ledger {
 public:
  explicit Ledger(const std::filesystem::path& file);

  void promised(const LogId& log, uint64_t seq, const Said& said);
  void acknowledged(const LogId& log, const DeviceId& device, const wire::LogPlace& place);

 private:
  void line(const std::string& text);
  kj::AutoCloseFd file_;
};

struct Promise {
  LogId log;
  uint64_t seq;
  Said said;
};
struct LedgerContent {
  std::vector<Promise> promises;
  std::map<std::pair<LogId, DeviceId>, wire::LogPlace> acknowledged;
};
// All whole lines; the last may have been cut short with its writer. No file: nothing.
LedgerContent readLedger(const std::filesystem::path& file);

}  // namespace qpq::faults
