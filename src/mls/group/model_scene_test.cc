#include "mls/group/model_scene_test.h"

namespace qpq::mls {
namespace {

// Whom the first ciphertext of a path of ours is meant for: all below the node who hold its key.
std::set<LeafIndex> readersOfFirst(const Group& group) {
  const RatchetTree& tree = group.tree();
  NodeIndex node = tree.resolution(tree.filteredDirectPath(group.ownLeaf()).front().copathChild).front();
  LeafRange below = leavesBelow(node);
  auto parent = tree.parent(node);
  std::set<LeafIndex> readers;
  for (uint32_t i = 0; i < below.count; ++i) {
    LeafIndex leaf{below.first.value + i};
    bool unmerged = parent && std::ranges::contains(parent->unmergedLeaves, leaf);
    if (tree.leafView(leaf) && !unmerged) readers.insert(leaf);
  }
  return readers;
}

}  // namespace

ModelScene::ModelScene(const crypto::Suite& suite, uint64_t seed, std::size_t membersMax)
    : GroupScene(suite, seed), membersMax_(membersMax) {
  policy.externalCommits = ExternalCommits::join;
  policy.window.forwardStepsMax = kForward;
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
    case 10: return fallSilent(name);
    default: return say(name);
  }
}

void ModelScene::settle() {
  for (const auto& [name, life] : lives_) {
    if (isAlive(name)) readAll(name);
  }
  for (Group& outsider : outsiders_) checkOutside(outsider);
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
    append({Kind::application, name, epoch, *std::move(message), prunedOf(epoch), {}});
  }
}

// Says more than anybody may skip, and all of it is pruned before anybody has read it. Once per epoch: the keys nobody
// will use must not drive out those of messages that are only late.
void ModelScene::fallSilent(const std::string& name) {
  Group& group = (*this)[name];
  if (!chance(4) || !group.proposals().empty() || group.epoch() != Epoch{commits_} || prunedOf(group.epoch()) > 0) {
    return say(name);
  }
  auto count = static_cast<uint32_t>(kForward + 1 + random.below(8));
  for (uint32_t i = 0; i < count; ++i) group.protect(asBytes(name), {}, random).value();
  if (!persist(name)) return;
  pruned_ = {group.epoch(), count};
  say(name);
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
  if (takes(Kind::commit, epoch, basis)) {
    ++happened_.left;
    return append({Kind::proposal, name, epoch, std::move(message), 0, {}});
  }
  (*this)[name].withdraw(ref).value();
  persist(name);
}

void ModelScene::update(const std::string& name) {
  Epoch epoch = (*this)[name].epoch();
  if (!(*this)[name].sentProposals().empty()) return;
  Bytes message = (*this)[name].proposeUpdate({}, {}, random).value();
  ProposalRef ref = (*this)[name].sentProposals()[0]->ref;
  if (!persist(name)) return;
  if (takes(Kind::proposal, epoch, 0)) {
    ++happened_.updates;
    return append({Kind::proposal, name, epoch, std::move(message), 0, {}});
  }
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
  auto members = static_cast<uint32_t>(group.members().size());
  for (const Member& member : group.members()) {
    std::string other = nameOf(member.credential);
    if (member.leaf == group.ownLeaf() || leaving.contains(member.leaf)) continue;
    bool lost = lives_.at(other).lost;
    if (lost || (members > 3 && chance(2 * members))) remove(member);
    if (lost && chance(2)) plan.adds.push_back(package(other));
  }
  uint32_t eager = std::max(2U, static_cast<uint32_t>(membersMax_) / 4);
  while (members + plan.adds.size() < membersMax_ && !chance(eager)) plan.adds.push_back(package(born()));
  std::set<LeafIndex> touched = leaving;
  for (LeafIndex leaf : plan.removes) touched.insert(leaf);
  for (const StoredProposal* stored : group.proposals()) {
    auto leaf = group.leaf(stored->sender);
    bool usable = stored->proposal.as<Update>() != nullptr && leaf && stored->sender != group.ownLeaf();
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
  append({Kind::commit, author, (*this)[author].epoch(), pending.message(), 0, {}});
  authenticators_[Epoch{commits_}] = toBytes(pending.next().secrets.epochAuthenticator.expose());
  for (const MemberAdded& added : effects.added) {
    std::string name = nameOf(added.node.credential);
    if (clients.at(name).package->keyPackage.leafNode != added.node) continue;  // taken for a later attempt
    if (lives_.contains(name)) ++happened_.repaired;
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
  append({Kind::commit, name, info.groupContext.epoch, entered.commit, 0, {}});
  authenticators_[Epoch{commits_}] = toBytes(entered.group.epochAuthenticator());
  start(name, std::move(entered.group));
  ++happened_.entered;
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
  append({Kind::commit, name, group.epoch(), std::move(message), 0, readersOfFirst(group)});
  lives_.at(name).lost = true;
  ++happened_.spoiled;
}

// --- the log

// One commit per epoch, and none that was made without having read the handshakes before it.
bool ModelScene::takes(Kind kind, Epoch epoch, std::size_t basis) {
  bool fits = epoch == Epoch{commits_} && (kind != Kind::commit || basis >= lastHandshake_);
  if (!fits) ++happened_.refused;
  return fits;
}

void ModelScene::append(Entry entry) {
  if (entry.kind == Kind::commit) {
    ++commits_;
    ++happened_.commits;
  }
  if (entry.kind == Kind::application) ++happened_.said;
  log_.push_back(std::move(entry));
  if (log_.back().kind != Kind::application) lastHandshake_ = log_.size();
}

}  // namespace qpq::mls
