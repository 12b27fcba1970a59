#include "mls/executor.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "mls/group/group_scene_test.h"

namespace qpq::mls {
namespace {

class Threads final: public Executor {
 public:
  void run(std::size_t count, const std::function<void(std::size_t)>& part) override {
    std::atomic<std::size_t> next = 0;
    auto work = [&] {
      for (std::size_t i = next++; i < count; i = next++) part(i);
    };
    {
      std::jthread other(work);
      std::jthread third(work);
      work();
    }
    parts += count;
  }
  std::size_t parts = 0;  // how much was shared out
};

TEST_CASE("the first failure is named in the order of the parts, with and without threads") {
  Threads threads;
  for (Executor* executor : {static_cast<Executor*>(nullptr), static_cast<Executor*>(&threads)}) {
    auto check = [](std::size_t i) {
      return i % 10 == 7 ? fail(ErrorCode::leafSignature, uint32_t(i)) : Result<void>();
    };
    CHECK(checkEachPart(executor, 40, check).error() == Error(ErrorCode::leafSignature, 7));
    CHECK(checkEachPart(executor, 7, check).has_value());
    CHECK(checkEachPart(executor, 0, check).has_value());
    std::vector<int> calls(50);
    forEachPart(executor, calls.size(), [&](std::size_t i) { ++calls[i]; });
    CHECK(calls == std::vector<int>(50, 1));
  }
}

// Twelve people, all but the first added in one commit, and one commit on the cold tree after it.
struct Story {
  explicit Story(const crypto::Suite& suite, Executor* executor): scene(suite, 77) {
    scene.foundAlone("alice");
    CommitPlan plan;
    for (int i = 0; i < 11; ++i) plan.adds.push_back(scene.package("member " + std::to_string(i)));
    CommitOptions options;
    options.executor = executor;
    const PendingCommit* pending = scene["alice"].commit(plan, options, scene.random).value();
    added = pending->message();
    welcome = *pending->welcome();
    scene["alice"].merge(crypto::Hash32(pending->digest())).value();
    pending = scene["alice"].commit({}, options, scene.random).value();
    renewed = pending->message();
    scene["alice"].merge(crypto::Hash32(pending->digest())).value();
  }
  Result<JoinedGroup> join(const Bytes& by, Executor* executor) {
    auto& client = scene.client("member 4");
    auto message = decode<MLSMessage>(by).value();
    JoinOptions options;
    options.executor = executor;
    return Group::join(*message.as<Welcome>(), client.package->keyPackage, client.package->privateKeys,
                       client.signer.privateKey.expose(), std::move(options));
  }
  GroupScene scene;
  Bytes added, welcome, renewed;
};

TEST_CASE("an executor changes no byte of what is made, nor what is read from it") {
  for (const crypto::Suite* suite : {&crypto::kSuiteX25519, &crypto::kSuiteXWing}) {
    Threads threads;
    Story alone(*suite, nullptr);
    Story shared(*suite, &threads);
    CHECK(threads.parts >= 11 + 11);  // the Welcome's secrets and the path's
    CHECK(shared.added == alone.added);
    CHECK(shared.welcome == alone.welcome);
    CHECK(shared.renewed == alone.renewed);
    CHECK(saved(shared.scene["alice"]) == saved(alone.scene["alice"]));

    threads.parts = 0;
    Group one = std::move(alone.join(alone.welcome, nullptr).value().group);
    Group two = std::move(alone.join(alone.welcome, &threads).value().group);
    CHECK(threads.parts == 12);  // every leaf's signature
    CHECK(saved(one) == saved(two));

    ReceiveOptions options;
    options.executor = &threads;
    auto staged = std::get<StagedCommit>(two.receive(alone.renewed, options).value());
    two.apply(std::move(staged)).value();
    CHECK(equal(two.epochAuthenticator(), alone.scene["alice"].epochAuthenticator()));
  }
}

TEST_CASE("a bulk of Adds is read with an executor as without, and its first bad key package is named") {
  Threads threads;
  GroupScene scene;
  scene.found({"alice", "bob"});
  CommitPlan plan;
  for (int i = 0; i < 5; ++i) plan.adds.push_back(scene.package("member " + std::to_string(i)));
  Bytes commit = scene["alice"].commit(plan, {}, scene.random).value()->message();
  ReceiveOptions options;
  options.executor = &threads;
  auto staged = std::get<StagedCommit>(scene["bob"].receive(commit, options).value());
  CHECK(staged.effects().added.size() == 5);
  CHECK(threads.parts == 5 + 5);  // the packages and their leaves
  auto plain = std::get<StagedCommit>(scene["bob"].receive(commit).value());
  CHECK(plain.effects() == staged.effects());
}

}  // namespace
}  // namespace qpq::mls
