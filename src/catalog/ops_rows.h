// The operational tables as Arrow batches, read from the store page by page.
#pragma once

#include <memory>

#include "catalog/store.h"
#include "table/rows.h"

namespace tarn::catalog {

std::unique_ptr<table::RowSource> OpenRunRows(Store& store);
std::unique_ptr<table::RowSource> OpenQualityRows(Store& store);
std::unique_ptr<table::RowSource> OpenQueryRows(Store& store);
std::unique_ptr<table::RowSource> OpenJobRunRows(Store& store);
std::unique_ptr<table::RowSource> OpenJobTaskRows(Store& store);
std::unique_ptr<table::RowSource> OpenLineageRows(Store& store);

}  // namespace tarn::catalog
