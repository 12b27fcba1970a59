// Does a server stay as it is for as long as it works? A real qpq-server at half of what it can: devices append, are
// pushed what they have appended, acknowledge it, and come back over a new connection every minute. Memory, descriptors
// and the store's log are looked at all the while. It exits 1 if memory has grown by more than a twentieth between the
// first third and the last, or descriptors at all.
//
//   bench_soak [MINUTES] [--appends-per-second NUMBER]

#include <kj/debug.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <format>
#include <span>

#include "crowd.h"
#include "data_folder.h"
#include "report.h"
#include "samples.h"
#include "schema/data.h"
#include "server_process.h"

namespace qpq::bench {
namespace {

constexpr std::size_t kSize = 1024;
// Below server::kMessagesPerDevice in the long run.
constexpr uint64_t kAppendsPerDeviceAndSecond = 15;
constexpr uint64_t kAppendsPerAcknowledgement = 30;
constexpr uint64_t kAppendsPerConnection = 60 * kAppendsPerDeviceAndSecond;
// What lies in each log when the server starts. Read and acknowledged first: reader and writer then have all the pages
// in memory that they will ever hold, which is not what is to be found here.
constexpr uint64_t kBacklog = 600;
constexpr double kGrowthMax = 0.05;
constexpr int kWarmUpSeconds = 60;
constexpr int kLookSeconds = 5;

struct Look {
  double seconds, residentMiB, descriptors, walMiB, storeMiB;
  uint64_t appends;
};

double medianOf(std::span<const Look> looks, double Look::* what) {
  std::vector<double> values;
  for (const Look& look : looks) values.push_back(look.*what);
  return median(values);
}

// By least squares.
double slopePerHour(std::span<const Look> looks, double Look::* what) {
  double n = static_cast<double>(looks.size()), x = 0, y = 0, xx = 0, xy = 0;
  for (const Look& look : looks) {
    x += look.seconds;
    y += look.*what;
    xx += look.seconds * look.seconds;
    xy += look.seconds * look.*what;
  }
  return (n * xy - x * y) / (n * xx - x * x) * 3'600;
}

class SoakBench {
 public:
  SoakBench(int argc, char** argv)
      : report_("soak", argc, argv, {{"", minutes_}, {"appends-per-second", appendsPerSecond_}}),
        folder_("soak"),
        core_(keepApart()) {}

  // Whether it stayed as it was.
  bool run() {
    Seeder seeder(folder_ / "server", clients_.random, clients_.clock.now());
    auto count = static_cast<std::size_t>(report_.pick(appendsPerSecond_, uint64_t{150}) / kAppendsPerDeviceAndSecond);
    members_ = seedPeople(seeder, "device", std::max<std::size_t>(1, count), kBacklog, kSize);
    seeder.finish();
    ServerProcess server(folder_ / "server", {.core = core_});
    auto living = forEach(members_.size(), members_.size(), [&](uint64_t i) {
                    return live(server, static_cast<uint16_t>(i / kDevicesPerHost + 1), members_[i],
                                static_cast<double>(i) / static_cast<double>(members_.size()));
                  }).eagerlyEvaluate(nullptr);
    waitSeconds(report_.pick(kWarmUpSeconds, 5));
    watch(server);
    living = nullptr;
    return tell(server);
  }

 private:
  static constexpr std::size_t kDevicesPerHost = 100;

  void waitSeconds(int seconds) { clients_.wait(clients_.timer.afterDelay(seconds * kj::SECONDS)); }

