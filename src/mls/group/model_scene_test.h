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

  void step();
  // Everybody reads all there is; whoever is not lost stands in one epoch.
  void settle();
  std::size_t commits() const { return commits_; }

 private:
  enum class Kind : uint8_t { application, proposal, commit };
  struct Entry {
    Kind kind;
    std::string by;
    Epoch epoch;
    Bytes message;
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
  void leave(const std::string& name);
  void update(const std::string& name);
  void commit(const std::string& name);
  void enter(const std::string& by);
  void spoil(const std::string& name);
  CommitPlan planOf(const std::string& name);
  void welcome(const std::string& author, const PendingCommit& pending);

  // --- the log
  bool takes(Kind kind, Epoch epoch, std::size_t basis) const;
  void append(Entry entry);

  // --- reading
  void read(const std::string& name);
  void readAll(const std::string& name);
  void readEntry(const std::string& name, const Entry& entry);
  void readApplication(const std::string& name, const Entry& entry);
  void readDeferred(const std::string& name);
  void began(const std::string& name);
  void checkWindow(const Group& group) const;

  // False if it crashed before anything was written: what it was about to do has not happened.
  bool persist(const std::string& name);
  void start(const std::string& name, Group group);

  std::size_t membersMax_;
  std::vector<Entry> log_;
  std::map<std::string, Life> lives_;
  std::map<Epoch, Bytes> authenticators_;
  uint64_t commits_ = 0;
  std::size_t lastHandshake_ = 0;  // behind the last proposal or commit
  int born_ = 0;
};

}  // namespace qpq::mls
