#include "sql/rows.h"

#include <bit>
#include <limits>

#include "sql/connection.h"
#include "sql/fixture_test.h"
#include "sql/limits.h"
#include "support/seeded_random.h"

namespace qpq::sql {
namespace {

enum class Colour : uint8_t { red = 1, blue = 2 };
constexpr bool isKnown(Colour c) { return c == Colour::red || c == Colour::blue; }

struct Sample {
  int64_t number;
  std::string text;
  Bytes blob;
  std::optional<uint64_t> maybe;
  LogId log;
  bool operator==(const Sample&) const = default;
};

Sample draw(test::SeededRandom& random) {
  Sample sample{.number = std::bit_cast<int64_t>(random.next() >> random.below(64)),
                .text = std::string(random.below(40), '\0'),
                .blob = Bytes(random.below(6000)),
                .maybe = std::nullopt,
                .log = LogId::random(random)};
  for (char& c : sample.text) c = static_cast<char>(random.below(256));
  random.fill(sample.blob);
  if (random.below(2) == 0) sample.maybe = random.next();
  return sample;
}

// One value through SQL and back, read as a T.
template <class T, class V>
Result<std::optional<T>> through(const V& value) {
  Database database = must(Database::inMemory());
  return database.one<T>("SELECT ?", value);
}

TEST_CASE("a thousand random rows come back as they went in") {
  test::ScratchFolder folder;
  Database database = must(Database::open(folder.file("store.db"), keyOf(1)));
  must(database.execute(
      "CREATE TABLE sample (at INTEGER PRIMARY KEY, number INTEGER, text TEXT, blob BLOB, maybe INTEGER,"
      " log BLOB) STRICT"));
  test::SeededRandom random(5);
  std::vector<Sample> samples;
  Transaction transaction = must(Transaction::begin(database));
  for (int at = 0; at < 1000; ++at) {
    samples.push_back(draw(random));
    const Sample& s = samples.back();
    REQUIRE(must(database.execute("INSERT INTO sample VALUES (?, ?, ?, ?, ?, ?)", at, s.number, s.text, s.blob, s.maybe,
                                  s.log)) == 1);
  }
  must(transaction.commit());

  Rows rows = must(database.query("SELECT number, text, blob, maybe, log FROM sample ORDER BY at"));
  for (const Sample& sample : samples) {
    REQUIRE(must(rows.next()));
    auto row = must(rows.read<int64_t, std::string, Bytes, std::optional<uint64_t>, LogId>());
    REQUIRE(std::make_from_tuple<Sample>(row) == sample);
  }
  CHECK_FALSE(must(rows.next()));
}

TEST_CASE("integers keep their value, and one too big for its type is an error") {
  CHECK(must(through<int64_t>(std::numeric_limits<int64_t>::min())) == std::numeric_limits<int64_t>::min());
  CHECK(must(through<uint8_t>(255)) == 255);
  CHECK(codeOf(through<uint8_t>(256)) == Error::Code::mismatch);
  CHECK(codeOf(through<uint8_t>(-1)) == Error::Code::mismatch);
  CHECK(must(through<int32_t>(std::numeric_limits<int32_t>::min())) == std::numeric_limits<int32_t>::min());
  CHECK(codeOf(through<int32_t>(int64_t{std::numeric_limits<int32_t>::min()} - 1)) == Error::Code::mismatch);
  CHECK(must(through<uint32_t>(0xffffffffu)) == 0xffffffffu);
  CHECK(codeOf(through<uint32_t>(uint64_t{1} << 32)) == Error::Code::mismatch);
  CHECK(must(through<bool>(true)) == true);
  CHECK(must(through<bool>(false)) == false);
  CHECK(codeOf(through<bool>(2)) == Error::Code::mismatch);
}

TEST_CASE("a uint64 keeps its bits; SQL compares it rightly below 2^63 only") {
  constexpr uint64_t kLine = uint64_t{1} << 63;
  for (uint64_t number : {uint64_t{0}, kLine - 1, kLine, kLine + 1, ~uint64_t{0}}) {
    CHECK(must(through<uint64_t>(number)) == number);
  }
  Database database = must(Database::inMemory());
  CHECK(must(database.one<bool>("SELECT ? < ?", kLine - 2, kLine - 1)) == true);
  CHECK(must(database.one<bool>("SELECT ? < ?", kLine - 1, kLine)) == false);
}

TEST_CASE("empty is not NULL, and NULL is read only where it may stand") {
  Database database = must(Database::inMemory());
  for (Sql sql : {Sql("SELECT typeof(?) || typeof(?)")}) {
    CHECK(must(database.one<std::string>(sql, std::string_view(), ByteView())) == "textblob");
    CHECK(must(database.one<std::string>(sql, "", Bytes())) == "textblob");
    CHECK(must(database.one<std::string>(sql, std::nullopt, std::optional<Bytes>())) == "nullnull");
  }
  CHECK(must(through<std::string>("")) == "");
  CHECK(must(through<Bytes>(ByteView())) == Bytes());
  CHECK(must(through<std::optional<Bytes>>(Bytes())) == Bytes());
  CHECK(must(through<std::optional<uint64_t>>(std::nullopt)).value() == std::nullopt);
  CHECK(codeOf(through<uint64_t>(std::nullopt)) == Error::Code::mismatch);
  CHECK(codeOf(through<std::string>(std::nullopt)) == Error::Code::mismatch);
  CHECK(codeOf(through<Bytes>(std::nullopt)) == Error::Code::mismatch);
}

TEST_CASE("a column of another type is an error, never a conversion") {
  CHECK(codeOf(through<int64_t>("7")) == Error::Code::mismatch);
  CHECK(codeOf(through<int64_t>(Bytes{7})) == Error::Code::mismatch);
  CHECK(codeOf(through<std::string>(7)) == Error::Code::mismatch);
  CHECK(codeOf(through<std::string>(Bytes{7})) == Error::Code::mismatch);
  CHECK(codeOf(through<Bytes>("7")) == Error::Code::mismatch);
  CHECK(codeOf(through<Bytes>(7)) == Error::Code::mismatch);
  CHECK(codeOf(through<std::optional<Bytes>>(7)) == Error::Code::mismatch);
  Database database = must(Database::inMemory());
  CHECK(codeOf(database.one<int64_t>("SELECT 1.0")) == Error::Code::mismatch);
}

TEST_CASE("what has a fixed size is read at that size only") {
  LogId log{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
  CHECK(must(through<LogId>(log)) == log);
  CHECK(must(through<ByteArray<16>>(log)) == log.bytes);
  for (std::size_t size : {0u, 1u, 15u, 17u, 32u}) {
    CHECK(codeOf(through<LogId>(Bytes(size))) == Error::Code::mismatch);
    CHECK(codeOf(through<ByteArray<16>>(Bytes(size))) == Error::Code::mismatch);
    CHECK(codeOf(through<Secret<16>>(Bytes(size))) == Error::Code::mismatch);
  }
}

TEST_CASE("an enum is read if its value is known") {
  CHECK(must(through<Colour>(Colour::blue)) == Colour::blue);
  CHECK(codeOf(through<Colour>(3)) == Error::Code::mismatch);
  CHECK(codeOf(through<Colour>(258)) == Error::Code::mismatch);
}

TEST_CASE("secrets go in and come out as secrets") {
  Key key = keyOf(9);
  auto back = must(through<Secret<32>>(key));
  CHECK(constantTimeEqual(back->expose(), key.expose()));
  SecretBytes bytes(Bytes{1, 2, 3});
  CHECK(constantTimeEqual(must(through<SecretBytes>(bytes))->expose(), bytes.expose()));
  CHECK(must(through<std::optional<SecretBytes>>(std::optional<SecretBytes>())).value() == std::nullopt);
}

TEST_CASE("a text with a zero byte or outside UTF-8 comes back whole") {
  std::string text("a\0b\xff", 4);
  CHECK(must(through<std::string>(text)) == text);
}

TEST_CASE("values are forgotten when a statement ends, however it ends") {
  Database database = must(Database::inMemory());
  createNotes(database);
  auto bindings = [&](const char* sql) {
    char* text = sqlite3_expanded_sql(database.connection().statements.at(sql).handle);
    std::string copy(text);
    sqlite3_free(text);
    return copy;
  };
  must(database.execute("INSERT INTO note VALUES (?, ?)", 1, asBytes("canary")));
  CHECK(bindings("INSERT INTO note VALUES (?, ?)") == "INSERT INTO note VALUES (NULL, NULL)");
  CHECK(codeOf(database.execute("INSERT INTO note VALUES (?, ?)", 1, asBytes("canary"))) == Error::Code::unique);
  CHECK(bindings("INSERT INTO note VALUES (?, ?)") == "INSERT INTO note VALUES (NULL, NULL)");
  must(database.one<int>("SELECT number FROM note WHERE text = ?", asBytes("canary")));
  CHECK(bindings("SELECT number FROM note WHERE text = ?") == "SELECT number FROM note WHERE text = NULL");
  {
    Rows rows = must(database.query("SELECT number FROM note WHERE number > ?", 0));
    REQUIRE(must(rows.next()));
    CHECK(bindings("SELECT number FROM note WHERE number > ?").ends_with("> 0"));
  }
  CHECK(bindings("SELECT number FROM note WHERE number > ?").ends_with("> NULL"));
}

TEST_CASE("a query keeps its own copy of the values") {
  Database database = must(Database::inMemory());
  createNotes(database);
  must(addNote(database, 1, {5, 5}));
  must(addNote(database, 2, {5, 5}));
  Rows rows = must(database.query("SELECT number FROM note WHERE text = ?", Bytes{5, 5}));
  CHECK(must(rows.next()));
  CHECK(must(rows.next()));
  CHECK_FALSE(must(rows.next()));
}

TEST_CASE("a value has a size limit, and above it nothing is stored") {
  Bytes value(kValueBytesMax);
  CHECK(must(through<int64_t>(1)) == 1);
  Database database = must(Database::inMemory());
  createNotes(database);
  CHECK(must(database.one<std::size_t>("SELECT length(?)", value)) == kValueBytesMax);
  value.push_back(0);
  CHECK(codeOf(database.one<std::size_t>("SELECT length(?)", value)) == Error::Code::tooBig);
  CHECK(codeOf(database.execute("INSERT INTO note VALUES (1, ?)", value)) == Error::Code::tooBig);
  CHECK(codeOf(database.execute("INSERT INTO note VALUES (1, zeroblob(2000000000))")) == Error::Code::tooBig);
  CHECK(must(database.one<int>("SELECT count(*) FROM note")) == 0);
}

TEST_CASE("a query ends once: at its last row, or with the object") {
  Database database = must(Database::inMemory());
  createNotes(database);
  for (uint64_t number : {1u, 2u, 3u}) must(addNote(database, number));
  static constexpr Sql kAll("SELECT number FROM note ORDER BY number");
  {
    Rows rows = must(database.query(kAll));
    CHECK(must(rows.next()));
    CHECK(codeOf(database.query(kAll)) == Error::Code::misuse);
    CHECK(codeOf(database.one<int>(kAll)) == Error::Code::misuse);
    Rows moved = std::move(rows);
    CHECK(must(moved.next()));
    CHECK(must(moved.column<int>(0)) == 2);
  }
  Rows rows = must(database.query(kAll));
  for (int number : {1, 2, 3}) {
    CHECK(must(rows.next()));
    CHECK(must(rows.column<int>(0)) == number);
  }
  CHECK_FALSE(must(rows.next()));
  CHECK_FALSE(must(rows.next()));
  CHECK(codeOf(rows.column<int>(0)) == Error::Code::misuse);
  CHECK(database.query(kAll).has_value());
}

TEST_CASE("reading where there is no row or column is misuse") {
  Database database = must(Database::inMemory());
  Rows rows = must(database.query("SELECT 1, 2"));
  CHECK(codeOf(rows.column<int>(0)) == Error::Code::misuse);
  CHECK(codeOf(rows.read<int, int>()) == Error::Code::misuse);
  REQUIRE(must(rows.next()));
  CHECK(codeOf(rows.column<int>(2)) == Error::Code::misuse);
  CHECK(codeOf(rows.column<int>(-1)) == Error::Code::misuse);
  CHECK(codeOf(rows.read<int>()) == Error::Code::misuse);
  CHECK(codeOf(rows.read<int, int, int>()) == Error::Code::misuse);
  auto [one, two] = must(rows.read<int, int>());
  CHECK(one == 1);
  CHECK(two == 2);
}

TEST_CASE("the wrong kind of statement is misuse and does nothing") {
  Database database = must(Database::inMemory());
  createNotes(database);
  auto misused = [](const auto& result) { return codeOf(result) == Error::Code::misuse; };
  CHECK(misused(database.execute("INSERT INTO twin VALUES (?)")));
  CHECK(misused(database.execute("INSERT INTO twin VALUES (?)", 1, 2)));
  CHECK(misused(database.execute("INSERT INTO twin VALUES (1); INSERT INTO twin VALUES (2)")));
  CHECK(misused(database.execute("")));
  CHECK(misused(database.execute("INSRT INTO twin VALUES (1)")));
  CHECK(misused(database.execute("SELECT 1")));
  CHECK(misused(database.execute("INSERT INTO twin VALUES (1) RETURNING number")));
  CHECK(misused(database.execute("BEGIN")));
  CHECK(misused(database.execute("ATTACH 'other.db' AS other")));
  CHECK(misused(database.execute("COMMIT")));
  CHECK(misused(database.query("INSERT INTO twin VALUES (1)")));
  CHECK(misused(database.query("INSERT INTO twin VALUES (1) RETURNING number")));
  CHECK(misused(database.one<int>("INSERT INTO twin VALUES (1) RETURNING number")));
  CHECK(must(database.one<int>("SELECT count(*) FROM twin")) == 0);
  CHECK(misused(database.one<int>("SELECT 1 UNION SELECT 2")));
  CHECK(database.execute("INSRT INTO twin VALUES (1)").error().text.contains("near \"INSRT\""));
}

TEST_CASE("a transaction begun behind our back stops everything until it is noticed") {
  Database database = must(Database::inMemory());
  createNotes(database);
  must(database.execute("BEGIN IMMEDIATE"));
  CHECK(codeOf(database.execute("INSERT INTO twin VALUES (1)")) == Error::Code::misuse);
  CHECK(codeOf(Transaction::begin(database)) == Error::Code::misuse);
}

TEST_CASE("a statement says how many rows it changed") {
  Database database = must(Database::inMemory());
  createNotes(database);
  for (uint64_t number : {1u, 2u, 3u}) must(addNote(database, number));
  CHECK(must(database.execute("UPDATE note SET text = ? WHERE number > ?", Bytes{1}, 1)) == 2);
  CHECK(must(database.execute("UPDATE note SET text = ? WHERE number > ?", Bytes{1}, 9)) == 0);
  CHECK(must(database.execute("CREATE TABLE other (a INTEGER) STRICT")) == 0);
  CHECK(must(database.execute("DELETE FROM note")) == 3);
}

}  // namespace
}  // namespace qpq::sql
