#include "command/cli/invocation.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>

#include "command/table.h"

namespace qpq::command {

namespace {

constexpr const char* kFooter =
    "exit codes\n"
    "  0 done · 1 unexpected · 2 usage · 3 server or network · 4 password or sign-in · 5 server not trusted\n"
    "  6 no such user, conversation or file · 7 refused for now · 8 profile locked or damaged · 9 kept for later · 130 "
    "interrupted";

// What CLI11 fills in for one command of the table.
struct Given {
  std::map<std::string, std::string> texts;
  std::map<std::string, int64_t> numbers;
  std::map<std::string, std::vector<std::string>> lists;
  std::map<std::string, bool> flags;
};

void addFlags(CLI::App& app, CommonFlags& flags, std::string& password) {
  app.add_option("--profile", flags.profile, "folder of the profile")->envname("QPQ_PROFILE");
  app.add_option("--server", flags.server, "HOST:PORT of the server (default 127.0.0.1:7000)")->envname("QPQ_SERVER");
  app.add_option("--ca-cert", flags.caCertificate, "trust only servers with this certificate (PEM or DER)");
  app.add_flag("--accept-new-server", flags.acceptNewServer, "trust a server never seen before");
  app.add_option("--username", flags.username, "the account's user name")->envname("QPQ_USERNAME");
  app.add_option("--password", password, "the password, visible to other users of this machine: prefer the next ones");
  app.add_option("--password-file", flags.passwordFile, "a file whose first line is the password");
  app.add_option("--password-fd", flags.passwordFd, "an open file descriptor to read the password from");
  app.add_option("--invite-file", flags.inviteFile, "a file whose first line is the invite code of a new account");
  app.add_flag("--json", flags.json, "results as JSON on standard output");
}

// Positional: required parameters in order. Options: the rest.
void addParameters(CLI::App& sub, const Command& command, Given& given) {
  for (const Parameter& parameter : command.parameters) {
    std::string name(parameter.name);
    bool positional = parameter.need == Parameter::Need::required;
    std::string flag = positional ? name : "--" + name;
    std::string help(parameter.help);
    CLI::Option* option = nullptr;
    if (parameter.type == Type::flag) {
      option = sub.add_flag(flag, given.flags[name], help);
    } else if (parameter.type == Type::number) {
      option = sub.add_option(flag, given.numbers[name], help);
    } else if (parameter.type == Type::users) {
      option = sub.add_option(flag, given.lists[name], help);
    } else {
      option = sub.add_option(flag, given.texts[name], help);
    }
    option->required(positional);
  }
}

Value parametersOf(const CLI::App& sub, const Command& command, const Given& given) {
  Value parameters = Value::object();
  for (const Parameter& parameter : command.parameters) {
    std::string name(parameter.name);
    bool positional = parameter.need == Parameter::Need::required;
    bool isGiven = sub.count(positional ? name : "--" + name) > 0;
    if (parameter.type == Type::path) {
      parameters.set(name, absolutePath(isGiven ? given.texts.at(name) : ""));
      continue;
    }
    if (!isGiven) continue;
    if (parameter.type == Type::flag) {
      parameters.set(name, given.flags.at(name));
    } else if (parameter.type == Type::number) {
      parameters.set(name, given.numbers.at(name));
    } else if (parameter.type == Type::users) {
      Value users{Value::List()};
      for (const std::string& user : given.lists.at(name)) users.push(user);
      parameters.set(name, users);
    } else {
      parameters.set(name, given.texts.at(name));
    }
  }
  return parameters;
}

// Overwrites the value of --password in argv, where `ps` shows it.
void hidePassword(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    constexpr std::string_view kFlag = "--password";
    std::string_view word = argv[i];
    if (word == kFlag && i + 1 < argc) std::memset(argv[i + 1], '*', std::strlen(argv[i + 1]));
    if (word.starts_with("--password=")) std::memset(argv[i] + kFlag.size() + 1, '*', word.size() - kFlag.size() - 1);
  }
}

void takePassword(CommonFlags& flags, std::string& password) {
  if (!password.empty()) {
    flags.password = SecretBytes(asBytes(password));
    flags.passwordOnCommandLine = true;
    wipe({reinterpret_cast<uint8_t*>(password.data()), password.size()});
  } else if (char* environment = std::getenv("QPQ_PASSWORD"); environment != nullptr && *environment != '\0') {
    flags.password = SecretBytes(asBytes(environment));
    wipe({reinterpret_cast<uint8_t*>(environment), std::strlen(environment)});
  }
}

std::vector<std::string> subcommandNames() {
  std::vector<std::string> names{"register-user", "login", "chat", "repl"};
  for (const Command& command : commandTable()) names.emplace_back(command.name);
  return names;
}

Failure problemOf(const CLI::Error& error, int argc, char** argv) {
  std::string hint = "qpq --help lists what there is";
  for (int i = 1; i < argc; ++i) {
    if (argv[i][0] == '-') continue;
    std::vector<std::string> names = subcommandNames();
    if (std::ranges::find(names, argv[i]) == names.end()) {
      if (auto near = similar(argv[i], names); !near.empty()) hint = "did you mean: qpq " + near[0];
    } else {
      hint = std::string("qpq ") + argv[i] + " --help says what it takes";
    }
    break;
  }
  return usageFailure(error.what(), hint);
}

}  // namespace

