#include "mls/group/psk_source.h"

#include <algorithm>

#include "mls/schedule/psk_secret.h"

namespace qpq::mls {
namespace {

bool isFor(const ResumptionPskKey& key, const ResumptionPSK& id) {
  return key.groupId == id.pskGroupId && key.epoch == id.pskEpoch;
}

// §11.2, §11.3: the two usages that link a group to the one before.
Result<ByteView> findPredecessor(const ResumptionPSK& id, const PskSource& source, uint32_t place) {
  bool allowed = false;
  for (const PredecessorPsk& predecessor : source.predecessors) {
    if (predecessor.usage != id.usage) continue;
    if (isFor(predecessor.key, id)) return predecessor.key.key;
    allowed = true;
  }
  return fail(allowed ? ErrorCode::unknownPsk : ErrorCode::pskUsage, place);
}

Result<ByteView> find(const PreSharedKeyID& id, const PskSource& source, uint32_t place) {
  if (const auto* external = id.psk.as<ExternalPSK>()) {
    auto found = std::ranges::find(source.external, external->pskId, &ExternalPskKey::id);
    if (found == source.external.end()) return fail(ErrorCode::unknownPsk, place);
    return found->key;
  }
  const auto& resumption = *id.psk.as<ResumptionPSK>();
  if (resumption.usage != ResumptionPSKUsage::application) return findPredecessor(resumption, source, place);
  auto given = std::ranges::find_if(source.resumption, [&](const auto& key) { return isFor(key, resumption); });
  if (given != source.resumption.end()) return given->key;
  if (!equal(resumption.pskGroupId, source.groupId)) return fail(ErrorCode::unknownPsk, place);
  if (resumption.pskEpoch == source.current && !source.currentResumptionPsk.empty()) return source.currentResumptionPsk;
  if (source.past == nullptr || !source.past->contains(resumption.pskEpoch)) return fail(ErrorCode::unknownPsk, place);
  return source.past->at(resumption.pskEpoch).expose();
}

}  // namespace

Result<SecretBytes> pskSecretOf(const crypto::Suite& suite, const PreSharedKeyIDs& ids, const PskSource& source) {
  std::vector<PskInput> inputs;
  for (const PreSharedKeyID& id : ids) {
    ByteView key = TRY(find(id, source, static_cast<uint32_t>(inputs.size())));
    inputs.push_back({id, key});
  }
  return pskSecret(suite, inputs);
}

}  // namespace qpq::mls
