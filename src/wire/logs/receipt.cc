#include "wire/logs/receipt.h"

#include <cassert>
#include <limits>

#include "wire/logs/merkle.h"

namespace qpq::wire {

std::vector<Receipt> signFlush(const ReceiptSigner& signer, const std::vector<ReceiptLeaf>& leaves) {
  assert(leaves.size() <= std::numeric_limits<uint32_t>::max());
  std::vector<Hash> hashes;
  hashes.reserve(leaves.size());
  for (const ReceiptLeaf& leaf : leaves) hashes.push_back(merkleLeaf(encode(leaf)));
  MerkleTree tree(std::move(hashes));
  auto flush = sign(signer.key, FlushTBS{.size = static_cast<uint32_t>(leaves.size()), .root = tree.root()});

  std::vector<Receipt> receipts;
  receipts.reserve(leaves.size());
  for (uint32_t index = 0; index < flush.tbs.size; ++index) {
    receipts.push_back({.leaf = leaves[index],
                        .keyId = signer.keyId,
                        .index = index,
                        .size = flush.tbs.size,
                        .path = tree.path(index),
                        .signature = flush.signature});
  }
  return receipts;
}

SignedHead signHead(const ReceiptSigner& signer, const HeadTBS& tbs) {
  return {.tbs = tbs, .keyId = signer.keyId, .signature = sign(signer.key, tbs).signature};
}

Result<Attestation> Attestation::check(const Receipt& receipt, const VerifiedServerInfo& server) {
  if (receipt.leaf.incarnation != server->incarnation) return fail(ErrorCode::otherIncarnation);
  return checkOfAnyLife(receipt, server);
}

Result<Attestation> Attestation::checkOfAnyLife(const Receipt& receipt, const VerifiedServerInfo& server) {
  const ReceiptLeaf& leaf = receipt.leaf;
  PublicKey key = TRY(server.receiptKey(receipt.keyId));
  Hash root = TRY(merkleRoot(merkleLeaf(encode(leaf)), receipt.index, receipt.size, receipt.path));
  Signed<FlushTBS> flush{{.size = receipt.size, .root = root}, receipt.signature};
  if (!verify(key, flush)) return fail(ErrorCode::badSignature);
  return Attestation(server->identity, leaf.incarnation, leaf.log,
                     {.seq = leaf.seq, .head = leaf.head, .commits = leaf.commits});
}

Result<Attestation> Attestation::check(const SignedHead& head, const VerifiedServerInfo& server) {
  const HeadTBS& tbs = head.tbs;
  if (tbs.incarnation != server->incarnation) return fail(ErrorCode::otherIncarnation);
  PublicKey key = TRY(server.receiptKey(head.keyId));
  if (!verify(key, Signed<HeadTBS>{tbs, head.signature})) return fail(ErrorCode::badSignature);
  return Attestation(server->identity, tbs.incarnation, tbs.log,
                     {.seq = tbs.seq, .head = tbs.head, .commits = tbs.commits});
}

Result<void> checkContradiction(const Attestation& a, const Attestation& b) {
  bool sameQuestion = a.identity() == b.identity() && a.incarnation() == b.incarnation() && a.log() == b.log() &&
                      a.place().seq == b.place().seq;
  if (!sameQuestion || a.place() == b.place()) return fail(ErrorCode::noContradiction);
  return {};
}

}  // namespace qpq::wire
