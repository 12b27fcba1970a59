#include <kj/debug.h>

#include "server/limits.h"
#include "server/rpc/capabilities.h"
#include "server/rpc/convert.h"

namespace qpq::server::rpc {

namespace {

constexpr kj::StringPtr kBadLog = "log: 16 bytes"_kj;

void setOutcome(schema::Create::Builder out, const CreateOutcome& outcome) {
  std::visit(Overloaded{
                 [&](Created) { out.setCreated(); },
                 [&](LogTaken) { out.setTaken(); },
                 [&](LogLimit limit) { out.setLimit(limit.perDay); },
             },
             outcome);
}

void setOutcome(schema::OpenDirect::Builder out, const DirectOutcome& outcome) {
  std::visit(Overloaded{
                 [&](const OpenedDirect& opened) { out.setLog(dataOf(opened.log.view())); },
                 [&](NoSuchPartner) { out.setUnknownAccount(); },
                 [&](TooOften often) { out.setRate(often.afterMs); },
             },
             outcome);
}

void setOutcome(schema::Append::Builder out, const AppendOutcome& outcome) {
  std::visit(Overloaded{
                 [&](const Appended& appended) {
                   Bytes receipt = encode(*appended.receipt);
                   out.setReceipt(dataOf(receipt));
                 },
                 [&](Conflict conflict) {
                   auto group = out.initConflict();
                   group.setCommits(conflict.commits);
                   group.setSeq(conflict.seq);
                 },
                 [&](const UnknownDevice& unknown) { out.setUnknownDevice(dataOf(unknown.deviceList)); },
                 [&](NotOnRoster off) { out.setNotOnRoster(off.endedAt); },
                 [&](const Gone& gone) { out.setGone(dataOf(gone.successor.view())); },
                 [&](QuotaFull full) {
                   auto group = out.initQuota();
                   group.setLimit(full.limit);
                   group.setUsed(full.used);
                 },
                 [&](TooOften often) { out.setRate(often.afterMs); },
                 [&](TooLarge large) { out.setTooLarge(large.limit); },
                 [&](const Malformed& malformed) { out.setMalformed(text(malformed.what)); },
                 [&](NotUploaded) { out.setNotUploaded(); },
             },
             outcome);
}

void setOutcome(schema::Read::Builder out, const ReadOutcome& outcome) {
  std::visit(Overloaded{
                 [&](const Page& page) { setPage(out.initPage(), page); },
                 [&](const Pruned& pruned) {
                   Bytes record = encode(pruned.record);
                   out.setPruned(dataOf(record));
                 },
                 [&](NoRights) { out.setNotOnRoster(); },
             },
             outcome);
}

void setEntry(schema::IndexEntry::Builder out, const IndexedLog& entry) {
  out.setChange(entry.change);
  out.setLog(dataOf(entry.log.view()));
  out.setRightsFrom(entry.rightsFrom);
  out.setRightsEnd(entry.rightsEnd);
  out.setHasRights(entry.hasRights);
  if (entry.direct) out.setDirect(dataOf(entry.direct->view()));
  if (entry.successor) out.setSuccessor(dataOf(entry.successor->view()));
}

std::optional<RefilledEntry> entryOf(schema::Entry::Reader entry) {
  auto kind = static_cast<wire::EntryKind>(entry.getKind());
  auto id = idOf<EntryId>(entry.getId());
  auto hash = idOf<wire::Hash>(entry.getWelcomeHash());
  if (!wire::isKnown(kind) || !id || (entry.getWelcomeHash().size() != 0 && !hash)) return std::nullopt;
  return RefilledEntry{entry.getSeq(), kind, *id, bytesOf(entry.getEnvelope()), hash, bytesOf(entry.getWelcome())};
}

std::optional<RefillRequest> refillOf(const AccountId& account, schema::Logs::RefillParams::Reader in) {
  auto log = idOf<LogId>(in.getLog());
  auto partner = idOf<AccountId>(in.getPartner());
  auto receipt = decode<wire::Receipt>(viewOf(in.getReceipt()));
  bool badPartner = in.getPartner().size() != 0 && !partner;
  if (!log || badPartner || !receipt || in.getEntries().size() > kReadEntriesMax) return std::nullopt;
  RefillRequest request{account, *log, partner, {}, *std::move(receipt)};
  for (auto entry : in.getEntries()) {
    auto parsed = entryOf(entry);
    if (!parsed) return std::nullopt;
    request.entries.push_back(*std::move(parsed));
  }
  return request;
}

// What a call names as uploaded; nothing if it names nothing. False: what it names cannot be.
bool readNamed(schema::Uploaded::Reader in, std::optional<Uploaded>& out) {
  if (in.getHash().size() == 0 && in.getLength() == 0) return true;
  out = uploadedOf(in.getHash(), in.getLength());
  return out.has_value();
}

AppendEnd endOf(const AppendOutcome& outcome) {
  if (std::holds_alternative<Appended>(outcome)) return AppendEnd::stored;
  if (std::holds_alternative<Conflict>(outcome)) return AppendEnd::conflict;
  bool limited = std::holds_alternative<TooOften>(outcome) || std::holds_alternative<QuotaFull>(outcome);
  return limited ? AppendEnd::limited : AppendEnd::refused;
}

class LogsServer final: public schema::Logs::Server {
 public:
  LogsServer(Services& services, kj::Own<Session> session): services_(services), session_(kj::mv(session)) {}

