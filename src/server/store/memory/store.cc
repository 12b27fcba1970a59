#include "server/store/memory/store.h"

#include "base/try.h"
#include "server/store/memory/nouns.h"

namespace qpq::server::store::memory {

namespace {

class MemoryConnection final: public Connection {
 public:
  explicit MemoryConnection(std::shared_ptr<Data> data): data_(std::move(data)), nouns_(*data_) {}

 private:
  Result<void> open(Kind kind) override {
    if (lock_.owns_lock()) return failed("a transaction inside a transaction");
    lock_ = std::unique_lock(data_->mutex);
    data_->isReadOnly = kind == Kind::read;
    return {};
  }
  Tables& tables() override { return nouns_.tables; }
  Result<void> commit() override {
    data_->journal.forget();
    lock_.unlock();
    return {};
  }
  void giveUp() noexcept override {
    data_->journal.takeBack();
    lock_.unlock();
  }

  std::shared_ptr<Data> data_;
  Nouns nouns_;
  std::unique_lock<std::mutex> lock_;  // while a transaction is open
};

}  // namespace

Store::Store(): data_(std::make_shared<Data>()) {}

std::unique_ptr<Connection> Store::connect() const { return std::make_unique<MemoryConnection>(data_); }

}  // namespace qpq::server::store::memory
