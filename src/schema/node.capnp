# What anyone may do who reaches a server: the bootstrap capability of the control stream. Everything else hangs on a
# `Session` (session.capnp), which one gets by proving a device key on this very connection.
@0x93f1f3664eed50bc;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("qpq::schema");

using Session = import "session.capnp".Session;
using KsfCost = import "session.capnp".KsfCost;
using ListUpdate = import "session.capnp".ListUpdate;

interface Node {
  serverInfo @0 () -> (info :Data);
  # wire ServerInfo: the server's identity key, its incarnation, the hash of its TLS key, its receipt keys, signed by the
  # identity key. A client pins the identity and compares the TLS key with its connection before it says anything else.

  ping @1 (payload :Data) -> (payload :Data);
  # Answers the payload, at most 1 KiB of it.

  registerStart @2 (name :Text, account :Data, request :Data, invite :Data) -> (outcome :RegisterStart);
  # OPAQUE registration, first step (RFC 9807 §5). `account` is the new account's id, 16 bytes, chosen by the client, and
  # the OPAQUE credential identifier. Nothing is stored, so it may be repeated. `invite`: an invite code's 20 bytes; empty
  # until the server has answered that it needs one.

  registerFinish @3 (registration :Registration) -> (outcome :RegisterFinish);
  # Name, account, OPAQUE record, vault, device list 1 and the first device's certificate become durable together, or
  # not at all; one use of the invite goes with them, where one is needed. Repeated with the same bytes it answers
  # `registered` again, whatever has become of the invite.

  loginStart @4 (name :Text, ke1 :Data) -> (outcome :LoginStart);
  # OPAQUE login, first step. An unknown name is answered in the same shape, from a record that no password opens.

  resume @5 (account :Data, device :Data, signature :Data) -> (outcome :Resume);
  # `signature` is the device key's over wire ResumeTBS with this connection's TLS exporter value: nothing in it is of use
  # on another connection.
}

struct RegisterStart {
  union {
    response @0 :Data;    # RFC 9807 RegistrationResponse, 64 bytes
    nameTaken @1 :Void;
    badName @2 :Text;     # which rule of docs/protocol/wire.md "Names" it breaks
    closed @3 :Void;      # this server registers nobody
    rate @4 :UInt64;      # try again after so many milliseconds
    malformed @5 :Text;
    invite @7 :InviteRefusal;
    accountTaken @8 :Void;
  }
  cost @6 :KsfCost;       # with `response`: the cost to use
}

struct Registration {
  name @0 :Text;
  account @1 :Data;       # 16 bytes
  record @2 :Data;        # RFC 9807 RegistrationRecord, 192 bytes
  cost @3 :KsfCost;       # the cost the record was made with
  vault @4 :Data;         # wire Vault
  deviceList @5 :Data;    # wire DeviceList, listVersion 1, holding exactly the first device
  certificate @6 :Data;   # wire Certificate of that device
  invite @7 :Data;        # as in registerStart
}

enum InviteRefusal {
  # Told before anything of the name. Every attempt counts as a registration of its address.
  needed @0;              # this server registers whoever has an invite code
  unknown @1;             # nobody made this one here, or it was revoked
  spent @2;               # it has made as many accounts as it may
  expired @3;
}

struct RegisterFinish {
  union {
    registered @0 :Void;
    nameTaken @1 :Void;
    accountTaken @2 :Void;
    closed @3 :Void;
    rate @4 :UInt64;
    malformed @5 :Text;
    invite @6 :InviteRefusal;
  }
}

struct LoginStart {
  union {
    challenge :group {
      ke2 @0 :Data;       # RFC 9807 KE2, 320 bytes
      cost @1 :KsfCost;
      login @2 :Login;
    }
    rate @3 :UInt64;
    malformed @4 :Text;
  }
}

interface Login {
  # One login under way. It can be finished once; it ends with the connection or after a minute.
  finish @0 (ke3 :Data) -> (outcome :LoginFinish);
}

struct LoginFinish {
  union {
    account :group {
      id @0 :Data;        # 16 bytes
      enrolment @1 :Enrolment;
    }
    denied @2 :Void;      # wrong password or unknown name: nobody but the server knows which
  }
}

interface Enrolment {
  # What a password alone opens: the sealed vault, and putting a device of one's own on the list.

  vault @0 () -> (vault :Data);
  # wire Vault.

  devices @1 () -> (list :Data);
  # wire DeviceList, the newest.

  enrol @2 (certificate :Data, list :Data) -> (outcome :ListUpdate);
  # `list` is the newest list with this device added, signed by the account key from the vault.
}

struct Resume {
  union {
    session @0 :Session;
    denied @1 :Void;      # no such device, a wrong signature, or a device no longer on the list
    revoked @2 :Data;     # the wire DeviceList that revokes it; answered only to a right signature
  }
}
