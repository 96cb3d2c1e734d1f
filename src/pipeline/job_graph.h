// What the jobs of a book say of each other and their tasks of each other: checked, and put into an
// order. Pure.
#pragma once

#include <string>
#include <vector>

#include "pipeline/job.h"

namespace tarn::pipeline {

// InvalidInput at the place in YAML: a name that stands twice or is unknown (with the nearest
// one), a circle (with its members), a pool that is smaller than a task wants, mails without
// `mail`.
void CheckBook(const JobBook& book);

// The tasks' names so that each stands behind those that it depends on, else as the file has them.
std::vector<std::string> TaskOrder(const Job& job);

}  // namespace tarn::pipeline
