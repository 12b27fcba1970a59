#include "server/writer.h"

#include <kj/debug.h>

#include "server/limits.h"

namespace qpq::server {

std::shared_ptr<const wire::Receipt> Write::attest(const wire::ReceiptLeaf& leaf) {
  leaves_.push_back(leaf);
  return receipts_.emplace_back(std::make_shared<wire::Receipt>());
}

sql::Result<News> StoreWriter::Flush::operator()(std::vector<Work>& works) const {
  sql::Transaction transaction = TRY(sql::Transaction::begin(*database));
  Write write(*database, keys->incarnation(), now);
  for (Work& work : works) TRY(work(write));
  TRY(transaction.commit());
  std::vector<wire::Receipt> signedReceipts = keys->sign(write.leaves_);
  for (std::size_t i = 0; i < signedReceipts.size(); ++i) *write.receipts_[i] = std::move(signedReceipts[i]);
  return std::move(write.news);
}

StoreWriter::StoreWriter(loop::Worker& worker, sql::Database& database, const ServerKeys& keys, const Clock& clock)
    : worker_(worker), database_(database), keys_(keys), clock_(clock), tasks_(*this) {}

void StoreWriter::observe(Observer& observer, const kj::MonotonicClock& stopwatch) {
  observer_ = &observer;
  stopwatch_ = &stopwatch;
}

void StoreWriter::enqueue(Work work, Settle settle) {
  queue_.push_back({std::move(work), kj::mv(settle)});
  if (flushing_) return;
  flushing_ = true;
  // A turn later, so that calls which came in together share the first flush, too.
  tasks_.add(kj::evalLater([this]() { return flushAll(); }));
}

kj::Promise<void> StoreWriter::flushAll() {
  while (!queue_.empty()) {
    std::vector<Work> works;
    std::vector<Settle> settles;
    while (!queue_.empty() && works.size() < kFlushOperationsMax) {
      works.push_back(std::move(queue_.front().work));
      settles.push_back(kj::mv(queue_.front().settle));
      queue_.pop_front();
    }
    kj::TimePoint begun = stopwatch_->now();
    bool durable = co_await flush(std::move(works));
    observer_->flushed(settles.size(), stopwatch_->now() - begun, durable ? FlushEnd::durable : FlushEnd::failed);
    for (Settle& settle : settles) settle(durable);
  }
  flushing_ = false;
  for (auto& waiting : waitingForDrain_) waiting->fulfill();
  waitingForDrain_.clear();
}

// Whether it is durable.
kj::Promise<bool> StoreWriter::flush(std::vector<Work> works) {
  auto job = [flush = Flush{&database_, &keys_, clock_.now()}, works = std::move(works)]() mutable {
    return flush(works);
  };
  try {
    auto news = co_await worker_.run(std::move(job));
    if (news) {
      listener_(*news);
      co_return true;
    }
    KJ_LOG(ERROR, "a flush failed and nothing of it is acknowledged", news.error().text.c_str());
  } catch (const kj::Exception& exception) {
    KJ_LOG(ERROR, "a flush was cut short and nothing of it is acknowledged", exception);
  }
  co_return false;
}

kj::Promise<void> StoreWriter::drained() {
  if (!flushing_) return kj::READY_NOW;
  auto paired = kj::newPromiseAndFulfiller<void>();
  waitingForDrain_.add(kj::mv(paired.fulfiller));
  return kj::mv(paired.promise);
}

void StoreWriter::taskFailed(kj::Exception&& exception) { KJ_LOG(FATAL, "the writer itself failed", exception); }

Unavailable StoreReader::report(const sql::Error& error) {
  KJ_LOG(ERROR, "a question to the store failed", error.text.c_str());
  return {};
}

}  // namespace qpq::server
