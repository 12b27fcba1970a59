#pragma once

#include <array>
#include <mutex>

#include "server/observe/exposition.h"
#include "server/observe/histogram.h"
#include "server/observe/observer.h"

namespace qpq::server {

// Operations of a flush: kFlushOperationsMax is the last bound.
inline constexpr double kFlushBounds[] = {1, 2, 4, 8, 16, 32, 64};

// Counts what it is told, by any thread, since the program started. Metrics that the original project had keep their
// names; all others begin with qpq_.
class Metrics final: public Observer {
 public:
  void flushed(std::size_t operations, kj::Duration took, FlushEnd end) override;
  void appended(AppendEnd end, std::size_t bytes, kj::Duration took) override;
  void pageRead() override {
    std::scoped_lock lock(mutex_);
    ++pagesRead_;
  }
  void followBegun() override {
    std::scoped_lock lock(mutex_);
    ++follows_;
  }
  void pushed(std::size_t entries) override;
  void pushAnswered(kj::Duration took) override;
  void packagesPublished(std::size_t count) override {
    std::scoped_lock lock(mutex_);
    packages_ += count;
  }
  void handshaken(kj::Duration took) override {
    std::scoped_lock lock(mutex_);
    handshakes_.add(took);
  }
  void loginEnded(LoginEnd end, kj::Duration took) override;
  void resumeEnded(ResumeEnd end) override {
    std::scoped_lock lock(mutex_);
    ++resumes_[static_cast<std::size_t>(end)];
  }
  void registered() override {
    std::scoped_lock lock(mutex_);
    ++registrations_;
  }
  void bulkMoved(BulkWay way, std::size_t bytes) override {
    std::scoped_lock lock(mutex_);
    bulkBytes_[static_cast<std::size_t>(way)] += bytes;
  }
  void fileStored() override {
    std::scoped_lock lock(mutex_);
    ++filesStored_;
  }
  void quotaRefused() override {
    std::scoped_lock lock(mutex_);
    ++quotaRefusals_;
  }
  void limited() override {
    std::scoped_lock lock(mutex_);
    ++limited_;
  }

  void write(Exposition& out) const;

 private:
  mutable std::mutex mutex_;  // guards everything below
  std::array<uint64_t, 2> flushes_{};
  Histogram flushOperations_{kFlushBounds};
  Histogram flushSeconds_{kSecondsBounds};
  std::array<uint64_t, 5> appends_{};
  uint64_t appendedBytes_ = 0;
  Histogram appendSeconds_{kSecondsBounds};
  uint64_t pagesRead_ = 0;
  uint64_t follows_ = 0;
  uint64_t pushedEntries_ = 0;
  Histogram pushSeconds_{kSecondsBounds};
  uint64_t packages_ = 0;
  Histogram handshakes_{kSecondsBounds};
  std::array<uint64_t, 5> logins_{};
  Histogram loginSeconds_{kSecondsBounds};
  std::array<uint64_t, 3> resumes_{};
  uint64_t registrations_ = 0;
  std::array<uint64_t, 2> bulkBytes_{};
  uint64_t filesStored_ = 0;
  uint64_t quotaRefusals_ = 0;
  uint64_t limited_ = 0;
};

}  // namespace qpq::server
