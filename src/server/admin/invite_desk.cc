#include "server/admin/invite_desk.h"

#include <charconv>
#include <chrono>
#include <format>
#include <optional>

#include "server/limits.h"

namespace qpq::server {

namespace {

const AdminOutcome kUnavailable{1, "the store is unavailable: nothing was done\n"};

std::string dateOf(Instant time) {
  std::chrono::sys_seconds seconds(std::chrono::seconds(time.unixMs / kSecondMs));
  return std::format("{:%F %R} UTC", seconds);
}

// The whole text, within 1 and the bound.
std::optional<uint32_t> numberOf(std::string_view text, uint32_t most) {
  uint32_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1 || number > most) return std::nullopt;
  return number;
}

std::optional<InviteTerms> termsOf(std::string_view text) {
  auto space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  auto uses = numberOf(text.substr(0, space), kInviteUsesMax);
  auto days = numberOf(text.substr(space + 1), kInviteDaysMax);
  if (!uses || !days) return std::nullopt;
  return InviteTerms{*uses, *days};
}

std::string_view stateOf(const store::Invite& invite, Instant now) {
  if (invite.usesLeft == 0) return "spent";
  return now >= invite.until ? "expired" : "good";
}

}  // namespace

kj::Promise<AdminOutcome> InviteDesk::answer(std::string word, std::string rest) {
  if (word == "invite") {
    if (auto terms = termsOf(rest)) return make(*terms);
    return AdminOutcome{
        2, std::format("an invite makes 1 to {} accounts and lasts 1 to {} days\n", kInviteUsesMax, kInviteDaysMax)};
  }
  if (word == "invites") return rest == "json" ? listAsJson() : listAsText();
  if (auto prefix = wire::invitePrefix(rest)) return revoke(*std::move(prefix));
  return AdminOutcome{2, std::format("name the first {} letters of its code\n", wire::kInvitePrefixLetters)};
}

kj::Promise<AdminOutcome> InviteDesk::make(InviteTerms terms) {
  auto made = co_await invites_.make(terms);
  if (!made) co_return kUnavailable;
  if (const auto* full = std::get_if<TooManyInvites>(&*made)) {
    co_return AdminOutcome{1, std::format("there are {} invites, the most there can be: revoke some\n", full->limit)};
  }
  const auto& code = std::get<wire::InviteCode>(*made);
  std::string text = std::format("{}\nshown once; good for {} {} until {}\n", asText(code.text().expose()), terms.uses,
                                 terms.uses == 1 ? "account" : "accounts", dateOf(clock_.now() + terms.days * kDayMs));
  if (policy_ != Registration::invite) {
    text += std::format("note: registration is \"{}\" here, so nobody is asked for a code\n",
                        kRegistrations[static_cast<std::size_t>(policy_)]);
  }
  co_return AdminOutcome{0, std::move(text)};
}

kj::Promise<AdminOutcome> InviteDesk::listAsText() {
  auto listed = co_await invites_.list();
  if (!listed) co_return kUnavailable;
  if (listed->empty()) co_return AdminOutcome{0, "no invites\n"};
  std::string text;
  for (const store::Invite& invite : *listed) {
    text += std::format("{}-…  {:>5} left  until {}  {}\n", invite.prefix, invite.usesLeft, dateOf(invite.until),
                        stateOf(invite, clock_.now()));
  }
  co_return AdminOutcome{0, std::move(text)};
}

kj::Promise<AdminOutcome> InviteDesk::listAsJson() {
  auto listed = co_await invites_.list();
  if (!listed) co_return kUnavailable;
  std::string text = "[";
  for (const store::Invite& invite : *listed) {
    text +=
        std::format("{}{{\"prefix\":\"{}\",\"left\":{},\"until_ms\":{},\"state\":\"{}\"}}", text.size() == 1 ? "" : ",",
                    invite.prefix, invite.usesLeft, invite.until.unixMs, stateOf(invite, clock_.now()));
  }
  co_return AdminOutcome{0, text + "]\n"};
}

kj::Promise<AdminOutcome> InviteDesk::revoke(std::string prefix) {
  auto revoked = co_await invites_.revoke(prefix);
  if (!revoked) co_return kUnavailable;
  if (!*revoked) co_return AdminOutcome{1, std::format("there is no invite {}-…\n", prefix)};
  co_return AdminOutcome{0, std::format("{}-… makes no more accounts\n", prefix)};
}

}  // namespace qpq::server
