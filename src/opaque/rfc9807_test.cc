#include <catch2/catch_test_macros.hpp>
#include <optional>
#include <string>

#include "opaque/client.h"
#include "opaque/server.h"
#include "opaque/testing.h"
#include "support/json.h"
#include "support/vectors.h"

// RFC 9807 Appendix C, through the same calls a program makes: what the vectors fix arrives as randomness.
namespace qpq::opaque {
namespace {

using test::Json;
using testing::IdentityKsf;
using testing::QueuedRandom;

// C.1.1 and C.2.1, in the form of the vector file.
constexpr std::string_view kReal1 = R"({
 "config": {
  "Context": "4f50415155452d504f43",
  "Fake": "False",
  "OPRF": "ristretto255-SHA512",
  "Group": "ristretto255"
 },
 "inputs": {
  "blind_login": "6ecc102d2e7a7cf49617aad7bbe188556792d4acd60a1a8a8d2b65d4b0790308",
  "blind_registration": "76cfbfe758db884bebb33582331ba9f159720ca8784a2a070a265d9c2d6abe01",
  "client_keyshare_seed": "82850a697b42a505f5b68fcdafce8c31f0af2b581f063cf1091933541936304b",
  "client_nonce": "da7e07376d6d6f034cfa9bb537d11b8c6b4238c334333d1f0aebb380cae6a6cc",
  "credential_identifier": "31323334",
  "envelope_nonce": "ac13171b2f17bc2c74997f0fce1e1f35bec6b91fe2e12dbd323d23ba7a38dfec",
  "masking_nonce": "38fe59af0df2c79f57b8780278f5ae47355fe1f817119041951c80f612fdfc6d",
  "oprf_seed": "
   f433d0227b0b9dd54f7c4422b600e764e47fb503f1f9a0f0a47c6606b054a7fdc65347f1a08f277e22358bbabe26f823fca82c7848e9
   a75661f4ec5d5c1989ef",
  "password": "436f7272656374486f72736542617474657279537461706c65",
  "server_keyshare_seed": "05a4f54206eef1ba2f615bc0aa285cb22f26d1153b5b40a1e85ff80da12f982f",
  "server_nonce": "71cd9960ecef2fe0d0f7494986fa3d8b2bb01963537e60efb13981e138e3d4a1",
  "server_private_key": "47451a85372f8b3537e249d7b54188091fb18edde78094b43e2ba42b5eb89f0d",
  "server_public_key": "b2fe7af9f48cc502d016729d2fe25cdd433f2c4bc904660b2a382c9b79df1a78"
 },
 "intermediates": {
  "client_public_key": "76a845464c68a5d2f7e442436bb1424953b17d3e2e289ccbaccafb57ac5c3675",
  "envelope": "
   ac13171b2f17bc2c74997f0fce1e1f35bec6b91fe2e12dbd323d23ba7a38dfec634b0f5b96109c198a8027da51854c35bee90d1e1c78
   1806d07d49b76de6a28b8d9e9b6c93b9f8b64d16dddd9c5bfb5fea48ee8fd2f75012a8b308605cdd8ba5",
  "masking_key": "
   1ac5844383c7708077dea41cbefe2fa15724f449e535dd7dd562e66f5ecfb95864eadddec9db5874959905117dad40a4524111849799
   281fefe3c51fa82785c5",
  "oprf_key": "5d4c6a8b7c7138182afb4345d1fae6a9f18a1744afbcc3854f8f5a2b4b4c6d05"
 },
 "outputs": {
  "KE1": "
   c4dedb0ba6ed5d965d6f250fbe554cd45cba5dfcce3ce836e4aee778aa3cd44dda7e07376d6d6f034cfa9bb537d11b8c6b4238c33433
   3d1f0aebb380cae6a6cc6e29bee50701498605b2c085d7b241ca15ba5c32027dd21ba420b94ce60da326",
  "KE2": "
   7e308140890bcde30cbcea28b01ea1ecfbd077cff62c4def8efa075aabcbb47138fe59af0df2c79f57b8780278f5ae47355fe1f81711
   9041951c80f612fdfc6dd6ec60bcdb26dc455ddf3e718f1020490c192d70dfc7e403981179d8073d1146a4f9aa1ced4e4cd984c657eb
   3b54ced3848326f70331953d91b02535af44d9fedc80188ca46743c52786e0382f95ad85c08f6afcd1ccfbff95e2bdeb015b166c6b20
   b92f832cc6df01e0b86a7efd92c1c804ff865781fa93f2f20b446c8371b671cd9960ecef2fe0d0f7494986fa3d8b2bb01963537e60ef
   b13981e138e3d4a1c4f62198a9d6fa9170c42c3c71f1971b29eb1d5d0bd733e40816c91f7912cc4a660c48dae03e57aaa38f3d0cffcf
   c21852ebc8b405d15bd6744945ba1a93438a162b6111699d98a16bb55b7bdddfe0fc5608b23da246e7bd73b47369169c5c90",
  "KE3": "
   4455df4f810ac31a6748835888564b536e6da5d9944dfea9e34defb9575fe5e2661ef61d2ae3929bcf57e53d464113d364365eb7d1a5
   7b629707ca48da18e442",
  "export_key": "
   1ef15b4fa99e8a852412450ab78713aad30d21fa6966c9b8c9fb3262a970dc62950d4dd4ed62598229b1b72794fc0335199d9f7fcc6e
   aedde92cc04870e63f16",
  "registration_request": "5059ff249eb1551b7ce4991f3336205bde44a105a032e747d21bf382e75f7a71",
  "registration_response": "
   7408a268083e03abc7097fc05b587834539065e86fb0c7b6342fcf5e01e5b019b2fe7af9f48cc502d016729d2fe25cdd433f2c4bc904
   660b2a382c9b79df1a78",
  "registration_upload": "
   76a845464c68a5d2f7e442436bb1424953b17d3e2e289ccbaccafb57ac5c36751ac5844383c7708077dea41cbefe2fa15724f449e535
   dd7dd562e66f5ecfb95864eadddec9db5874959905117dad40a4524111849799281fefe3c51fa82785c5ac13171b2f17bc2c74997f0f
   ce1e1f35bec6b91fe2e12dbd323d23ba7a38dfec634b0f5b96109c198a8027da51854c35bee90d1e1c781806d07d49b76de6a28b8d9e
   9b6c93b9f8b64d16dddd9c5bfb5fea48ee8fd2f75012a8b308605cdd8ba5",
  "session_key": "
   42afde6f5aca0cfa5c163763fbad55e73a41db6b41bc87b8e7b62214a8eedc6731fa3cb857d657ab9b3764b89a84e91ebcb4785166fb
   b02cedfcbdfda215b96f"
 }
})";
constexpr std::string_view kFake1 = R"({
 "config": {
  "Context": "4f50415155452d504f43",
  "Fake": "True",
  "OPRF": "ristretto255-SHA512",
  "Group": "ristretto255"
 },
 "inputs": {
  "KE1": "
   b0a26dcaca2230b8f5e4b1bcab9c84b586140221bb8b2848486874b0be44890542d4e61ed3f8d64cdd3b9d153343eca15b9b0d5e3882
   32793c6376bd2d9cfd0ab641d7f20a245a09f1d4dbb6e301661af7f352beb0791d055e48d3645232f77f",
  "client_identity": "616c696365",
  "client_keyshare_seed": "a270dc715dc2b4612bc7864312a05c3e9788ee1bad1f276d1e15bdeb4c355e94",
  "client_private_key": "2b98980aa95ab53a0f39f0291903d2fdf04b00c167f0814169922df873002409",
  "client_public_key": "84f43f9492e19c22d8bdaa4447cc3d4db1cdb5427a9f852c4707921212c36251",
  "credential_identifier": "31323334",
  "masking_key": "
   39ebd51f0e39a07a1c2d2431995b0399bca9996c5d10014d6ebab4453dc10ce5cef38ed3df6e56bfff40c2d8dd4671c2b4cf63c3d548
   60f31fe40220d690bb71",
  "masking_nonce": "9c035896a043e70f897d87180c543e7a063b83c1bb728fbd189c619e27b6e5a6",
  "oprf_seed": "
   743fc168d1f826ad43738933e5adb23da6fb95f95a1b069f0daa0522d0a78b617f701fc6aa46d3e7981e70de7765dfcd6b1e13e3369a
   582eb8dc456b10aa53b0",
  "server_identity": "626f62",
  "server_keyshare_seed": "360b0937f47d45f6123a4d8f0d0c0814b6120d840ebb8bc5b4f6b62df07f78c2",
  "server_nonce": "1e10f6eeab2a7a420bf09da9b27a4639645622c46358de9cf7ae813055ae2d12",
  "server_private_key": "c788585ae8b5ba2942b693b849be0c0426384e41977c18d2e81fbe30fd7c9f06",
  "server_public_key": "825f832667480f08b0c9069da5083ac4d0e9ee31b49c4e0310031fea04d52966"
 },
 "outputs": {
  "KE2": "
   928f79ad8df21963e91411b9f55165ba833dea918f441db967cdc09521d229259c035896a043e70f897d87180c543e7a063b83c1bb72
   8fbd189c619e27b6e5a632b5ab1bff96636144faa4f9f9afaac75dd88ea99cf5175902ae3f3b2195693f165f11929ba510a5978e64dc
   dabecbd7ee1e4380ce270e58fea58e6462d92964a1aaef72698bca1c673baeb04cc2bf7de5f3c2f5553464552d3a0f7698a9ca7f9c5e
   70c6cb1f706b2f175ab9d04bbd13926e816b6811a50b4aafa9799d5ed7971e10f6eeab2a7a420bf09da9b27a4639645622c46358de9c
   f7ae813055ae2d1298251c5ba55f6b0b2d58d9ff0c88fe4176484be62a96db6e2a8c4d431bd1bf27fe6c1d0537603835217d42ebf7b2
   581982732e74892fd28211b31ed33863f0beaf75ba6f59474c0aaf9d78a60a9b2f4cd24d7ab54131b3c8efa192df6b72db4c"
 }
})";

