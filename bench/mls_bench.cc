// What does MLS cost, in CPU time of one core? In suite 1, which other implementations are measured in, and in the
// product's own. Everything crosses as bytes, so encoding and decoding are inside; randomness is the system's.
//
// `n` is the number of members. A tree is cold when all its parents are blank but for one path, and warm when every
// member has committed. `tree` says how the ratchet tree reaches newcomers: in the Welcome (inline) or beside it (out).
// `wire` is what goes out, in bytes. The first rows are the floors: what the signatures and key agreements alone cost.

#include <malloc.h>

#include <algorithm>
#include <format>
#include <functional>
#include <string>

#include "cpu_time.h"
#include "crypto/ed25519.h"
#include "crypto/hash.h"
#include "crypto/suite.h"
#include "crypto/system_random.h"
#include "crypto/x25519.h"
#include "mls/group/group.h"
#include "report.h"

namespace qpq::bench {
namespace {

using namespace mls;

constexpr Instant kNow{1'700'000'000'000};
constexpr uint64_t kNowSeconds = kNow.unixMs / kSecondMs;

// Bytes of heap in use, without what the allocator keeps for later.
std::size_t heapInUse() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

class SuiteBench {
 public:
  SuiteBench(Report& report, const crypto::Suite& suite): report_(report), suite_(suite) {}

