#include "mls/group/psk_source.h"

#include <algorithm>

#include "mls/schedule/psk_secret.h"

namespace qpq::mls {
namespace {

Result<ByteView> find(const PreSharedKeyID& id, const PskSource& source, uint32_t place) {
  if (const auto* external = id.psk.as<ExternalPSK>()) {
    auto found = std::ranges::find(source.external, external->pskId, &ExternalPskKey::id);
    if (found == source.external.end()) return fail(ErrorCode::unknownPsk, place);
    return found->key;
  }
  const auto& resumption = *id.psk.as<ResumptionPSK>();
  // §11.2, §11.3: the other two usages belong to the first commit of another group.
  if (resumption.usage != ResumptionPSKUsage::application) return fail(ErrorCode::pskUsage, place);
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
