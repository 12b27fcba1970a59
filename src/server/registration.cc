#include "server/registration.h"

#include "opaque/messages.h"

namespace qpq::server {

namespace {

std::unexpected<Malformed> refuse(std::string_view field, std::string_view rule) {
  return std::unexpected(Malformed{std::string(field) + ": " + std::string(rule)});
}

std::unexpected<Malformed> refuse(std::string_view field, const wire::Error& error) {
  return refuse(field, wire::name(error.code));
}

// A repetition is known by this: the same account, to the byte.
wire::Hash digestOf(const RegistrationRequest& request) {
  Writer out;
  out.opaque(asBytes(request.name));
  out.opaque(request.account);
  for (uint32_t parameter : {request.cost.memoryKib, request.cost.passes, request.cost.lanes}) out.u32(parameter);
  out.opaque(request.vault);
  out.opaque(request.deviceList);
  out.opaque(request.certificate);
  return crypto::sha256({out.view(), request.record.expose()});
}

}  // namespace

bool isRecord(const SecretBytes& record) { return decode<opaque::RegistrationRecord>(record.expose()).has_value(); }

bool isAcceptable(const crypto::Argon2Cost& cost, const AuthPolicy& policy) {
  return cost.covers(policy.cost) && crypto::kArgon2CostMax.covers(cost);
}

std::expected<CheckedRegistration, Malformed> CheckedRegistration::check(RegistrationRequest request,
                                                                         const AuthPolicy& policy) {
  wire::Hash digest = digestOf(request);
  auto name = wire::UserName::parse(request.name);
  if (!name) return refuse("name", name.error());
  auto account = decode<AccountId>(request.account);
  if (!account) return refuse("account", "16 bytes");
  if (!isRecord(request.record)) return refuse("record", "no RegistrationRecord");
  if (!isAcceptable(request.cost, policy)) return refuse("cost", "outside what this server accepts");
  auto vault = decode<wire::Vault>(request.vault);
  if (!vault) return refuse("vault", wire::Error(vault.error()));
  if (auto checked = wire::checkVault(*vault, *account); !checked) return refuse("vault", checked.error());
  auto decodedList = decode<wire::DeviceList>(request.deviceList);
  if (!decodedList) return refuse("deviceList", wire::Error(decodedList.error()));
  auto list = wire::VerifiedDeviceList::check(*std::move(decodedList));
  if (!list) return refuse("deviceList", list.error());
  if ((*list)->account != *account) return refuse("deviceList", "otherAccount");
  auto certificate = wire::VerifiedCertificate::parse(request.certificate);
  if (!certificate) return refuse("certificate", certificate.error());
  if (auto checked = wire::checkRegistration(*list, *certificate); !checked) {
    return refuse("certificate", checked.error());
  }
  return CheckedRegistration({.name = *std::move(name),
                              .credentials = {*account, std::move(request.record), request.cost},
                              .vault = *std::move(vault),
                              .list = list->list(),
                              .certificate = certificate->certificate(),
                              .digest = digest});
}

}  // namespace qpq::server