  kj::Promise<void> create(CreateContext context) override {
    session_->requireLive();
    auto log = idOf<LogId>(context.getParams().getLog());
    if (!log) {
      context.getResults().initOutcome().setMalformed(kBadLog);
      co_return;
    }
    auto outcome = available(co_await services_.logs.create(session_->account(), *log));
    setOutcome(context.getResults().initOutcome(), outcome);
  }

  kj::Promise<void> openDirect(OpenDirectContext context) override {
    session_->requireLive();
    auto in = context.getParams();
    auto other = idOf<AccountId>(in.getAccount());
    auto replaces = idOf<LogId>(in.getReplaces());
    if (!other || (in.getReplaces().size() != 0 && !replaces)) {
      context.getResults().initOutcome().setMalformed("account, replaces: 16 bytes");
      co_return;
    }
    auto outcome = counted(services_.observer,
                           available(co_await services_.logs.openDirect(session_->account(), *other, replaces)));
    setOutcome(context.getResults().initOutcome(), outcome);
  }

  kj::Promise<void> append(AppendContext context) override {
    session_->requireLive();
    auto in = context.getParams();
    auto log = idOf<LogId>(in.getLog());
    if (!log) {
      context.getResults().initOutcome().setMalformed(kBadLog);
      co_return;
    }
    AppendRequest request{session_->device(), *log, bytesOf(in.getEnvelope()), bytesOf(in.getWelcome()),
                          bytesOf(in.getTokenHash())};
    if (!readNamed(in.getUploadedEnvelope(), request.uploadedEnvelope) ||
        !readNamed(in.getUploadedWelcome(), request.uploadedWelcome)) {
      context.getResults().initOutcome().setMalformed(kBadHash);
      co_return;
    }
    context.releaseParams();
    std::size_t bytes = request.envelope.size() + request.welcome.size();
    for (const auto& named : {request.uploadedEnvelope, request.uploadedWelcome}) bytes += named ? named->size : 0;
    auto begun = services_.timer.now();
    auto answer = co_await services_.logs.append(std::move(request));
    services_.observer.appended(answer ? endOf(*answer) : AppendEnd::unavailable, bytes, services_.timer.now() - begun);
    auto outcome = counted(services_.observer, available(std::move(answer)));
    setOutcome(context.getResults().initOutcome(), outcome);
  }

  kj::Promise<void> put(PutContext context) override {
    session_->requireLive();
    auto in = context.getParams();
    auto log = idOf<LogId>(in.getLog());
    auto announced = uploadedOf(in.getHash(), in.getLength());
    if (!log || !announced) {
      context.getResults().initOutcome().setMalformed(log ? kBadHash : kBadLog);
      co_return;
    }
    auto answer = co_await services_.bulk.putForLog(kj::addRef(*session_), *log, *announced);
    setUpload(context.getResults().initOutcome(), counted(services_.observer, available(std::move(answer))));
  }

  kj::Promise<void> get(GetContext context) override {
    session_->requireLive();
    auto in = context.getParams();
    auto log = idOf<LogId>(in.getLog());
    if (!log) {
      context.getResults().initOutcome().setMalformed(kBadLog);
      co_return;
    }
    auto part = in.getPart() == schema::Part::WELCOME ? store::BodyPart::welcome : store::BodyPart::envelope;
    auto answer = co_await services_.bulk.getBody(kj::addRef(*session_), *log, in.getSeq(), part, in.getOffset());
    setDownload(context.getResults().initOutcome(), counted(services_.observer, available(std::move(answer))));
  }

  kj::Promise<void> read(ReadContext context) override {
    session_->requireLive();
    auto in = context.getParams();
    auto log = idOf<LogId>(in.getLog());
    if (!log) {
      context.getResults().initOutcome().setMalformed(kBadLog);
      co_return;
    }
    ReadRequest request{session_->device(), *log, in.getAfter(), in.getEntriesMax(), in.getBytesMax()};
    auto outcome = available(co_await services_.logs.read(request));
    services_.observer.pageRead();
    session_->requireLive();
    setOutcome(context.getResults().initOutcome(), outcome);
  }