  // One device, for ever. `share`: where between two appends it begins, and between two connections.
  kj::Promise<void> live(const ServerProcess& server, uint16_t host, const Member& member, double share) {
    uint64_t newest = 1;
    auto firstConnection = static_cast<uint64_t>(share * kAppendsPerConnection) + 1;
    co_await clients_.timer.afterDelay(static_cast<int64_t>(share * 2'000) * kj::MILLISECONDS);
    for (uint64_t appends = firstConnection;; appends = kAppendsPerConnection) {
      auto work = talk(server, host, member, newest, appends);
      co_await work.catch_([this](kj::Exception&& exception) {
        ++failures_;
        problem_ = exception.getDescription().cStr();
      });
    }
  }

  kj::Promise<void> talk(const ServerProcess& server, uint16_t host, const Member& member, uint64_t& newest,
                         uint64_t appends) {
    auto device = co_await LeanDevice::resume(clients_, server.address(), host, member.identity, member.log);
    ++connections_;
    co_await device->follow(newest);
    if (newest == 1) {
      newest += kBacklog;
      co_await device->reached(newest);
      co_await acknowledge(*device, newest);
    }
    const auto interval = kj::SECONDS / static_cast<int64_t>(kAppendsPerDeviceAndSecond);
    auto due = clients_.timer.now();
    for (uint64_t i = 1; i <= appends; ++i, due += interval) {
      if (due > clients_.timer.now()) co_await clients_.timer.atTime(due);
      co_await device->append(kSize);
      ++appends_;
      co_await device->reached(++newest);
      if (i % kAppendsPerAcknowledgement == 0 || i == appends) co_await acknowledge(*device, newest);
    }
  }

  kj::Promise<void> acknowledge(LeanDevice& device, uint64_t seq) {
    auto request = device.logs().acknowledgeRequest();
    auto place = request.initPlaces(1)[0];
    place.setLog(schema::dataOf(device.log().view()));
    place.setSeq(seq);
    return request.send().ignoreResult();
  }

  Look look(const ServerProcess& server, double begunUs) const {
    auto sizeMiB = [&](const char* name) {
      std::error_code none;
      auto size = std::filesystem::file_size(folder_ / "server" / name, none);
      return none ? 0.0 : static_cast<double>(size) / (1 << 20);
    };
    auto open = std::filesystem::directory_iterator(std::format("/proc/{}/fd", server.pid()));
    return {.seconds = (wallUs() - begunUs) / 1e6,
            .residentMiB = server.residentKiB() / 1024,
            .descriptors = static_cast<double>(std::distance(begin(open), end(open))),
            .walMiB = sizeMiB("qpq.db-wal"),
            .storeMiB = sizeMiB("qpq.db"),
            .appends = appends_};
  }

  // A line a minute.
  void watch(const ServerProcess& server) {
    const double begun = wallUs(), endUs = begun + report_.pick(static_cast<double>(minutes_) * 60, 10.0) * 1e6;
    double nextLineUs = begun;
    uint64_t before = appends_;
    double beforeUs = begun;
    while (wallUs() < endUs) {
      waitSeconds(report_.pick(kLookSeconds, 1));
      looks_.push_back(look(server, begun));
      if (wallUs() < nextLineUs) continue;
      const Look& last = looks_.back();
      double perSecond = static_cast<double>(last.appends - before) / ((wallUs() - beforeUs) / 1e6);
      report_.note(
          std::format("{:>6.0f} s  rss {:.1f} MiB  descriptors {:.0f}  log {:.1f} MiB  store {:.0f} MiB  "
                      "appends {:.0f}/s  connections {}  failures {}",
                      last.seconds, last.residentMiB, last.descriptors, last.walMiB, last.storeMiB, perSecond,
                      connections_, failures_));
      before = last.appends;
      beforeUs = wallUs();
      nextLineUs += 60e6;
    }
  }

  bool tell(const ServerProcess& server) {
    std::size_t third = std::max<std::size_t>(1, looks_.size() / 3);
    std::span all(looks_), first = all.first(third), last = all.last(third);
    report_.section(std::format("the last third beside the first, {:.0f} s", looks_.back().seconds));
    bool isFlat = failures_ == 0;
    auto row = [&](std::string name, double Look::* what, std::string_view unit, std::optional<double> growthMax) {
      double before = medianOf(first, what), after = medianOf(last, what);
      Result result{.name = std::move(name),
                    .n = members_.size(),
                    .operations = appends_,
                    .value = after,
                    .unit = unit,
                    .figures = {{"first_third", before}, {"slope_per_hour", slopePerHour(all, what)}}};
      if (!growthMax) return report_.add(result);
      Goal goal{Goal::Is::atMost, before * (1 + *growthMax)};
      isFlat &= goal.isMetBy(after);
      report_.add(against(goal, result));
    };
    row("rss", &Look::residentMiB, "MiB", kGrowthMax);
    row("descriptors", &Look::descriptors, "", 0);
    row("log", &Look::walMiB, "MiB", std::nullopt);
    row("store", &Look::storeMiB, "MiB", std::nullopt);
    report_.add({.name = "appends",
                 .n = members_.size(),
                 .operations = appends_,
                 .value = static_cast<double>(appends_ - looks_.front().appends) /
                          (looks_.back().seconds - looks_.front().seconds),
                 .unit = "1/s",
                 .durability = folder_.durability(),
                 .figures = {{"connections", static_cast<double>(connections_)},
                             {"failures", static_cast<double>(failures_)},
                             {"server_cpu_s", server.cpuUs() / 1e6}}});
    if (failures_ != 0) report_.note("the last failure: " + problem_);
    report_.note(isFlat ? "flat" : "NOT FLAT");
    return isFlat;
  }

  uint64_t minutes_ = 30;
  uint64_t appendsPerSecond_ = 6'000;
  Report report_;
  DataFolder folder_;
  const std::optional<uint32_t> core_;
  ClientLoop clients_;
  Members members_;
  std::vector<Look> looks_;
  uint64_t appends_ = 0;
  uint64_t connections_ = 0;
  uint64_t failures_ = 0;
  std::string problem_;
};

}  // namespace
}  // namespace qpq::bench

int main(int argc, char** argv) {
  try {
    return qpq::bench::SoakBench(argc, argv).run() ? 0 : 1;
  } catch (const kj::Exception& exception) {
    std::fprintf(stderr, "bench_soak: %s\n", exception.getDescription().cStr());
    return 1;
  }
}
