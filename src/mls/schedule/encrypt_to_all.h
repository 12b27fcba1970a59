#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "crypto/suite.h"
#include "mls/error.h"
#include "mls/executor.h"
#include "mls/message/commit.h"

namespace qpq::mls {

struct SealJob {
  ByteView publicKey;
  ByteView plaintext;
};

// encryptWithLabel() for many recipients of one context: the context is hashed once, and the executor may share out the
// rest. Randomness is drawn in the order of the jobs before any of them begins. invalidKey with the index of the job.
Result<std::vector<HPKECiphertext>> encryptToAll(const crypto::Suite& suite, std::string_view label, ByteView context,
                                                 std::span<const SealJob> jobs, Random& random, Executor* executor);

}  // namespace qpq::mls
