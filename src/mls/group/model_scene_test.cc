#include "mls/group/model_scene_test.h"

namespace qpq::mls {

ModelScene::ModelScene(const crypto::Suite& suite, uint64_t seed, std::size_t membersMax)
    : GroupScene(suite, seed), membersMax_(membersMax) {
  policy.externalCommits = ExternalCommits::join;
  foundAlone("p0");
  start("p0", *std::move(clients.at("p0").group));
}

void ModelScene::step() {
  std::string name = any();
  if (!chance(4)) readAll(name);
  if (!isAlive(name)) return;
  switch (random.below(16)) {
    case 0: return leave(name);
    case 1: return update(name);
    case 2: return enter(name);
    case 3: return spoil(name);
    case 4:
    case 5:
    case 6: return commit(name);
    case 7:
    case 8:
    case 9: return read(name);
    default: return say(name);
  }
}

void ModelScene::settle() {
  for (const auto& [name, life] : lives_) {
    if (isAlive(name)) readAll(name);
  }
  for (const std::string& name : alive()) {
    if (clients.at(name).group->pending() != nullptr) clients.at(name).group->discard();
    require((*this)[name].epoch() == Epoch{commits_}, "whoever read everything stands in the last epoch");
    checkWindow((*this)[name]);
  }
}

// --- who is there

bool ModelScene::isAlive(const std::string& name) const {
  const auto& group = clients.at(name).group;
  return group && group->isMember() && !lives_.at(name).lost;
}

std::vector<std::string> ModelScene::alive() const {
  std::vector<std::string> names;
  for (const auto& [name, life] : lives_) {
    if (isAlive(name)) names.push_back(name);
  }
  return names;
}

std::string ModelScene::any() {
  auto names = alive();
  require(!names.empty(), "somebody is always there");
  return names[random.below(names.size())];
}

// --- own acts

void ModelScene::say(const std::string& name) {
  Group& group = (*this)[name];
  std::size_t basis = lives_.at(name).cursor;
  Epoch epoch = group.epoch();
  auto message = group.protect(asBytes(name), {}, random);
  if (!message) {
    require(message.error().code == ErrorCode::proposalsPending, "only a proposal keeps a member from speaking");
    return commit(name);
  }
  if (persist(name) && takes(Kind::application, epoch, basis)) {
    append({Kind::application, name, epoch, *std::move(message)});
  }
}

void ModelScene::leave(const std::string& name) {
  if (alive().size() < 5 || !(*this)[name].sentProposals().empty()) return;
  Epoch epoch = (*this)[name].epoch();
  std::size_t basis = lives_.at(name).cursor;
  for (const StoredProposal* stored : (*this)[name].proposals()) {
    if (stored->proposal.as<SelfRemove>() != nullptr) return;  // one leaver at a time: somebody must commit it
  }
  Bytes message = (*this)[name].propose({SelfRemove{}}, {}, random).value();
  ProposalRef ref = (*this)[name].sentProposals()[0]->ref;
  if (!persist(name)) return;
  if (takes(Kind::commit, epoch, basis)) return append({Kind::proposal, name, epoch, std::move(message)});
  (*this)[name].withdraw(ref).value();
  persist(name);
}

void ModelScene::update(const std::string& name) {
  Epoch epoch = (*this)[name].epoch();
  if (!(*this)[name].sentProposals().empty()) return;
  Bytes message = (*this)[name].proposeUpdate({}, {}, random).value();
  ProposalRef ref = (*this)[name].sentProposals()[0]->ref;
  if (!persist(name)) return;
  if (takes(Kind::proposal, epoch, 0)) return append({Kind::proposal, name, epoch, std::move(message)});
  (*this)[name].withdraw(ref).value();
  persist(name);
}

CommitPlan ModelScene::planOf(const std::string& name) {
  Group& group = (*this)[name];
  CommitPlan plan;
  std::set<std::string> gone;
  auto remove = [&](const Member& member) {
    plan.removes.push_back(member.leaf);
    gone.insert(nameOf(member.credential));
  };
  std::set<LeafIndex> leaving;
  for (const StoredProposal* stored : group.proposals()) {
    const auto* sender = stored->sender.as<MemberSender>();
    if (stored->proposal.as<SelfRemove>() != nullptr) leaving.insert(sender->leafIndex);
  }
  for (const Member& member : group.members()) {
    std::string other = nameOf(member.credential);
    if (member.leaf == group.ownLeaf() || leaving.contains(member.leaf)) continue;
    bool lost = lives_.at(other).lost;
    if (lost || (group.members().size() > 3 && chance(12))) remove(member);
    if (lost && chance(2)) plan.adds.push_back(package(other));
  }
  while (group.members().size() + plan.adds.size() < membersMax_ && chance(2)) plan.adds.push_back(package(born()));
  std::set<LeafIndex> touched = leaving;
  for (LeafIndex leaf : plan.removes) touched.insert(leaf);
  for (const StoredProposal* stored : group.proposals()) {
    const LeafNode* leaf = group.leaf(stored->sender);
    bool usable = stored->proposal.as<Update>() != nullptr && leaf != nullptr && stored->sender != group.ownLeaf();
    if (usable && touched.insert(stored->sender.as<MemberSender>()->leafIndex).second) {
      plan.references.push_back(stored->ref);
    }
  }
  return plan;
}

void ModelScene::commit(const std::string& name) {
  Group& group = (*this)[name];
  if (group.pending() != nullptr) return readAll(name);  // sent, and not read back yet
  CommitPlan plan = planOf(name);
  auto made = group.commit(plan, {}, random);
  if (!made) {
    require(made.error().code == ErrorCode::selfRemoveByCommitter, "a plan made of what one has read can be made");
    return;
  }
  if (!persist(name)) return;
  const PendingCommit* pending = (*this)[name].pending();
  if (!takes(Kind::commit, (*this)[name].epoch(), lives_.at(name).cursor)) {
    (*this)[name].discard();
    persist(name);
    return;
  }
  welcome(name, *pending);
}

void ModelScene::welcome(const std::string& author, const PendingCommit& pending) {
  CommitEffects effects = pending.effects();
  std::optional<Bytes> sealed = pending.welcome();
  append({Kind::commit, author, (*this)[author].epoch(), pending.message()});
  authenticators_[Epoch{commits_}] = toBytes(pending.next().secrets.epochAuthenticator.expose());
  for (const MemberAdded& added : effects.added) {
    std::string name = nameOf(added.node.credential);
    if (clients.at(name).package->keyPackage.leafNode != added.node) continue;  // taken for a later attempt
    start(name, std::move(join(name, *sealed).value().group));
  }
}

void ModelScene::enter(const std::string& by) {
  Group& door = (*this)[by];
  if (door.members().size() >= membersMax_ || !takes(Kind::commit, door.epoch(), lives_.at(by).cursor)) return;
  for (const StoredProposal* stored : door.proposals()) {
    if (stored->proposal.as<SelfRemove>() != nullptr) return;  // sealed: who enters could not name it
  }
  std::string name = born();
  EntryOptions options{
      .credential = {BasicCredential{toBytes(asBytes(name))}}, .capabilities = capabilities(), .policy = policy};
  GroupInfo info = door.openGroupInfo({}).value();
  EnteredGroup entered = Group::enter(info, client(name).signer, options, random).value();
  append({Kind::commit, name, info.groupContext.epoch, entered.commit});
  authenticators_[Epoch{commits_}] = toBytes(entered.group.epochAuthenticator());
  start(name, std::move(entered.group));
}

// A commit whose first path secret is nonsense: those it is meant for stay behind, and so does its author.
void ModelScene::spoil(const std::string& name) {
  Group& group = (*this)[name];
  bool quiet = group.proposals().empty() && group.pending() == nullptr && group.members().size() == alive().size() &&
               takes(Kind::commit, group.epoch(), lives_.at(name).cursor);
  if (!quiet || alive().size() < 5 || !chance(2)) return;
  Insider insider(group, random);
  bool harmsSome = false;
  Bytes message = insider.commit({.onPath = [&](UpdatePath& path) {
    harmsSome = path.nodes.size() > 1;
    path.nodes[0].encryptedPathSecret[0].ciphertext[0] ^= 1;
  }});
  if (!harmsSome) return;
  append({Kind::commit, name, group.epoch(), std::move(message)});
  lives_.at(name).lost = true;
}

// --- the log

// One commit per epoch, and none that was made without having read the handshakes before it.
bool ModelScene::takes(Kind kind, Epoch epoch, std::size_t basis) const {
  if (epoch != Epoch{commits_}) return false;
  return kind != Kind::commit || basis >= lastHandshake_;
}

void ModelScene::append(Entry entry) {
  if (entry.kind == Kind::commit) ++commits_;
  log_.push_back(std::move(entry));
  if (log_.back().kind != Kind::application) lastHandshake_ = log_.size();
}

// --- reading

void ModelScene::readAll(const std::string& name) {
  while (isAlive(name) && lives_.at(name).cursor < log_.size()) read(name);
}

void ModelScene::read(const std::string& name) {
  Life& life = lives_.at(name);
  if (life.cursor == log_.size()) return;
  std::size_t place = life.cursor++;
  const Entry& entry = log_[place];
  if (entry.kind == Kind::application) {
    if (chance(3) && life.deferred.size() < 16) {
      life.deferred.push_back(place);  // it comes later, or never
    } else {
      readApplication(name, entry);
    }
  } else {
    readDeferred(name);
    readEntry(name, entry);
  }
  if (!persist(name)) life.deferred.clear();
}

void ModelScene::readDeferred(const std::string& name) {
  Life& life = lives_.at(name);
  for (std::size_t i = life.deferred.size(); i > 1; --i)
    std::swap(life.deferred[i - 1], life.deferred[random.below(i)]);
  for (std::size_t place : life.deferred) {
    if (!chance(4)) readApplication(name, log_[place]);
  }
  life.deferred.clear();
}

void ModelScene::readApplication(const std::string& name, const Entry& entry) {
  auto received = (*this)[name].receive(entry.message);
  if (entry.by == name) {
    require(received.error().code == ErrorCode::ownMessage, "own messages are known as such");
    return;
  }
  auto read = std::get<ApplicationMessage>(std::move(received).value());
  require(asText(read.data) == entry.by && nameOf(read.sender.credential) == entry.by, "a message has its author");
  require((*this)[name].receive(entry.message).error().code == ErrorCode::generationUsed, "it is read once");
}

void ModelScene::readEntry(const std::string& name, const Entry& entry) {
  Group& group = (*this)[name];
  SavedState before = chance(8) ? saved(group) : SavedState();
  auto received = group.receive(entry.message);
  if (!received) {
    require(before.empty() || saved(group) == before, "an error changes nothing");
    require(received.error().code == ErrorCode::badPath, "only what was sealed wrong is refused");
    lives_.at(name).lost = true;
    return;
  }
  if (auto* proposal = std::get_if<StagedProposal>(&*received)) {
    group.apply(std::move(*proposal)).value();
    return;
  }
  if (auto* own = std::get_if<OwnCommit>(&*received)) {
    group.merge(own->digest).value();
  } else {
    group.apply(std::move(std::get<StagedCommit>(*received))).value();
  }
  if (group.isMember()) began(name);
}

void ModelScene::began(const std::string& name) {
  const Group& group = (*this)[name];
  auto [known, first] = authenticators_.try_emplace(group.epoch(), toBytes(group.epochAuthenticator()));
  require(equal(known->second, group.epochAuthenticator()), "nobody stands in another epoch of the same number");
}

void ModelScene::checkWindow(const Group& group) const {
  std::map<std::pair<uint32_t, uint8_t>, std::size_t> skipped;
  std::size_t past = 0;
  for (const auto& [bytes, value] : saved(group)) {
    RecordKey key = decode<RecordKey>(bytes).value();
    if (key.kind == RecordKind::skippedKey) ++skipped[{key.a, key.b}];
    if (key.kind == RecordKind::resumptionPsk) ++past;
  }
  for (const auto& [ratchet, count] : skipped) require(count <= kSkippedKeysMax, "no key outlives its window");
  require(past <= kResumptionPsksMax, "no epoch outlives its window");
}

// --- keeping

bool ModelScene::persist(const std::string& name) {
  Life& life = lives_.at(name);
  auto& group = clients.at(name).group;
  bool lostIt = chance(10);
  if (!lostIt) {
    life.store.write(*group);
    life.written = life.cursor;
    if (chance(16)) require(life.store.holds(*group), "the changes add up to the state");
  }
  if (lostIt || chance(10)) {
    group = life.store.load();
    if (!life.lost) life.cursor = life.written;
    checkWindow(*group);
  }
  return !lostIt;
}

void ModelScene::start(const std::string& name, Group group) {
  clients.at(name).group = std::move(group);
  lives_[name] = Life{.cursor = log_.size(), .written = log_.size()};
  lives_.at(name).store.write(*clients.at(name).group);
  began(name);
}

}  // namespace qpq::mls
