#include "opaque/messages.h"

#include <algorithm>

namespace qpq {

using opaque::Element;
using opaque::Envelope;
using opaque::RegistrationRecord;

void Codec<RegistrationRecord>::write(SecretWriter& out, const RegistrationRecord& record) {
  qpq::write(out, record.clientPublicKey);
  out.bytes(record.maskingKey.expose());
  qpq::write(out, record.envelope);
}

Decoded<RegistrationRecord> Codec<RegistrationRecord>::read(Reader& in) {
  RegistrationRecord record;
  record.clientPublicKey = TRY(qpq::read<Element>(in));
  std::ranges::copy(TRY(in.bytes(opaque::kHashSize)), record.maskingKey.writable().begin());
  record.envelope = TRY(qpq::read<Envelope>(in));
  return record;
}

}  // namespace qpq
