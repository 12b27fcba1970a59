#include "mls/schedule/encrypt_to_all.h"

#include <algorithm>
#include <optional>

#include "crypto/hpke.h"
#include "mls/schedule/labelled.h"

namespace qpq::mls {
namespace {

// Gives out what was drawn before.
class Drawn: public Random {
 public:
  explicit Drawn(ByteView bytes): left_(bytes) {}
  void fill(ByteSpan out) override {
    std::ranges::copy(left_.first(out.size()), out.begin());
    left_ = left_.subspan(out.size());
  }

 private:
  ByteView left_;
};

}  // namespace

Result<std::vector<HPKECiphertext>> encryptToAll(const crypto::Suite& suite, std::string_view label, ByteView context,
                                                 std::span<const SealJob> jobs, Random& random, Executor* executor) {
  if (jobs.empty()) return std::vector<HPKECiphertext>();
  crypto::HpkeInfo info = TRY(encryptContext(suite, label, context));
  const std::size_t drawSize = crypto::encapsulationRandomSize(suite.kem);
  SecretBytes drawn(jobs.size() * drawSize);
  for (std::size_t i = 0; i < jobs.size(); ++i) random.fill(drawn.writable().subspan(i * drawSize, drawSize));
  std::vector<HPKECiphertext> sealed(jobs.size());
  TRY(checkEachPart(executor, jobs.size(), [&](std::size_t i) -> Result<void> {
    Drawn own(drawn.expose().subspan(i * drawSize, drawSize));
    auto made = crypto::hpkeSeal(info, jobs[i].publicKey, {}, jobs[i].plaintext, own);
    if (!made) return fail(Error(made.error()).code, static_cast<uint32_t>(i));
    sealed[i] = {std::move(made->kemOutput), std::move(made->ciphertext)};
    return {};
  }));
  return sealed;
}

}  // namespace qpq::mls
