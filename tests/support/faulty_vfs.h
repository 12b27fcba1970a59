#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/random.h"

namespace qpq::test {

// SQLite's own file layer with accidents: the n-th call of a kind fails, or the power goes. Files are real; beside each
// stands what a disk would hold for certain (as of its last sync) and the writes since, which a power cut may lose.
// Names of files are durable at once: creating and deleting survive a cut.
//
//   FaultyVfs disk("faulty");
//   disk.fail({.call = FaultyVfs::Call::sync, .nth = 3, .then = FaultyVfs::Then::powerGoes});
//   … open a database with vfs "faulty", work until it fails, close it …
//   disk.restorePower(FaultyVfs::Unsynced::lost);
//   … open it again: everything acknowledged must be there …
//
// Registered with SQLite under its name as long as it lives; connections must be closed before it dies. One thread.
class FaultyVfs {
 public:
  enum class Call { open, read, write, sync, truncate, remove, sharedMemory };
  static constexpr Call kCalls[] = {Call::open,     Call::read,   Call::write,       Call::sync,
                                    Call::truncate, Call::remove, Call::sharedMemory};
  enum class Reason {
    brokenDisk,
    fullDisk,       // SQLITE_FULL, which only writes can say
    forgetfulDisk,  // a sync that fails, and after which the next one works without what this one was to keep
  };
  enum class Then {
    works,      // this call alone fails; a failed write leaves its first half in the file
    fails,      // every further call of this kind fails too
    powerGoes,  // no call does anything any more, until restorePower
  };
  struct Fault {
    Call call;
    uint64_t nth;  // from 1, counted from now
    Then then = Then::works;
    Reason reason = Reason::brokenDisk;
  };
  enum class Unsynced {
    lost,  // a power cut at its worst
    kept,  // only the process died
  };

  explicit FaultyVfs(std::string name);
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;
  ~FaultyVfs();

  const std::string& name() const;
  void fail(Fault fault);
  void heal();                      // forgets the fault
  bool struck() const;              // whether the fault has happened
  uint64_t count(Call call) const;  // calls since the start
  void cutPower();
  // Writes the files as they are found after the cut. All connections must be closed by then.
  void restorePower(Unsynced unsynced);
  void restorePower(Random& random);  // each unsynced write is kept, lost or torn

 private:
  struct State;
  struct Calls;
  std::unique_ptr<State> state_;
};

}  // namespace qpq::test
