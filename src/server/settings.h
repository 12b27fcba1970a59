#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/secret.h"
#include "quic/address.h"
#include "server/config.h"

namespace qpq::server {

// What the world around the program says, read once in main.
struct Environment {
  static Environment ofProcess();

  bool production = false;                   // QPQ_PRODUCTION set, and not to 0 or false
  std::optional<std::string> credentialDir;  // CREDENTIALS_DIRECTORY, set by systemd
  uint32_t cores = 1;
  uint64_t memoryBytes = 1ULL << 30;  // of the machine, or less where a control group holds us to less
};

// A configuration that may be started: every rule that spans keys holds.
struct Settings {
  quic::SocketAddress listen;
  std::string dataDir;
  std::string tlsCert;
  std::string tlsKey;
  bool makeCertificate;  // neither file was named: one is made if absent
  std::string dbPath;
  std::optional<SecretBytes> dbKey;
  std::string dbKeyFile;  // empty: none named
  bool makeDbKey;         // nothing was named: data_dir/db.key
  bool weakKsf;
  Registration registration;
  uint8_t loops;
  uint64_t memoryMaxBytes;
  uint64_t blobBytesMax;  // of one account
  LogOptions log;
  std::optional<quic::SocketAddress> metricsListen;  // nothing: nowhere
  bool metricsListenIsDefault = true;                // then a port that is taken is no reason not to start
  std::vector<std::string> notes;                    // for the operator to read at the start
};
// Where files of uploaded bytes lie.
inline std::string blobFolder(const Settings& settings) { return settings.dataDir + "/blobs"; }
Configured<Settings> settle(Config config, const Environment& environment);

// Whether databaseKey would make a key: none is named and none lies in the data folder.
bool lacksDbKey(const Settings& settings);
// The key of the store: from the one given, the file's, or a random one that is made once and kept in data_dir/db.key
// (0600). 64 hex digits are the key itself; anything else is a passphrase and is stretched, which takes a moment.
struct DatabaseKey {
  Secret<32> key;
  std::vector<std::string> notes;
};
Configured<DatabaseKey> databaseKey(const Settings& settings, Random& random);

}  // namespace qpq::server
