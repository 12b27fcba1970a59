#pragma once

#include <expected>
#include <type_traits>
#include <utility>

#include "loop/worker.h"
#include "server/outcomes.h"
#include "server/store/connection.h"

namespace qpq::server {

// Questions that change nothing, each on one unchanging view of the store, beside the writer.
class StoreReader {
 public:
  // All must outlive the worker's last job. In the simulator the worker may be the writer's own.
  StoreReader(loop::Worker& worker, store::Connection& connection): worker_(worker), connection_(connection) {}

  // `question` is a callable `store::Result<T>(store::Tables&)` that holds plain data.
  template <class Question>
  auto run(Question question) {
    using T = typename std::invoke_result_t<Question, store::Tables&>::value_type;
    return worker_.run(
        [&connection = connection_, question = std::move(question)]() mutable -> std::expected<T, Unavailable> {
          auto answer = ask(connection, question);
          if (!answer) return std::unexpected(report(answer.error()));
          return *std::move(answer);
        });
  }

 private:
  template <class Question>
  static auto ask(store::Connection& connection, Question& question) -> std::invoke_result_t<Question, store::Tables&> {
    store::Transaction view = TRY(connection.read());
    return question(view.tables());
  }
  static Unavailable report(const store::Error& error);

  loop::Worker& worker_;
  store::Connection& connection_;
};

}  // namespace qpq::server
