#include "wire/people/server_info.h"

namespace qpq::wire {

Result<VerifiedServerInfo> VerifiedServerInfo::check(ServerInfo info) {
  if (!verify(info.tbs.identity, info)) return fail(ErrorCode::badSignature);
  return VerifiedServerInfo(std::move(info));
}

Result<PublicKey> VerifiedServerInfo::receiptKey(uint32_t id) const {
  const ReceiptKey* found = info_.tbs.receiptKeys.find(id);
  if (found == nullptr) return fail(ErrorCode::unknownReceiptKey);
  return found->key;
}

Result<void> checkConnection(const VerifiedServerInfo& info, const PublicKey& pinnedIdentity, const Hash& tlsKey) {
  if (info->identity != pinnedIdentity) return fail(ErrorCode::otherIdentity);
  if (info->tlsKey != tlsKey) return fail(ErrorCode::otherTlsKey);
  return {};
}

}  // namespace qpq::wire
