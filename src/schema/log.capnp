# Logs: the one kind of thing a server keeps for people (docs/protocol/wire.md "Logs"). An append-only sequence of sealed
# envelopes with a hash chain, a count of commits and a roster of devices.
@0x85427e47f0fcf373;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("qpq::schema");

using Uploaded = import "bulk.capnp".Uploaded;
using Upload = import "bulk.capnp".Upload;
using Download = import "bulk.capnp".Download;

interface Logs {
  create @0 (log :Data) -> (outcome :Create);
  # Begins the log a group will live in. `log` is 16 random bytes. Repeated by the same account it answers `created`.

  openDirect @1 (account :Data, replaces :Data) -> (outcome :OpenDirect);
  # The direct log with that account, one per unordered pair; with one's own account, the self-group. `replaces`, when not
  # empty, names the log to be succeeded: if it is still the current one a new log takes its place, else the current one is
  # answered.

  append @2 (log :Data, envelope :Data, welcome :Data, tokenHash :Data, uploadedEnvelope :Uploaded,
             uploadedWelcome :Uploaded) -> (outcome :Append);
  # One wire Envelope of at most 64 KiB; `welcome` (an MLSMessage) exactly with a commit that adds devices. `tokenHash`
  # with a commit: SHA-256 of the append token of the epoch it makes. Answered only when durable. The entry id inside the
  # envelope's terms makes it idempotent: a known one gets the first receipt, whatever else the envelope holds.
  # A commit's envelope or Welcome above 64 KiB is uploaded first, with `put`, and named instead of given.

  read @3 (log :Data, after :UInt64, entriesMax :UInt32, bytesMax :UInt32) -> (outcome :Read);
  # Entries with seq > after that this device may read, oldest first. At least one if there is one.

  head @4 (log :Data, at :UInt64) -> (outcome :Head);
  # wire SignedHead of the entry `at`; 0: of the newest one.

  acknowledge @5 (places :List(Place)) -> ();
  # This device has stored everything up to each place. Monotone: a lower place changes nothing. What every device with a
  # right to it has acknowledged is deleted, also what a device that was removed meanwhile may still read.

  index @6 (since :UInt64) -> (change :UInt64, entries :List(IndexEntry), more :Bool);
  # The account's inbox: every log with a device of the account on its roster that changed after `since`. Ask again from
  # `change` while `more`.

  follow @7 (places :List(Place), sink :Sink) -> (following :Following);
  # Pushes what comes after each place, and index changes, into `sink`. Dropping `following` ends it. It subscribes before
  # it reads, so nothing falls between. A log the device has no rights in is silently not followed.

  put @8 (log :Data, hash :Data, length :UInt64) -> (outcome :Upload);
  # Uploads a commit's envelope or Welcome of more than 64 KiB and at most 16 MiB, for an append to this log by this
  # account. Kept for an hour if no append names it; what has arrived of an unfinished one, for a day.

  get @9 (log :Data, seq :UInt64, part :Part, offset :UInt64) -> (outcome :Download);
  # The envelope or Welcome of an entry that came without its bytes. The Welcome only for devices added there.

  refill @10 (log :Data, partner :Data, entries :List(Entry), receipt :Data) -> (outcome :Refill);
  # After a restore: gives back what this server had stored in an earlier incarnation and does not hold any more. `receipt`
  # is one it gave then, for the last of `entries`; they begin behind the log's newest entry and have no gap. Without
  # entries it asks how far the log goes. Whoever holds such a receipt was a reader, so no rights are asked for, and a log
  # that began after the backup begins again. `partner`: the other account if the log is a direct one, one's own for the
  # self-group; else empty. A Welcome may be missing (`welcomeHash` may not).
}

enum Part {
  envelope @0;
  welcome @1;
}

struct Place {
  log @0 :Data;
  seq @1 :UInt64;
}

interface Following {
  add @0 (places :List(Place)) -> ();
  # Follows further logs.
}

