#include "wire/people/server_info.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::refusal;

TEST_CASE("a server's info has its golden bytes, signature included") {
  sample::checkGolden(
      sample::server().info(),
      "01"
      "1ba4075b77c9e3fb3ecde15cdaf5221f3c10373e623f7b0e1ef76366b0af7137"
      "1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c1c"
      "5151515151515151515151515151515151515151515151515151515151515151"
      "4058"
      "0000000748075a597e721a156e2e0799de5cc0c5324dc6e7eaf1cdd46250868ec53215dd00000000000003e8"
      "000000095e212c0980e4b39fc09721134aa02109374edfd260c0d3d03cb501c8d65457a900000000000007d0"
      "eba6e469720d8166c780b9fbf935bedd59be31de809eb0fbd66a7d684587ad8a68d04098616e551573be5c1618d504883f44bc8e6a0cb47f"
      "85d312abe8e8740e");
}

TEST_CASE("an info that its identity did not sign is none") {
  ServerInfo info = sample::server().info();
  info.tbs.tlsKey[0] ^= 1;
  CHECK(refusal(VerifiedServerInfo::check(info)) == ErrorCode::badSignature);
  info = sign(sample::key(0x33), sample::server().info().tbs);
  CHECK(refusal(VerifiedServerInfo::check(info)) == ErrorCode::badSignature);
}

TEST_CASE("receipt keys are found by number, each once") {
  auto server = sample::server();
  CHECK(server.receiptKey(7) == sample::receiptKey().publicKey());
  CHECK(server.receiptKey(9) == sample::key(0x32).publicKey());
  CHECK(refusal(server.receiptKey(8)) == ErrorCode::unknownReceiptKey);

  Bytes bytes = encode(server.info().tbs);
  std::size_t second = bytes.size() - 44;
  bytes[second + 3] = 7;
  CHECK(decode<ServerInfoTBS>(bytes).error() == DecodeError{DecodeError::Code::notSorted, second});
}

TEST_CASE("an info names at most 1024 receipt keys") {
  auto encoded = [](std::size_t count) {
    std::vector<ReceiptKey> keys(count);
    for (uint32_t i = 0; i < count; ++i) keys[i].id = i;
    ServerInfoTBS tbs = sample::server().info().tbs;
    tbs.receiptKeys = keys;
    return encode(tbs);
  };
  CHECK(decode<ServerInfoTBS>(encoded(1024)));
  CHECK(decode<ServerInfoTBS>(encoded(1025)).error().code == DecodeError::Code::tooLarge);
  CHECK(decode<ServerInfoTBS>(encoded(50'000)).error().code == DecodeError::Code::tooLarge);
}

TEST_CASE("a client tells a changed identity from a connection that is not the server's") {
  auto server = sample::server();
  PublicKey pinned = sample::key(0x30).publicKey();
  CHECK(checkConnection(server, pinned, sample::hash(0x51)));
  CHECK(refusal(checkConnection(server, sample::key(0x33).publicKey(), sample::hash(0x51))) ==
        ErrorCode::otherIdentity);
  CHECK(refusal(checkConnection(server, pinned, sample::hash(0x52))) == ErrorCode::otherTlsKey);
}

}  // namespace
}  // namespace qpq::wire
