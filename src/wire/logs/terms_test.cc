#include "wire/logs/terms.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::entry;
using sample::refusal;

CommitTerms sampleCommit() {
  auto first = sample::firstList(1, {sample::listed(1)});
  auto second = sample::nextList(
      first, {sample::listed(1, DeviceState::revoked, 2000), sample::listed(2, DeviceState::active, 2000)});
  return {.newest = {.seq = 41, .head = sample::hash(0x62)},
          .removed = {entry(1, 1), entry(2, 3)},
          .added = {entry(1, 2)},
          .restored = {entry(2, 4)},
          .rosterAfter = sample::hash(0x63),
          .evidence = {second.list()}};
}

TEST_CASE("terms of each kind have their golden bytes") {
  sample::checkGolden(sample::messageTerms(1),
                      "01"
                      "01"
                      "e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1e1"
                      "0000000000000005");
  sample::checkGolden(Terms{.id = sample::entryId(2), .commitsSeen = 5, .body = ProposalTerms{}},
                      "01"
                      "02"
                      "e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2"
                      "0000000000000005"
                      "00");
  sample::checkGolden(sample::leaveTerms(entry(1, 1)),
                      "01"
                      "02"
                      "e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2"
                      "0000000000000005"
                      "01a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1");
  sample::checkGolden(
      sample::commitTerms(sampleCommit()),
      "01"
      "03"
      "e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3e3"
      "0000000000000005"
      "00000000000000296262626262626262626262626262626262626262626262626262626262626262"
      "4040a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2d3d3d3d3d3d3"
      "d3d3d3d3d3d3d3d3d3d3"
      "20a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2"
      "20a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4d4"
      "6363636363636363636363636363636363636363636363636363636363636363"
      "410d"
      "01"
      "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
      "d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737"
      "0000000000000002"
      "89cdbafa76d5b2287c9c2c15d537a3afe41e64f0f9755ce59d9fcff0f467f289"
      "4072"
      "d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1884b8857f4eaa1613c61504db34d4beaf346517a0e31de3cddd4d9b4201d9d0b0200000000000007"
      "d0"
      "d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2a09aa5f47a6759802ff955f8dc2d2a14a5c99d23be97f864127ff9383455a4f00100000000000007"
      "d0"
      "edb3d718b743fd8f8c5a90fc8c315c578e80d4935184569d9663cdc0e0354b7cd255bc0b4b875a9b4eecceebacb6ec779c9501ff5a23eb6d"
      "a7244758698db40e");
}

TEST_CASE("terms know their kind, and who leaves") {
  CHECK(sample::messageTerms().kind() == EntryKind::message);
  CHECK(sample::messageTerms().leaver() == std::nullopt);
  CHECK(sample::messageTerms().commit() == nullptr);
  CHECK(sample::leaveTerms(entry(1, 1)).kind() == EntryKind::proposal);
  CHECK(sample::leaveTerms(entry(1, 1)).leaver() == entry(1, 1));
  CHECK(sample::commitTerms({}).kind() == EntryKind::commit);
  CHECK(sample::commitTerms({}).leaver() == std::nullopt);
  CHECK(sample::commitTerms(sampleCommit()).commit()->newest.seq == 41);
}

TEST_CASE("a version or kind this program does not know is named as such") {
  Bytes bytes = encode(sample::messageTerms());
  for (int value = 0; value < 256; ++value) {
    Bytes changed = bytes;
    changed[0] = static_cast<uint8_t>(value);
    if (value != 1) CHECK(decode<Terms>(changed).error() == DecodeError{DecodeError::Code::unknownValue, 0});
    changed = bytes;
    changed[1] = static_cast<uint8_t>(value);
    if (value == 0 || value > 3) {
      CHECK(decode<Terms>(changed).error() == DecodeError{DecodeError::Code::unknownValue, 1});
    }
  }
  bytes = encode(sample::leaveTerms(entry(1, 1)));
  bytes[26] = 2;  // the presence octet of `leaver`
  CHECK(decode<Terms>(bytes).error() == DecodeError{DecodeError::Code::unknownValue, 26});
}

TEST_CASE("each list of a commit is refused out of order") {
  constexpr std::size_t kLists = 26 + 40;  // behind version, kind, id, commitsSeen and newest
  // removed, added and restored in turn get two entries the wrong way round, the others none.
  for (std::size_t list = 0; list < 3; ++list) {
    Writer out;
    out.bytes(ByteView(encode(sample::commitTerms(sampleCommit()))).first(kLists));
    for (std::size_t i = 0; i < 3; ++i) {
      std::vector<RosterEntry> entries;
      if (i == list) entries = {entry(2, 1), entry(1, 1)};
      write(out, entries);
    }
    out.bytes(Hash{});
    out.opaque({});
    CHECK(decode<Terms>(out.view()).error() == DecodeError{DecodeError::Code::notSorted, kLists + list + 2 + 32});
  }
}

TEST_CASE("evidence holds one list per account, in order") {
  auto encoded = [](std::vector<DeviceList> evidence) {
    Writer out;
    write(out, evidence);
    return std::move(out).take();
  };
  DeviceList one = sample::deviceList(1, 1, Hash{}, {});
  DeviceList newer = sample::deviceList(1, 2, sample::hash(1), {});
  DeviceList two = sample::deviceList(2, 1, Hash{}, {});
  using Evidence = Sorted<DeviceList>;
  CHECK(decode<Evidence>(encoded({one, two})));
  CHECK(decode<Evidence>(encoded({two, one})).error().code == DecodeError::Code::notSorted);
  CHECK(decode<Evidence>(encoded({one, newer})).error().code == DecodeError::Code::notSorted);
}

TEST_CASE("terms that do not fit their place are told apart") {
  const Terms terms = sample::messageTerms(1, 5);
  const EntryPlace place{.seq = 9, .kind = EntryKind::message, .id = sample::entryId(1), .commitsBefore = 5};
  CHECK(checkPlace(terms, place));
  EntryPlace other = place;
  other.id = sample::entryId(2);
  CHECK(refusal(checkPlace(terms, other)) == ErrorCode::otherEntryId);
  other = place;
  other.kind = EntryKind::proposal;
  CHECK(refusal(checkPlace(terms, other)) == ErrorCode::otherKind);
  for (uint64_t commits : {uint64_t{4}, uint64_t{6}}) {
    other = place;
    other.commitsBefore = commits;
    CHECK(refusal(checkPlace(terms, other)) == ErrorCode::otherCommitsSeen);
  }
}

}  // namespace
}  // namespace qpq::wire
