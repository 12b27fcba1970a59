#pragma once

#include <memory>

#include "schema/bulk.capnp.h"
#include "schema/log.capnp.h"
#include "schema/node.capnp.h"
#include "schema/session.capnp.h"
#include "server/services.h"

// Each capability of the schema over its service. Those of a session hold it and end with it.
namespace qpq::server::rpc {

schema::Login::Client makeLogin(Services& services, std::unique_ptr<PendingLogin> login, kj::TimePoint begun);
schema::Enrolment::Client makeEnrolment(Services& services, const AccountId& account);

schema::Session::Client makeSession(Services& services, kj::Own<Session> session);
schema::Logs::Client makeLogs(Services& services, kj::Own<Session> session);
schema::Following::Client makeFollowing(kj::Own<Session> session, kj::Own<Follower> follower);
schema::Directory::Client makeDirectory(Services& services, kj::Own<Session> session);
schema::KeyPackages::Client makeKeyPackages(Services& services, kj::Own<Session> session);
schema::Vault::Client makeVault(Services& services, kj::Own<Session> session);
schema::Blobs::Client makeBlobs(Services& services, kj::Own<Session> session);
schema::Devices::Client makeDevices(Services& services, kj::Own<Session> session);

kj::Own<FollowSink> makeSink(schema::Sink::Client sink);
std::vector<Place> placesOf(capnp::List<schema::Place>::Reader places);

void setListUpdate(schema::ListUpdate::Builder out, const ListOutcome& outcome);
void setPage(schema::Page::Builder out, const Page& page);
void setUpload(schema::Upload::Builder out, const UploadOutcome& outcome);
void setDownload(schema::Download::Builder out, const DownloadOutcome& outcome);

inline constexpr kj::StringPtr kBadHash = "hash: 32 bytes"_kj;
// Nothing: the hash has not 32 bytes.
std::optional<Uploaded> uploadedOf(capnp::Data::Reader hash, uint64_t length);

}  // namespace qpq::server::rpc