bool isOurs(const Json& vector) {
  Json config = vector["config"];
  return config["OPRF"].string() == "ristretto255-SHA512" && config["Group"].string() == "ristretto255";
}
bool isFake(const Json& vector) { return vector["config"]["Fake"].string() == "True"; }

// The inputs of one vector, in the types of the room.
struct Case {
  explicit Case(const Json& vector)
      : in(vector["inputs"]),
        out(vector["outputs"]),
        context(vector["config"]["Context"].hex()),
        identifier(in["credential_identifier"].hex()),
        setup(*decode<ServerSetup>(concat({in["oprf_seed"].hex(), in["server_private_key"].hex()}))) {
    if (auto identity = in.find("client_identity")) clientIdentity = identity->hex();
    if (auto identity = in.find("server_identity")) serverIdentity = identity->hex();
    CHECK(toHex(encode(setup.staticKey.publicKey)) == in["server_public_key"].string());
  }
  Parameters parameters() const {
    Parameters all{.context = context};
    if (clientIdentity) all.clientIdentity = *clientIdentity;
    if (serverIdentity) all.serverIdentity = *serverIdentity;
    return all;
  }
  SecretBytes password() const { return SecretBytes(in["password"].hex()); }

  Json in;
  Json out;
  Bytes context;
  Bytes identifier;
  ServerSetup setup;
  std::optional<Bytes> clientIdentity;
  std::optional<Bytes> serverIdentity;
};

