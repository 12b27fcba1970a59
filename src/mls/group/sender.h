#pragma once

#include "mls/error.h"
#include "mls/group/public_epoch.h"

// RFC 9420 §6.1: who may say what, and whose signature proves it.
namespace qpq::mls {

// wrongContentType for content this kind of sender never sends; unsupported for a sender the policy leaves out.
Result<void> checkSender(const GroupPolicy& policy, const FramedContent& content);

// The key the content must be signed with: a member's by its leaf, a listed sender's by its place in external_senders,
// a new member's by what it brings. unknownSender (leaf or sender index), pathMissing (a commit of a new member without
// path), malformed (external_senders).
Result<SignaturePublicKey> signatureKeyOf(const PublicEpoch& epoch, const FramedContent& content);

}  // namespace qpq::mls
