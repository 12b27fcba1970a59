#include "wire/logs/envelope.h"

#include "wire/limits.h"

namespace qpq::wire {

namespace {

mls::ContentType contentTypeOf(EntryKind kind) {
  switch (kind) {
    case EntryKind::message: return mls::ContentType::application;
    case EntryKind::proposal: return mls::ContentType::proposal;
    case EntryKind::commit: return mls::ContentType::commit;
  }
  std::unreachable();
}

bool isOf(const mls::KeyPackage& keyPackage, const Certificate& certificate) {
  const auto* credential = keyPackage.leafNode.credential.as<mls::BasicCredential>();
  return credential != nullptr && credential->identity == encode(certificate) &&
         equal(keyPackage.leafNode.signatureKey, certificate.tbs.deviceKey);
}

}  // namespace

Result<VerifiedAsk> VerifiedAsk::check(Ask ask, const LogId& log) {
  const AskTBS& tbs = ask.tbs;
  if (tbs.log != log) return fail(ErrorCode::otherLog);
  if (tbs.terms.kind() != EntryKind::proposal) return fail(ErrorCode::kindDiffers);
  if (tbs.terms.leaver()) return fail(ErrorCode::leaverUnexpected);
  auto certificate = TRY(VerifiedCertificate::check(tbs.certificate));
  if (!isOf(tbs.keyPackage, tbs.certificate)) return fail(ErrorCode::keyPackageDiffers);
  if (!verify(certificate->deviceKey, ask)) return fail(ErrorCode::badSignature);
  return VerifiedAsk(std::move(ask.tbs), std::move(certificate));
}

Result<LogEnvelope> LogEnvelope::parse(ByteView encoded, const LogId& log) {
  if (encoded.size() > kUploadSizeMax) return fail(ErrorCode::tooLarge);
  Envelope envelope = TRY(decode<Envelope>(encoded));
  Hash hash = crypto::sha256(encoded);
  auto* ask = std::get_if<Ask>(&envelope.body);
  auto parsed = TRY(ask != nullptr ? ofAsk(std::move(*ask), log, hash)
                                   : ofMessage(std::get<mls::MLSMessage>(std::move(envelope.body)), log, hash));
  if (parsed.terms().kind() != EntryKind::commit && encoded.size() > kInlineSizeMax) return fail(ErrorCode::tooLarge);
  return parsed;
}

Result<LogEnvelope> LogEnvelope::ofMessage(mls::MLSMessage message, const LogId& log, const Hash& hash) {
  auto* content = std::get_if<mls::PrivateMessage>(&message.message.body);
  if (content == nullptr) return fail(ErrorCode::notPrivateMessage);
  if (!equal(content->groupId, log.bytes)) return fail(ErrorCode::otherLog);
  Terms terms = TRY(decode<Terms>(content->authenticatedData));
  if (content->contentType != contentTypeOf(terms.kind())) return fail(ErrorCode::kindDiffers);
  // Whether the proposal is a SelfRemove only members can see; on the wire there is no other.
  if (terms.kind() == EntryKind::proposal && !terms.leaver()) return fail(ErrorCode::leaverMissing);
  return LogEnvelope(std::move(terms), std::move(*content), hash);
}

Result<LogEnvelope> LogEnvelope::ofAsk(Ask ask, const LogId& log, const Hash& hash) {
  auto verified = TRY(VerifiedAsk::check(std::move(ask), log));
  Terms terms = verified.ask().terms;
  return LogEnvelope(std::move(terms), std::move(verified), hash);
}

}  // namespace qpq::wire
