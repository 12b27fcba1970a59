// What does MLS cost, in CPU time of one core? In suite 1, which other implementations are measured in, and in the
// product's own.
//
// `n` is the number of members. A tree is cold when all its parents are blank but for one path, and warm when every
// member has committed; an operation on a warm tree finds the same tree every time. `tree` says how the ratchet tree
// reaches newcomers: in the Welcome (inline) or beside it (out). `wire` is what goes out, in bytes. `floor` is what the
// signatures and KEM operations of the row cost by themselves on this machine, in microseconds; the reference is the
// goal, and `goal` says whether it is met ("below the floor": by nobody, on any machine). Rows with `threads` are wall
// time.

#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "cpu_time.h"
#include "mls_floors.h"
#include "mls_scene.h"
#include "mls_threads.h"
#include "report.h"
#include "samples.h"

namespace qpq::bench {
namespace {

using namespace mls;
using How = MlsScene::How;
using Sent = MlsScene::Sent;

// Bytes of heap in use, without what the allocator keeps for later.
std::size_t heapInUse() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

std::size_t levelsOf(std::size_t n) { return static_cast<std::size_t>(std::bit_width(n - 1)); }

double cpuUs(const std::function<void()>& operation) {
  double before = processCpuUs();
  operation();
  return processCpuUs() - before;
}

class SuiteBench {
 public:
  SuiteBench(Report& report, const crypto::Suite& suite): report_(report), suite_(suite), scene_(suite) {}

