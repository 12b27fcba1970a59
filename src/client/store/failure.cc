#include "client/store/failure.h"

namespace qpq::client::store {

Error Failure::ofStore(const sql::Error& error) {
  using Code = sql::Error::Code;
  switch (error.code) {
    case Code::busy:
      return {ErrorCode::profileLocked, "Another program holds the profile's database.", "Close it and try again."};
    case Code::newerSchema:
      return {ErrorCode::profileTooNew, "This profile was written by a later qpq.", "Update qpq."};
    case Code::full: return {ErrorCode::diskFull, "The disk is full: nothing was changed.", "Make room and try again."};
    case Code::wrongKey:
    case Code::corrupt:
    case Code::otherApplication:
    case Code::mismatch:
      return {ErrorCode::profileCorrupt, "The profile's database is damaged: " + error.text, "Restore a copy of it."};
    case Code::io:
    case Code::cannotOpen:
    case Code::readOnly:
    case Code::rolledBack:
    case Code::outOfMemory:
      return {ErrorCode::profileCorrupt, "The profile's database cannot be used: " + error.text,
              "Check the rights of the profile folder and its disk."};
    case Code::unique:
    case Code::constraint:
    case Code::tooBig:
    case Code::notEncrypted:
    case Code::misuse: break;
  }
  return {ErrorCode::internal, "The profile's database refused a change: " + error.text, "Please report this."};
}

}  // namespace qpq::client::store
