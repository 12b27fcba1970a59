// The structures of logs, and the rules that follow terms from entry to entry. The first byte says which.
#include "read_back.h"
#include "wire/logs/envelope.h"
#include "wire/logs/merkle.h"
#include "wire/logs/readers.h"
#include "wire/logs/receipt.h"
#include "wire/logs/roster.h"
#include "wire/logs/terms.h"

using namespace qpq;
using namespace qpq::wire;
using fuzz::readBack;
using fuzz::require;

namespace {

const LogId kLog{};

void checkEnvelope(ByteView input) {
  bool isEnvelope = readBack<Envelope>(input).has_value();
  auto parsed = LogEnvelope::parse(input, kLog);
  require(isEnvelope || !parsed);
  if (parsed) require((parsed->message() == nullptr) != (parsed->ask() == nullptr));
}

// Entries one after the other, each as {u8 size, Terms}: roster and readers agree about who is there at every step.
// A commit is given the rosterAfter its changes lead to, which no input would find.
void checkHistory(ByteView input) {
  Roster roster{kLog, {}};
  Readers readers;
  for (uint64_t seq = 1; !input.empty(); ++seq) {
    std::size_t size = std::min<std::size_t>(input[0], input.size() - 1);
    auto terms = decode<Terms>(input.subspan(1, size));
    input = input.subspan(1 + size);
    if (!terms) continue;
    auto nextReaders = readers.after(seq, *terms);
    if (auto* commit = std::get_if<CommitTerms>(&terms->body); commit != nullptr && nextReaders) {
      std::vector<RosterEntry> present;
      for (const auto& [device, rights] : nextReaders->devices) {
        if (!rights.end) present.push_back(device);
      }
      commit->rosterAfter = Roster{kLog, present}.hash();
    }
    auto nextRoster = roster.after(*terms);
    require(!nextReaders || nextRoster);
    if (!nextReaders) continue;
    roster = *std::move(nextRoster);
    readers = *std::move(nextReaders);
  }
}

void checkReceipt(ByteView input) {
  auto receipt = readBack<Receipt>(input);
  if (!receipt) return;
  auto root = merkleRoot(merkleLeaf(encode(receipt->leaf)), receipt->index, receipt->size, receipt->path);
  if (root) require(receipt->index < receipt->size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  ByteView input(data + 1, size - 1);
  switch (data[0] % 6) {
    case 0: readBack<Terms>(input); break;
    case 1: checkEnvelope(input); break;
    case 2: readBack<Ask>(input); break;
    case 3: checkReceipt(input); break;
    case 4: readBack<SignedHead>(input); break;
    case 5: checkHistory(input); break;
  }
  return 0;
}