RegistrationRecord verifyRegistration(const Case& c) {
  QueuedRandom random{c.in["blind_registration"].hex(), c.in["envelope_nonce"].hex()};
  auto client = ClientRegistration::start(c.password(), random);
  REQUIRE(client.has_value());
  CHECK(toHex(encode(client->request())) == c.out["registration_request"].string());

  auto response = respondToRegistration(c.setup, c.identifier, client->request());
  REQUIRE(response.has_value());
  CHECK(toHex(encode(*response)) == c.out["registration_response"].string());

  auto registered = client->finish(*response, IdentityKsf(), random, c.parameters());
  REQUIRE(registered.has_value());
  CHECK(random.empty());
  CHECK(toHex(encodeSecret(registered->record).expose()) == c.out["registration_upload"].string());
  CHECK(toHex(registered->exportKey.expose()) == c.out["export_key"].string());
  CHECK(registered->serverPublicKey == c.setup.staticKey.publicKey);
  return std::move(registered->record);
}

void verifyLogin(const Case& c, const RegistrationRecord& record) {
  QueuedRandom clientRandom{c.in["blind_login"].hex(), c.in["client_nonce"].hex(), c.in["client_keyshare_seed"].hex()};
  auto client = ClientLogin::start(c.password(), clientRandom);
  REQUIRE(client.has_value());
  CHECK(clientRandom.empty());
  CHECK(toHex(encode(client->ke1())) == c.out["KE1"].string());

  QueuedRandom serverRandom{c.in["masking_nonce"].hex(), c.in["server_nonce"].hex(),
                            c.in["server_keyshare_seed"].hex()};
  auto server = ServerLogin::respond(c.setup, c.identifier, &record, client->ke1(), serverRandom, c.parameters());
  REQUIRE(server.has_value());
  CHECK(serverRandom.empty());
  CHECK(toHex(encode(server->ke2())) == c.out["KE2"].string());

  auto loggedIn = client->finish(server->ke2(), IdentityKsf(), c.parameters());
  REQUIRE(loggedIn.has_value());
  CHECK(toHex(encode(loggedIn->ke3)) == c.out["KE3"].string());
  CHECK(toHex(loggedIn->sessionKey.expose()) == c.out["session_key"].string());
  CHECK(toHex(loggedIn->exportKey.expose()) == c.out["export_key"].string());

  auto sessionKey = server->finish(loggedIn->ke3);
  REQUIRE(sessionKey.has_value());
  CHECK(toHex(sessionKey->expose()) == c.out["session_key"].string());
}

