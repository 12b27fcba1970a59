#include "command/commands/account.h"
#include "command/commands/conversations.h"
#include "command/commands/files.h"
#include "command/commands/messages.h"
#include "command/commands/own_files.h"
#include "command/table.h"

namespace qpq::command {

// In the order help shows them.
const std::vector<Command>& commandTable() {
  static const std::vector<Command> kTable = {
      dmCommand(),       sendCommand(),   sendFileCommand(), saveFileCommand(), filesCommand(),
      dropFileCommand(), recvCommand(),   historyCommand(),  listCommand(),     createGroupCommand(),
      inviteCommand(),   joinCommand(),   membersCommand(),  removeCommand(),   leaveCommand(),
      whoamiCommand(),   healthCommand(), pingCommand(),     markReadCommand(), flushCommand(),
  };
  return kTable;
}

}  // namespace qpq::command
