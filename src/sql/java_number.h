// Floating-point numbers as Java, and with it Spark, writes them: 1.0, 1.0E20, Infinity. Pure.
#pragma once

#include <string>

namespace tarn::sql {

// With the fewest digits that mean the number.
std::string JavaText(float number);
std::string JavaText(double number);

}  // namespace tarn::sql
