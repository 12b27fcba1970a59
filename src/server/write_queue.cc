#include "server/write_queue.h"

#include <kj/debug.h>
#include <kj/timer.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "server/limits.h"

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

WriteQueue::Pushed WriteQueue::push(Work work, uint64_t ticket, const Home& home, const About& about) {
  std::scoped_lock lock(mutex_);
  if (waiting_ >= kWriteQueueMax || waitingBytes_ + about.bytes > kWriteQueueBytesMax) return Pushed::full;
  bunchFor(about.log).push_back({std::move(work), about.bytes, ticket, home});
  ++waiting_;
  waitingBytes_ += about.bytes;
  return std::exchange(flushing_, true) ? Pushed::queued : Pushed::first;
}

// The one it joins: its log's newest while that has room, or a new one at the end.
WriteQueue::Bunch& WriteQueue::bunchFor(const std::optional<LogId>& log) {
  if (log) {
    auto open = open_.find(*log);
    if (open != open_.end() && open->second->size() < kBunchOperationsMax) return *open->second;
  }
  Bunch& bunch = queue_.emplace_back(log, Bunch()).second;
  if (log) open_[*log] = &bunch;
  return bunch;
}

std::vector<WriteQueue::Queued> WriteQueue::next() {
  std::scoped_lock lock(mutex_);
  std::vector<Queued> batch;
  while (!queue_.empty() && batch.size() + queue_.front().second.size() <= kFlushOperationsMax) {
    auto& [log, bunch] = queue_.front();
    for (Queued& queued : bunch) {
      waitingBytes_ -= queued.bytes;
      batch.push_back(std::move(queued));
    }
    if (log && open_.at(*log) == &bunch) open_.erase(*log);
    queue_.pop_front();
  }
  waiting_ -= batch.size();
  flushing_ = !batch.empty();
  return batch;
}

std::vector<Budget> WriteQueue::budgets() {
  std::scoped_lock lock(mutex_);
  return {{"write_queue", waiting_, kWriteQueueMax},
          {"write_queue_bytes", waitingBytes_, kWriteQueueBytesMax},
          rates_.append.messages.budget("rates_messages"),
          rates_.append.commits.budget("rates_commits"),
          rates_.append.asks.budget("rates_asks"),
          rates_.append.entries.budget("rates_log_entries"),
          rates_.append.bytes.budget("rates_log_bytes"),
          rates_.direct.budget("rates_direct"),
          rates_.uploads.budget("rates_uploads"),
          rates_.takes.perTaker.budget("rates_takes_by_taker"),
          rates_.takes.perTarget.budget("rates_takes_by_target")};
}

void WriteQueue::flushAll() {
  const kj::MonotonicClock& stopwatch = kj::systemPreciseMonotonicClock();
  for (auto batch = next(); !batch.empty(); batch = next()) {
    auto begun = stopwatch.now();
    auto news = flush(batch);
    observer_.flushed(batch.size(), stopwatch.now() - begun, news ? FlushEnd::durable : FlushEnd::failed);
    tell(batch, news);
  }
}

// The news, or nothing where it has failed.
std::shared_ptr<const News> WriteQueue::flush(const std::vector<Queued>& batch) {
  std::shared_ptr<const News> news;
  auto cutShort = kj::runCatchingExceptions([&]() {
    auto written = writeUntilKnown(batch);
    if (written) {
      news = std::make_shared<const News>(*std::move(written));
    } else {
      const char* problem = written.error().text.c_str();
      KJ_LOG(ERROR, "a flush failed and nothing of it is acknowledged", problem);
    }
  });
  KJ_IF_MAYBE (exception, cutShort) {
    KJ_LOG(ERROR, "a flush was cut short and nothing of it is acknowledged", *exception);
  }
  return news;
}

// Where the answer to a commit is lost the operations are asked again: those that have happened find themselves by
// their keys, the others happen now. What an attempt would have told is told with the one that is known to be durable,
// for one that finds itself done has nothing more to tell. Rates are charged for each attempt.
store::Result<News> WriteQueue::writeUntilKnown(const std::vector<Queued>& batch) {
  News news;
  for (int attempt = 1;; ++attempt) {
    auto written = write(batch, news);
    if (written) return news;
    bool isKnown = written.error().code != store::Error::Code::ambiguous;
    if (isKnown || attempt == kFlushAttemptsMax) return std::unexpected(std::move(written).error());
    const char* problem = written.error().text.c_str();
    KJ_LOG(ERROR, "whether a flush was committed is not known, so it is run again", problem);
  }
}

store::Result<void> WriteQueue::write(const std::vector<Queued>& batch, News& news) {
  store::Transaction transaction = TRY(connection_.write());
  Write write(transaction.tables(), files_, rates_, keys_, clock_.now());
  for (const Queued& queued : batch) TRY(queued.work(write));
  std::vector<wire::Hash> unnamed;
  for (const wire::Hash& file : write.perhapsUnnamed_) {
    if (!TRY(write.tables.holdings.isNamed(file))) unnamed.push_back(file);
  }
  news.add(std::move(write.news));
  TRY(transaction.commit());
  // After the commit, before the next flush can begin to name one of them again. A crash in between leaves files that
  // nobody names: the sweep finds them.
  if (!unnamed.empty()) files_.remove(unnamed);
  for (int64_t upload : write.droppedUploads_) files_.drop(upload);
  std::vector<wire::Receipt> signedReceipts = keys_.sign(write.leaves_);
  for (std::size_t i = 0; i < signedReceipts.size(); ++i) *write.receipts_[i] = std::move(signedReceipts[i]);
  return {};
}

void WriteQueue::tell(const std::vector<Queued>& batch, const std::shared_ptr<const News>& news) {
  std::map<Home, std::vector<uint64_t>> tickets;
  if (news != nullptr && !news->empty()) {
    std::scoped_lock lock(mutex_);
    for (const Home& home : homes_) tickets[home];
  }
  for (const Queued& queued : batch) tickets[queued.home].push_back(queued.ticket);
  for (auto& [home, own] : tickets) home->post({std::move(own), news});
}

}  // namespace qpq::server
