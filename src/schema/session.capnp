# What a signed-in device holds. No token travels with a call: holding the capability is the right, and it ends with the
# connection.
@0xf8af3803e42c8693;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("qpq::schema");

using Logs = import "log.capnp".Logs;
using Upload = import "bulk.capnp".Upload;
using Download = import "bulk.capnp".Download;

interface Session {
  logs @0 () -> (logs :Logs);
  directory @1 () -> (directory :Directory);
  keyPackages @2 () -> (keyPackages :KeyPackages);
  vault @3 () -> (vault :Vault);
  devices @4 () -> (devices :Devices);
  blobs @5 () -> (blobs :Blobs);
}

interface Directory {
  lookup @0 (name :Text) -> (outcome :Person);
  # By user name, compared case-folded.

  account @1 (account :Data) -> (outcome :Person);
  # By account id.
}

struct Person {
  union {
    found :group {
      account @0 :Data;   # 16 bytes
      name @1 :Text;      # as its owner writes it
      devices @2 :Data;   # wire DeviceList, the newest
    }
    unknown @3 :Void;
    rate @4 :UInt64;      # try again after so many milliseconds
    malformed @5 :Text;
  }
}

interface KeyPackages {
  publish @0 (packages :List(Data), lastResort :Data) -> (outcome :Publish);
  # MLS KeyPackages of this device: their credential must be its stored certificate, the suite the product's, the lifetime
  # at most 90 days. `lastResort`, when not empty, replaces the one kept.

  count @1 () -> (packages :UInt32, lastResort :Bool);
  # How many of this device's are left to be taken.

  take @2 (request :Data, account :Data, devices :List(Data)) -> (outcome :Taken);
  # One package for each named device (an empty list: every active one), each handed out exactly once. `request` is a
  # RequestId: the same one by the same device gets the same answer for 7 days. The taker checks what it gets.
}

struct Publish {
  union {
    accepted @0 :UInt32;  # how many are now kept
    refused @1 :Text;     # which package, and which rule it breaks; nothing was stored
    limit @2 :UInt32;     # a device keeps at most so many
  }
}

struct Taken {
  union {
    packages :group {
      deviceList @0 :Data;              # wire DeviceList, the newest
      devices @1 :List(DevicePackage);
    }
    unknownAccount @2 :Void;
    rate @3 :UInt64;
    malformed @4 :Text;
  }

  struct DevicePackage {
    device @0 :Data;      # 16 bytes
    union {
      package @1 :Data;   # MLS KeyPackage
      none @2 :Void;      # this device has none left
    }
    lastResort @3 :Bool;
  }
}

interface Vault {
  read @0 () -> (vault :Data, cost :KsfCost);
  # wire Vault.

  changeStart @1 (request :Data) -> (response :Data, cost :KsfCost, rate :UInt64);
  # OPAQUE registration again, for a new password. `rate` above 0: no response, try again after so many milliseconds.

  replace @2 (record :Data, cost :KsfCost, vault :Data) -> (outcome :VaultUpdate);
  # OPAQUE record and vault change in one transaction; the vault's revision is one above the stored one.
}

struct VaultUpdate {
  union {
    accepted @0 :Void;
    conflict @1 :Data;    # the stored wire Vault: another device was first
    malformed @2 :Text;
    rate @3 :UInt64;      # try again after so many milliseconds
  }
}

interface Devices {
  list @0 () -> (list :Data);
  # wire DeviceList, the newest.

  update @1 (list :Data) -> (outcome :ListUpdate);
  # The next list, signed by the account key. A device it revokes loses its session before this answers.
}

struct ListUpdate {
  union {
    accepted @0 :Void;
    conflict @1 :Data;    # the newest wire DeviceList: someone else changed it, build on this one
    malformed @2 :Text;
    limit @3 :UInt32;     # an account has at most so many devices
  }
}

interface Blobs {
  # Files as ciphertext, each named by the SHA-256 of its bytes. The server keeps a blob for 30 days, or until the account
  # that brought it drops it.

  put @0 (hash :Data, length :UInt64) -> (outcome :Upload);
  # Brought twice it counts once, and its 30 days begin anew. What is announced counts as held from then on; what has
  # arrived of an unfinished one is kept for a day.

  get @1 (hash :Data, offset :UInt64) -> (outcome :Download);
  # Anyone signed in who knows the hash may read the blob: the hash is the right to it, and tells nothing of the bytes.

  drop @2 (hash :Data) -> (outcome :BlobDrop);
  # Of one's own account. Another account that has brought the same bytes keeps them.

  usage @3 () -> (files :UInt64, bytes :UInt64, limit :UInt64);
}

struct BlobDrop {
  union {
    dropped @0 :Void;
    notFound @1 :Void;      # this account holds no such blob
    malformed @2 :Text;
  }
}

struct KsfCost {
  # Argon2id's parameters for the password (RFC 9807 §7). A client refuses what is below its own minimum.
  memoryKib @0 :UInt32;
  passes @1 :UInt32;
  lanes @2 :UInt32;
}
