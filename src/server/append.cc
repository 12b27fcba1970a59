#include "server/append.h"

#include <kj/debug.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "server/entry_effects.h"
#include "wire/limits.h"
#include "wire/logs/admission.h"
#include "wire/logs/envelope.h"
#include "wire/logs/readers.h"
#include "wire/logs/roster.h"

namespace qpq::server {

namespace {

using Refusal = std::optional<AppendOutcome>;  // nothing: go on
using wire::ErrorCode;

Malformed malformed(const wire::Error& error) { return {std::string(wire::name(error.code))}; }

// The id of an envelope that breaks some rule: a repetition is known by it whatever else the bytes hold.
std::optional<EntryId> idOf(ByteView encoded) {
  auto envelope = decode<wire::Envelope>(encoded);
  if (!envelope) return std::nullopt;
  if (const auto* ask = envelope->as<wire::Ask>()) return ask->tbs.terms.id;
  const auto* outer = envelope->as<mls::MLSMessage>();
  const auto* message = outer == nullptr ? nullptr : outer->as<mls::PrivateMessage>();
  if (message == nullptr) return std::nullopt;
  auto terms = decode<wire::Terms>(message->authenticatedData);
  if (!terms) return std::nullopt;
  return terms->id;
}

// One append on its way through the checks.
class Append {
 public:
  Append(Write& write, const AppendRequest& request): write_(write), request_(request) {}

  store::Result<AppendOutcome> run();

 private:
  store::Result<Refusal> repeatedUpload();
  store::Result<Refusal> loadUploads();
  store::Result<bool> isUploaded(const Uploaded& named);
  store::Result<Refusal> repeated(const std::optional<wire::LogEnvelope>& envelope);
  Refusal checkSizes() const;
  store::Result<Refusal> checkSender();
  Refusal checkRefilled() const;
  store::Result<Refusal> checkPlace();
  store::Result<Refusal> checkAdded();
  Refusal checkExtras() const;
  Refusal checkLimits();
  store::Result<AppendOutcome> store();
  store::Result<void> letGo(const Uploaded& named);

  const wire::Terms& terms() const { return envelope_->terms(); }
  uint64_t envelopeSize() const {
    return request_.uploadedEnvelope ? request_.uploadedEnvelope->size : encoded_.size();
  }
  // Nothing: none.
  std::optional<uint64_t> welcomeSize() const {
    if (request_.uploadedWelcome) return request_.uploadedWelcome->size;
    return request_.welcome.empty() ? std::nullopt : std::optional(request_.welcome.size());
  }

