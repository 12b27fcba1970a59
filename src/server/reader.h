#pragma once

#include <expected>
#include <type_traits>
#include <utility>

#include "loop/worker.h"
#include "server/outcomes.h"
#include "server/store/tables.h"
#include "sql/transaction.h"

namespace qpq::server {

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
