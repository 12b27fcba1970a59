#pragma once

#include "command/table.h"

namespace qpq::command {

// What this account has sent and the server keeps for it.
Command filesCommand();
Command dropFileCommand();

// The one a person means by its name or the first digits of its message's id. Of a name those that are still held come
// first; several of them are named by their digits.
Outcome<client::OwnFileView> ownFileMeant(const std::vector<client::OwnFileView>& all, std::string_view reference);

}  // namespace qpq::command