  void run() {
    report_.section(suite_.name);
    floors_ = measureFloors(report_, suite_);
    keyPackage();
    messages();
    for (std::size_t n : sizes({100, 1000})) warm(n);
    cold(sizes({1000}).front());
    for (std::size_t n : sizes({1000, 5000})) bulkAdd(n);
    for (std::size_t n : sizes({1000, 5000, 30'000})) {
      // A Welcome with a post-quantum tree of 30 000 is larger than any message may be.
      if (n < 30'000 || suite_.id == crypto::kSuiteX25519.id) join(n);
    }
    for (unsigned threads : {1U, 2U}) withThreads(sizes({1000}).front(), threads);
  }

 private:
  std::vector<std::size_t> sizes(std::vector<std::size_t> full) const { return report_.pick(std::move(full), {20}); }
  std::size_t rounds(std::size_t full) const { return report_.pick<std::size_t>(full, 2); }

  struct Row {
    Case is;
    Work work{};
    std::size_t wire = 0;
    unsigned threads = 0;  // 0: CPU time
  };
  void add(const Row& row, double value, std::string_view unit, std::size_t operations) {
    Result result{.name = std::string(row.is.name),
                  .n = row.is.n,
                  .operations = operations,
                  .value = value,
                  .unit = unit,
                  .reference = goalOf(row.is, suite_)};
    if (row.is.size != 0) result.size = row.is.size;
    auto key = [&](std::string_view name, std::string text) { result.keys.emplace_back(name, std::move(text)); };
    key("suite", std::to_string(suite_.id));
    if (!row.is.tree.empty()) key("tree", std::string(row.is.tree));
    if (row.threads != 0) key("threads", std::to_string(row.threads));
    if (row.wire != 0) key("wire", std::to_string(row.wire));
    double floor = floors_.of(row.work);
    if (floor > 0) key("floor", std::to_string(std::lround(floor)));
    if (result.reference) {
      double there = referenceFloors(suite_).of(row.work);
      key("goal", std::string(verdict(value, *result.reference, floor, there)));
    }
    report_.add(result);
  }
  // The median of operations that each change the state, so that none can be repeated.
  void addMedian(const Row& row, const std::vector<double>& eachUs) { add(row, median(eachUs), "us", eachUs.size()); }

  void keyPackage() {
    std::size_t wire = scene_.newPackages(1).front().size();
    CpuTime time = cpuTime([&] { keep(scene_.newPackages(1)); }, report_.pick(15, 1), report_.pick(10.0, 1.0));
    // Making the signature key costs as much as a signature.
    add({{"key_package"}, {.signs = 3, .keys = 2}, wire}, time.medianUs, "us", time.operations);
  }

  void messages() {
    auto [alice, bob] = scene_.warmPair(2);
    (void)alice.takeDelta();
    (void)bob.takeDelta();
    for (std::size_t size : {std::size_t{64}, std::size_t{1024}, std::size_t{65'536}}) {
      const Bytes text(size, uint8_t{'x'});
      std::vector<double> protect, unprotect;
      std::size_t wire = 0;
      for (std::size_t i = 0; i < rounds(size > 1024 ? 101 : 1001); ++i) {
        Bytes message;
        protect.push_back(cpuUs([&] { message = alice.protect(text, {}, scene_.random()).value(); }));
        unprotect.push_back(cpuUs([&] { keep(bob.receive(message).value()); }));
        wire = message.size();
      }
      bool large = size > 1024;
      addMedian({{"protect", 2, size}, large ? Work{.largeSigns = 1} : Work{.signs = 1}, wire}, protect);
      addMedian({{"unprotect", 2, size}, large ? Work{.largeVerifies = 1} : Work{.verifies = 1}, wire}, unprotect);
    }
    (void)alice.takeDelta();
    (void)alice.protect(Bytes(64), {}, scene_.random()).value();
    std::size_t bytes = 0;
    for (const RecordChange& change : alice.takeDelta()) {
      bytes += change.key.size() + (change.value ? change.value->size() : 0);
    }
    add({{"delta", 2, 64}}, static_cast<double>(bytes), "bytes", 1);
  }

  void warm(std::size_t n) {
    auto [first, last] = scene_.warmPair(n);
    std::vector<double> commitUs, processUs;
    std::size_t wire = 0;
    for (std::size_t i = 0; i < rounds(21); ++i) {
      Sent sent;
      commitUs.push_back(cpuUs([&] { sent = scene_.commit(first); }));
      processUs.push_back(cpuUs([&] { MlsScene::process(last, sent.commit); }));
      wire = sent.wire();
    }
    std::size_t levels = levelsOf(n);
    addMedian({{"commit_warm", n}, {.signs = 2, .keys = levels + 1, .seals = levels}, wire}, commitUs);
    // The two meet at the root, so one key pair is made.
    addMedian({{"process_warm", n}, {.verifies = 2, .keys = 1, .opens = 1}, wire}, processUs);
    if (n >= 1000 || report_.length() == Report::Length::quick) memory(first, last, n);
    addOne(first.save(), last.save(), n, TreePlace::outOfBand);
    addOne(first.save(), last.save(), n, TreePlace::inlined);
  }

  // Both begin from their records each time: a member added leaves an unmerged leaf, which costs the next commit more.
  void addOne(const std::vector<Record>& first, const std::vector<Record>& last, std::size_t n, TreePlace tree) {
    const std::string_view place = tree == TreePlace::inlined ? "inline" : "out";
    std::vector<double> addUs, processUs;
    Sent sent;
    for (std::size_t i = 0; i < rounds(15); ++i) {
      const std::vector<Bytes> adds = scene_.newPackages(1);
      Group author = Group::load(first).value();
      addUs.push_back(cpuUs([&] { sent = scene_.commit(author, adds, {.tree = tree}); }));
      Group reader = Group::load(last).value();
      processUs.push_back(cpuUs([&] { MlsScene::process(reader, sent.commit); }));
    }
    std::size_t levels = levelsOf(n + 1);
    Work made{.signs = 3, .verifies = 2, .keys = levels + 1, .seals = levels + 1};
    if (tree == TreePlace::inlined) made.signedBytes = sent.welcome->size();
    addMedian({{"add_warm", n, 0, place}, made, sent.wire()}, addUs);
    Work read{.verifies = 4, .keys = 1, .opens = 1};
    addMedian({{"process_add_warm", n, 0, place}, read, sent.commit.size()}, processUs);
  }

  // What one member holds, and what a second epoch beside the first costs: the one a received commit would begin.
  void memory(Group& first, Group& last, std::size_t n) {
    std::vector<Record> records = last.save();
    std::size_t before = heapInUse();
    Group other = Group::load(records).value();
    add({{"heap", n}}, static_cast<double>(heapInUse() - before), "bytes", 1);
    Bytes message = scene_.commit(first).commit;
    before = heapInUse();
    auto staged = other.receive(message).value();
    add({{"snapshot", n}}, static_cast<double>(heapInUse() - before), "bytes", 1);
    MlsScene::process(last, message);
  }

  static Work coldWork(std::size_t n) { return {.signs = 2, .keys = levelsOf(n) + 1, .seals = n - 1}; }
  static Work bulkWork(std::size_t n) {
    return {.signs = 3, .verifies = 2 * (n - 1), .keys = levelsOf(n) + 1, .seals = n - 1};
  }
  static Work joinWork(std::size_t n) { return {.verifies = n + 1, .keys = 2, .opens = 1}; }

  void cold(std::size_t n) {
    Group group = scene_.bulkGroup(n).group;
    std::vector<double> eachUs;
    Sent sent;
    for (std::size_t i = 0; i < rounds(7); ++i) {
      eachUs.push_back(cpuUs([&] { sent = scene_.commit(group); }));
    }
    addMedian({{"commit_cold", n}, coldWork(n), sent.wire()}, eachUs);
  }

  void bulkAdd(std::size_t n) {
    const std::vector<Bytes> adds = scene_.newPackages(n - 1);
    std::vector<double> eachUs;
    Sent sent;
    for (std::size_t i = 0; i < rounds(3); ++i) {
      Group group = scene_.newGroup();
      eachUs.push_back(cpuUs([&] { sent = scene_.commit(group, adds, {.tree = TreePlace::outOfBand}); }));
    }
    addMedian({{"bulk_add", n, 0, "out"}, bulkWork(n), sent.wire()}, eachUs);
  }

  void join(std::size_t n) {
    MlsScene::Bulk bulk = scene_.bulkGroup(n);
    std::vector<double> eachUs;
    for (std::size_t i = 0; i < rounds(n > 5000 ? 3 : 5); ++i) {
      eachUs.push_back(cpuUs([&] { keep(MlsScene::joined(bulk.welcome, bulk.last)); }));
    }
    addMedian({{"join", n, 0, "inline"}, joinWork(n), bulk.welcome.size()}, eachUs);
  }

  // The same through the executor: how much less one waits with a second core.
  void withThreads(std::size_t n, unsigned threads) {
    ThreadExecutor executor(threads);
    How how{.tree = TreePlace::outOfBand, .executor = &executor};
    const std::vector<Bytes> adds = scene_.newPackages(n - 1);
    MlsScene::Person reader = scene_.newPerson();
    MlsScene::Bulk bulk = scene_.bulkGroup(n);
    std::vector<double> addUs, joinUs, coldUs, readUs;
    auto wall = [](const std::function<void()>& operation) {
      double before = wallUs();
      operation();
      return wallUs() - before;
    };
    for (std::size_t i = 0; i < rounds(3); ++i) {
      Group group = scene_.newGroup();
      Group other = MlsScene::joined(*scene_.commit(group, {MlsScene::published(reader)}, {}).welcome, reader);
      Sent sent;
      addUs.push_back(wall([&] { sent = scene_.commit(group, adds, how); }));
      readUs.push_back(wall([&] { MlsScene::process(other, sent.commit, &executor); }));
      joinUs.push_back(wall([&] { keep(MlsScene::joined(bulk.welcome, bulk.last, &executor)); }));
      coldUs.push_back(wall([&] { keep(scene_.commit(bulk.group, {}, how)); }));
    }
    addMedian({{"bulk_add_threads", n, 0, "out"}, bulkWork(n), 0, threads}, addUs);
    addMedian({{"process_bulk_threads", n}, {.verifies = 2 * n, .keys = 1, .opens = 1}, 0, threads}, readUs);
    addMedian({{"join_threads", n, 0, "inline"}, joinWork(n), 0, threads}, joinUs);
    addMedian({{"commit_cold_threads", n}, coldWork(n), 0, threads}, coldUs);
  }

  Report& report_;
  const crypto::Suite& suite_;
  MlsScene scene_;
  Floors floors_;
};

}  // namespace
}  // namespace qpq::bench

int main(int argc, char** argv) {
  qpq::bench::Report report("mls", argc, argv);
  qpq::bench::SuiteBench(report, qpq::crypto::kSuiteX25519).run();
  qpq::bench::SuiteBench(report, qpq::crypto::kProductSuite).run();
}
