#pragma once

#include <set>

#include "mls/group/insider_test.h"

namespace qpq::mls {

// A database that is told of changes only.
class ModelStore {
 public:
  void write(Group& group) {
    for (const RecordChange& change : group.takeDelta()) {
      if (change.value) records_[change.key] = toBytes(change.value->expose());
      if (!change.value) records_.erase(change.key);
    }
  }
  Group load() const {
    std::vector<Record> all;
    for (const auto& [key, value] : records_) all.push_back({key, SecretBytes(value)});
    return Group::load(all).value();
  }
  bool holds(const Group& group) const { return records_ == saved(group); }

 private:
  SavedState records_;
};

// People around one log, as they live: each reads at its own pace, loses and reorders messages, crashes before or after
// it has written down what it did, races others, and now and then one of them seals nonsense to some of the rest. A
// broken promise throws.
class ModelScene: public GroupScene {
 public:
  ModelScene(const crypto::Suite& suite, uint64_t seed, std::size_t membersMax);

  // What a life has been through: a model that never meets a fault proves nothing about it.
  struct Happened {
    int members = 0;  // at most, at once
    int commits = 0;
    int said = 0;      // application messages
    int spoiled = 0;   // commits that some could not read
    int lost = 0;      // members who could not
    int repaired = 0;  // … and were added again
    int entered = 0;   // by an external commit
    int left = 0;
    int updates = 0;  // Update proposals that reached the log
    int refused = 0;  // messages that came too late for the log
    int missed = 0;   // application messages nobody delivered
    int late = 0;     // … delivered out of order
    int gaps = 0;     // … too far ahead until the reader was told how many were pruned
    int crashes = 0;  // before or after a write
  };

  void step();
  // Everybody reads all there is; whoever is not lost stands in one epoch.
  void settle();
  const Happened& happened() const { return happened_; }

 private:
  static constexpr uint32_t kForward = 24;  // the forward limit: no reader puts off that many

  enum class Kind : uint8_t { application, proposal, commit };
  struct Entry {
    Kind kind;
    std::string by;
    Epoch epoch;
    Bytes message;
    uint32_t pruned;             // messages of this epoch nobody has seen
    std::set<LeafIndex> harmed;  // to whom this commit is sealed wrong
  };
  struct Life {
    std::size_t cursor = 0;   // the next entry to read
    std::size_t written = 0;  // … as of the last write
    std::vector<std::size_t> deferred;
    ModelStore store;
    bool lost = false;  // could not read a commit: waits to be added again
  };

  // --- who is there
  bool isAlive(const std::string& name) const;
  std::vector<std::string> alive() const;
  std::string any();
  bool chance(uint32_t oneIn) { return random.below(oneIn) == 0; }
  std::string born() { return "p" + std::to_string(++born_); }

  // --- a member's own acts
  void say(const std::string& name);
  void fallSilent(const std::string& name);
  void leave(const std::string& name);
  void update(const std::string& name);
  void commit(const std::string& name);
  void enter(const std::string& by);
  void spoil(const std::string& name);
  CommitPlan planOf(const std::string& name);
  void welcome(const std::string& author, const PendingCommit& pending);

  // --- the log
  bool takes(Kind kind, Epoch epoch, std::size_t basis);
  void append(Entry entry);
  uint32_t prunedOf(Epoch epoch) const { return pruned_.first == epoch ? pruned_.second : 0; }

  // --- reading
  void read(const std::string& name);
  void readAll(const std::string& name);
  void readEntry(const std::string& name, const Entry& entry);
  void readApplication(const std::string& name, const Entry& entry);
  void readDeferred(const std::string& name);
  void began(const std::string& name);

  // --- what must hold
  static void checkForgotten(const Group& group, const std::vector<Bytes>& former);
  void checkOutside(Group& outsider);
  void checkWindow(const Group& group) const;

  // False if it crashed before anything was written: what it was about to do has not happened.
  bool persist(const std::string& name);
  void start(const std::string& name, Group group);

  std::size_t membersMax_;
  std::vector<Entry> log_;
  std::map<std::string, Life> lives_;
  std::map<Epoch, Bytes> authenticators_;
  std::pair<Epoch, uint32_t> pruned_{};  // the last epoch in which messages were, and how many
  std::vector<Group> outsiders_;         // former selves of those who were removed
  uint64_t commits_ = 0;
  std::size_t lastHandshake_ = 0;  // behind the last proposal or commit
  int born_ = 0;
  Happened happened_;
};

}  // namespace qpq::mls
