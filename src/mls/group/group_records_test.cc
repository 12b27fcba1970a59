#include <catch2/catch_test_macros.hpp>

#include "mls/group/group_scene_test.h"

// What a group leaves in a database, and comes back from it.
namespace qpq::mls {
namespace {

using Names = std::vector<std::string>;

std::size_t sizeOf(const Delta& delta) {
  std::size_t size = 0;
  for (const RecordChange& change : delta) size += change.key.size() + (change.value ? change.value->size() : 0);
  return size;
}

// A database that is told of changes only.
struct Store {
  SavedState records;
  std::size_t write(Group& group) {
    Delta delta = group.takeDelta();
    for (const RecordChange& change : delta) {
      if (change.value) records[change.key] = toBytes(change.value->expose());
      if (!change.value) records.erase(change.key);
    }
    GroupScene::require(records == saved(group), "the changes add up to the state");
    return sizeOf(delta);
  }
  Group load() const {
    std::vector<Record> all;
    for (const auto& [key, value] : records) all.push_back({key, SecretBytes(value)});
    return Group::load(all).value();
  }
};

TEST_CASE("every change is told once, and the changes add up to the state") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol", "dave"});
  std::map<std::string, Store> stores;
  // Everybody is written down, and goes on from what was written.
  auto restart = [&] {
    for (auto& [name, client] : scene.clients) {
      if (!client.group) continue;
      stores[name].write(*client.group);
      CHECK(client.group->takeDelta().empty());
      client.group = stores[name].load();
      CHECK(client.group->takeDelta().empty());
    }
  };
  restart();
  for (const char* name : {"alice", "bob", "alice"}) {
    CHECK(scene.say(name, "hello") == 3);
    restart();
  }
  scene.leave("carol", {"alice", "bob", "carol", "dave"});
  restart();
  CommitPlan plan{.removes = {scene.leafOf("dave")}};
  plan.adds.push_back(scene.package("erin"));
  const PendingCommit* pending = scene["bob"].commit(plan, {}, scene.random).value();
  Bytes message = pending->message();
  std::optional<Bytes> welcome = pending->welcome();
  restart();
  scene.deliver("bob", message, welcome);
  restart();
  CHECK(scene.say("erin", "hello") == 2);
  scene["bob"].commit({}, {}, scene.random).value();
  restart();
  scene["bob"].discard();
  scene["bob"].tellGap(5);
  restart();
  scene.commit("alice", {});
  restart();
  CHECK_FALSE(scene["dave"].isMember());
}

TEST_CASE("a message costs less than 300 bytes of state, a commit what it changed") {
  GroupScene scene;
  Names names;
  for (int i = 0; i < 16; ++i) names.push_back("member " + std::to_string(10 + i));
  scene.found(names);
  for (auto& [name, client] : scene.clients) client.group->takeDelta();
  auto costs = [&] {
    std::size_t largest = 0;
    for (auto& [name, client] : scene.clients) largest = std::max(largest, sizeOf(client.group->takeDelta()));
    return largest;
  };
  scene.say(names[3], "the first one opens the way to its sender's ratchets");
  CHECK(costs() < 500);
  for (int i = 0; i < 5; ++i) {
    scene.say(names[3], "hello");
    CHECK(costs() < 300);
  }
  std::size_t all = 0;
  for (const Record& record : scene[names[0]].save()) all += record.value.size();
  scene.commit(names[5], {});
  CHECK(costs() < all / 3);  // four parents and a leaf of thirty-one nodes
}

TEST_CASE("the state of a sender does not grow with what it sends") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  scene.say("alice", "first");
  std::size_t size = 0;
  for (const auto& [key, value] : saved(scene["alice"])) size += key.size() + value.size();
  for (int i = 0; i < 10'000; ++i) scene["alice"].protect(asBytes("x"), {}, scene.random).value();
  std::size_t after = 0;
  for (const auto& [key, value] : saved(scene["alice"])) after += key.size() + value.size();
  CHECK(after == size);
}

TEST_CASE("records come in any order, but each once and all of them") {
  GroupScene scene;
  scene.found(Names{"alice", "bob", "carol"});
  scene.say("alice", "x");
  scene["alice"].commit({}, {}, scene.random).value();
  SavedState state = saved(scene["alice"]);
  std::vector<Record> reversed;
  for (auto it = state.rbegin(); it != state.rend(); ++it) reversed.push_back({it->first, SecretBytes(it->second)});
  CHECK(saved(Group::load(reversed).value()) == state);
  reversed.push_back({reversed[0].key, reversed[0].value.clone()});
  CHECK(Group::load(reversed).error() == Error(ErrorCode::damagedState));
  CHECK(Group::load({}).error() == Error(ErrorCode::damagedState));
  for (RecordKind kind : {RecordKind::group, RecordKind::epoch, RecordKind::secrets, RecordKind::node}) {
    std::vector<Record> some;
    for (const auto& [key, value] : state) {
      if (key[0] != static_cast<uint8_t>(kind)) some.push_back({key, SecretBytes(value)});
    }
    CHECK(Group::load(some).error() == Error(ErrorCode::damagedState));
  }
}

TEST_CASE("damaged records are refused or harmless, never worse") {
  GroupScene scene;
  scene.found(Names{"alice", "bob"});
  scene.say("bob", "x");
  scene.leave("bob", {"alice"});
  scene["alice"].tellGap(3);
  scene["alice"].commit({}, {}, scene.random).value();
  SavedState state = saved(scene["alice"]);
  auto load = [&](const Bytes& damagedKey, const Bytes& key, const Bytes& value) {
    std::vector<Record> records;
    for (const auto& [k, v] : state) {
      if (k != damagedKey) records.push_back({k, SecretBytes(v)});
    }
    records.push_back({key, SecretBytes(value)});
    return Group::load(records);
  };
  for (const auto& [key, value] : state) {
    Bytes shorter(value.begin(), value.end() - 1);
    Bytes longer = value;
    longer.push_back(0);
    RecordKind kind = decode<RecordKey>(key)->kind;
    bool opaque =
        kind == RecordKind::privateKey || kind == RecordKind::resumptionPsk || kind == RecordKind::exporterSecret;
    if (!opaque) {
      CHECK(load(key, key, shorter).error() == Error(ErrorCode::damagedState));
      CHECK(load(key, key, longer).error() == Error(ErrorCode::damagedState));
    }
    for (std::size_t i = 0; i < value.size(); i += 1 + value.size() / 50) {
      Bytes changed = value;
      changed[i] ^= 0x11;
      auto loaded = load(key, key, changed);
      if (kind == RecordKind::node) CHECK_FALSE(loaded);
      if (loaded) static_cast<void>(loaded->receive(loaded->pending()->message()));
    }
    for (std::size_t i = 0; i < key.size(); ++i) {
      Bytes changed = key;
      changed[i] ^= 0x21;
      static_cast<void>(load(key, changed, value));
    }
  }
  Bytes later = state.begin()->second;  // RecordKind::group begins with the version
  ++later[0];
  CHECK(load(state.begin()->first, state.begin()->first, later).error() == Error(ErrorCode::damagedState));
}

TEST_CASE("the same state is the same bytes, whoever writes it") {
  GroupScene first(crypto::kProductSuite, 5);
  GroupScene second(crypto::kProductSuite, 5);
  for (GroupScene* scene : {&first, &second}) {
    scene->found(Names{"alice", "bob", "carol"});
    scene->say("bob", "x");
    scene->commit("carol", {});
  }
  CHECK(saved(first["alice"]) == saved(second["alice"]));
  CHECK(saved(first["alice"]) != saved(first["bob"]));
}

}  // namespace
}  // namespace qpq::mls
