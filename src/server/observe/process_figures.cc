#include "server/observe/process_figures.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include "server/memory_ceiling.h"

namespace qpq::server {

namespace {

double openDescriptors() {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return 0;
  double count = -1;  // less the one that reads the folder
  while (const dirent* entry = readdir(folder)) {
    if (entry->d_name[0] != '.') ++count;
  }
  closedir(folder);
  return count;
}

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

void writeProcessFigures(Exposition& out, uint64_t startedMs) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  out.counter("process_cpu_seconds_total", "CPU time used, user and system.",
              seconds(usage.ru_utime) + seconds(usage.ru_stime));
  out.gauge("process_resident_memory_bytes", "Resident memory.", static_cast<double>(residentBytes()));
  out.gauge("process_open_fds", "Open file descriptors.", openDescriptors());
  out.gauge("process_max_fds", "Most file descriptors that may be open.", static_cast<double>(files.rlim_cur));
  out.gauge("process_start_time_seconds", "Start of the process, in seconds since 1970.",
            static_cast<double>(startedMs) / 1e3);
}

}  // namespace qpq::server
