#pragma once

#include "history.h"
#include "schema/log.capnp.h"
#include "wire/logs/receipt.h"

namespace qpq::faults {

// A log as one device reads it: each entry is the next one, of the chain, under a signature, and what was promised.
class Reading {
 public:
  // `acknowledged`: what this device has ever said that it has. Only of that something may be gone.
  Reading(const LogId& log, const wire::LogPlace& from, uint64_t acknowledged, History& history, Counts& counts)
      : log_(log), place_(from), acknowledged_(acknowledged), history_(history), counts_(counts) {}

  void take(schema::Page::Reader page, const wire::VerifiedServerInfo& server);
  void takePruned(capnp::Data::Reader signedHead, const wire::VerifiedServerInfo& server);

  const LogId& log() const { return log_; }
  const History& history() const { return history_; }
  const wire::LogPlace& place() const { return place_; }
  // Nothing of it can be followed any further. Counted once.
  bool isBroken() const { return broken_; }
  void acknowledge() { acknowledged_ = place_.seq; }
  void fail(const std::string& what);

 private:
  void takeEntry(schema::Entry::Reader entry);
  void checkReceipt(capnp::Data::Reader encoded, const wire::VerifiedServerInfo& server);

  const LogId log_;
  wire::LogPlace place_;
  uint64_t acknowledged_;
  History& history_;
  Counts& counts_;
  bool broken_ = false;
};

}  // namespace qpq::faults
