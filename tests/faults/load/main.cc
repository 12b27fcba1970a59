// The load of the fault runs (README.md beside this folder), and the looking through afterwards. What was promised is
// in FOLDER/ledger, which every run of one store shares.
//
//   faults-load seed DATA_DIR FOLDER PEOPLE MESSAGES    fills the store of a server that has not started yet
//   faults-load talk ADDRESS FOLDER STAY_MS_MAX         appends and reads until SIGTERM, then until all is settled;
//                                                       0: nobody leaves before the server does
//   faults-load look ADDRESS FOLDER                     reads everything and compares
//
// The last line is JSON: what was counted. Exit codes: 0 every promise was kept, 1 one was not, 2 it could not be done.
#include <kj/debug.h>
#include <kj/vector.h>
#include <signal.h>

#include <cstdio>
#include <filesystem>
#include <format>
#include <iostream>
#include <span>
#include <string>

#include "crypto/system_random.h"
#include "look.h"
#include "loop/system_clock.h"
#include "people.h"
#include "talker.h"

namespace qpq::faults {
namespace {

constexpr kj::Duration kTellEvery = 100 * kj::MILLISECONDS;
// Everyone has a receipt and has read on by then, or never will.
constexpr kj::Duration kSettleMax = 60 * kj::SECONDS;

void tell(const Counts& counts, uint64_t sessions) {
  std::cout << std::format(R"({{"acknowledged": {}, "delivered": {}, "lost": {}, "twice": {}, "broken": {}, )"
                           R"("sessions": {}}})",
                           counts.acknowledged, counts.delivered, counts.lost, counts.twice, counts.broken, sessions)
            << std::endl;
}

quic::SocketAddress addressOf(const std::string& text) {
  auto address = quic::SocketAddress::parse(text);
  KJ_REQUIRE(address.has_value(), "no address", text.c_str());
  return *address;
}

int talk(const std::string& server, const std::filesystem::path& folder, uint64_t stayMsMax) {
  bench::ClientLoop clients;
  Hall hall(clients, addressOf(server), folder);
  hall.stayMsMax = stayMsMax;
  kj::Vector<kj::Own<Talker>> talkers;
  kj::Vector<kj::Promise<void>> lives;
  for (std::size_t i = 0; i < hall.people.size(); ++i) {
    talkers.add(kj::heap<Talker>(hall, i));
    lives.add(talkers.back()->live());
  }
  auto sessions = [&talkers]() {
    uint64_t sum = 0;
    for (const auto& talker : talkers) sum += talker->sessions();
    return sum;
  };
  auto telling = [](Hall& hall, auto sessions) -> kj::Promise<void> {
    for (;;) {
      tell(hall.counts, sessions());
      co_await hall.clients.timer.afterDelay(kTellEvery);
    }
  }(hall, sessions)
                                                      .eagerlyEvaluate(nullptr);
  auto ending = [](Hall& hall) -> kj::Promise<void> {
    co_await hall.clients.port.onSignal(SIGTERM);
    hall.stopping = true;
    co_await hall.clients.timer.afterDelay(kSettleMax);
    KJ_FAIL_REQUIRE("not everything was settled in time");
  };
  clients.wait(kj::joinPromises(lives.releaseAsArray()).exclusiveJoin(ending(hall)));
  tell(hall.counts, sessions());
  return hall.counts.kept() ? 0 : 1;
}

int look(const std::string& server, const std::filesystem::path& folder) {
  bench::ClientLoop clients;
  Hall hall(clients, addressOf(server), folder);
  clients.wait(lookThrough(hall));
  tell(hall.counts, hall.people.size());
  return hall.counts.kept() ? 0 : 1;
}

int seedStore(std::span<const std::string> words) {
  crypto::SystemRandom random;
  std::filesystem::path folder = words[1];
  std::filesystem::create_directories(folder);
  loop::SystemClock clock;
  write(folder / "people", seed(words[0], std::stoul(words[2]), std::stoull(words[3]), random, clock.now()));
  return 0;
}

int run(std::span<const std::string> words) {
  if (words.size() == 5 && words[0] == "seed") return seedStore(words.subspan(1));
  if (words.size() == 4 && words[0] == "talk") return talk(words[1], words[2], std::stoull(words[3]));
  if (words.size() == 3 && words[0] == "look") return look(words[1], words[2]);
  std::cerr << "usage: faults-load seed DATA_DIR FOLDER PEOPLE MESSAGES | talk ADDRESS FOLDER STAY_MS_MAX | "
               "look ADDRESS FOLDER\n";
  return 2;
}

}  // namespace
}  // namespace qpq::faults

int main(int count, char** words) {
  kj::UnixEventPort::captureSignal(SIGTERM);
  try {
    return qpq::faults::run(std::vector<std::string>(words + 1, words + count));
  } catch (const kj::Exception& exception) {
    std::fprintf(stderr, "faults-load: %s\n", exception.getDescription().cStr());
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "faults-load: %s\n", exception.what());
  }
  return 2;
}
