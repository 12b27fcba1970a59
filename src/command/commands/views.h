#pragma once

#include "client/view.h"
#include "command/value.h"

// The engine's views as values: the shapes that `--json` and the socket speak. Ids are hex, times unix milliseconds.
namespace qpq::command {

Value toValue(const client::FileView& file);
Value toValue(const client::MessageView& message);
Value toValue(const client::OwnFileView& file);
Value toValue(const client::ConversationView& conversation);
Value toValue(const client::MemberView& member);
Value toValue(const client::Whoami& whoami);
Value toValue(const client::Event& event);  // {"event": kind, …}

// One line or more for people, safe for a terminal.
std::string showFile(const Value& file);       // its name and size
std::string showSize(int64_t bytes);           // in the unit a person would take
std::string showTransfer(const Value& event);  // how far a file is on its way
std::string showMessage(const Value& message);
// The same for what has just been written, with the result of `send`.
std::string showOwn(const Value& sent, std::string_view author, std::string_view text);
std::string showConversation(const Value& conversation);
std::string showMember(const Value& member);
// Empty for events a person need not see.
std::string showEvent(const Value& event);

// A moment on this machine's clock, as strftime writes it.
std::string localTime(int64_t unixMs, const char* format);

// As much of a message's id as a person is shown, to type it.
std::string_view shownDigits(const Value& message);

// A sentence for a cause by its JSON word.
std::string_view causeSentence(std::string_view cause);

}  // namespace qpq::command
