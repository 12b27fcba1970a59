#pragma once

#include "command/table.h"

namespace qpq::command {

Command dmCommand();
Command createGroupCommand();
Command inviteCommand();
Command removeCommand();
Command joinCommand();
Command leaveCommand();
Command listCommand();
Command membersCommand();

// The conversation a person means by "@bob", "#team" or the first digits of its id. Several that fit are named.
kj::Promise<Outcome<client::ConversationView>> findConversation(client::Client& client, std::string reference);

}  // namespace qpq::command
