#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "schema/node.capnp.h"
#include "server/services.h"

namespace qpq::server {

// The connection a Node is handed to.
struct PeerInfo {
  ByteArray<32> exporter;  // of its TLS session: what a device signs to resume here and nowhere else
  std::string address;     // whatever limits count by: an address without its port
  std::shared_ptr<const wire::ServerInfo> info{};  // for the certificate it met; nothing: Services::info
  std::function<void()> signedIn = []() {};        // told when a device has signed in
};

// The bootstrap capability of one connection. `services` outlive it and everything that is got from it.
schema::Node::Client makeNode(Services& services, const PeerInfo& peer);

}  // namespace qpq::server
