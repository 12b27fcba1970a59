#include "mls/group/group_secrets_test.h"
#include "mls/group/model_scene_test.h"

namespace qpq::mls {

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
      ++happened_.late;
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
    if (chance(4)) {
      ++happened_.missed;
    } else {
      readApplication(name, log_[place]);
    }
  }
  life.deferred.clear();
}

void ModelScene::readApplication(const std::string& name, const Entry& entry) {
  Group& group = (*this)[name];
  SavedState before = entry.pruned > 0 ? saved(group) : SavedState();
  auto received = group.receive(entry.message);
  if (!received && received.error().code == ErrorCode::generationTooFar) {
    require(entry.pruned > 0, "nothing lies too far ahead unless something was pruned");
    require(saved(group) == before, "an error changes nothing");
    group.tellGap(entry.pruned);
    received = group.receive(entry.message);
    ++happened_.gaps;
  }
  if (entry.by == name) {
    require(received.error().code == ErrorCode::ownMessage, "own messages are known as such");
    return;
  }
  auto read = std::get<ApplicationMessage>(std::move(received).value());
  require(asText(read.data) == entry.by && nameOf(read.sender.credential) == entry.by, "a message has its author");
  require(group.receive(entry.message).error().code == ErrorCode::generationUsed, "it is read once");
}

void ModelScene::readEntry(const std::string& name, const Entry& entry) {
  Group& group = (*this)[name];
  bool harmed = entry.harmed.contains(group.ownLeaf());
  SavedState before = harmed ? saved(group) : SavedState();
  auto received = group.receive(entry.message);
  require(received.has_value() != harmed, "what was sealed wrong harms those it is meant for and nobody else");
  if (harmed) {
    require(saved(group) == before, "an error changes nothing");
    require(received.error().code == ErrorCode::badPath, "it is the path that is bad");
    lives_.at(name).lost = true;
    ++happened_.lost;
    return;
  }
  if (auto* proposal = std::get_if<StagedProposal>(&*received)) {
    group.apply(std::move(*proposal)).value();
    return;
  }
  std::vector<Bytes> former = chance(8) ? secretsOf(group) : std::vector<Bytes>();
  if (auto* own = std::get_if<OwnCommit>(&*received)) {
    group.merge(own->digest).value();
  } else {
    auto& staged = std::get<StagedCommit>(*received);
    if (staged.removesUs()) outsiders_.push_back(reloaded(group));
    group.apply(std::move(staged)).value();
  }
  checkForgotten(group, former);
  if (group.isMember()) began(name);
}

void ModelScene::began(const std::string& name) {
  const Group& group = (*this)[name];
  auto [known, first] = authenticators_.try_emplace(group.epoch(), toBytes(group.epochAuthenticator()));
  require(equal(known->second, group.epochAuthenticator()), "nobody stands in another epoch of the same number");
}

void ModelScene::checkForgotten(const Group& group, const std::vector<Bytes>& former) {
  if (former.empty()) return;
  for (const Record& record : group.save()) {
    for (const Bytes& secret : former) {
      require(std::ranges::search(record.value.expose(), secret).empty(), "nothing of an epoch outlives it");
    }
  }
}

// With all that somebody held when it was removed nothing is read that came after, and no key of it is in use.
void ModelScene::checkOutside(Group& outsider) {
  for (const Entry& entry : log_) {
    if (entry.epoch > outsider.epoch()) require(!outsider.receive(entry.message), "who is out reads nothing");
  }
  const RatchetTree& tree = (*this)[any()].tree();
  for (const Bytes& privateKey : privateKeysOf(outsider)) {
    Bytes publicKey = crypto::kemPublicKey(suite.kem, privateKey).value();
    for (uint32_t node = 0; node < nodeCount(tree.leafCount()); ++node) {
      auto key = tree.encryptionKey({node});
      require(!key || !equal(*key, publicKey), "no key of somebody who is out is in use");
    }
  }
}

void ModelScene::checkWindow(const Group& group) const {
  std::map<std::pair<uint32_t, uint8_t>, std::size_t> skipped;
  std::size_t past = 0;
  for (const auto& [bytes, value] : saved(group)) {
    RecordKey key = decode<RecordKey>(bytes).value();
    if (key.kind == RecordKind::skippedKey) ++skipped[{key.a, key.b}];
    if (key.kind == RecordKind::resumptionPsk) ++past;
  }
  for (const auto& [ratchet, count] : skipped)
    require(count <= policy.window.skippedKeysMax, "no key outlives its window");
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
    ++happened_.crashes;
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
  happened_.members = std::max(happened_.members, static_cast<int>((*this)[name].members().size()));
}

}  // namespace qpq::mls
