#pragma once

#include "base/random.h"
#include "mls/error.h"
#include "mls/message/proposal.h"
#include "mls/schedule/key_schedule.h"

// RFC 9420 §8.3: the init_secret that somebody outside brings to an epoch by sealing it to external_pub.
namespace qpq::mls {

struct NewExternalInit {
  ExternalInit proposal;
  SecretBytes initSecret;
};
// invalidKey if `externalPub` is none.
Result<NewExternalInit> makeExternalInit(const crypto::Suite& suite, ByteView externalPub, Random& random);
// externalInitOutput if kem_output is none of this suite's.
Result<SecretBytes> openExternalInit(const crypto::Suite& suite, ByteView externalSecret, const ExternalInit& proposal);

}  // namespace qpq::mls
