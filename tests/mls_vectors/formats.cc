#include "mls_vectors/formats.h"

#include <algorithm>
#include <array>
#include <exception>

#include "mls_vectors/checks.h"

namespace qpq::mls::vectors {
namespace {

constexpr std::string_view kTreeMath[] = {"n_leaves", "n_nodes", "root", "left"};
constexpr std::string_view kDeserialization[] = {"vlbytes_header", "length"};
constexpr std::string_view kCryptoBasics[] = {"cipher_suite", "ref_hash", "expand_with_label"};
constexpr std::string_view kPskSecret[] = {"cipher_suite", "psks", "psk_secret"};
constexpr std::string_view kTranscriptHashes[] = {"cipher_suite", "interim_transcript_hash_before"};
constexpr std::string_view kKeySchedule[] = {"cipher_suite", "initial_init_secret", "epochs"};
constexpr std::string_view kSecretTree[] = {"cipher_suite", "sender_data", "leaves"};
constexpr std::string_view kMessageProtection[] = {"cipher_suite", "membership_key", "proposal_priv"};
constexpr std::string_view kWelcome[] = {"cipher_suite", "signer_pub", "welcome"};
constexpr std::string_view kTreeOperations[] = {"cipher_suite", "tree_before", "proposal"};
constexpr std::string_view kTreeValidation[] = {"cipher_suite", "tree", "resolutions"};
constexpr std::string_view kTreeKem[] = {"cipher_suite", "ratchet_tree", "leaves_private", "update_paths"};
constexpr std::string_view kMessages[] = {"mls_welcome", "mls_group_info", "re_init_proposal"};
constexpr std::string_view kPassiveClient[] = {"cipher_suite", "initial_epoch_authenticator", "epochs"};

constexpr std::array kFormats{
    Format{"tree-math", kTreeMath, checkTreeMath},
    Format{"deserialization", kDeserialization, checkDeserialization},
    Format{"crypto-basics", kCryptoBasics, checkCryptoBasics},
    Format{"psk_secret", kPskSecret, checkPskSecret},
    Format{"transcript-hashes", kTranscriptHashes, checkTranscriptHashes},
    Format{"key-schedule", kKeySchedule, checkKeySchedule},
    Format{"secret-tree", kSecretTree, checkSecretTree},
    Format{"message-protection", kMessageProtection, checkMessageProtection},
    Format{"welcome", kWelcome, checkWelcome},
    Format{"tree-operations", kTreeOperations, checkTreeOperations},
    Format{"tree-validation", kTreeValidation, checkTreeValidation},
    Format{"treekem", kTreeKem, checkTreeKem},
    Format{"messages", kMessages, checkMessages},
    Format{"passive-client", kPassiveClient, checkPassiveClient},
};

bool hasAll(const test::Json& vector, std::span<const std::string_view> fields) {
  return std::ranges::all_of(fields, [&](std::string_view field) { return vector.find(field).has_value(); });
}

}  // namespace

std::span<const Format> formats() { return kFormats; }

const Format* recognise(const test::Json& file) {
  if (!file.isArray()) return nullptr;
  for (const test::Json& vector : file.items()) {
    if (!vector.isObject()) continue;
    auto found = std::ranges::find_if(kFormats, [&](const Format& format) { return hasAll(vector, format.fields); });
    if (found != kFormats.end()) return &*found;
  }
  return nullptr;
}

std::optional<std::string> whatIsWrong(const Format& format, const test::Json& vector) {
  try {
    format.check(vector);
    return std::nullopt;
  } catch (const std::exception& wrong) {
    return wrong.what();
  }
}

}  // namespace qpq::mls::vectors
