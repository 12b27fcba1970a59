// Every structure of RFC 9420, as anybody may send it. The first byte says which one the rest is.
#include <array>
#include <utility>

#include "cost.h"
#include "mls/group/epoch_state.h"
#include "mls/group/proposal_store.h"
#include "mls/key_package.h"
#include "mls/message/app_data.h"
#include "mls/message/framing.h"
#include "mls/message/ratchet_tree.h"
#include "mls/record.h"
#include "mls/tree/certificate.h"
#include "mls/tree/ratchet_tree.h"
#include "mls/tree/validate.h"

using namespace qpq;
using namespace qpq::mls;
using fuzz::readBack;
using fuzz::require;

namespace {

const crypto::Suite& kSuite = crypto::kProductSuite;
constexpr double kCostMaxMs = 100;

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

// The key lies within the certificate.
void checkCertificate(ByteView input) {
  auto key = certifiedKey(input);
  require(!key || (key->data() >= input.data() && key->data() + key->size() <= input.data() + input.size()));
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
    fuzz::readBackSecret<KeyPackagePrivateKeys>,
    // Inside extensions and credentials.
    check<AppDataDictionary>,
    checkCertificate,
};

void take(uint8_t which, ByteView input) {
  fuzz::bounded(kCostMaxMs, [&] { kChecks[which % kChecks.size()](input); });
}

// 64 KiB that make the most of it: a tree that is all blank but its last leaf, and lists of the smallest items.
void takeDearest() {
  constexpr std::size_t kSizeMax = (64 << 10) - 1;
  Bytes leaf = encode(Node{LeafNode{.encryptionKey = Bytes(1216),
                                    .signatureKey = Bytes(32),
                                    .credential = {BasicCredential{}},
                                    .source = {UpdateSource{}}}});
  RatchetTreeNodes blank(2 * ((kSizeMax - leaf.size() - 16) / 2));
  blank.emplace_back(*decode<Node>(leaf));
  Bytes tree = encode(blank);
  require(tree.size() <= kSizeMax && decode<RatchetTreeNodes>(tree));
  for (uint8_t which = 0; which < kChecks.size(); ++which) {
    take(which, tree);
    for (uint8_t filling : Bytes{0x00, 0x01, 0x02, 0x40, 0x80, 0xff}) {
      Bytes list{0x80, 0x00, 0xff, 0xf0};  // a vector of what follows
      list.resize(kSizeMax, filling);
      take(which, list);
      list[0] = filling;
      take(which, list);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  static bool begun = false;
  if (!std::exchange(begun, true)) takeDearest();
  if (size == 0) return 0;
  take(data[0], {data + 1, size - 1});
  return 0;
}
