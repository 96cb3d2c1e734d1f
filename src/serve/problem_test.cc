#include "serve/problem.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "serve/request.h"

namespace tarn::serve {
namespace {

nlohmann::json BodyOf(const Problem& problem) {
    const net::HttpResponse response = ToResponse(problem, "urn:uuid:1");
    EXPECT_EQ(*response.Find("Content-Type"), kProblemMediaType);
    const auto json = nlohmann::json::parse(response.body);
    EXPECT_EQ(json["status"], response.status);
    EXPECT_EQ(json["instance"], "urn:uuid:1");
    return json;
}

TEST(ProblemTest, AMistakeOfTheRequestPointsAtItsParameter) {
    const auto json = BodyOf(ProblemOfRequest(
        Error(ErrorKind::kInvalidInput, "expected a number").With(kParameterContext, "a/b~c d")));
    EXPECT_EQ(json["status"], 400);
    EXPECT_EQ(json["type"], "urn:tarn:problem:invalid-input");
    EXPECT_EQ(json["detail"], "expected a number");
    EXPECT_EQ(json["errors"][0]["parameter"], "a/b~c d");
    EXPECT_EQ(json["errors"][0]["pointer"], "#/query/a~1b~0c%20d");
}

TEST(ProblemTest, AFailureBehindTheDoorShowsOnlyItsKind) {
    for (const ErrorKind kind : AllErrorKinds()) {
        const auto response =
            ToResponse(ProblemOfFailure(Error(kind, "cannot open /secret/warehouse/part-1.parquet")
                                            .With("table", "hr.pay")),
                       "");
        EXPECT_EQ(response.body.find("secret"), std::string::npos);
        EXPECT_EQ(response.body.find("hr.pay"), std::string::npos);
        EXPECT_GE(response.status, 400);
    }
}

TEST(ProblemTest, StatusFollowsTheKind) {
    const auto status = [](ErrorKind kind) { return ProblemOfFailure(Error(kind, "x")).status; };
    EXPECT_EQ(status(ErrorKind::kTimeout), 504);
    EXPECT_EQ(status(ErrorKind::kUnavailable), 503);
    EXPECT_EQ(status(ErrorKind::kLimitExceeded), 429);
    EXPECT_EQ(status(ErrorKind::kPermissionDenied), 403);
    EXPECT_EQ(status(ErrorKind::kCorrupt), 500);
    // A statement that the door itself wrote is not the caller's mistake.
    EXPECT_EQ(status(ErrorKind::kInvalidInput), 500);
    EXPECT_EQ(status(ErrorKind::kNotFound), 500);
}

TEST(ProblemTest, StatusesOfHttpHaveTheirOwnTypes) {
    EXPECT_EQ(ProblemOfStatus(410, "x").type, "urn:tarn:problem:page-gone");
    EXPECT_EQ(ProblemOfStatus(418, "x").type, "urn:tarn:problem:http");
    EXPECT_EQ(ProblemOfStatus(418, "x").status, 418);
}

}  // namespace
}  // namespace tarn::serve