  Write& write_;
  const AppendRequest& request_;
  Bytes loaded_;      // the uploaded envelope
  ByteView encoded_;  // the envelope, wherever it came from
  std::optional<store::Log> log_;
  std::optional<wire::LogEnvelope> envelope_;
  wire::Readers readersAfter_;  // of the devices the terms change
};

store::Result<AppendOutcome> Append::run() {
  log_ = TRY(write_.tables.logs.find(request_.log));
  if (auto answer = TRY(repeatedUpload())) return *std::move(answer);
  if (auto refused = TRY(loadUploads())) return *std::move(refused);
  auto parsed = wire::LogEnvelope::parse(encoded_, request_.log);
  if (parsed) envelope_ = *parsed;
  if (auto answer = TRY(repeated(envelope_))) return *std::move(answer);
  if (auto refused = checkSizes()) return *std::move(refused);
  if (!parsed) return malformed(parsed.error());
  // Whether a log exists is its members' business.
  if (!log_) return NotOnRoster{0};
  if (auto refused = TRY(checkSender())) return *std::move(refused);
  if (log_->successor) return Gone{*log_->successor};
  if (auto refused = checkRefilled()) return *std::move(refused);
  if (auto refused = TRY(checkPlace())) return *std::move(refused);
  if (auto refused = TRY(checkAdded())) return *std::move(refused);
  if (auto refused = checkExtras()) return *std::move(refused);
  if (auto refused = checkLimits()) return *std::move(refused);
  return store();
}

// An entry has taken over what it was made of, so the name alone must be known again.
store::Result<Refusal> Append::repeatedUpload() {
  if (!log_ || !request_.uploadedEnvelope) return std::nullopt;
  auto mark = TRY(write_.tables.logs.markOfLarge(log_->key, request_.uploadedEnvelope->hash));
  if (!mark) return std::nullopt;
  return Refusal(Appended{write_.attest(mark->leaf(write_.incarnation, log_->id))});
}

store::Result<bool> Append::isUploaded(const Uploaded& named) {
  auto holding = TRY(write_.tables.holdings.find(request_.sender.account, request_.log, named.hash));
  return holding && holding->complete && holding->size == named.size;
}

// In memory for the checks alone, one append at a time.
store::Result<Refusal> Append::loadUploads() {
  const auto& envelope = request_.uploadedEnvelope;
  const auto& welcome = request_.uploadedWelcome;
  if (envelope && !request_.envelope.empty()) return Refusal(Malformed{"an envelope is given or named, not both"});
  if (welcome && !request_.welcome.empty()) return Refusal(Malformed{"a Welcome is given or named, not both"});
  if (envelope && !TRY(isUploaded(*envelope))) return Refusal(NotUploaded());
  if (welcome && !TRY(isUploaded(*welcome))) return Refusal(NotUploaded());
  encoded_ = request_.envelope;
  if (!envelope) return Refusal();
  // Up to 16 MiB are read, hashed and parsed here, where everyone else's entries wait: it counts before it is looked
  // at.
  uint64_t afterMs = write_.rates.append.commits.take(encode(request_.sender), write_.now);
  if (afterMs != 0) return Refusal(TooOften{afterMs});
  auto bytes = write_.files.read(envelope->hash, envelope->size);
  if (!bytes || crypto::sha256(*bytes) != envelope->hash) {
    // The disk has lost it. It must be brought again, so nothing may say that it is here.
    auto path = kj::str(write_.files.pathOf(envelope->hash).c_str());
    KJ_LOG(ERROR, "an uploaded file is damaged or gone", path);
    TRY(letGo(*envelope));
    return Refusal(NotUploaded());
  }
  loaded_ = *std::move(bytes);
  encoded_ = loaded_;
  return Refusal();
}

// "The first receipt": the same leaf, under a signature of today.
store::Result<Refusal> Append::repeated(const std::optional<wire::LogEnvelope>& envelope) {
  if (!log_) return std::nullopt;
  auto id = envelope ? std::optional(envelope->terms().id) : idOf(encoded_);
  if (!id) return std::nullopt;
  auto mark = TRY(write_.tables.logs.markOf(log_->key, *id));
  if (!mark) return std::nullopt;
  return Refusal(Appended{write_.attest(mark->leaf(write_.incarnation, log_->id))});
}

// What is larger than this has to be uploaded first.
Refusal Append::checkSizes() const {
  std::size_t size = std::max(request_.envelope.size(), request_.welcome.size());
  if (size > wire::kInlineSizeMax) return TooLarge{wire::kInlineSizeMax};
  return std::nullopt;
}

store::Result<Refusal> Append::checkSender() {
  const wire::RosterEntry& device = request_.sender;
  auto rights = TRY(write_.tables.rights.find(log_->key, device));
  wire::Appender appender{
      .device = device,
      .certificate = {},
      .isFounder = log_->pair ? log_->pair->holds(device.account) : log_->creator == device.account,
      .isOnRoster = rights && !rights->end,
      .accountIsOnRoster = false,
  };
  if (envelope_->ask() != nullptr) {
    appender.accountIsOnRoster = TRY(write_.tables.rights.holdsAccount(log_->key, device.account));
    appender.certificate = TRY(write_.tables.accounts.certificate(device)).value_or(wire::Certificate());
  }
  auto checked = wire::checkSender(*envelope_, appender, log_->newest.commits);
  if (checked) return std::nullopt;
  if (checked.error().code != ErrorCode::senderNotOnRoster) return Refusal(malformed(checked.error()));
  return Refusal(NotOnRoster{rights && rights->end ? *rights->end : 0});
}

// What a restored log lacks must come first: an entry in its place would push it out for good.
Refusal Append::checkRefilled() const {
  uint64_t leftMs = write_.refillWindow.leftMs(write_.now);
  if (log_->newest.seq == 0 || leftMs == 0) return std::nullopt;
  return TooOften{leftMs};
}

// commitsSeen on every kind; then the roster a commit believes in, change by change and as a whole.
store::Result<Refusal> Append::checkPlace() {
  Conflict conflict{log_->newest.commits, log_->newest.seq};
  if (!wire::checkCommitsSeen(terms(), log_->newest.commits)) return Refusal(conflict);
  if (terms().commit() != nullptr) {
    wire::Roster before = TRY(write_.tables.rights.roster(*log_));
    if (!before.after(terms())) return Refusal(conflict);
  }
  wire::Readers before = TRY(readersAmong(write_, log_->key, devicesIn(terms())));
  auto after = before.after(log_->newest.seq + 1, terms());
  // The roster agreed, so what is left is a device `restored` to rights it never had: nothing reading on would mend.
  if (!after) return Refusal(malformed(after.error()));
  readersAfter_ = *std::move(after);
  return std::nullopt;
}

store::Result<Refusal> Append::checkAdded() {
  const wire::CommitTerms* commit = terms().commit();
  if (commit == nullptr) return std::nullopt;
  for (const wire::RosterEntry& added : commit->added) {
    auto list = TRY(write_.tables.accounts.deviceList(added.account));
    if (!list) return Refusal(UnknownDevice{});
    const wire::ListedDevice* listed = list->tbs.devices.find(added.device);
    bool active = listed != nullptr && listed->state == wire::DeviceState::active;
    bool ofPair = !log_->pair || log_->pair->holds(added.account);
    if (!active || !ofPair) return Refusal(UnknownDevice{encode(*list)});
  }
  return std::nullopt;
}

// What comes beside the envelope.
Refusal Append::checkExtras() const {
  if (auto checked = wire::checkWelcome(terms(), request_.sender, welcomeSize()); !checked) {
    return malformed(checked.error());
  }
  if (request_.tokenHash.empty()) return std::nullopt;
  if (terms().commit() == nullptr) return Malformed{"tokenHash comes with a commit"};
  if (request_.tokenHash.size() != sizeof(wire::Hash)) return Malformed{"tokenHash is 32 bytes"};
  return std::nullopt;
}

Refusal Append::checkLimits() {
  Instant now = write_.now;
  AppendRates& rates = write_.rates.append;
  // Account and device: ids of devices are their owners' choice, and one must not spend what is another's.
  const Bytes device = encode(request_.sender);
  const Bytes deviceInLog = concat({log_->id.view(), device});
  bool isCommit = terms().commit() != nullptr;
  if (!request_.uploadedEnvelope) {
    if (uint64_t afterMs = (isCommit ? rates.commits : rates.messages).take(device, now)) return TooOften{afterMs};
  }
  if (envelope_->ask() != nullptr) {
    if (uint64_t afterMs = rates.asks.take(deviceInLog, now)) return TooOften{afterMs};
  }
  if (!isCommit) {
    if (uint64_t afterMs = rates.entries.take(deviceInLog, now)) return TooOften{afterMs};
  }
  uint64_t size = envelopeSize() + welcomeSize().value_or(0);
  if (isCommit) {
    // Never refused for space: a group must always be able to remove someone.
    rates.bytes.drain(deviceInLog, now, size);
  } else if (rates.bytes.take(deviceInLog, now, size) != 0) {
    return QuotaFull{kLogBytesPerDeviceAndDay, rates.bytes.used(deviceInLog, now)};
  }
  return std::nullopt;
}

// It is held for this append no more.
store::Result<void> Append::letGo(const Uploaded& named) {
  auto holding = TRY(write_.tables.holdings.find(request_.sender.account, request_.log, named.hash));
  if (holding) TRY(write_.tables.holdings.drop(holding->key));
  write_.mayBeUnnamed(named.hash);
  return {};
}

store::Result<AppendOutcome> Append::store() {
  const auto& uploaded = request_.uploadedWelcome;
  wire::Hash welcomeHash = wire::noWelcome();
  if (welcomeSize()) welcomeHash = uploaded ? uploaded->hash : crypto::sha256(request_.welcome);
  store::NewEntry entry{
      .link = {.seq = log_->newest.seq + 1,
               .kind = terms().kind(),
               .id = terms().id,
               .envelope = envelope_->hash(),
               .welcome = welcomeHash},
      .place = {},
      .timeMs = write_.now.unixMs,
      .envelope = ByteView(encoded_),
      .welcome = std::nullopt,
  };
  if (request_.uploadedEnvelope) entry.envelope = store::LargePart{request_.uploadedEnvelope->size};
  if (welcomeSize()) entry.welcome = ByteView(request_.welcome);
  if (uploaded) entry.welcome = store::LargePart{uploaded->size};
  // The next number by construction, so the chain takes it.
  entry.place = log_->newest.after(entry.link).value();
  TRY(write_.tables.logs.append(*log_, entry));
  if (request_.uploadedEnvelope) TRY(letGo(*request_.uploadedEnvelope));
  if (uploaded) TRY(letGo(*uploaded));
  if (!request_.tokenHash.empty()) TRY(write_.tables.logs.setAppendToken(log_->key, request_.tokenHash));
  TRY(moveRights(write_, log_->key, terms(), readersAfter_));
  write_.news.logs.push_back(log_->id);
  return Appended{write_.attest({write_.incarnation, log_->id, entry.place.seq, entry.link.id, entry.link.envelope,
                                 entry.place.head, entry.place.commits, entry.timeMs})};
}

}  // namespace

store::Result<AppendOutcome> append(Write& write, const AppendRequest& request) { return Append(write, request).run(); }

}  // namespace qpq::server
