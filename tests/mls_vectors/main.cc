// mls-vectors FILE…: does our MLS agree with these vectors?

#include <iostream>
#include <vector>

#include "mls_vectors/program.h"

int main(int argc, char** argv) {
  std::vector<std::string> files(argv + 1, argv + argc);
  return qpq::mls::vectors::run(files, std::cout, std::cerr);
}
