#pragma once

#include <map>
#include <optional>
#include <vector>

#include "base/secret.h"
#include "crypto/suite.h"
#include "mls/error.h"
#include "mls/message/types.h"
#include "mls/record.h"

namespace qpq::mls {

// draft-ietf-mls-extensions §4.4, the safe exporter: one secret per component and epoch, given out once and then gone
// with everything it could be computed from. The tree of RFC 9420 §9 with a leaf per component id.
class ExporterTree {
 public:
  ExporterTree() = default;  // holds no secret: every component has had its own
  ExporterTree(const crypto::Suite& suite, SecretBytes applicationExportSecret);

  struct Exported {
    SecretBytes secret;
    std::vector<RecordKey> changed;
  };
  // secretExported if the component has had its secret in this epoch.
  Result<Exported> take(ComponentId component);

  std::vector<RecordKey> keys() const;
  std::optional<SecretBytes> record(const RecordKey& key) const;
  void restore(const RecordKey& key, ByteView value);

 private:
  const crypto::Suite* suite_ = nullptr;
  std::map<NodeIndex, SecretBytes> nodes_;  // of subtrees from which nothing has been exported
};

}  // namespace qpq::mls
