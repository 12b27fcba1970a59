#include "reading.h"

#include <algorithm>
#include <format>

#include "crypto/hash.h"
#include "schema/data.h"
#include "wire/logs/envelope.h"

namespace qpq::faults {

using schema::bytesOf;
using schema::viewOf;

void Reading::fail(const std::string& what) {
  broken_ = true;
  ++counts_.broken;
  complain(log_, what);
}

void Reading::take(schema::Page::Reader page, const wire::VerifiedServerInfo& server) {
  if (broken_) return;
  if (page.getEntries().size() == 0) {
    if (page.getStart().size() != 0) takePruned(page.getStart(), server);
    return;
  }
  for (auto entry : page.getEntries()) {
    takeEntry(entry);
    if (broken_) return;
  }
  checkReceipt(page.getReceipt(), server);
}

void Reading::takePruned(capnp::Data::Reader signedHead, const wire::VerifiedServerInfo& server) {
  auto decoded = decode<wire::SignedHead>(viewOf(signedHead));
  auto head = decoded ? wire::Attestation::check(*decoded, server)
                      : wire::Result<wire::Attestation>(std::unexpected(wire::Error(decoded.error())));
  if (!head || head->log() != log_) return fail("a record of what is gone is not the server's");
  uint64_t missed = std::max(acknowledged_, place_.seq);
  if (head->place().seq > missed) {
    counts_.lost += head->place().seq - missed;
    complain(log_, std::format("entries {} to {} are gone, and nobody had them", missed + 1, head->place().seq));
  }
  place_ = head->place();
  history_.reached(place_);
}

void Reading::takeEntry(schema::Entry::Reader entry) {
  uint64_t seq = entry.getSeq();
  if (seq <= place_.seq) {
    ++counts_.twice;
    return fail(std::format("entry {} came again behind {}", seq, place_.seq));
  }
  if (seq != place_.seq + 1) {
    counts_.lost += seq - place_.seq - 1;
    return fail(std::format("entry {} came behind {}", seq, place_.seq));
  }
  Bytes envelope = bytesOf(entry.getEnvelope());
  auto parsed = wire::LogEnvelope::parse(envelope, log_);
  auto id = schema::idOf<EntryId>(entry.getId());
  if (!parsed || !id || parsed->terms().id != *id) return fail(std::format("entry {} is no envelope of its id", seq));
  wire::ChainLink link{seq, parsed->terms().kind(), *id, parsed->hash(), wire::noWelcome()};
  if (auto welcome = decode<ByteArray<32>>(viewOf(entry.getWelcomeHash()))) link.welcome = *welcome;
  auto next = place_.after(link);
  if (!next) return fail(std::format("entry {} does not fit the chain", seq));
  place_ = *next;
  ++counts_.delivered;
  history_.handedOut(seq, {*id, parsed->hash(), place_.head});
}

void Reading::checkReceipt(capnp::Data::Reader encoded, const wire::VerifiedServerInfo& server) {
  auto receipt = decode<wire::Receipt>(viewOf(encoded));
  auto attested = receipt ? wire::Attestation::check(*receipt, server)
                          : wire::Result<wire::Attestation>(std::unexpected(wire::Error(receipt.error())));
  if (!attested || attested->log() != log_ || attested->place() != place_) {
    fail(std::format("the chain at {} is not what the server signed", place_.seq));
  }
}

}  // namespace qpq::faults
