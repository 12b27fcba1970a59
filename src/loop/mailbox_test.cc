#include "loop/mailbox.h"

#include <kj/async-io.h>

#include <catch2/catch_test_macros.hpp>
#include <optional>

using namespace qpq::loop;

namespace {

struct Letter {
  int sender;
  int number;
};

// Resolves when so many letters have come.
struct Reader {
  explicit Reader(std::size_t count): awaited(count) {}
  void read(Letter letter) {
    letters.push_back(letter);
    if (letters.size() == awaited) all.fulfiller->fulfill();
  }
  std::size_t awaited;
  std::vector<Letter> letters;
  kj::PromiseFulfillerPair<void> all = kj::newPromiseAndFulfiller<void>();
};

}  // namespace

TEST_CASE("letters of many threads all arrive on the loop, those of each in order") {
  auto io = kj::setupAsyncIo();
  Reader reader(4 * 1000);
  Mailbox<Letter> mailbox([&](Letter letter) { reader.read(letter); });
  {
    std::vector<std::jthread> senders;
    for (int sender = 0; sender < 4; ++sender) {
      senders.emplace_back([slot = mailbox.slot(), sender]() {
        for (int number = 0; number < 1000; ++number) slot->post({sender, number});
      });
    }
    reader.all.promise.wait(io.waitScope);
  }
  std::vector<int> next(4, 0);
  for (const Letter& letter : reader.letters) CHECK(letter.number == next[static_cast<std::size_t>(letter.sender)]++);
}

TEST_CASE("a letter from the loop itself comes in a later turn, and needs no event port") {
  kj::EventLoop loop;
  kj::WaitScope scope(loop);
  Reader reader(2);
  Mailbox<Letter> mailbox([&](Letter letter) { reader.read(letter); });
  scope.poll();
  mailbox.slot()->post({0, 0});
  mailbox.slot()->post({0, 1});
  CHECK(reader.letters.empty());
  scope.poll();
  CHECK(reader.letters.size() == 2);
}

TEST_CASE("letters that may be lost are lost above so many, and no others") {
  kj::EventLoop loop;
  kj::WaitScope scope(loop);
  Reader reader(1);
  Mailbox<Letter> mailbox([&](Letter letter) { reader.letters.push_back(letter); });
  for (int i = 0; i < 5; ++i) mailbox.slot()->postUnlessFull({0, i}, 3);
  mailbox.slot()->post({1, 0});
  scope.poll();
  CHECK(reader.letters.size() == 4);
  mailbox.slot()->postUnlessFull({0, 9}, 3);
  scope.poll();
  CHECK(reader.letters.back().number == 9);
}

TEST_CASE("what is posted to a mailbox that is gone is lost, and harms nobody") {
  auto io = kj::setupAsyncIo();
  std::shared_ptr<Mailbox<Letter>::Slot> slot;
  {
    Mailbox<Letter> mailbox([](Letter) { FAIL("nobody reads"); });
    slot = mailbox.slot();
  }
  std::jthread([slot]() { slot->post({0, 0}); }).join();
  slot->post({0, 1});
  io.provider->getTimer().afterDelay(1 * kj::MILLISECONDS).wait(io.waitScope);
}
