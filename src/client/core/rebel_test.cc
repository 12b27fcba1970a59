#include "client/core/rebel_test.h"

#include "client/conversation/members.h"
#include "wire/inside/capabilities.h"
#include "wire/people/certificate.h"

namespace qpq::client::core::scene {

Rebel::Rebel(Server& server, MovedClock& clock, const std::string& name)
    : server_(server), accountKey_(random_.secret<32>()), deviceSeed_(random_.secret<32>()) {
  crypto::Ed25519Key deviceKey(deviceSeed_);
  self_ = {AccountId::random(random_), DeviceId::random(random_)};
  wire::DeviceListTBS list{.account = self_.account, .accountKey = accountKey_.publicKey(), .listVersion = 1};
  list.devices.set({self_.device, deviceKey.publicKey(), wire::DeviceState::active, clock.now().unixMs});
  auto certificate = wire::sign(accountKey_, wire::CertificateTBS{.account = self_.account,
                                                                  .accountKey = accountKey_.publicKey(),
                                                                  .device = self_.device,
                                                                  .deviceKey = deviceKey.publicKey(),
                                                                  .listVersion = 1});
  server_.enrol(name, wire::sign(accountKey_, std::move(list)));
  uint64_t nowS = clock.now().unixMs / 1000;
  package_ =
      mls::createKeyPackage(crypto::kProductSuite, {SecretBytes(deviceSeed_.expose()), toBytes(deviceKey.publicKey())},
                            {.credential = {mls::BasicCredential{encode(certificate)}},
                             .capabilities = wire::productCapabilities(),
                             .lifetime = {nowS - 60, nowS + 86'400}},
                            random_)
          .value();
  server_.publish(self_, {encode(package_->keyPackage)});
}

void Rebel::enter(const LogId& log) {
  auto page = server_.read(self_, log, 0).value();
  auto message = decode<mls::MLSMessage>(page.entries.at(0).welcome).value();
  group_ = mls::Group::join(*message.as<mls::Welcome>(), package_->keyPackage, package_->privateKeys,
                            deviceSeed_.expose(), mls::JoinOptions{})
               .value()
               .group;
}

mls::LeafIndex Rebel::leafOf(const wire::RosterEntry& device) const {
  for (const mls::Member& member : group_->members()) {
    if (conversation::entryOf(member).value() == device) return member.leaf;
  }
  throw std::runtime_error("no such member");
}

wire::Conversation Rebel::conversation() const { return conversation::conversationOf(*group_).value(); }

wire::Terms Rebel::termsOf(const LogId& log, const mls::CommitPlan& plan) {
  wire::HeadTBS newest = server_.head(log, server_.size(log)).tbs;
  wire::Roster before{log, conversation::leavesOf(group_->members()).value().entries()};
  auto after = conversation::leavesOf(group_->preview(plan)->members).value().entries();
  auto change = wire::changeTo(before, after, {});
  wire::CommitTerms commit{.newest = {newest.seq, newest.head},
                           .removed = std::move(change.removed),
                           .added = std::move(change.added),
                           .restored = std::move(change.restored),
                           .rosterAfter = wire::Roster{log, std::move(after)}.hash(),
                           .evidence = {}};
  return {.id = EntryId::random(random_), .commitsSeen = newest.commits, .body = std::move(commit)};
}

void Rebel::commit(const LogId& log, const mls::CommitPlan& plan) {
  wire::Terms terms = termsOf(log, plan);
  auto pending = group_->commit(
      plan, {.authenticatedData = encode(terms), .groupInfoExtensions = {.items = {wire::termsExtension(terms)}}},
      random_);
  REQUIRE(pending.has_value());
  Bytes envelope = concat({encode(wire::EnvelopeType::mls), (*pending)->message()});
  group_->discard();  // no honest member goes there, and what comes next is to be read by them
  auto answer = server_.append(self_, {.log = log, .id = terms.id, .envelope = std::move(envelope)});
  REQUIRE(std::holds_alternative<Bytes>(answer));
}

}  // namespace qpq::client::core::scene
