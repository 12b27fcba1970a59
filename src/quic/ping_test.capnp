@0xd2c1a7f04be86a35;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("qpq::quic::test");

interface Ping {
  ping @0 (n :UInt64, payload :Data) -> (n :UInt64, payload :Data);
  fail @1 (text :Text) -> ();              # throws a KJ exception with this text
  never @2 (payload :Data) -> ();          # does not answer
  deep @3 (tree :Tree) -> (depth :UInt32);
  session @4 () -> (session :Ping);        # for pipelining
  tell @5 (to :Ping, times :UInt32) -> (); # pings back so often, and asks for an answer to the last alone
}

struct Tree {
  child @0 :Tree;
}
