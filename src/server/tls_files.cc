#include "server/tls_files.h"

#include <filesystem>
#include <format>

#include "quic/self_signed.h"
#include "server/whole_file.h"

namespace qpq::server {

namespace {

// A chain of a few certificates takes some kilobytes.
constexpr std::size_t kPemSizeMax = 256 * 1024;

// The key first: a certificate without its key would look like a loss at the next start.
Configured<void> makeFiles(const Settings& settings, Random& random, Instant now) {
  quic::SelfSigned made = quic::makeSelfSigned(random, now);
  TRY(writeWhole(settings.tlsKey, made.keyPem.expose()));
  return writeWhole(settings.tlsCert, made.certificatePem);
}

}  // namespace

Configured<quic::TlsIdentity> loadTls(const TlsPaths& paths) {
  SecretBytes certificate = TRY(readWhole(paths.certificate, "tls_cert", kPemSizeMax));
  SecretBytes key = TRY(readWhole(paths.key, "tls_key", kPemSizeMax));
  auto identity = quic::TlsIdentity::load(certificate.expose(), key.expose());
  if (!identity) {
    return std::unexpected(
        ConfigError{std::format("{} and {}: {}", paths.certificate, paths.key, quic::sentence(identity.error()))});
  }
  return *std::move(identity);
}

Configured<TlsFiles> tlsFiles(const Settings& settings, Random& random, Instant now) {
  std::vector<std::string> notes;
  if (settings.makeCertificate && !std::filesystem::exists(settings.tlsCert)) {
    TRY(makeFiles(settings, random, now));
    notes.push_back(std::format("made a certificate in {}; give it to clients as --ca-cert", settings.tlsCert));
  }
  return TlsFiles{TRY(loadTls({settings.tlsCert, settings.tlsKey})), std::move(notes)};
}

}  // namespace qpq::server
