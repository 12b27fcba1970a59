#include <filesystem>
#include <fstream>

#include "sim/world.h"
#include "wire/limits.h"

// Changes that are too large for a call: commits and Welcomes above 64 KiB go up and come down on streams of their own.
namespace qpq::sim {
namespace {

constexpr std::size_t kManyGuests = 65;

struct Crowd {
  explicit Crowd(std::size_t guests) {
    for (std::size_t i = 0; i < guests; ++i) {
      names.push_back("guest" + std::to_string(i));
      world.pass(kMinuteMs);  // as often one address may register: it asks twice
      people.push_back(&world.person(names.back()));
    }
    team = world.wait(owner.client().createGroup("team"));
  }
  void invite() {
    world.wait(owner.client().invite(team, names));
    world.pass(5 * kSecondMs);
  }
  // The largest file the server keeps; there is one.
  std::filesystem::path largestFile() {
    std::filesystem::path largest;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(world.files().folder())) {
      if (!entry.is_regular_file()) continue;
      if (largest.empty() || entry.file_size() > std::filesystem::file_size(largest)) largest = entry.path();
    }
    REQUIRE_FALSE(largest.empty());
    return largest;
  }

  World world;
  Person& owner = world.person("owner");
  std::vector<std::string> names;
  std::vector<Person*> people;
  LogId team;
};

TEST_CASE("a group of sixty-six is founded with one commit, and everybody reads") {
  Crowd crowd(kManyGuests);
  crowd.invite();
  CHECK(crowd.owner.cable.bulkBytesUp() > 2 * wire::kInlineSizeMax);
  crowd.owner.say(crowd.team, "all here?");
  crowd.world.pass(5 * kSecondMs);
  for (Person* person : crowd.people) {
    INFO(person->name);
    CHECK(person->heard(crowd.team) == std::vector<std::string>{"owner: all here?"});
  }
  crowd.people.back()->say(crowd.team, "all here");
  crowd.world.pass(5 * kSecondMs);
  CHECK(crowd.people.front()->heard(crowd.team).size() == 2);
}

TEST_CASE("a client killed in the middle of an upload goes on where it was") {
  Crowd crowd(48);
  crowd.owner.cable.pullAfter(2 * 64 * 1024);
  (void)crowd.owner.client().invite(crowd.team, crowd.names).wait(crowd.world.waitScope);
  uint64_t before = crowd.owner.cable.bulkBytesUp();
  REQUIRE(before > 64 * 1024);
  crowd.owner.close();
  crowd.owner.cable.plug();
  crowd.owner.open();
  crowd.world.pass(10 * kSecondMs);
  auto team = crowd.people.back()->conversation("team");
  REQUIRE(team);
  // What had arrived did not go up again; tickets have sixteen bytes.
  uint64_t whole = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(crowd.world.files().folder())) {
    if (entry.is_regular_file()) whole += entry.file_size();
  }
  REQUIRE(whole > 0);
  CHECK(crowd.owner.cable.bulkBytesUp() <= whole + 4 * 16);
  crowd.owner.say(*team, "here we are");
  crowd.world.pass(5 * kSecondMs);
  CHECK(crowd.people.front()->heard(*team).size() == 1);
}

TEST_CASE("a server that serves other bytes under a hash is caught, and nothing of them is believed") {
  Crowd crowd(48);
  Person& victim = *crowd.people.back();
  victim.cable.pull();
  crowd.invite();
  std::fstream file(crowd.largestFile(), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(5'000);
  file.put('\x55');
  file.close();
  victim.cable.plug();
  crowd.world.pass(kMinuteMs);
  bool alarmed = std::ranges::any_of(
      victim.events, [](const client::Event& event) { return std::holds_alternative<client::event::Alarm>(event); });
  CHECK(alarmed);
  CHECK_FALSE(victim.conversation("team"));
}

}  // namespace
}  // namespace qpq::sim
