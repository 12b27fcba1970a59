#include "server/store/accounts.h"

#include "server/store/contract/subject_test.h"

using namespace qpq;
using namespace qpq::server::store;
using namespace qpq::server::store::contract;

namespace {

const AccountId kAlice = id<AccountId>(1);
const AccountId kNobody = id<AccountId>(99);

void addAlice(Subject& store) {
  store.write([](Tables& tables) { must(tables.accounts.add(account(1, "Alice"), 5)); });
}

}  // namespace

TEST_CASE("an account is found by its name however it is written, with everything it brought", "[contract]") {
  Subject store(anyEngine());
  addAlice(store);
  store.read([](Tables& tables) {
    CHECK(must(tables.accounts.find(userName("aLICE"))) == kAlice);
    CHECK(must(tables.accounts.digest(kAlice)) == hash(1));
    auto person = must(tables.accounts.person(kAlice)).value();
    CHECK(person.account == kAlice);
    CHECK(person.name == "Alice");
    CHECK(person.list == deviceList(kAlice));
    auto kept = must(tables.accounts.credentials(kAlice)).value();
    CHECK(constantTimeEqual(kept.record.expose(), credentials(kAlice).record.expose()));
    CHECK(kept.cost == credentials(kAlice).cost);
    CHECK(must(tables.accounts.vault(kAlice)) == vault(kAlice));
    CHECK(must(tables.accounts.deviceList(kAlice)) == deviceList(kAlice));
    CHECK(must(tables.accounts.certificate(device(1))) == certificate(device(1)));
  });
}

TEST_CASE("of an account that is not there nothing is found, and nothing of it can be replaced", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    must(tables.accounts.replaceVault(credentials(kNobody), vault(kNobody)));
    must(tables.accounts.replaceDeviceList(deviceList(kNobody)));
  });
  store.read([](Tables& tables) {
    CHECK(!must(tables.accounts.find(userName("nobody"))));
    CHECK(!must(tables.accounts.digest(kNobody)));
    CHECK(!must(tables.accounts.person(kNobody)));
    CHECK(!must(tables.accounts.credentials(kNobody)));
    CHECK(!must(tables.accounts.vault(kNobody)));
    CHECK(!must(tables.accounts.deviceList(kNobody)));
    CHECK(!must(tables.accounts.certificate(device(99))));
  });
}

TEST_CASE("a name or an account id that is taken is refused, and the one who has it keeps it", "[contract]") {
  Subject store(anyEngine());
  addAlice(store);
  for (const auto& [number, name] : {std::pair{uint8_t{2}, "ALICE"}, std::pair{uint8_t{1}, "bob"}}) {
    auto transaction = store.writer().write();
    REQUIRE(transaction);
    auto added = transaction->tables().accounts.add(account(number, name), 5);
    REQUIRE(!added);
    CHECK(added.error().code == Error::Code::failed);
  }
  store.read([](Tables& tables) {
    CHECK(must(tables.accounts.find(userName("alice"))) == kAlice);
    CHECK(!must(tables.accounts.find(userName("bob"))));
    CHECK(!must(tables.accounts.digest(id<AccountId>(2))));
  });
}

TEST_CASE("a vault comes with its credentials and takes the place of the one before", "[contract]") {
  Subject store(anyEngine());
  addAlice(store);
  store.write([](Tables& tables) { must(tables.accounts.replaceVault(credentials(kAlice, 7), vault(kAlice, 7))); });
  store.read([](Tables& tables) {
    CHECK(must(tables.accounts.vault(kAlice)) == vault(kAlice, 7));
    auto kept = must(tables.accounts.credentials(kAlice)).value();
    CHECK(constantTimeEqual(kept.record.expose(), credentials(kAlice, 7).record.expose()));
    CHECK(kept.cost == credentials(kAlice, 7).cost);
  });
}

TEST_CASE("device lists and certificates are replaced, each device keeping its own", "[contract]") {
  Subject store(anyEngine());
  addAlice(store);
  store.write([](Tables& tables) {
    must(tables.accounts.replaceDeviceList(deviceList(kAlice, 2)));
    must(tables.accounts.putCertificate(certificate(device(1, 2), 2)));
    must(tables.accounts.putCertificate(certificate(device(1, 1), 3)));
  });
  store.read([](Tables& tables) {
    CHECK(must(tables.accounts.deviceList(kAlice)) == deviceList(kAlice, 2));
    CHECK(must(tables.accounts.certificate(device(1, 2))) == certificate(device(1, 2), 2));
    CHECK(must(tables.accounts.certificate(device(1, 1))) == certificate(device(1, 1), 3));
  });
}
