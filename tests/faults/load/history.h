#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/ids.h"
#include "wire/logs/chain.h"
#include "wire/types.h"

namespace qpq::faults {

// What a run has seen. A server that keeps its promises leaves the last three at zero.
struct Counts {
  uint64_t acknowledged = 0;  // receipts
  uint64_t delivered = 0;     // entries that came to somebody who reads
  uint64_t lost = 0;          // acknowledged, and not there
  uint64_t twice = 0;         // stands at two places, or came to somebody who had it
  uint64_t broken = 0;        // any other promise: signatures, the chain, two things said of one place

  bool kept() const { return lost == 0 && twice == 0 && broken == 0; }
};

// Tells the person who reads the output what was broken.
void complain(const LogId& log, const std::string& what);

// What a server says of an entry: in its receipt, and by handing it out.
struct Said {
  EntryId id;
  wire::Hash envelope{};
  wire::Hash head{};

  bool operator==(const Said&) const = default;
};

// Everything a server has ever said of one log. It may not say two things of one place, nor one of two.
class History {
 public:
  History(const LogId& log, Counts& counts): log_(log), counts_(counts) {}

  void handedOut(uint64_t seq, const Said& said) { note(seq, said); }
  // From a receipt: the entry is there from now on.
  void promised(uint64_t seq, const Said& said);
  // From a record that everything up to there is gone.
  void reached(const wire::LogPlace& place);
  // The newest entry with a receipt; 0: none.
  uint64_t newestPromised() const { return newestPromised_; }

 private:
  void note(uint64_t seq, const Said& said);

  const LogId log_;
  Counts& counts_;
  std::map<uint64_t, Said> said_;
  std::map<EntryId, uint64_t> places_;
  uint64_t newestPromised_ = 0;
};

}  // namespace qpq::faults