  kj::Promise<void> head(HeadContext context) override {
    session_->requireLive();
    auto log = idOf<LogId>(context.getParams().getLog());
    uint64_t at = context.getParams().getAt();
    auto out = context.getResults().initOutcome();
    if (!log) {
      out.setMalformed(kBadLog);
      co_return;
    }
    auto outcome = available(co_await services_.logs.head(session_->device(), *log, at));
    std::visit(Overloaded{
                   [&](const wire::SignedHead& head) {
                     Bytes encoded = encode(head);
                     out.setHead(dataOf(encoded));
                   },
                   [&](NoRights) { out.setNotOnRoster(); },
                   [&](NoSuchEntry) { out.setUnknown(); },
               },
               outcome);
  }

  kj::Promise<void> refill(RefillContext context) override {
    session_->requireLive();
    auto in = context.getParams();
    auto request = refillOf(session_->account(), in);
    auto out = context.getResults().initOutcome();
    if (!request) {
      out.setMalformed("an id, a hash or the receipt is none");
      co_return;
    }
    context.releaseParams();
    const LogId log = request->log;
    auto outcome = available(co_await services_.logs.refill(std::move(*request)));
    Bytes head;
    auto at = [&](const wire::LogPlace& newest) {
      head = encode(services_.keys.sign(log, newest, services_.clock.now().unixMs));
      return dataOf(head);
    };
    std::visit(Overloaded{
                   [&](const RefillComplete& complete) { out.setComplete(at(complete.newest)); },
                   [&](const RefillBeginAt& behind) { out.setBeginAt(at(behind.newest)); },
                   [&](const RefillDiffers& differs) { out.setDiffers(at(differs.newest)); },
                   [&](RefillUnproven) { out.setUnproven(); },
                   [&](const Malformed& malformed) { out.setMalformed(text(malformed.what)); },
               },
               outcome);
  }

  kj::Promise<void> acknowledge(AcknowledgeContext context) override {
    session_->requireLive();
    for (const Place& place : placesOf(context.getParams().getPlaces())) {
      services_.acknowledgements.add(session_->device(), place.log, place.seq);
    }
    return kj::READY_NOW;
  }

  kj::Promise<void> index(IndexContext context) override {
    session_->requireLive();
    auto page = available(co_await services_.logs.index(session_->device(), context.getParams().getSince()));
    auto out = context.getResults();
    out.setChange(page.change);
    out.setMore(page.more);
    auto entries = out.initEntries(static_cast<uint32_t>(page.entries.size()));
    for (uint32_t i = 0; i < entries.size(); ++i) setEntry(entries[i], page.entries[i]);
  }

  kj::Promise<void> follow(FollowContext context) override {
    session_->requireLive();
    auto in = context.getParams();
    KJ_REQUIRE(session_->followers() < kFollowersPerSessionMax, "too many followers on one session");
    auto places = placesOf(in.getPlaces());
    auto follower = services_.followers.follow(kj::addRef(*session_), makeSink(in.getSink()), places);
    context.getResults().setFollowing(makeFollowing(kj::addRef(*session_), kj::mv(follower)));
    return kj::READY_NOW;
  }

 private:
  Services& services_;
  kj::Own<Session> session_;
};

}  // namespace

schema::Logs::Client makeLogs(Services& services, kj::Own<Session> session) {
  return kj::heap<LogsServer>(services, kj::mv(session));
}

void setPage(schema::Page::Builder out, const Page& page) {
  out.setLog(dataOf(page.log.view()));
  if (page.start) {
    Bytes start = encode(*page.start);
    out.setStart(dataOf(start));
  }
  if (page.receipt) {
    Bytes receipt = encode(*page.receipt);
    out.setReceipt(dataOf(receipt));
  }
  auto entries = out.initEntries(static_cast<uint32_t>(page.entries.size()));
  for (uint32_t i = 0; i < entries.size(); ++i) {
    const store::Entry& from = page.entries[i];
    entries[i].setSeq(from.link.seq);
    entries[i].setKind(static_cast<uint8_t>(from.link.kind));
    entries[i].setId(dataOf(from.link.id.view()));
    if (from.hasWelcome) entries[i].setWelcomeHash(dataOf(from.link.welcome));
    if (const auto* bytes = std::get_if<Bytes>(&from.envelope)) {
      entries[i].setEnvelope(dataOf(*bytes));
    } else {
      entries[i].setEnvelopeHash(dataOf(from.link.envelope));
      entries[i].setEnvelopeLength(store::sizeOf(from.envelope));
    }
    if (!from.welcome) continue;
    if (const auto* bytes = std::get_if<Bytes>(&*from.welcome)) {
      entries[i].setWelcome(dataOf(*bytes));
    } else {
      entries[i].setWelcomeLength(store::sizeOf(*from.welcome));
    }
  }
}

}  // namespace qpq::server::rpc
