#include "serve/request.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "serve/endpoint_config.h"
#include "serve/endpoint_samples.h"

namespace tarn::serve {
namespace {

const Endpoint& OnTime() {
    static const Endpoint endpoint = ParseEndpoint(samples::kOnTime, "on-time.yml");
    return endpoint;
}

EndpointRequest Parse(std::string_view query, const std::string& caller = "local") {
    return ParseEndpointRequest(OnTime(), net::ParseQuery(query), caller);
}

// The parameter to blame.
std::string Blamed(std::string_view query) {
    try {
        Parse(query);
        ADD_FAILURE() << "accepted: " << query;
        return "";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
        for (const auto& [key, value] : error.context()) {
            if (key == kParameterContext) return value;
        }
        return "";
    }
}

TEST(RequestTest, BindsTypedValuesAndDefaults) {
    const EndpointRequest request = Parse("month=3&carrier=UA&carriers=UA,AA");
    ASSERT_EQ(request.parameters.size(), 4U);
    EXPECT_EQ(request.parameters[0].values, std::vector<table::Value>{std::string("UA")});
    EXPECT_EQ(request.parameters[1].values, std::vector<table::Value>{int64_t{3}});
    EXPECT_EQ(request.parameters[2].values, std::vector<table::Value>{int64_t{0}});
    EXPECT_EQ(request.parameters[3].values.size(), 2U);
    EXPECT_EQ(request.limit, 2);
    EXPECT_FALSE(request.cursor);
    EXPECT_TRUE(Parse("").parameters[0].values.empty());
    EXPECT_EQ(Parse("limit=5").limit, 5);
}

TEST(RequestTest, BlamesTheParameter) {
    EXPECT_EQ(Blamed("mont=3"), "mont");
    EXPECT_EQ(Blamed("Month=3"), "Month");
    EXPECT_EQ(Blamed("month=3&month=4"), "month");
    EXPECT_EQ(Blamed("month=3&month=3"), "month");
    EXPECT_EQ(Blamed("month=three"), "month");
    EXPECT_EQ(Blamed("month="), "month");
    EXPECT_EQ(Blamed("carrier=ZZ"), "carrier");
    EXPECT_EQ(Blamed("carrier=UA'%20OR%201=1"), "carrier");
    EXPECT_EQ(Blamed("limit=0"), "limit");
    EXPECT_EQ(Blamed("limit=6"), "limit");
    EXPECT_EQ(Blamed("limit=1e1"), "limit");
    EXPECT_EQ(Blamed("limit=-1"), "limit");
    EXPECT_EQ(Blamed("offset=1"), "offset");
    EXPECT_EQ(Blamed("cursor=a&cursor=b"), "cursor");
    std::string many = "carriers=UA";
    for (size_t i = 0; i < kMaxListValues; ++i) many += ",UA";
    EXPECT_EQ(Blamed(many), "carriers");
}

TEST(RequestTest, ARequiredParameterIsRequired) {
    const Endpoint endpoint = ParseEndpoint(samples::kSql, "delays.yml");
    EXPECT_THROW(ParseEndpointRequest(endpoint, {}, "local"), Error);
    EXPECT_NO_THROW(ParseEndpointRequest(endpoint, {{"since", "2013-01-01"}}, "local"));
}

TEST(RequestTest, TheBindingHoldsWhatTheWalkIsAbout) {
    const std::string binding = Parse("carrier=UA&month=3").binding;
    EXPECT_EQ(Parse("month=3&carrier=UA").binding, binding);
    EXPECT_EQ(Parse("month=3&carrier=UA&limit=1").binding, binding);
    EXPECT_EQ(Parse("month=3&carrier=UA&min_flights=0").binding,
              binding);  // the default, said aloud
    EXPECT_NE(Parse("month=4&carrier=UA").binding, binding);
    EXPECT_NE(Parse("month=3").binding, binding);
    EXPECT_NE(Parse("carrier=UA&month=3", "someone").binding, binding);
    EXPECT_NE(Parse("carriers=UA,AA").binding, Parse("carriers=AA").binding);
}

}  // namespace
}  // namespace tarn::serve
