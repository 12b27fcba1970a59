#pragma once

#include <memory>
#include <optional>

#include "server/store/connection.h"
#include "server/store/contract/faulty_nouns_test.h"

namespace qpq::server::store::contract {

// Another engine's connection, some calls of which go wrong.
class FaultyConnection final: public Connection {
 public:
  explicit FaultyConnection(std::unique_ptr<Connection> inner): inner_(std::move(inner)) {}
  Calls& calls() { return calls_; }

 private:
  Result<void> open(Kind kind) override {
    return calls_.pass([&]() -> Result<void> {
      auto begun = kind == Kind::write ? inner_->write() : inner_->read();
      if (!begun) return std::unexpected(std::move(begun).error());
      transaction_.emplace(*std::move(begun));
      nouns_.emplace(transaction_->tables(), calls_);
      return {};
    });
  }
  Tables& tables() override { return nouns_->tables; }
  Result<void> commit() override {
    auto then = calls_.commit();
    bool isLost = then == Fault::Then::answerLost || then == Fault::Then::requestLost;
    auto committed =
        then == Fault::Then::fails || then == Fault::Then::requestLost ? Result<void>() : transaction_->commit();
    giveUp();
    if (then == Fault::Then::fails) return std::unexpected(Error(Error::Code::failed, "a commit that was to fail"));
    if (isLost) return std::unexpected(Error(Error::Code::ambiguous, "a commit of which nobody hears"));
    return committed;
  }
  void giveUp() noexcept override {
    nouns_.reset();
    transaction_.reset();
  }

  std::unique_ptr<Connection> inner_;
  Calls calls_;
  std::optional<Transaction> transaction_;
  std::optional<FaultyNouns> nouns_;
};

}  // namespace qpq::server::store::contract
