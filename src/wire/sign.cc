#include "wire/sign.h"

#include <string>

namespace qpq::wire {

namespace {

constexpr std::string_view kPrefix = "qpq 1 ";

Bytes labelled(SignLabel label, ByteView content) {
  Writer out;
  out.opaque(asBytes(std::string(kPrefix).append(text(label))));
  out.opaque(content);
  return std::move(out).take();
}

}  // namespace

std::string_view text(SignLabel label) {
  switch (label) {
    case SignLabel::certificate: return "certificate";
    case SignLabel::devices: return "devices";
    case SignLabel::resume: return "resume";
    case SignLabel::server: return "server";
    case SignLabel::ask: return "ask";
    case SignLabel::receipt: return "receipt";
    case SignLabel::head: return "head";
    case SignLabel::ephemeral: return "ephemeral";
  }
  std::unreachable();
}

Signature signLabelled(const crypto::Ed25519Key& key, SignLabel label, ByteView content) {
  return key.sign(labelled(label, content));
}

bool verifyLabelled(const PublicKey& key, SignLabel label, ByteView content, const Signature& signature) {
  return crypto::verifyEd25519(key, labelled(label, content), signature);
}

}  // namespace qpq::wire
