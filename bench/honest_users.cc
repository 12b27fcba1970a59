#include "honest_users.h"

#include <algorithm>

#include "samples.h"

namespace qpq::bench {

namespace {

constexpr std::size_t kSize = 1024;
constexpr double kIntervalUs = 100'000;

}  // namespace

HonestUsers::HonestUsers(ClientLoop& clients, Devices devices): clients_(clients) {
  for (auto& device : devices) users_.push_back({kj::mv(device)});
}

kj::Promise<kj::Own<HonestUsers>> HonestUsers::comeIn(ClientLoop& clients, const quic::SocketAddress& server,
                                                      const Members& members) {
  Devices devices = co_await resumeAll(clients, server, members);
  co_await forEach(devices.size(), kHandshakesAtOnce, [&](uint64_t i) { return devices[i]->follow(1); });
  co_return kj::heap<HonestUsers>(clients, kj::mv(devices));
}

kj::Promise<HonestUsers::Heard> HonestUsers::talk(double seconds) {
  Heard heard;
  double beginUs = wallUs();
  double each = kIntervalUs / static_cast<double>(users_.size());
  co_await forEach(users_.size(), users_.size(), [&](uint64_t i) {
    double fromUs = beginUs + static_cast<double>(i) * each;
    return talkAlone(users_[i], fromUs, fromUs + seconds * 1e6, heard);
  });
  co_return kj::mv(heard);
}

kj::Promise<void> HonestUsers::talkAlone(User& user, double fromUs, double toUs, Heard& heard) {
  bool isRefused = false;
  for (double dueUs = fromUs; dueUs < toUs && !isRefused; dueUs += kIntervalUs) {
    auto waitUs = static_cast<int64_t>(std::max(0.0, dueUs - wallUs()));
    co_await clients_.timer.afterDelay(waitUs * kj::MICROSECONDS);
    auto pushed = user.device->reached(user.newest + 1)
                      .then([&heard, dueUs]() { heard.pushUs.push_back(wallUs() - dueUs); })
                      .eagerlyEvaluate(nullptr);
    co_await user.device->append(kSize).then([&heard, dueUs]() { heard.appendUs.push_back(wallUs() - dueUs); },
                                             [&heard, &isRefused](kj::Exception&&) {
                                               ++heard.refused;
                                               isRefused = true;
                                             });
    if (isRefused) co_return;
    ++user.newest;
    co_await pushed;
  }
}

}  // namespace qpq::bench
