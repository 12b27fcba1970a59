#pragma once

#include <kj/async.h>
#include <kj/function.h>
#include <kj/timer.h>
#include <kj/vector.h>

#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "loop/worker.h"
#include "server/keys.h"
#include "server/limits.h"
#include "server/observe/observer.h"
#include "server/outcomes.h"
#include "server/store/tables.h"
#include "sql/transaction.h"

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
};

// What an operation works with: the store within the flush's transaction, and what is to happen after it.
struct Write {
  Write(sql::Database& database, const Incarnation& incarnation, Instant now)
      : tables(database), incarnation(incarnation), now(now) {}

  store::Tables tables;
  const Incarnation& incarnation;
  const Instant now;
  News news;

  // A receipt that is filled in when the flush is durable, and not before.
  std::shared_ptr<const wire::Receipt> attest(const wire::ReceiptLeaf& leaf);

 private:
  friend class StoreWriter;
  std::vector<wire::ReceiptLeaf> leaves_;
  std::vector<std::shared_ptr<wire::Receipt>> receipts_;
};

// The one writer of a store, with group commit: whatever queues up while a flush runs goes into the next one, up to
// kFlushOperationsMax in one transaction. Answers and news leave only when that transaction is durable.
//
// An operation is a callable `sql::Result<T>(Write&)` that holds plain data: it runs on the worker. It validates before
// it writes, so that a refusal among its answers leaves nothing behind. A failure of the store takes the whole flush
// with it: every operation in it is answered Unavailable, and none has happened as far as anyone was told.
class StoreWriter final: private kj::TaskSet::ErrorHandler {
 public:
  // All must outlive the worker's last job.
  StoreWriter(loop::Worker& worker, sql::Database& database, const ServerKeys& keys, const Clock& clock);
  ~StoreWriter() noexcept(false) = default;
  KJ_DISALLOW_COPY_AND_MOVE(StoreWriter);

  // Called on the loop after each durable flush, before its answers are given.
  void onNews(kj::Function<void(const News&)> listener) { listener_ = kj::mv(listener); }

  // Who is told of each flush, and what times it. Both outlive the writer.
  void observe(Observer& observer, const kj::MonotonicClock& stopwatch);
  // Operations waiting for the next flush: of kWriteQueueMax.
  std::size_t waiting() const { return queue_.size(); }

  // Queued at once, in order. Dropping the promise does not take the operation back.
  template <class Operation>
  auto run(Operation operation) {
    using T = typename std::invoke_result_t<Operation, Write&>::value_type;
    auto paired = kj::newPromiseAndFulfiller<std::expected<T, Unavailable>>();
    if (queue_.size() >= kWriteQueueMax) {
      paired.fulfiller->fulfill(std::unexpected(Unavailable()));
      return kj::mv(paired.promise);
    }
    auto answer = std::make_shared<std::optional<T>>();
    Work work = [answer, operation = std::move(operation)](Write& write) mutable -> sql::Result<void> {
      answer->emplace(TRY(operation(write)));
      return {};
    };
    Settle settle = [answer, fulfiller = kj::mv(paired.fulfiller)](bool durable) mutable {
      if (durable) {
        fulfiller->fulfill(kj::mv(**answer));
      } else {
        fulfiller->fulfill(std::unexpected(Unavailable()));
      }
    };
    enqueue(std::move(work), kj::mv(settle));
    return kj::mv(paired.promise);
  }

  // Resolves when everything queued so far, and whatever joins it, is decided.
  kj::Promise<void> drained();

 private:
  using Work = std::move_only_function<sql::Result<void>(Write&)>;
  using Settle = kj::Function<void(bool durable)>;
  struct Queued {
    Work work;
    Settle settle;
  };
  // A copyable view of what a flush needs, so that no job refers to the writer.
  struct Flush {
    sql::Database* database;
    const ServerKeys* keys;
    Instant now;

    sql::Result<News> operator()(std::vector<Work>& works) const;
  };

  void enqueue(Work work, Settle settle);
  kj::Promise<void> flushAll();
  kj::Promise<bool> flush(std::vector<Work> works);
  void taskFailed(kj::Exception&& exception) override;

  loop::Worker& worker_;
  sql::Database& database_;
  const ServerKeys& keys_;
  const Clock& clock_;
  kj::Function<void(const News&)> listener_ = [](const News&) {};
  Observer* observer_ = &unobserved();
  const kj::MonotonicClock* stopwatch_ = &kj::systemCoarseMonotonicClock();
  std::deque<Queued> queue_;
  bool flushing_ = false;
  kj::Vector<kj::Own<kj::PromiseFulfiller<void>>> waitingForDrain_;
  kj::TaskSet tasks_;
};

// Questions that change nothing, each on one unchanging view of the store, beside the writer.
class StoreReader {
 public:
  // All must outlive the worker's last job. In the simulator worker and database may be the writer's own.
  StoreReader(loop::Worker& worker, sql::Database& database): worker_(worker), database_(database) {}

  // `question` is a callable `sql::Result<T>(store::Tables&)` that holds plain data.
  template <class Question>
  auto run(Question question) {
    using T = typename std::invoke_result_t<Question, store::Tables&>::value_type;
    return worker_.run(
        [&database = database_, question = std::move(question)]() mutable -> std::expected<T, Unavailable> {
          auto answer = ask(database, question);
          if (!answer) return std::unexpected(report(answer.error()));
          return *std::move(answer);
        });
  }

 private:
  template <class Question>
  static auto ask(sql::Database& database, Question& question) -> std::invoke_result_t<Question, store::Tables&> {
    sql::Transaction view = TRY(sql::Transaction::begin(database, sql::Transaction::Kind::read));
    store::Tables tables(database);
    return question(tables);
  }
  static Unavailable report(const sql::Error& error);

  loop::Worker& worker_;
  sql::Database& database_;
};

}  // namespace qpq::server
