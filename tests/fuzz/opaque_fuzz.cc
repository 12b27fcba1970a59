// The messages, the record and the setup of OPAQUE as bytes from anybody, and a login of which one message was changed
// on its way, or the record where it is kept. The first byte says which; in a login the rest is laid over the message.
#include "opaque/client.h"
#include "opaque/server.h"
#include "read_back.h"
#include "support/seeded_random.h"

using namespace qpq;
using namespace qpq::opaque;
using fuzz::laidOver;
using fuzz::readBack;
using fuzz::readBackSecret;
using fuzz::require;

namespace {

const ByteView kUser = asBytes("alice");

SecretBytes password() { return SecretBytes(asBytes("correct horse")); }

// Somebody who has registered, at a cost that can be paid a thousand times a second.
struct Account {
  test::SeededRandom random{1};
  Argon2id ksf = *Argon2id::make(crypto::kArgon2CostTest, {.costMin = crypto::kArgon2CostTest});
  ServerSetup setup = ServerSetup::generate(random);
  Bytes record;

  Account() {
    auto registration = ClientRegistration::start(password(), random).value();
    auto answer = respondToRegistration(setup, kUser, registration.request()).value();
    auto kept = encodeSecret(registration.finish(answer, ksf, random).value().record);
    record = toBytes(kept.expose());
  }
};

enum class Changed { ke1, ke2, ke3, record };

// Whatever is changed, the server lets nobody in; unchanged, both hold the same session key.
void logIn(const Account& account, Changed changed, ByteView input) {
  test::SeededRandom random(2);
  bool same = true;
  auto onTheWay = [&](Changed which, const Bytes& genuine) {
    if (which != changed) return genuine;
    Bytes message = laidOver(genuine, input);
    same = message == genuine;
    return message;
  };

  auto record = decode<RegistrationRecord>(onTheWay(Changed::record, account.record));
  auto client = ClientLogin::start(password(), random).value();
  auto ke1 = decode<Ke1>(onTheWay(Changed::ke1, encode(client.ke1())));
  if (!record || !ke1) return require(!same);
  auto server = ServerLogin::respond(account.setup, kUser, &*record, *ke1, random).value();
  auto ke2 = decode<Ke2>(onTheWay(Changed::ke2, encode(server.ke2())));
  if (!ke2) return require(!same);
  auto done = client.finish(*ke2, account.ksf);
  if (!done) return require(!same && changed != Changed::ke3);
  auto ke3 = decode<Ke3>(onTheWay(Changed::ke3, encode(done->ke3)));
  auto session = server.finish(ke3.value());
  require(session.has_value() == same);
  if (session) require(constantTimeEqual(session->expose(), done->sessionKey.expose()));
}

void registerWith(const Account& account, ByteView input) {
  test::SeededRandom random(3);
  auto client = ClientRegistration::start(password(), random).value();
  auto genuine = respondToRegistration(account.setup, kUser, client.request()).value();
  auto answer = decode<RegistrationResponse>(laidOver(encode(genuine), input));
  if (answer) static_cast<void>(client.finish(*answer, account.ksf, random));
  if (auto request = decode<RegistrationRequest>(input)) {
    require(respondToRegistration(account.setup, kUser, *request).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  static const Account account;
  if (size == 0) return 0;
  ByteView input(data + 1, size - 1);
  switch (data[0] % 13) {
    case 0: readBack<RegistrationRequest>(input); break;
    case 1: readBack<RegistrationResponse>(input); break;
    case 2: readBackSecret<RegistrationRecord>(input); break;
    case 3: readBack<Ke1>(input); break;
    case 4: readBack<Ke2>(input); break;
    case 5: readBack<Ke3>(input); break;
    case 6: readBack<Envelope>(input); break;
    case 7: readBackSecret<ServerSetup>(input); break;
    case 8: logIn(account, Changed::ke1, input); break;
    case 9: logIn(account, Changed::ke2, input); break;
    case 10: logIn(account, Changed::ke3, input); break;
    case 11: logIn(account, Changed::record, input); break;
    case 12: registerWith(account, input); break;
  }
  return 0;
}
