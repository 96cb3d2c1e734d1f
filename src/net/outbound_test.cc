#include "net/outbound.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/kind_of.h"

namespace tarn::net {
namespace {

using testing::HasSubstr;

Mail Sample() {
    return {.from = "tarn@example.org",
            .to = {"a@example.org", "b@example.org"},
            .subject = "it failed",
            .text = "one\ntwo",
            .date = "Mon, 02 Mar 2026 06:00:00 +0000",
            .id = "7"};
}

TEST(Outbound, AMailIsWhatRfc5322Has) {
    EXPECT_EQ(MailText(Sample()),
              "From: tarn@example.org\r\nTo: a@example.org, b@example.org\r\nSubject: it failed\r\n"
              "Date: Mon, 02 Mar 2026 06:00:00 +0000\r\nMessage-ID: <7@example.org>\r\n"
              "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Content-Transfer-Encoding: 8bit\r\n\r\none\r\ntwo\r\n");
}

TEST(Outbound, ASubjectBeyondAsciiIsEncodedInShortWords) {
    Mail mail = Sample();
    mail.subject =
        "Stra\xc3\x9f"
        "e";
    EXPECT_THAT(MailText(mail), HasSubstr("Subject: =?utf-8?B?U3RyYcOfZQ==?=\r\n"));
    std::string umlauts;
    for (int i = 0; i < 40; ++i) umlauts += "\xc3\xbc";
    mail.subject = umlauts;
    EXPECT_THAT(MailText(mail), HasSubstr("?=\r\n =?utf-8?B?"));
}

TEST(Outbound, LinesThatWouldBeHeadersAreRefused) {
    Mail mail = Sample();
    mail.subject = "x\r\nBcc: eve@example.org";
    EXPECT_EQ(KindOf([&] { MailText(mail); }), ErrorKind::kInvalidInput);
    mail = Sample();
    mail.to = {"a@example.org\nRCPT TO:<eve@example.org>"};
    EXPECT_EQ(KindOf([&] { MailText(mail); }), ErrorKind::kInvalidInput);
    mail.to = {};
    EXPECT_EQ(KindOf([&] { MailText(mail); }), ErrorKind::kInvalidInput);
    EXPECT_EQ(KindOf([] { Post({.url = "http://127.0.0.1:9", .headers = {{"A", "b\r\nC: d"}}}); }),
              ErrorKind::kInvalidInput);
}

TEST(Outbound, WhatCannotBeReachedIsUnavailableAndItsAddressIsNotTold) {
    try {
        Post({.url = "http://127.0.0.1:9/secret?token=1", .headers = {}, .body = "{}"});
        FAIL() << "somebody took it";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kUnavailable);
        EXPECT_THAT(error.message(), testing::Not(HasSubstr("secret")));
    }
    EXPECT_EQ(KindOf([] { Post({.url = "file:///etc/passwd"}); }), ErrorKind::kInvalidInput);
    EXPECT_EQ(KindOf([] {
                  Post({.url = "http://127.0.0.1:9",
                        .body = std::string(OutboundLimits::kMostBodyBytes + 1, 'x')});
              }),
              ErrorKind::kLimitExceeded);
    Mail mail = Sample();
    mail.server = "smtp://127.0.0.1:9";
    EXPECT_EQ(KindOf([&] { Send(mail); }), ErrorKind::kUnavailable);
}

TEST(Outbound, OfAnAddressOnlyItsOriginIsTold) {
    EXPECT_EQ(OriginOf("http://host:5000/api/v1?key=1"), "http://host:5000");
    EXPECT_EQ(OriginOf("HTTPS://host"), "https://host");
    EXPECT_EQ(OriginOf("http://[::1]:80/"), "http://[::1]:80");
    for (const char* wrong : {"", "host", "ftp://host", "http://", "http://host:99999",
                              "http://me:secret@host", "http://ho st", "http://[::1"})
        EXPECT_EQ(KindOf([&] { OriginOf(wrong); }), ErrorKind::kInvalidInput) << wrong;
}

}  // namespace
}  // namespace tarn::net