  void run() {
    report_.section(suite_.name);
    keyPackage();
    messages();
    for (std::size_t n : report_.pick<std::vector<std::size_t>>({100, 1000}, {20})) warm(n);
    cold(report_.pick<std::size_t>(1000, 20));
    for (std::size_t n : report_.pick<std::vector<std::size_t>>({1000, 5000}, {20})) bulkAdd(n);
    for (std::size_t n : report_.pick<std::vector<std::size_t>>({1000, 5000, 30'000}, {20})) {
      // A Welcome with a post-quantum tree of 30 000 is larger than any message may be.
      if (n < 30'000 || suite_.id == crypto::kSuiteX25519.id) join(n);
    }
  }

 private:
  struct Person {
    crypto::SignatureKeyPair signer;
    NewKeyPackage package;
  };

  Credential credential() { return {BasicCredential{toBytes(asBytes("member " + std::to_string(++people_)))}}; }
  Capabilities capabilities() const {
    return {.versions = {ProtocolVersion::mls10},
            .cipherSuites = {CipherSuiteId{suite_.id}},
            .credentials = {CredentialType::basic}};
  }

  Person newPerson() {
    auto signer = crypto::generateSignatureKey(suite_.signature, random_);
    auto package = createKeyPackage(suite_, signer,
                                    {.credential = credential(),
                                     .capabilities = capabilities(),
                                     .lifetime = {kNowSeconds - 3600, kNowSeconds + 30 * 24 * 3600}},
                                    random_);
    return {std::move(signer), std::move(package).value()};
  }
  Group newGroup() {
    auto signer = crypto::generateSignatureKey(suite_.signature, random_);
    return Group::create(
               suite_, signer,
               {.groupId = toBytes(asBytes("a group")), .credential = credential(), .capabilities = capabilities()},
               random_)
        .value();
  }

  static Bytes published(const Person& person) { return encode(MLSMessage{.message = {person.package.keyPackage}}); }
  VerifiedKeyPackage verified(ByteView keyPackage) const {
    auto message = decode<MLSMessage>(keyPackage).value();
    return VerifiedKeyPackage::check(*message.as<KeyPackage>(), suite_, kNow).value();
  }

  struct Sent {
    Bytes commit;
    std::optional<Bytes> welcome;
    std::size_t wire() const { return commit.size() + (welcome ? welcome->size() : 0); }
  };
  // Makes the commit and begins its epoch.
  Sent commit(Group& group, const std::vector<Bytes>& adds = {}, TreePlace tree = TreePlace::inlined) {
    CommitPlan plan;
    for (const Bytes& keyPackage : adds) plan.adds.push_back(verified(keyPackage));
    CommitOptions options{.authenticatedData = {}, .groupInfoExtensions = {}};
    options.tree = tree;
    const PendingCommit* pending = group.commit(plan, std::move(options), random_).value();
    Sent sent{pending->message(), pending->welcome()};
    group.merge(crypto::Hash32(pending->digest())).value();
    return sent;
  }
  static void process(Group& group, const Bytes& commit) {
    auto received = group.receive(commit).value();
    group.apply(std::get<StagedCommit>(std::move(received))).value();
  }
  static Group joined(const Bytes& welcome, const Person& person) {
    auto message = decode<MLSMessage>(welcome).value();
    return Group::join(*message.as<Welcome>(), person.package.keyPackage, person.package.privateKeys,
                       person.signer.privateKey.expose(), {})
        .value()
        .group;
  }

  // Each member adds the next, and the first follows: in the end every parent has a key.
  struct Pair {
    Group first, last;
  };
  Pair warmPair(std::size_t n) {
    Group first = newGroup();
    Person person = newPerson();
    Group last = joined(*commit(first, {published(person)}).welcome, person);
    for (std::size_t members = 2; members < n; ++members) {
      Person next = newPerson();
      Sent sent = commit(last, {published(next)});
      process(first, sent.commit);
      last = joined(*sent.welcome, next);
    }
    return {std::move(first), std::move(last)};
  }
  // Added in as few commits as can be; the last by itself, so that there is a Welcome for one.
  struct Bulk {
    Group group;
    Person last;
    Bytes welcome;
  };
  Bulk bulkGroup(std::size_t n) {
    constexpr std::size_t kAddsMax = 10'000;
    Group group = newGroup();
    for (std::size_t left = n - 2; left > 0;) {
      std::vector<Bytes> adds(std::min(left, kAddsMax));
      for (Bytes& keyPackage : adds) keyPackage = published(newPerson());
      commit(group, adds, TreePlace::outOfBand);
      left -= adds.size();
    }
    Person last = newPerson();
    Bytes welcome = *commit(group, {published(last)}).welcome;
    return {std::move(group), std::move(last), std::move(welcome)};
  }

  struct Row {
    std::string name;
    std::size_t n = 1;
    std::optional<std::size_t> size{};
    std::string_view tree{};
    std::size_t wire = 0;
  };
  void add(const Row& row, double value, std::string_view unit, std::size_t operations) {
    Result result{.name = row.name, .n = row.n, .operations = operations, .value = value, .unit = unit};
    if (row.size) result.size = *row.size;
    result.keys.emplace_back("suite", std::to_string(suite_.id));
    if (!row.tree.empty()) result.keys.emplace_back("tree", row.tree);
    if (row.wire != 0) result.keys.emplace_back("wire", std::to_string(row.wire));
    report_.add(result);
  }
  // The median of operations that each change the state, so that none can be repeated.
  void addMedian(const Row& row, std::vector<double> eachUs) {
    std::ranges::nth_element(eachUs, eachUs.begin() + static_cast<std::ptrdiff_t>(eachUs.size() / 2));
    add(row, eachUs[eachUs.size() / 2], "us", eachUs.size());
  }
  std::size_t rounds(std::size_t full) const { return report_.pick<std::size_t>(full, 2); }

  void keyPackage() {
    std::size_t wire = published(newPerson()).size();
    CpuTime time = cpuTime([&] { keep(published(newPerson())); }, report_.pick(15, 1), report_.pick(10.0, 1.0));
    add({.name = "key_package", .wire = wire}, time.medianUs, "us", time.operations);
  }

  void messages() {
    auto [alice, bob] = warmPair(2);
    (void)alice.takeDelta();
    (void)bob.takeDelta();
    for (std::size_t size : {std::size_t{64}, std::size_t{1024}, std::size_t{65'536}}) {
      const Bytes text(size, uint8_t{'x'});
      std::vector<double> protect, unprotect;
      std::size_t wire = 0;
      for (std::size_t i = 0; i < rounds(size > 1024 ? 101 : 1001); ++i) {
        Bytes message;
        protect.push_back(cpuUs([&] { message = alice.protect(text, {}, random_).value(); }));
        unprotect.push_back(cpuUs([&] { keep(bob.receive(message).value()); }));
        wire = message.size();
      }
      addMedian({.name = "protect", .n = 2, .size = size, .wire = wire}, std::move(protect));
      addMedian({.name = "unprotect", .n = 2, .size = size, .wire = wire}, std::move(unprotect));
    }
    (void)alice.takeDelta();
    (void)alice.protect(Bytes(64), {}, random_).value();
    std::size_t bytes = 0;
    for (const RecordChange& change : alice.takeDelta()) {
      bytes += change.key.size() + (change.value ? change.value->size() : 0);
    }
    add({.name = "delta", .n = 2, .size = 64}, static_cast<double>(bytes), "bytes", 1);
  }

  void warm(std::size_t n) {
    auto [first, last] = warmPair(n);
    std::vector<double> commitUs, processUs;
    std::size_t wire = 0;
    for (std::size_t i = 0; i < rounds(21); ++i) {
      Sent sent;
      commitUs.push_back(cpuUs([&] { sent = commit(first); }));
      processUs.push_back(cpuUs([&] { process(last, sent.commit); }));
      wire = sent.wire();
    }
    addMedian({.name = "commit_warm", .n = n, .wire = wire}, std::move(commitUs));
    addMedian({.name = "process_warm", .n = n, .wire = wire}, std::move(processUs));
    if (n >= 1000 || report_.length() == Report::Length::quick) memory(first, last, n);
    addOne(first, last, n, TreePlace::outOfBand);
    addOne(first, last, n, TreePlace::inlined);
  }

  void addOne(Group& first, Group& last, std::size_t n, TreePlace tree) {
    const std::string_view place = tree == TreePlace::inlined ? "inline" : "out";
    std::vector<double> addUs, processUs;
    Sent sent;
    for (std::size_t i = 0; i < rounds(11); ++i) {
      const std::vector<Bytes> adds{published(newPerson())};
      addUs.push_back(cpuUs([&] { sent = commit(first, adds, tree); }));
      processUs.push_back(cpuUs([&] { process(last, sent.commit); }));
    }
    addMedian({.name = "add_warm", .n = n, .tree = place, .wire = sent.wire()}, std::move(addUs));
    addMedian({.name = "process_add_warm", .n = n, .tree = place, .wire = sent.commit.size()}, std::move(processUs));
  }

  // What one member holds, and what a second epoch beside the first costs: the one a received commit would begin.
  void memory(Group& first, Group& last, std::size_t n) {
    std::vector<Record> records = last.save();
    std::size_t before = heapInUse();
    Group other = Group::load(records).value();
    add({.name = "heap", .n = n}, static_cast<double>(heapInUse() - before), "bytes", 1);
    Bytes message = commit(first).commit;
    before = heapInUse();
    auto staged = other.receive(message).value();
    add({.name = "snapshot", .n = n}, static_cast<double>(heapInUse() - before), "bytes", 1);
    process(last, message);
  }

  void cold(std::size_t n) {
    Group group = bulkGroup(n).group;
    std::vector<double> eachUs;
    Sent sent;
    for (std::size_t i = 0; i < rounds(7); ++i) {
      eachUs.push_back(cpuUs([&] { sent = commit(group); }));
    }
    addMedian({.name = "commit_cold", .n = n, .wire = sent.wire()}, std::move(eachUs));
  }

  void bulkAdd(std::size_t n) {
    std::vector<Bytes> adds(n - 1);
    for (Bytes& keyPackage : adds) keyPackage = published(newPerson());
    std::vector<double> eachUs;
    Sent sent;
    for (std::size_t i = 0; i < rounds(3); ++i) {
      Group group = newGroup();
      eachUs.push_back(cpuUs([&] { sent = commit(group, adds, TreePlace::outOfBand); }));
    }
    addMedian({.name = "bulk_add", .n = n, .tree = "out", .wire = sent.wire()}, std::move(eachUs));
  }

  void join(std::size_t n) {
    Bulk bulk = bulkGroup(n);
    std::vector<double> eachUs;
    for (std::size_t i = 0; i < rounds(n > 5000 ? 3 : 5); ++i) {
      eachUs.push_back(cpuUs([&] { keep(joined(bulk.welcome, bulk.last)); }));
    }
    addMedian({.name = "join", .n = n, .tree = "inline", .wire = bulk.welcome.size()}, std::move(eachUs));
  }

  static double cpuUs(const std::function<void()>& operation) {
    double before = processCpuUs();
    operation();
    return processCpuUs() - before;
  }

  Report& report_;
  const crypto::Suite& suite_;
  crypto::SystemRandom random_;
  uint64_t people_ = 0;
};

void floors(Report& report) {
  crypto::SystemRandom random;
  Secret<32> key = random.secret<32>();
  const crypto::Ed25519Key signer(key);
  const crypto::X25519PublicKey peer = crypto::x25519PublicKey(random.secret<32>());
  const Bytes message(64);
  const crypto::Ed25519Signature signature = signer.sign(message);
  report.section("floors");
  auto measure = [&](std::string name, const std::function<void()>& operation) {
    CpuTime time = cpuTime(operation, report.pick(15, 1), report.pick(10.0, 1.0));
    report.add(
        {.name = std::move(name), .operations = time.operations, .size = 64, .value = time.medianUs, .unit = "us"});
  };
  measure("floor: Ed25519 sign", [&] { keep(signer.sign(message)); });
  measure("floor: Ed25519 verify", [&] { keep(crypto::verifyEd25519(signer.publicKey(), message, signature)); });
  measure("floor: X25519", [&] { keep(crypto::x25519(key, peer)); });
  measure("floor: X25519 public key", [&] { keep(crypto::x25519PublicKey(key)); });
  measure("floor: SHA-256", [&] { keep(crypto::sha256(message)); });
}

}  // namespace
}  // namespace qpq::bench

int main(int argc, char** argv) {
  qpq::bench::Report report("mls", argc, argv);
  qpq::bench::floors(report);
  qpq::bench::SuiteBench(report, qpq::crypto::kSuiteX25519).run();
  qpq::bench::SuiteBench(report, qpq::crypto::kProductSuite).run();
}
