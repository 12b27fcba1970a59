#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "mls/group/group_scene_test.h"

// Random lives of groups: whatever happens in whatever order, the members agree, and who is out stays out.
namespace qpq::mls {
namespace {

class Model: public GroupScene {
 public:
  explicit Model(uint64_t seed): GroupScene(crypto::kProductSuite, seed) { foundAlone("p0"); }

  void step() {
    switch (random.below(8)) {
      case 0: return addSome();
      case 1: return removeSome();
      case 2: return leaveSome();
      case 3: return raceTwoCommits();
      case 4: return restartSome();
      case 5: return chatter();
      case 6: return readdOne();
      default: commit(any(), {});
    }
  }

 private:
  std::vector<std::string> members() const {
    std::vector<std::string> names;
    for (const auto& [name, client] : clients) {
      if (client.group && client.group->isMember()) names.push_back(name);
    }
    return names;
  }
  std::string any() {
    auto names = members();
    return names[random.below(names.size())];
  }
  std::string anyBut(const std::string& excluded) {
    for (;;) {
      if (std::string name = any(); name != excluded) return name;
    }
  }

  CommitPlan adding(std::size_t count) {
    CommitPlan plan;
    for (std::size_t i = 0; i < count; ++i) plan.adds.push_back(package("p" + std::to_string(++born_)));
    return plan;
  }

  void addSome() {
    std::size_t room = 16 - members().size();
    if (room > 0) commit(any(), adding(1 + random.below(std::min<std::size_t>(room, 4))));
  }

  // Those who are removed keep a copy that never heard of it, and must not be able to read on.
  void removeSome() {
    if (members().size() < 3) return addSome();
    std::string author = any();
    std::vector<std::string> victims;
    for (const std::string& name : members()) {
      if (name != author && random.below(4) == 0) victims.push_back(name);
    }
    CommitPlan plan = random.below(2) == 0 ? adding(1) : CommitPlan{};
    std::vector<Group> deaf;
    for (const std::string& name : victims) {
      plan.removes.push_back(leafOf(name));
      deaf.push_back(reloaded((*this)[name]));
    }
    commit(author, plan);
    Bytes secret = (*this)[author].protect(asBytes("not for them"), {}, random).value();
    for (Group& group : deaf) require(!group.receive(secret), "a removed member reads nothing");
    for (const std::string& name : victims) require(!(*this)[name].isMember(), "a removed member knows");
  }

  void leaveSome() {
    if (members().size() < 3) return addSome();
    std::string first = any();
    std::string second = anyBut(first);
    leave(first, members());
    std::string author = second;
    if (members().size() > 3 && random.below(2) == 0) {
      leave(second, members());
      while (author == first || author == second) author = any();
    }
    commit(author, {});
    require(!(*this)[first].isMember(), "who left is out");
  }

  // Two commits for one epoch: the order decides, the loser makes its wish again.
  void raceTwoCommits() {
    if (members().size() < 2) return addSome();
    std::string winner = any();
    std::string loser = anyBut(winner);
    Bytes lost = (*this)[loser].commit({}, {}, random).value()->message();
    if (random.below(2) == 0) clients.at(loser).group = reloaded((*this)[loser]);
    commit(winner, {});
    require((*this)[loser].pending() == nullptr, "a lost commit is gone");
    require(!(*this)[winner].receive(lost), "a lost commit is read by nobody");
    commit(loser, {});
  }

  void restartSome() {
    for (const std::string& name : members()) {
      if (random.below(2) == 0) continue;
      SavedState before = saved((*this)[name]);
      clients.at(name).group = reloaded((*this)[name]);
      require(saved((*this)[name]) == before, "a restart changes nothing");
    }
  }

  // Messages of several senders, in another order for every reader.
  void chatter() {
    struct Said {
      std::string by;
      Bytes message;
    };
    std::vector<Said> said;
    for (int i = 0; i < 12; ++i) {
      std::string name = any();
      said.push_back({name, (*this)[name].protect(asBytes(name), {}, random).value()});
    }
    for (const std::string& reader : members()) {
      for (std::size_t i = said.size(); i > 1; --i) std::swap(said[i - 1], said[random.below(i)]);
      for (const Said& item : said) {
        if (item.by == reader) continue;
        auto read = std::get<ApplicationMessage>((*this)[reader].receive(item.message).value());
        require(asText(read.data) == item.by && nameOf(read.sender.credential) == item.by, "a message has its author");
        require(!(*this)[reader].receive(item.message), "a message is read once");
      }
    }
  }

  void readdOne() {
    if (members().size() < 2) return addSome();
    std::string author = any();
    std::string lost = anyBut(author);
    CommitPlan plan{.removes = {leafOf(lost)}};
    plan.adds.push_back(package(lost));
    clients.at(lost).group.reset();
    commit(author, plan);
  }

  int born_ = 0;
};

TEST_CASE("random groups of two to sixteen agree in every epoch, through losses, restarts and races") {
  auto seed = GENERATE(11, 12, 13, 14);
  INFO("seed " << seed);
  Model model(static_cast<uint64_t>(seed));
  for (int i = 0; i < 40; ++i) model.step();
  model.requireAgreement();
}

}  // namespace
}  // namespace qpq::mls