interface Sink {
  entries @0 (page :Page) -> ();
  # Returns when the client has stored them; the server keeps a bounded number of bytes under way per follower and log.

  indexChanged @1 (change :UInt64) -> ();
  # The account's index has changed; read it from the last change number known.

  devicesChanged @2 (list :Data) -> ();
  # wire DeviceList: the account's own list has a new version.

  closing @3 (afterMs :UInt64) -> ();
  # The server goes away on purpose; come back after so many milliseconds.
}

struct Page {
  log @0 :Data;
  start @1 :Data;         # wire SignedHead(n-1) when entry n is the first this device may read, and in pushes also
                          # SignedHead(p) when entries up to p have been pruned (`entries` is then empty); else empty
  entries @2 :List(Entry);
  receipt @3 :Data;       # wire Receipt of the last entry
}

struct Entry {
  # Names no sender. The chain is computed over exactly these values.
  seq @0 :UInt64;
  kind @1 :UInt8;         # wire EntryKind
  id @2 :Data;            # EntryId
  envelope @3 :Data;      # wire Envelope
  welcomeHash @4 :Data;   # SHA-256 of the Welcome; empty if the entry has none
  welcome @5 :Data;       # only for devices added by this entry
  envelopeHash @6 :Data;  # SHA-256 of an envelope that is to be fetched with `get`; `envelope` is then empty
  envelopeLength @7 :UInt64;
  welcomeLength @8 :UInt64;   # of a Welcome for this device that is to be fetched; `welcome` is then empty
}

struct Create {
  union {
    created @0 :Void;
    taken @1 :Void;       # another account has a log of this id
    limit @2 :UInt32;     # an account begins at most so many logs a day
    malformed @3 :Text;
  }
}

struct OpenDirect {
  union {
    log @0 :Data;
    unknownAccount @1 :Void;
    rate @2 :UInt64;
    malformed @3 :Text;
  }
}

struct Append {
  union {
    receipt @0 :Data;     # wire Receipt
    conflict :group {     # the terms do not fit the log as it is: read on and build anew
      commits @1 :UInt64;
      seq @2 :UInt64;
    }
    unknownDevice @3 :Data;   # a device to be added does not exist or is not active; the wire DeviceList of its account
    notOnRoster @4 :UInt64;   # this device's rights ended at that place; 0: it never had any
    gone @5 :Data;            # the log has a successor of this id
    quota :group {
      limit @6 :UInt64;
      used @7 :UInt64;
    }
    rate @8 :UInt64;          # try again after so many milliseconds
    tooLarge @9 :UInt64;      # the limit in bytes
    malformed @10 :Text;
    notUploaded @11 :Void;    # what it names has not arrived, or was forgotten: upload it and call again
  }
}

struct Read {
  union {
    page @0 :Page;
    pruned @1 :Data;      # wire SignedHead at p: entries up to p are gone, read on after it
    notOnRoster @2 :Void;
    malformed @3 :Text;
  }
}

struct Head {
  union {
    head @0 :Data;        # wire SignedHead
    notOnRoster @1 :Void;
    malformed @2 :Text;
    unknown @3 :Void;     # there is no entry `at`, or it has been forgotten
  }
}

struct Refill {
  # Heads are wire SignedHeads of the newest entry.
  union {
    complete @0 :Data;    # everything up to the receipt's entry is there
    beginAt @1 :Data;     # entries must begin behind this one
    differs @2 :Data;     # the log has gone on with other entries: those of the receipt are lost
    unproven @3 :Void;    # the receipt is not this server's, or the entries do not lead to it
    malformed @4 :Text;
  }
}

struct IndexEntry {
  change @0 :UInt64;
  log @1 :Data;
  rightsFrom @2 :UInt64;      # where this device's rights began last; 0 if it has none
  rightsEnd @3 :UInt64;       # where they ended; 0 if they have not
  hasRights @4 :Bool;         # whether this device is on the roster now
  direct @5 :Data;            # the other account of a direct log (one's own for the self-group); else empty
  successor @6 :Data;         # the log that took this one's place; else empty
}
