#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <vector>

#include "bench/client_loop.h"
#include "ledger.h"
#include "people.h"
#include "reading.h"

namespace qpq::faults {

// So many people come from one address, so that none of the server's bounds on an address is met.
inline constexpr std::size_t kPeoplePerHost = 16;

// What all talkers of a run share: the loop, the server they talk to, what is known of each log, the books.
class Hall {
 public:
  // `folder` holds the people and the ledger, whose promises still stand.
  Hall(bench::ClientLoop& clients, const quic::SocketAddress& server, const std::filesystem::path& folder);
  KJ_DISALLOW_COPY_AND_MOVE(Hall);

  // Where a device begins to read a log: behind what it has acknowledged.
  Reading readingOf(const LogId& log, const DeviceId& device);
  // The same from the start, or from where pruning begins.
  Reading readingFromStart(const LogId& log, const DeviceId& device);
  History& historyOf(const LogId& log) { return histories_.at(log); }

  // Who the server is, which it must stay.
  kj::Promise<wire::VerifiedServerInfo> serverOf(quic::RpcClient& connection);

  // A receipt for this envelope came: the promise is kept in the ledger if it is one. False: it is none.
  bool receive(const LogId& log, const EntryId& id, const wire::Hash& envelope, capnp::Data::Reader receipt,
               const wire::VerifiedServerInfo& server);
  void acknowledged(const Reading& reading, const DeviceId& device) {
    ledger_.acknowledged(reading.log(), device, reading.place());
  }

  bench::ClientLoop& clients;
  const quic::SocketAddress server;
  const std::vector<Person> people;
  Counts counts;
  bool stopping = false;
  uint64_t stayMsMax = 0;  // everyone leaves in the middle of whatever it does, within so long; 0: nobody does

 private:
  std::map<LogId, History> histories_;
  std::map<std::pair<LogId, DeviceId>, wire::LogPlace> acknowledged_;
  Ledger ledger_;
  std::optional<wire::PublicKey> identity_;
};

}  // namespace qpq::faults
