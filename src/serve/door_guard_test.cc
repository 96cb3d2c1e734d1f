#include "serve/door_guard.h"

#include <gtest/gtest.h>

namespace tarn::serve {
namespace {

int StatusOf(std::vector<net::HttpHeader> headers) {
    net::HttpRequest request;
    request.headers = std::move(headers);
    const auto problem = CheckHostAndOrigin(request);
    return problem ? problem->status : 200;
}

TEST(DoorGuardTest, LetsThisMachineIn) {
    for (const char* host : {"localhost", "localhost:8787", "LOCALHOST:9000", "127.0.0.1:8787",
                             "[::1]:8787", "[::1]"}) {
        EXPECT_EQ(StatusOf({{"Host", host}}), 200) << host;
    }
    EXPECT_EQ(StatusOf({{"host", "localhost:8787"}, {"origin", "http://localhost:8787"}}), 200);
}

TEST(DoorGuardTest, RefusesOtherNamesForThisMachine) {
    for (const char* host :
         {"", "evil.example", "evil.example:8787", "localhost.evil.example", "localhost:evil",
          "localhost:0", "localhost:99999", "127.0.0.1.evil.example", "127.0.0.1@evil.example",
          "[::1", "192.168.1.5:8787", "0.0.0.0:8787", "localhost:8787:1"}) {
        EXPECT_EQ(StatusOf({{"Host", host}}), 421) << host;
    }
    EXPECT_EQ(StatusOf({}), 421);
    EXPECT_EQ(StatusOf({{"Host", "localhost"}, {"Host", "evil.example"}}), 421);
}

TEST(DoorGuardTest, RefusesPagesOfOtherOrigins) {
    for (const char* origin : {"null", "", "http://evil.example", "http://localhost:3000",
                               "https://localhost:8787", "http://localhost:8787.evil.example"}) {
        EXPECT_EQ(StatusOf({{"Host", "localhost:8787"}, {"Origin", origin}}), 403) << origin;
    }
    EXPECT_EQ(StatusOf({{"Host", "localhost:8787"},
                        {"Origin", "http://localhost:8787"},
                        {"Origin", "http://evil.example"}}),
              403);
}

}  // namespace
}  // namespace tarn::serve
