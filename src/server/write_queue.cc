#include "server/write_queue.h"

#include <kj/debug.h>

#include <algorithm>
#include <map>
#include <utility>

#include "server/limits.h"
#include "sql/transaction.h"

namespace qpq::server {

std::shared_ptr<const wire::Receipt> Write::attest(const wire::ReceiptLeaf& leaf) {
  leaves_.push_back(leaf);
  return receipts_.emplace_back(std::make_shared<wire::Receipt>());
}

void WriteQueue::join(const Home& home) {
  std::scoped_lock lock(mutex_);
  homes_.push_back(home);
}

void WriteQueue::leave(const Home& home) {
  std::scoped_lock lock(mutex_);
  std::erase(homes_, home);
}

WriteQueue::Pushed WriteQueue::push(Work work, uint64_t ticket, const Home& home) {
  std::scoped_lock lock(mutex_);
  if (queue_.size() >= kWriteQueueMax) return Pushed::full;
  queue_.push_back({std::move(work), ticket, home});
  return std::exchange(flushing_, true) ? Pushed::queued : Pushed::first;
}

std::vector<WriteQueue::Queued> WriteQueue::next() {
  std::scoped_lock lock(mutex_);
  std::vector<Queued> batch;
  while (!queue_.empty() && batch.size() < kFlushOperationsMax) {
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  flushing_ = !batch.empty();
  return batch;
}

void WriteQueue::flushAll() {
  for (auto batch = next(); !batch.empty(); batch = next()) {
    sql::Result<News> news = std::unexpected(sql::Error{});
    auto cutShort = kj::runCatchingExceptions([&]() { news = write(batch); });
    KJ_IF_MAYBE (exception, cutShort) {
      KJ_LOG(ERROR, "a flush was cut short and nothing of it is acknowledged", *exception);
      tell(batch, false, nullptr);
    } else if (!news) {
      KJ_LOG(ERROR, "a flush failed and nothing of it is acknowledged", news.error().text.c_str());
      tell(batch, false, nullptr);
    } else {
      tell(batch, true, std::make_shared<const News>(*std::move(news)));
    }
  }
}

sql::Result<News> WriteQueue::write(std::vector<Queued>& batch) {
  sql::Transaction transaction = TRY(sql::Transaction::begin(database_));
  Write write(database_, rates_, keys_.incarnation(), clock_.now());
  for (Queued& queued : batch) TRY(queued.work(write));
  TRY(transaction.commit());
  std::vector<wire::Receipt> signedReceipts = keys_.sign(write.leaves_);
  for (std::size_t i = 0; i < signedReceipts.size(); ++i) *write.receipts_[i] = std::move(signedReceipts[i]);
  return std::move(write.news);
}

void WriteQueue::tell(const std::vector<Queued>& batch, bool durable, std::shared_ptr<const News> news) {
  std::map<Home, std::vector<uint64_t>> tickets;
  if (durable) {
    std::scoped_lock lock(mutex_);
    for (const Home& home : homes_) tickets[home];
  }
  for (const Queued& queued : batch) tickets[queued.home].push_back(queued.ticket);
  for (auto& [home, own] : tickets) {
    if (own.empty() && news->empty()) continue;
    home->post({std::move(own), durable, news});
  }
}

}  // namespace qpq::server
