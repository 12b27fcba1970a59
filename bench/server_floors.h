#pragma once

#include "data_folder.h"
#include "report.h"

namespace qpq::bench {

// What nobody gets below on this machine.
struct ServerFloors {
  double syncUs;      // one synced write of 4 KiB, median
  double signUs;      // one Ed25519 signature
  double verifyUs;    // one Ed25519 verification
  double sha256MiBs;  // SHA-256 of a long input
};
// Measures them and reports each as a row. Where the folder lies is where the stores lie.
ServerFloors measureServerFloors(Report& report, const DataFolder& folder);

}  // namespace qpq::bench
