#include "cli/run.h"

int main(int argc, char** argv) { return tarn::cli::Run(argc, argv); }
