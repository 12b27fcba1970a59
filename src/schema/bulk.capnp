# Bulk: what is too large for a call travels on a stream of its own beside the control stream (docs/protocol/bulk.md). A
# call says what it will be and gets a ticket: good once, on this connection, for half a minute.
@0xb1f5d0c36e2a7f48;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("qpq::schema");

struct Uploaded {
  # Bytes that have been uploaded, as a later call names them.
  hash @0 :Data;          # SHA-256
  length @1 :UInt64;
}

struct Upload {
  union {
    stream :group {       # open a stream, write the ticket and the bytes from `offset` on
      ticket @0 :Data;    # 16 bytes
      offset @1 :UInt64;  # so many have arrived already: an upload that was cut off goes on
    }
    stored @2 :Void;      # the server has all of it for this account already
    notAllowed @3 :Void;  # this device has no place in that log
    tooLarge @4 :UInt64;  # the limit in bytes
    quota :group {
      limit @5 :UInt64;
      used @6 :UInt64;
    }
    rate @7 :UInt64;      # try again after so many milliseconds
    malformed @8 :Text;
  }
}

struct Download {
  union {
    stream :group {       # open a stream, write the ticket, read the bytes from the asked offset to the end
      ticket @0 :Data;
      length @1 :UInt64;  # of all of it
    }
    notFound @2 :Void;    # there is nothing of that name, or not for this device
    rate @3 :UInt64;
    malformed @4 :Text;
  }
}
