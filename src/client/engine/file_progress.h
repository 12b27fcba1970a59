#pragma once

#include "client/engine/files.h"
#include "client/engine/limits.h"

namespace qpq::client {

// How far a transfer is, told to the listeners now and then.
struct Files::Progress {
  Listeners& listeners;
  event::Transfer transfer;
  uint64_t told = 0;

  void reached(uint64_t done) {
    transfer.done = done;
    bool isEnd = done == transfer.total;
    if (!isEnd && done < told + transfer.total / kTransferNewsMax) return;
    told = done;
    listeners.tell(transfer);
  }
};

}  // namespace qpq::client