Outcome<Invocation> parseCommandLine(int argc, char** argv) {
  Invocation invocation;
  std::string password;
  std::map<std::string_view, Given> given;
  CLI::App app("qpq: an end-to-end encrypted messenger", "qpq");
  app.footer(kFooter);
  app.set_version_flag("--version", "qpq " QPQ_VERSION);
  app.require_subcommand(0, 1);
  app.fallthrough();
  addFlags(app, invocation.flags, password);

  ask::Register registration;
  app.add_subcommand("register-user", "make a new account on a server")
      ->add_option("name", registration.name, "the user name")
      ->required();
  ask::Login login;
  app.add_subcommand("login", "add this device to an account")
      ->add_option("name", login.name, "the user name")
      ->required();
  ask::Repl repl;
  for (const char* name : {"repl", "chat"}) {
    CLI::App* sub =
        app.add_subcommand(name, name[0] == 'r' ? "talk, interactively" : "talk in one conversation, interactively");
    sub->add_flag("--register", repl.registerNew, "make the account if this profile has none");
    if (name[0] == 'c') sub->add_option("conversation", repl.conversation, "@user or #group")->required();
  }
  bool follow = false;
  for (const Command& command : commandTable()) {
    CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.summary));
    addParameters(*sub, command, given[command.name]);
    if (command.name == "recv") sub->add_flag("--follow", follow, "then go on as messages arrive, until interrupted");
  }

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    CLI::App* shown = &app;
    for (CLI::App* sub : app.get_subcommands()) shown = sub;
    invocation.ask = ask::Shown{shown->help()};
    return invocation;
  } catch (const CLI::CallForVersion& version) {
    invocation.ask = ask::Shown{std::string(version.what()) + "\n"};
    return invocation;
  } catch (const CLI::ParseError& error) {
    hidePassword(argc, argv);
    return std::unexpected(problemOf(error, argc, argv));
  }
  hidePassword(argc, argv);
  takePassword(invocation.flags, password);

  if (app.get_subcommands().empty()) {
    invocation.ask = ask::Repl{};
    return invocation;
  }
  CLI::App* chosen = app.get_subcommands()[0];
  std::string name = chosen->get_name();
  if (name == "register-user") {
    invocation.ask = registration;
  } else if (name == "login") {
    invocation.ask = login;
  } else if (name == "repl" || name == "chat") {
    invocation.ask = repl;
  } else if (name == "recv" && follow) {
    invocation.ask = ask::Follow{};
  } else {
    const Command* command = findCommand(name);
    invocation.ask = ask::Call{name, parametersOf(*chosen, *command, given[command->name])};
  }
  return invocation;
}

}  // namespace qpq::command