void verifyReal(const Json& vector) {
  Case c(vector);
  RegistrationRecord record = verifyRegistration(c);
  Json between = vector["intermediates"];
  CHECK(toHex(oprfKey(c.setup, c.identifier)->expose()) == between["oprf_key"].string());
  CHECK(toHex(encode(record.clientPublicKey)) == between["client_public_key"].string());
  CHECK(toHex(record.maskingKey.expose()) == between["masking_key"].string());
  CHECK(toHex(encode(record.envelope)) == between["envelope"].string());
  verifyLogin(c, record);
}

// The vectors choose the fake record's two keys freely; ours come from the seed (server_setup_test.cc). What they fix
// is the empty envelope and everything that follows from it.
void verifyFake(const Json& vector) {
  Case c(vector);
  Bytes emptyEnvelope(96);
  auto record =
      decode<RegistrationRecord>(concat({c.in["client_public_key"].hex(), c.in["masking_key"].hex(), emptyEnvelope}));
  REQUIRE(record.has_value());
  auto ke1 = decode<Ke1>(c.in["KE1"].hex());
  REQUIRE(ke1.has_value());
  QueuedRandom random{c.in["masking_nonce"].hex(), c.in["server_nonce"].hex(), c.in["server_keyshare_seed"].hex()};
  auto server = ServerLogin::respond(c.setup, c.identifier, &*record, *ke1, random, c.parameters());
  REQUIRE(server.has_value());
  CHECK(toHex(encode(server->ke2())) == c.out["KE2"].string());
}

TEST_CASE("registration and login give the values of RFC 9807 C.1.1") {
  verifyReal(Json::parse(testing::withoutSpace(kReal1)));
}

TEST_CASE("the answer for an unknown user gives the values of RFC 9807 C.2.1") {
  verifyFake(Json::parse(testing::withoutSpace(kFake1)));
}

TEST_CASE("both sides give the values of the vector file for ristretto255") {
  auto file = test::VectorFile::open("opaque/rfc9807.json");
  if (!file) return;
  std::size_t verified = 0;
  for (const Json& vector : file->json()["vectors"].items()) {
    if (!isOurs(vector)) continue;  // curve25519 and P-256 are other configurations
    if (isFake(vector)) {
      verifyFake(vector);
    } else {
      verifyReal(vector);
    }
    file->verified();
    ++verified;
  }
  CHECK(verified == 3);
}

}  // namespace
}  // namespace qpq::opaque
