// The named texts of a dbt project's Markdown: {% docs name %} ... {% enddocs %}, which doc('name')
// gives to descriptions.
#pragma once

#include <map>
#include <string>

#include "base/error.h"

namespace tarn::pipeline {

// Adds the blocks of one file. InvalidInput with its place: a block that does not end, or a name
// twice.
void ReadDocsBlocks(const std::string& text, const std::string& file,
                    std::map<std::string, std::string>& docs);

// A description with its {{ doc('name') }} replaced by the block. InvalidInput at `spot`: there is
// no such block (the nearest is named).
std::string WithDocs(const std::string& description, const std::map<std::string, std::string>& docs,
                     const TextSpot& spot);

}  // namespace tarn::pipeline
