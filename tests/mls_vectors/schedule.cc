#include "mls/framing/private_message.h"
#include "mls/message/framing.h"
#include "mls/schedule/key_schedule.h"
#include "mls/schedule/labelled.h"
#include "mls/schedule/psk_secret.h"
#include "mls/schedule/secret_tree.h"
#include "mls/schedule/transcript.h"
#include "mls_vectors/checks.h"
#include "mls_vectors/expect.h"
#include "support/seeded_random.h"

namespace qpq::mls::vectors {

using test::Json;

namespace {

void checkSignature(const crypto::Suite& suite, const Json& v) {
  std::string label = v["label"].string();
  Bytes content = v["content"].hex(), publicKey = v["pub"].hex();
  must(verifyWithLabel(suite, publicKey, label, content, v["signature"].hex()), "sign_with_label.signature");
  SecretBytes privateKey = signatureKey(suite, v["priv"]);
  Bytes own = must(signWithLabel(suite, privateKey.expose(), label, content), "sign_with_label");
  must(verifyWithLabel(suite, publicKey, label, content, own), "an own signature");
}

void checkEncryption(const crypto::Suite& suite, const Json& v) {
  std::string label = v["label"].string();
  Bytes context = v["context"].hex(), plaintext = v["plaintext"].hex();
  SecretBytes privateKey = kemKey(suite, v["priv"]);
  auto open = [&](const HPKECiphertext& sealed, std::string_view what) {
    expectEqual(must(decryptWithLabel(suite, privateKey.expose(), label, context, sealed), what), plaintext, what);
  };
  open({v["kem_output"].hex(), v["ciphertext"].hex()}, "encrypt_with_label.ciphertext");
  test::SeededRandom random(3);
  open(must(encryptWithLabel(suite, v["pub"].hex(), label, context, plaintext, random), "encrypt_with_label"),
       "an own ciphertext");
}

}  // namespace

void checkCryptoBasics(const Json& vector) {
  const crypto::Suite& suite = suiteOf(vector);
  Json v = vector["ref_hash"];
  expectEqual(refHash(suite, v["label"].string(), v["value"].hex()), v["out"].hex(), "ref_hash");
  v = vector["expand_with_label"];
  expectEqual(expandWithLabel(suite, v["secret"].hex(), v["label"].string(), v["context"].hex(), v["length"].number()),
              v["out"].hex(), "expand_with_label");
  v = vector["derive_secret"];
  expectEqual(deriveSecret(suite, v["secret"].hex(), v["label"].string()), v["out"].hex(), "derive_secret");
  v = vector["derive_tree_secret"];
  expectEqual(
      deriveTreeSecret(suite, v["secret"].hex(), v["label"].string(), number32(v["generation"]), v["length"].number()),
      v["out"].hex(), "derive_tree_secret");
  checkSignature(suite, vector["sign_with_label"]);
  checkEncryption(suite, vector["encrypt_with_label"]);
}

void checkPskSecret(const Json& vector) {
  const crypto::Suite& suite = suiteOf(vector);
  std::vector<Bytes> keys;
  std::vector<PskInput> inputs;
  for (const Json& psk : vector["psks"].items()) keys.push_back(psk["psk"].hex());
  for (const Json& psk : vector["psks"].items()) {
    PreSharedKeyID id{.psk = {ExternalPSK{psk["psk_id"].hex()}}, .pskNonce = psk["psk_nonce"].hex()};
    inputs.push_back({std::move(id), keys[inputs.size()]});
  }
  expectEqual(pskSecret(suite, inputs), vector["psk_secret"].hex(), "psk_secret");
}

void checkTranscriptHashes(const Json& vector) {
  const crypto::Suite& suite = suiteOf(vector);
  auto content = decoded<AuthenticatedContent>(vector, "authenticated_content");
  expect(content.content.content.type() == ContentType::commit, "authenticated_content is no commit");
  Bytes confirmed = confirmedTranscriptHash(suite, vector["interim_transcript_hash_before"].hex(), content);
  expectEqual(confirmed, vector["confirmed_transcript_hash_after"].hex(), "confirmed_transcript_hash_after");
  expectEqual(confirmationTag(suite, vector["confirmation_key"].hex(), confirmed), content.auth.confirmationTag,
              "confirmation_tag");
  expectEqual(interimTranscriptHash(suite, confirmed, content.auth.confirmationTag),
              vector["interim_transcript_hash_after"].hex(), "interim_transcript_hash_after");
}

void checkKeySchedule(const Json& vector) {
  const crypto::Suite& suite = suiteOf(vector);
  SecretBytes init(vector["initial_init_secret"].hex());
  uint64_t number = 0;
  for (const Json& e : vector["epochs"].items()) {
    Bytes context = encode(GroupContext{.cipherSuite = CipherSuiteId{suite.id},
                                        .groupId = vector["group_id"].hex(),
                                        .epoch = {number++},
                                        .treeHash = e["tree_hash"].hex(),
                                        .confirmedTranscriptHash = e["confirmed_transcript_hash"].hex()});
    expectEqual(context, e["group_context"].hex(), "group_context");
    Bytes psk = e["psk_secret"].hex();
    SecretBytes joiner = joinerSecret(suite, init.expose(), e["commit_secret"].hex(), context);
    EpochSecrets secrets = deriveEpochSecrets(suite, epochSecret(suite, joiner.expose(), psk, context).expose());
    auto same = [&](const SecretBytes& found, std::string_view field) { expectEqual(found, e[field].hex(), field); };
    same(joiner, "joiner_secret");
    same(welcomeSecret(suite, joiner.expose(), psk), "welcome_secret");
    same(secrets.senderDataSecret, "sender_data_secret");
    same(secrets.encryptionSecret, "encryption_secret");
    same(secrets.exporterSecret, "exporter_secret");
    same(secrets.externalSecret, "external_secret");
    same(secrets.confirmationKey, "confirmation_key");
    same(secrets.membershipKey, "membership_key");
    same(secrets.resumptionPsk, "resumption_psk");
    same(secrets.epochAuthenticator, "epoch_authenticator");
    same(secrets.initSecret, "init_secret");
    expectEqual(externalKeyPair(suite, secrets.externalSecret.expose()).publicKey, e["external_pub"].hex(),
                "external_pub");
    Json x = e["exporter"];
    expectEqual(must(exportSecret(suite, secrets.exporterSecret.expose(), x["label"].string(), x["context"].hex(),
                                  x["length"].number()),
                     "exporter"),
                x["secret"].hex(), "exporter.secret");
    init = std::move(secrets.initSecret);
  }
}

void checkSecretTree(const Json& vector) {
  const crypto::Suite& suite = suiteOf(vector);
  auto same = [](const AeadKey& found, const Json& key, const Json& nonce, std::string_view what) {
    expectEqual(found.key, key.hex(), what);
    expectEqual(found.nonce, nonce.hex(), what);
  };
  Json data = vector["sender_data"];
  same(senderDataKey(suite, data["sender_data_secret"].hex(), data["ciphertext"].hex()), data["key"], data["nonce"],
       "sender_data");
  auto leaves = vector["leaves"].items();
  SecretTree tree(suite, static_cast<uint32_t>(leaves.size()), SecretBytes(vector["encryption_secret"].hex()));
  constexpr RatchetWindow kWindow{.forwardStepsMax = 1000, .skippedKeysMax = 1000};
  for (uint32_t leaf = 0; leaf < leaves.size(); ++leaf) {
    for (const Json& g : leaves[leaf].items()) {
      auto check = [&](RatchetType type, std::string_view key, std::string_view nonce) {
        StagedKey staged =
            must(tree.stage({leaf}, type, Generation{number32(g["generation"])}, kWindow), "a generation");
        same(staged.key(), g[key], g[nonce], key);
        tree.consume(std::move(staged), kWindow);
      };
      check(RatchetType::handshake, "handshake_key", "handshake_nonce");
      check(RatchetType::application, "application_key", "application_nonce");
    }
  }
}

}  // namespace qpq::mls::vectors
