#include "server/directory.h"

#include "loop/co_try.h"

namespace qpq::server {

Answer<PersonOutcome> Directory::lookup(AccountId asker, std::string name) {
  auto parsed = wire::UserName::parse(name);
  if (!parsed) co_return Malformed{std::string(wire::name(parsed.error().code))};
  if (uint64_t afterMs = rates_.lookups.take(asker.view(), clock_.now())) co_return TooOften{afterMs};
  co_return co_await reader_.run([name = *parsed](store::Tables& tables) -> store::Result<PersonOutcome> {
    auto account = TRY(tables.accounts.find(name));
    if (!account) return NoSuchPerson{};
    auto person = TRY(tables.accounts.person(*account));
    if (!person) return NoSuchPerson{};
    return *std::move(person);
  });
}

Answer<PersonOutcome> Directory::account(AccountId asker, AccountId account) {
  // One's own list is no question about others.
  if (asker != account) {
    if (uint64_t afterMs = rates_.lookups.take(asker.view(), clock_.now())) co_return TooOften{afterMs};
  }
  co_return co_await reader_.run([account](store::Tables& tables) -> store::Result<PersonOutcome> {
    auto person = TRY(tables.accounts.person(account));
    if (!person) return NoSuchPerson{};
    return *std::move(person);
  });
}

}  // namespace qpq::server
