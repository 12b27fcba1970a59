#pragma once

#include <kj/async.h>
#include <kj/function.h>
#include <kj/timer.h>

#include <array>
#include <cstdint>

#include "loop/worker.h"
#include "quic/certificate.h"
#include "server/observe/journal.h"
#include "server/tls_files.h"

namespace qpq::server {

// Notices that the certificate's files have changed, and hands on what they hold. Files that do not belong
// together, or are no certificate and key, are named once in the journal, and the old certificate stays.
class CertificateWatch final: private kj::TaskSet::ErrorHandler {
 public:
  // What is done with a certificate that has changed; resolves when every new client meets it.
  using Renew = kj::Function<kj::Promise<void>(quic::TlsIdentity)>;

  // All outlive it. Files are read by the worker; the server was started with what they held a moment ago.
  CertificateWatch(const TlsPaths& paths, Renew renew, kj::Timer& timer, loop::Worker& worker, const Journal& journal);
  KJ_DISALLOW_COPY_AND_MOVE(CertificateWatch);

  // Reads them now, whether they have changed or not; resolves when that is done.
  kj::Promise<void> reload();

 private:
  // What of a file changes when it is written or replaced; zeros if it is not there.
  struct Stamp {
    uint64_t inode = 0;
    uint64_t size = 0;
    int64_t changedNs = 0;
    bool operator==(const Stamp&) const = default;
  };
  using Stamps = std::array<Stamp, 2>;
  static Stamps stampsOf(const TlsPaths& paths);

  kj::Promise<void> lookForEver();
  void taskFailed(kj::Exception&& exception) override;

  const TlsPaths paths_;
  Renew renew_;
  kj::Timer& timer_;
  loop::Worker& worker_;
  const Journal& journal_;
  Stamps seen_;
  kj::TaskSet tasks_;
};

}  // namespace qpq::server
