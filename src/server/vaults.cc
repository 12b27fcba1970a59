#include "server/vaults.h"

#include "loop/co_try.h"
#include "server/registration.h"

namespace qpq::server {

namespace {

bool follows(const wire::Vault& next, const wire::Vault& stored) {
  bool passwordFollows = next.byPassword.revision == stored.byPassword.revision + 1;
  bool recoveryFollows =
      next.byRecovery == stored.byRecovery || next.byRecovery.revision == stored.byRecovery.revision + 1;
  return passwordFollows && recoveryFollows;
}

store::Result<VaultOutcome> apply(Write& write, const store::Credentials& credentials, const wire::Vault& vault) {
  auto stored = TRY(write.tables.accounts.vault(credentials.account));
  if (!stored) return Malformed{"no such account"};
  if (*stored == vault) {
    auto before = TRY(write.tables.accounts.credentials(credentials.account));
    bool same = before && constantTimeEqual(before->record.expose(), credentials.record.expose());
    if (same) return Accepted{};
  }
  if (!follows(vault, *stored)) return OtherVault{*std::move(stored)};
  TRY(write.tables.accounts.replaceVault(credentials, vault));
  return Accepted{};
}

}  // namespace

Answer<StoredVault> Vaults::read(AccountId account) {
  auto found =
      CO_TRY(co_await reader_.run([account](store::Tables& tables) -> store::Result<std::optional<StoredVault>> {
        auto vault = TRY(tables.accounts.vault(account));
        auto credentials = TRY(tables.accounts.credentials(account));
        if (!vault || !credentials) return std::nullopt;
        return StoredVault{*std::move(vault), credentials->cost};
      }));
  // Whoever may ask has an account, and accounts are not taken away.
  if (!found) co_return std::unexpected(Unavailable());
  co_return *std::move(found);
}

std::variant<RegistrationAnswer, Malformed> Vaults::changeStart(const AccountId& account, ByteView request) const {
  auto parsed = decode<opaque::RegistrationRequest>(request);
  if (!parsed) return Malformed{"request: no RegistrationRequest"};
  auto response = opaque::respondToRegistration(keys_.opaque(), account.view(), *parsed);
  if (!response) return Malformed{"request: no element"};
  return RegistrationAnswer{encode(*response), policy_.cost};
}

Answer<VaultOutcome> Vaults::replace(AccountId account, SecretBytes record, crypto::Argon2Cost cost, Bytes vault) {
  if (!isRecord(record)) co_return Malformed{"record: no RegistrationRecord"};
  if (!isAcceptable(cost, policy_)) co_return Malformed{"cost: outside what this server accepts"};
  auto decoded = decode<wire::Vault>(vault);
  if (!decoded) co_return Malformed{"vault: malformed"};
  if (auto checked = wire::checkVault(*decoded, account); !checked) {
    co_return Malformed{"vault: " + std::string(wire::name(checked.error().code))};
  }
  store::Credentials credentials{account, std::move(record), cost};
  co_return co_await writer_.run([credentials = std::move(credentials), vault = *std::move(decoded)](Write& write) {
    return apply(write, credentials, vault);
  });
}

}  // namespace qpq::server
