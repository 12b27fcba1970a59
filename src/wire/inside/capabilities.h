#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "mls/message/capabilities.h"
#include "mls/message/extension.h"
#include "mls/message/group_info.h"
#include "wire/error.h"
#include "wire/inside/conversation.h"
#include "wire/logs/terms.h"

// What every group of ours is built from, as numbers of RFC 9420.
namespace qpq::wire {

inline constexpr mls::ExtensionType kConversationExtension{0xF0C1};  // GroupContext: Conversation
inline constexpr mls::ExtensionType kTermsExtension{0xF0C2};  // GroupInfo: Terms of the commit that made its epoch

// MLS-Exporter(label, context = the log's id, 32) (RFC 9420 §8.5).
inline constexpr std::string_view kEphemeralExporterLabel = "qpq ephemeral";
inline constexpr std::string_view kAppendExporterLabel = "qpq append";
inline constexpr std::size_t kExportedSize = 32;

// The same for every leaf and key package of ours, and what a group requires of them.
mls::Capabilities productCapabilities();
mls::RequiredCapabilities requiredCapabilities();

// The GroupContext extensions of a group: required_capabilities and 0xF0C1, nothing else.
mls::Extensions groupExtensions(const Conversation& conversation);

// What is different behind a commit; nothing in `conversation` if 0xF0C1 is the same.
struct ExtensionChange {
  std::optional<Bytes> conversation;
  bool others = false;

  bool operator==(const ExtensionChange&) const = default;
};
ExtensionChange compareExtensions(const mls::Extensions& before, const mls::Extensions& after);

// The conversation of a group one is about to enter, if it is a group of ours: the product's suite, this log's id,
// these extensions. otherSuite, otherLog, extensionsNotAllowed, and those of parseConversation.
Result<Conversation> checkGroupContext(const mls::GroupContext& context, const LogId& log);

// The extension 0xF0C2 to be signed with a GroupInfo, and its content again: malformed if it is missing.
mls::Extension termsExtension(const Terms& terms);
Result<Terms> termsOf(const mls::GroupInfo& groupInfo);

}  // namespace qpq::wire
