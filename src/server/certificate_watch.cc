#include "server/certificate_watch.h"

#include <kj/debug.h>
#include <sys/stat.h>

#include "server/observe/limits.h"

namespace qpq::server {

CertificateWatch::CertificateWatch(const TlsPaths& paths, Renew renew, kj::Timer& timer, loop::Worker& worker,
                                   const Journal& journal)
    : paths_(paths),
      renew_(kj::mv(renew)),
      timer_(timer),
      worker_(worker),
      journal_(journal),
      seen_(stampsOf(paths)),
      tasks_(*this) {
  tasks_.add(lookForEver());
}

// Through symbolic links: who renews certificates often moves one.
CertificateWatch::Stamps CertificateWatch::stampsOf(const TlsPaths& paths) {
  auto stampOf = [](const std::string& path) {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return Stamp{};
    return Stamp{info.st_ino, static_cast<uint64_t>(info.st_size),
                 info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
  };
  return {stampOf(paths.certificate), stampOf(paths.key)};
}

kj::Promise<void> CertificateWatch::lookForEver() {
  for (;;) {
    co_await timer_.afterDelay(kCertificateLookMs * kj::MILLISECONDS);
    Stamps now = co_await worker_.run([paths = paths_]() { return stampsOf(paths); });
    if (now != seen_) co_await reload();
  }
}

kj::Promise<void> CertificateWatch::reload() {
  struct Read {
    Stamps stamps;
    Configured<quic::TlsIdentity> identity;
  };
  // Stamps first: what is written while the files are read is looked at again.
  Read read = co_await worker_.run([paths = paths_]() {
    Stamps stamps = stampsOf(paths);
    return Read{stamps, loadTls(paths)};
  });
  seen_ = read.stamps;
  if (!read.identity) {
    journal_.tell(LogLevel::error, "the certificate was not renewed: the old one stays",
                  {{"why", read.identity.error().what}});
    co_return;
  }
  co_await renew_(*read.identity);
  journal_.tell(LogLevel::info, "the certificate was read again", {{"tls_key", toHex(read.identity->keyHash())}});
}

void CertificateWatch::taskFailed(kj::Exception&& exception) {
  KJ_LOG(ERROR, "certificates are not watched any more", exception);
}

}  // namespace qpq::server
