// Every structure of RFC 9420, as anybody may send it. The first byte says which one the rest is.
#include <array>

#include "mls/group/epoch_state.h"
#include "mls/group/proposal_store.h"
#include "mls/key_package.h"
#include "mls/message/framing.h"
#include "mls/message/ratchet_tree.h"
#include "mls/record.h"
#include "mls/tree/ratchet_tree.h"
#include "mls/tree/validate.h"
#include "read_back.h"

using namespace qpq;
using namespace qpq::mls;
using fuzz::readBack;
using fuzz::require;

namespace {

const crypto::Suite& kSuite = crypto::kProductSuite;

template <class T>
void check(ByteView input) {
  static_cast<void>(readBack<T>(input));
}

void checkKeyPackageAs(ByteView input) {
  auto package = readBack<KeyPackage>(input);
  if (!package) return;
  static_cast<void>(checkKeyPackage(kSuite, *package));
  static_cast<void>(VerifiedKeyPackage::check(*package, kSuite, Instant{1'700'000'000'000}));
}

// What is a tree gives back the nodes it was made of, and can be judged.
void checkTree(ByteView input) {
  auto nodes = readBack<RatchetTreeNodes>(input);
  if (!nodes) return;
  auto tree = RatchetTree::fromNodes(kSuite, *nodes);
  if (!tree) return;
  require(tree->nodes() == *nodes);
  static_cast<void>(validateTree(*tree, GroupContext{.cipherSuite = CipherSuiteId{kSuite.id}}));
}

// What stands inside a PrivateMessage; the first byte is the content type outside.
void checkPrivateContent(ByteView input) {
  if (input.empty() || !isKnown(ContentType{input[0]})) return;
  Reader in(input.subspan(1));
  auto content = PrivateMessageContent::read(in, ContentType{input[0]});
  if (content) require(equal(encode(*content), input.subspan(1)));
}

constexpr std::array kChecks{
    check<MLSMessage>,
    check<AuthenticatedContent>,
    checkPrivateContent,
    check<Welcome>,
    fuzz::readBackSecret<GroupSecrets>,
    check<GroupInfo>,
    checkKeyPackageAs,
    checkTree,
    check<Commit>,
    check<Proposal>,
    check<LeafNode>,
    check<GroupContext>,
    check<Extensions>,
    check<RequiredCapabilities>,
    check<ExternalSenders>,
    check<ExternalPub>,
    check<SenderData>,
    check<PSKLabel>,
    // Kept by ourselves, and read again.
    check<RecordKey>,
    check<StoredProposal>,
    check<GroupPolicy>,
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  kChecks[data[0] % kChecks.size()]({data + 1, size - 1});
  return 0;
}
