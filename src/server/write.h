#pragma once

#include <memory>
#include <set>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "server/bulk/files.h"
#include "server/keys.h"
#include "server/store/tables.h"
#include "server/write_rates.h"
#include "wire/logs/receipt.h"
#include "wire/people/device_list.h"

namespace qpq::server {

// What others are told once it is durable.
struct News {
  struct IndexChange {
    AccountId account;
    uint64_t change;
  };
  std::vector<LogId> logs;              // have new entries
  std::vector<IndexChange> indexes;     // of accounts that have changed
  std::vector<wire::DeviceList> lists;  // new versions

  bool empty() const { return logs.empty() && indexes.empty() && lists.empty(); }
};

// What an operation works with: the store within the flush's transaction, and what is to happen after it.
struct Write {
  Write(store::Tables& tables, const BlobFiles& files, WriteRates& rates, const ServerKeys& keys, Instant now)
      : tables(tables),
        files(files),
        rates(rates),
        incarnation(keys.incarnation()),
        refillWindow(keys.refillWindow()),
        now(now) {}

  store::Tables& tables;
  const BlobFiles& files;
  WriteRates& rates;
  const Incarnation& incarnation;
  const store::RefillWindow& refillWindow;
  const Instant now;
  News news;

  // A receipt that is filled in when the flush is durable, and not before.
  std::shared_ptr<const wire::Receipt> attest(const wire::ReceiptLeaf& leaf);
  // Once the flush is durable, and not before: the file goes if nothing names it any more, and what has arrived of an
  // upload.
  void mayBeUnnamed(const wire::Hash& file) { perhapsUnnamed_.insert(file); }
  void dropUpload(int64_t upload) { droppedUploads_.push_back(upload); }

 private:
  friend class WriteQueue;
  std::vector<wire::ReceiptLeaf> leaves_;
  std::vector<std::shared_ptr<wire::Receipt>> receipts_;
  std::set<wire::Hash> perhapsUnnamed_;
  std::vector<int64_t> droppedUploads_;
};

}  // namespace qpq::server
