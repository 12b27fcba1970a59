#include "ledger.h"

#include <fcntl.h>
#include <kj/debug.h>
#include <unistd.h>

#include <format>
#include <fstream>
#include <sstream>

#include "hex.h"

namespace qpq::faults {

namespace {

kj::AutoCloseFd openToAppend(const std::filesystem::path& file) {
  int fd;
  KJ_SYSCALL(fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), file.c_str());
  return kj::AutoCloseFd(fd);
}

void readLine(const std::string& line, LedgerContent& into) {
  std::istringstream words(line);
  std::string kind, log, first, second, third;
  uint64_t seq = 0, commits = 0;
  words >> kind >> log;
  if (kind == "promised") {
    words >> seq >> first >> second >> third;
    into.promises.push_back({fromHexTo<LogId>(log),
                             seq,
                             {fromHexTo<EntryId>(first), fromHexTo<wire::Hash>(second), fromHexTo<wire::Hash>(third)}});
  } else {
    words >> first >> seq >> second >> commits;
    into.acknowledged[{fromHexTo<LogId>(log), fromHexTo<DeviceId>(first)}] = {seq, fromHexTo<wire::Hash>(second),
                                                                              commits};
  }
  KJ_REQUIRE(!words.fail(), "no line of a ledger", line.c_str());
}

}  // namespace

Ledger::Ledger(const std::filesystem::path& file): file_(openToAppend(file)) {}

void Ledger::promised(const LogId& log, uint64_t seq, const Said& said) {
  line(std::format("promised {} {} {} {} {}\n", toHex(log.view()), seq, toHex(said.id.view()), toHex(said.envelope),
                   toHex(said.head)));
}

void Ledger::acknowledged(const LogId& log, const DeviceId& device, const wire::LogPlace& place) {
  line(std::format("acknowledged {} {} {} {} {}\n", toHex(log.view()), toHex(device.view()), place.seq,
                   toHex(place.head), place.commits));
}

void Ledger::line(const std::string& text) {
  ssize_t written;
  KJ_SYSCALL(written = ::write(file_, text.data(), text.size()));
  KJ_REQUIRE(static_cast<std::size_t>(written) == text.size(), "the ledger took a part of a line");
}

LedgerContent readLedger(const std::filesystem::path& file) {
  std::ifstream in(file);
  LedgerContent content;
  std::string line;
  while (std::getline(in, line) && !in.eof()) readLine(line, content);
  return content;
}

}  // namespace qpq::faults
