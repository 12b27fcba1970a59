#pragma once

#include <filesystem>
#include <vector>

#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "bench/identity.h"

namespace qpq::faults {

// Somebody who talks in a log of their own. Their neighbour, the next of them (behind the last comes the first), reads
// it, too.
struct Person {
  bench::Identity identity;
  LogId log;
};

// Fills the store of a server that has not started yet with so many people and their logs, in which so many messages
// lie already, altogether.
std::vector<Person> seed(const std::filesystem::path& dataFolder, std::size_t people, uint64_t messages, Random& random,
                         Instant now);

// Their keys, in a file: they outlive the program that talks for them.
void write(const std::filesystem::path& file, const std::vector<Person>& people);
std::vector<Person> readPeople(const std::filesystem::path& file);

}  // namespace qpq::faults
