#pragma once

#include <cstdint>
#include <tuple>

#include "mls/message/framing.h"
#include "mls/message/key_package.h"
#include "mls/message/tagged.h"
#include "wire/error.h"
#include "wire/logs/terms.h"
#include "wire/people/certificate.h"
#include "wire/sign.h"
#include "wire/types.h"

namespace qpq::wire {

// Why a device asks to be added again.
enum class AskReason : uint8_t {
  lostState = 1,
  badPath = 2,  // the secret part of a commit failed here; the device keeps its state until it is added again
  lostKeyPackage = 3,
  newDevice = 4,
  rolledBack = 5,
  expired = 6,
};
constexpr bool isKnown(AskReason reason) { return reason >= AskReason::lostState && reason <= AskReason::expired; }

struct AskTBS {
  static constexpr SignLabel kSignLabel = SignLabel::ask;

  LogId log;
  Terms terms;  // kind proposal, no leaver; commitsSeen from head() or from a conflict
  AskReason reason = AskReason::lostState;
  Certificate certificate;
  mls::KeyPackage keyPackage;

  bool operator==(const AskTBS&) const = default;
  static constexpr auto fields() {
    return std::tuple{&AskTBS::log, &AskTBS::terms, &AskTBS::reason, &AskTBS::certificate, &AskTBS::keyPackage};
  }
};

// "Add this device, with this key package." Signed by the device key: no MLS message, since who asks has no group
// state.
using Ask = Signed<AskTBS>;

enum class EnvelopeType : uint8_t { mls = 1, ask = 2 };
constexpr bool isKnown(EnvelopeType type) { return type == EnvelopeType::mls || type == EnvelopeType::ask; }

// What a log stores.
using Envelope = mls::Tagged<mls::Case<EnvelopeType::mls, mls::MLSMessage>, mls::Case<EnvelopeType::ask, Ask>>;

// An ask that is its device's: certificate and signature verify, and the key package is of the same device and key.
// Whether the key package is a good one is MLS's and key_package.h's to say.
class VerifiedAsk {
 public:
  // otherLog, kindDiffers, leaverUnexpected, certificateVersion, keyPackageDiffers, badSignature
  static Result<VerifiedAsk> check(Ask ask, const LogId& log);

  const AskTBS& ask() const { return tbs_; }
  const VerifiedCertificate& certificate() const { return certificate_; }
  bool operator==(const VerifiedAsk&) const = default;

 private:
  VerifiedAsk(AskTBS tbs, VerifiedCertificate certificate)
      : tbs_(std::move(tbs)), certificate_(std::move(certificate)) {}
  AskTBS tbs_;
  VerifiedCertificate certificate_;
};

// An envelope that keeps every rule its bytes alone can keep, for one log. The server takes nothing else; a reader who
// is given something else by the server has been lied to.
class LogEnvelope {
 public:
  // tooLarge: above kUploadSizeMax, or above kInlineSizeMax and no commit.
  // notPrivateMessage, otherLog, kindDiffers, leaverMissing; of an ask those of VerifiedAsk; whatever decode() refuses.
  static Result<LogEnvelope> parse(ByteView encoded, const LogId& log);

  const Terms& terms() const { return terms_; }
  const Hash& hash() const { return hash_; }  // SHA-256 of the encoding: what chain and receipt name
  const mls::PrivateMessage* message() const { return std::get_if<mls::PrivateMessage>(&content_); }
  const VerifiedAsk* ask() const { return std::get_if<VerifiedAsk>(&content_); }
  bool operator==(const LogEnvelope&) const = default;

 private:
  using Content = std::variant<mls::PrivateMessage, VerifiedAsk>;
  LogEnvelope(Terms terms, Content content, const Hash& hash)
      : terms_(std::move(terms)), content_(std::move(content)), hash_(hash) {}
  static Result<LogEnvelope> ofMessage(mls::MLSMessage message, const LogId& log, const Hash& hash);
  static Result<LogEnvelope> ofAsk(Ask ask, const LogId& log, const Hash& hash);
  Terms terms_;
  Content content_;
  Hash hash_;
};

}  // namespace qpq::wire
