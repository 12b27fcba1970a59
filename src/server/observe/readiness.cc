#include "server/observe/readiness.h"

#include <sys/statvfs.h>

#include "server/observe/limits.h"

namespace qpq::server {

namespace {

bool hasRoom(const std::string& folder) {
  struct statvfs disk{};
  if (statvfs(folder.c_str(), &disk) != 0) return false;
  return uint64_t{disk.f_bavail} * disk.f_frsize >= kFreeBytesMin;
}

}  // namespace

Readiness::Readiness(Services& services, loop::Worker& worker, std::string folder)
    : services_(services), worker_(worker), folder_(std::move(folder)) {}

kj::Promise<Readiness::Verdict> Readiness::ask() {
  if (stopping_) return Verdict::stopping;
  auto now = services_.timer.now();
  bool isFresh = now < asked_ + kProbeMemoryMs * kj::MILLISECONDS;
  KJ_IF_MAYBE (answer, answer_) {
    if (isFresh) return answer->addBranch();
  }
  asked_ = now;
  auto late = services_.timer.afterDelay(kProbeMs * kj::MILLISECONDS).then([]() { return Verdict::storeUnavailable; });
  return answer_.emplace(probe().exclusiveJoin(kj::mv(late)).fork()).addBranch();
}

kj::Promise<Readiness::Verdict> Readiness::probe() {
  if (!co_await worker_.run([folder = folder_]() { return hasRoom(folder); })) co_return Verdict::storeFull;
  co_return co_await services_.probeStore() ? Verdict::ready : Verdict::storeUnavailable;
}

const char* sentence(Readiness::Verdict verdict) {
  switch (verdict) {
    case Readiness::Verdict::ready: return "ready";
    case Readiness::Verdict::storeFull: return "the disk of the store is full";
    case Readiness::Verdict::storeUnavailable: return "the store takes no writes";
    case Readiness::Verdict::stopping: return "stopping";
  }
  return "";
}

}  // namespace qpq::server
