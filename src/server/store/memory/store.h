#pragma once

#include <memory>

#include "server/store/connection.h"

namespace qpq::server::store::memory {

struct Data;

// A store that is gone with the last of what refers to it: for tests and simulations. Its transactions come one after
// the other: each waits for the end of the one before, also one that only reads.
class Store {
 public:
  Store();
  // One more way into it.
  std::unique_ptr<Connection> connect() const;

 private:
  std::shared_ptr<Data> data_;
};

}  // namespace qpq::server::store::memory
